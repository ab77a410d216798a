#include <poll.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <functional>
#include <new>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/cli/terminal.h"
#include "quintile/pipeline/version.h"

namespace quintile::cli {

namespace {

/// A number below this without a unit has lost it.
constexpr std::int64_t kMemoryLeast = 1 << 20;

/// "512MiB", "2G", "1000000": a number and an optional binary unit. Nothing where it is neither.
std::optional<std::int64_t> parse_size(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  int shift = 0;
  if (!unit.empty() && std::string_view("KkMmGgTt").find(unit[0]) != std::string_view::npos) {
    shift = static_cast<int>(std::string_view("KkMmGgTt").find(unit[0]) / 2 + 1) * 10;
    unit.remove_prefix(1);
    if (unit.starts_with('i')) unit.remove_prefix(1);
  }
  if (unit == "B" || unit == "b") unit.remove_prefix(1);
  if (!unit.empty() || number > (INT64_MAX >> shift)) return std::nullopt;
  return number << shift;
}

/// The command line: options are bound to the argument structs, and the chosen command to `chosen`.
class CommandLine {
 public:
  CommandLine()
      : app_("From a customer or order file to segments that can be acted on and defended.",
             "quintile") {
    app_.set_version_flag("--version", std::string(pipeline::version()));
    app_.require_subcommand(1);
    app_.fallthrough(false);
    app_.footer(
        "Start here:\n  quintile generate --out data/raw/synthetic_customers.csv\n  quintile run "
        "configs/default.yaml\n"
        "Exit status: 0 done, 1 the check said no, 2 usage, plan or rules wrong, 3 input unusable, "
        "4 I/O or memory, 70 a bug.");
    add_generate();
    add_review();
    add_run();
    add_rules();
    add_mart_commands();
    add_export();
    add_serve();
    add_schema();
    add_engines();
  }

  Result<int> run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForVersion& version) {
      std::printf("quintile %s\n", version.what());
      return 0;
    } catch (const CLI::CallForHelp&) {
      std::fputs(help_text(CLI::AppFormatMode::Normal).c_str(), stdout);
      return 0;
    } catch (const CLI::CallForAllHelp&) {
      std::fputs(help_text(CLI::AppFormatMode::All).c_str(), stdout);
      return 0;
    } catch (const CLI::ParseError& error) {
      return usage_error(error.what(), argc, argv);
    }
    if (!memory_.empty()) {
      const auto size = parse_size(memory_);
      if (!size)
        return fail(ErrorCode::Usage, "--memory: not a size: '" + memory_ + "'",
                    "write it like 512MiB or 2G");
      if (*size < kMemoryLeast && memory_.find_first_not_of("0123456789") == std::string::npos)
        return fail(ErrorCode::Usage,
                    fmt::format("--memory: {} bytes are nothing to work in", memory_),
                    "write the unit, as in 512MiB or 2G");
      common_.memory_max = *size;
    }
    common_.format = format_ == "json" ? Format::Json : Format::Text;
    return chosen_();
  }

 private:
  using Command = std::function<Result<int>()>;

  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description,
                const std::string& examples, Command command) {
    CLI::App* sub = parent.add_subcommand(name, description);
    sub->footer("Examples:\n" + examples);
    sub->add_option("--format", format_, "text or json; JSON goes to stdout alone")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORMAT");
    sub->add_option("--threads", common_.threads,
                    "threads to use; 0: all processors. Never changes a result")
        ->check(CLI::Range(0, 1024))
        ->type_name("N");
    sub->add_option("--memory", memory_,
                    "memory to stay within, like 512MiB or 2G. Never changes a result")
        ->type_name("SIZE");
    sub->add_flag("--quiet", common_.quiet, "print errors alone");
    sub->callback([this, command = std::move(command)] { chosen_ = command; });
    return sub;
  }

  /// A command that has commands of its own.
  CLI::App& add_group(const std::string& name, const std::string& description) {
    CLI::App* group = app_.add_subcommand(name, description);
    group->require_subcommand(1);
    return *group;
  }

  void add_generate() {
    CLI::App* sub = add(app_, "generate", "Makes a customer file with known truth.",
                        "  quintile generate --out data/raw/synthetic_customers.csv\n"
                        "  quintile generate --customers 1000000 --dirt realistic --out dirty.csv",
                        [this] { return generate(generate_, common_); });
    sub->add_option("--customers", generate_.customers, "rows of the file [100000]")
        ->type_name("N");
    sub->add_option("--seed", generate_.seed, "another seed, another file")->type_name("S");
    sub->add_option("--duplicated-ids", generate_.duplicated_ids,
                    "ids that occur more than once [27.49 % of the rows]")
        ->type_name("D");
    sub->add_option("--premium-effect", generate_.premium_effect,
                    "what premium adds to an order's value [0.15]")
        ->type_name("E");
    sub->add_option("--dirt", generate_.dirt,
                    "none or realistic: planted defects, counted in the metadata")
        ->check(CLI::IsMember({"none", "realistic"}))
        ->type_name("KIND");
    sub->add_option("--out", generate_.out,
                    "the CSV file to write; FILE_metadata.json goes beside it")
        ->required()
        ->type_name("FILE.csv");
  }

  void add_plan_options(CLI::App* sub) {
    sub->add_option("plan", plan_.plan, "the plan, a YAML file")
        ->required()
        ->type_name("PLAN.yaml");
    sub->add_option("--set", plan_.overrides,
                    "a value of the plan for this run; may be given again")
        ->type_name("key.path=value")
        ->take_all()
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  void add_review() {
    add_plan_options(add(
        app_, "review", "The data-quality review alone; writes review.json and quarantine.parquet.",
        "  quintile review configs/default.yaml\n"
        "  quintile review configs/default.yaml --format json > review.json",
        [this] { return review(plan_, common_); }));
  }

  void add_run() {
    CLI::App* sub =
        add(app_, "run", "Reviews, scores, segments, summarises, publishes and reports.",
            "  quintile run configs/default.yaml\n"
            "  quintile run configs/default.yaml --set analysis_date=2023-12-31 --set "
            "scoring.monetary.bins=4",
            [this] { return cli::run(plan_, common_); });
    add_plan_options(sub);
    sub->add_option("--compare-preset", plan_.compare_preset,
                    "how many customers another tool's scoring would put elsewhere, and why")
        ->type_name("NAME");
    add_engine_options(sub, plan_.engine);
  }

  void add_rules() {
    CLI::App& rules = add_group("rules", "Looks into rule files.");
    CLI::App* check =
        add(rules, "check", "Finds dead rules, gaps and overlaps by trying every score cell.",
            "  quintile rules check configs/segments/default.yaml\n"
            "  quintile rules check configs/segments/default.yaml --mart data/mart",
            [this] { return rules_check(rules_, common_); });
    check->add_option("rules", rules_.rules, "the rule file")->required()->type_name("RULES.yaml");
    check->add_option("--mart", rules_.mart, "count this mart's customers too, and use its bins")
        ->type_name("DIR");
    CLI::App* diff =
        add(rules, "diff", "Who would move, and how much value, from one rule file to another.",
            "  quintile rules diff configs/segments/default.yaml draft.yaml --mart data/mart",
            [this] { return rules_diff(rules_, common_); });
    diff->add_option("old", rules_.rules, "the rules as they are")
        ->required()
        ->type_name("OLD.yaml");
    diff->add_option("new", rules_.other_rules, "the rules as they would be")
        ->required()
        ->type_name("NEW.yaml");
    diff->add_option("--mart", rules_.mart, "the customers")->required()->type_name("DIR");
  }

  void add_mart_option(CLI::App* sub) {
    sub->add_option("--mart", mart_.mart, "the published mart [data/mart]")->type_name("DIR");
  }

  void add_mart_commands() {
    CLI::App* sub =
        add(app_, "explain", "Why a customer is in its segment, and what would move it.",
            "  quintile explain 4711\n  quintile explain 4711 --mart data/mart --format json",
            [this] { return explain(mart_, common_); });
    sub->add_option("customer_id", mart_.customer_id, "the mart's customer_id")
        ->required()
        ->type_name("CUSTOMER_ID");
    add_mart_option(sub);

    sub = add(app_, "report", "Makes report.html and the figures again from a published mart.",
              "  quintile report\n  quintile report --mart data/mart --out reports",
              [this] { return report(mart_, common_); });
    add_mart_option(sub);
    sub->add_option("--out", mart_.out, "where to put them [report in the mart]")->type_name("DIR");

    sub = add(app_, "verify",
              "Checks digests, schema and invariants, and with the inputs at hand works the mart "
              "out again.",
              "  quintile verify\n  quintile verify --mart data/mart --format json\n"
              "  quintile verify --engine duckdb:///shop.db?table=lines",
              [this] { return verify(mart_, common_); });
    add_mart_option(sub);
    sub->add_option("--engine", mart_.engine_uri,
                    "the input's URI: let the engine add up its fingerprint again")
        ->type_name("URI");
    add_engine_options(sub, mart_.engine);

    sub =
        add(app_, "compare",
            "Who moved between two marts, how much value, and why: recency, orders, value, rules.",
            "  quintile compare data/mart-october data/mart\n  quintile compare data/mart-october "
            "data/mart --out movers.csv",
            [this] { return compare(mart_, common_); });
    sub->add_option("old_mart", mart_.other_mart, "the earlier mart")
        ->required()
        ->type_name("OLD_MART");
    sub->add_option("new_mart", mart_.mart, "the later mart")->required()->type_name("NEW_MART");
    sub->add_option("--out", mart_.out, "a CSV file to write: each mover with its reasons")
        ->type_name("FILE");
  }

  void add_export() {
    CLI::App* sub =
        add(app_, "export",
            "An audience: ids and consent, never names; those without consent are left out. Or "
            "customers or segments as a table.",
            "  quintile export --segment at_risk_regulars --out at_risk.csv\n"
            "  quintile export --segment newcomers,promising --filter country=Germany --out "
            "early.csv\n"
            "  quintile export --table customers --filter age=25..34 --out young.parquet\n"
            "  quintile export --table segments --separator semicolon --bom --out segments.csv",
            [this] { return export_customers(export_, common_); });
    sub->add_option("--mart", export_.mart, "the published mart [data/mart]")->type_name("DIR");
    sub->add_option("--segment", export_.segments, "segments by id")
        ->type_name("ID")
        ->delimiter(',');
    sub->add_option("--filter", export_.filters,
                    "a column and its values, as in the dashboard's address: country=GB,DE, "
                    "age=25..34, cells=55,54; may be given again")
        ->type_name("COLUMN=VALUES")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--table", export_.table,
                    "audience [the usual], customers (every column of the mart) or segments (the "
                    "summary)")
        ->check(CLI::IsMember({"audience", "customers", "segments"}))
        ->type_name("TABLE");
    sub->add_option("--as", export_.file_format,
                    "csv, parquet or arrow; by the name of the file unless given")
        ->check(CLI::IsMember({"csv", "parquet", "arrow"}))
        ->type_name("KIND");
    sub->add_option("--separator", export_.separator, "comma [the usual], semicolon or tab")
        ->check(CLI::IsMember({"comma", "semicolon", "tab"}))
        ->type_name("NAME");
    sub->add_flag("--bom", export_.byte_order_mark,
                  "begin with a byte order mark and end lines with CRLF, for spreadsheets");
    sub->add_option("--out", export_.out, "the file to write [stdout]")->type_name("FILE");
  }

  void add_schema() {
    CLI::App* sub = add(app_, "schema", "The JSON Schema of plans or rule files, for editors.",
                        "  quintile schema plan > plan.schema.json\n"
                        "  quintile schema rules > rules.schema.json",
                        [this] { return cli::schema(schema_, common_); });
    sub->add_option("kind", schema_.kind, "plan or rules")
        ->required()
        ->check(CLI::IsMember({"plan", "rules"}))
        ->type_name("KIND");
  }

  void add_serve() {
    CLI::App* sub = add(app_, "serve", "The dashboard, in the browser.",
                        "  quintile serve\n  quintile serve --mart data/mart --port 8080 "
                        "--previous data/mart-october",
                        [this] { return serve(serve_, common_); });
    sub->add_option("--mart", serve_.mart, "the published mart [data/mart]")->type_name("DIR");
    sub->add_option("--port", serve_.port, "port [8080]; 0: any free one")
        ->check(CLI::Range(0, 65535))
        ->type_name("PORT");
    sub->add_option("--host", serve_.host, "address [127.0.0.1]; any other asks for a token")
        ->type_name("ADDRESS");
    sub->add_option("--token", serve_.token, "secret that requests must carry")->type_name("TOKEN");
    sub->add_option("--allow-host", serve_.names,
                    "another name of this server, as browsers send it: quintile.example or "
                    "quintile.example:8080; may be given again")
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    sub->add_option("--previous", serve_.previous, "an earlier mart to compare with")
        ->type_name("DIR");
    sub->add_option("--web-dir", serve_.web_folder,
                    "serve the pages from this folder (for work on them)")
        ->type_name("DIR");
  }

  void add_engines() {
    CLI::App* check =
        add(add_group("engines", "Looks into engines that plans can name."), "check",
            "Does an engine mean by our SQL what Quintile means?",
            "  quintile engines check duckdb::memory:\n"
            "  quintile engines check postgresql://me@host:5432/shop --engine-options engine.conf\n"
            "  quintile engines check spark://host:15002 --format json",
            [this] { return engines_check(engine_, common_); });
    check->add_option("uri", engine_.uri, "the engine; passwords and tokens go elsewhere")
        ->required()
        ->type_name("URI");
    add_engine_options(check, engine_.access);
  }

  static void add_engine_options(CLI::App* sub, pipeline::EngineAccess& access) {
    sub->add_option("--driver", access.driver, "of an engine: an ADBC driver library [looked for]")
        ->type_name("FILE");
    sub->add_option("--engine-options", access.options,
                    "of an engine: a file of key = value, with password, token, time-outs, ...")
        ->type_name("FILE");
  }

  /// Help of the innermost command that was asked for.
  [[nodiscard]] std::string help_text(CLI::AppFormatMode mode) {
    const CLI::App* app = &app_;
    std::string parents;
    while (!app->get_subcommands().empty()) {
      parents += (parents.empty() ? "" : " ") + app->get_name();
      app = app->get_subcommands().front();
    }
    return app->help(parents, mode);
  }

  [[nodiscard]] std::unexpected<Error> usage_error(const std::string& message, int argc,
                                                   const char* const* argv) {
    std::string first_line = message.substr(0, message.find('\n'));
    const CLI::App* app = &app_;
    int at = 1;
    for (; !app->get_subcommands().empty(); ++at) app = app->get_subcommands().front();
    std::vector<std::string> names;
    for (const CLI::App* sub : app->get_subcommands({})) names.push_back(sub->get_name());
    if (!names.empty() && argc <= at) {
      first_line = command_path() + " needs a command: " + join_words(names);
    } else if (!names.empty() && argv[at][0] == '-') {
      first_line = "expected a command before '" + std::string(argv[at]) + "'";
    } else if (!names.empty()) {
      const std::vector<std::string_view> views(names.begin(), names.end());
      const std::string_view meant = nearest(argv[at], views);
      first_line = "unknown command '" + std::string(argv[at]) + "'" +
                   (meant.empty() ? "" : "; did you mean '" + std::string(meant) + "'?");
    }
    return fail(ErrorCode::Usage, first_line, "see: " + command_path() + " --help");
  }
  [[nodiscard]] std::string command_path() {
    std::string path = "quintile";
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) {
      app = app->get_subcommands().front();
      path += " " + app->get_name();
    }
    return path;
  }

  CLI::App app_;
  Command chosen_;
  Common common_;
  std::string format_ = "text";
  std::string memory_;
  GenerateArguments generate_;
  PlanArguments plan_;
  RulesArguments rules_;
  MartArguments mart_;
  SchemaArguments schema_;
  ExportArguments export_;
  ServeArguments serve_;
  EngineArguments engine_;
};

/// Errors: Io where something that was printed did not arrive. A reader that has seen enough, as
/// `head` has, is none, whether or not SIGPIPE ends the process first.
Status finish_stdout() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0) return {};
  return fail(ErrorCode::Io, "cannot write to the standard output",
              "Make room, or send it elsewhere.");
}

}  // namespace

int main_with(int argc, const char* const* argv) {
  Result<int> status = 0;
  try {
    status = CommandLine().run(argc, argv);
  } catch (const std::bad_alloc&) {
    status = fail(ErrorCode::Memory, "out of memory",
                  "give the process more memory, or let --memory bound it");
  } catch (const std::system_error&) {  // fmt::print's, where a stream takes no more
    if (std::ferror(stdout) == 0 && std::ferror(stderr) == 0) throw;
    if (std::ferror(stdout) == 0)
      status = fail(ErrorCode::Io, "cannot write to the standard error stream");
  }
  // What was printed counts once it is written. An error of the command itself says more.
  if (Status written = finish_stdout(); status && !written)
    status = std::unexpected(std::move(written).error());
  if (status) return *status;
  const Terminal terminal(stderr);
  // A line that starts with a place can be jumped to; one without says who speaks.
  if (status.error().place.to_string().empty())
    std::fprintf(stderr, "%s ", terminal.paint(Style::Bad, "quintile:").c_str());
  std::fprintf(stderr, "%s\n", status.error().to_string().c_str());
  return exit_status(status.error().code);
}

}  // namespace quintile::cli
