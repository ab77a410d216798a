#include <algorithm>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "quintile/cli/commands.h"
#include "quintile/cli/json.h"
#include "quintile/config/config.h"
#include "quintile/io/columnar/frame.h"
#include "quintile/pipeline/pipeline.h"
#include "quintile/pipeline/version.h"
#include "quintile/segments/linter.h"
#include "quintile/synthetic/generator.h"

#include "attended.h"
#include "failure.h"
#include "frames.h"
#include "holding.h"
#include "scoring.h"

/// The extension `quintile._native`: what the Python sources of the package stand on, and no API of
/// its own.
namespace quintile::bind {
namespace {

namespace nb = nanobind;
using namespace nb::literals;

pipeline::Options options_of(Attendance& attendance, int threads, std::int64_t memory_max) {
  return {.threads = threads,
          .memory_max = memory_max,
          .progress = [&attendance](const std::string& stage,
                                    double done) { attendance.progress(stage, done); },
          .cancelled = [&attendance] { return attendance.cancelled(); }};
}

/// A plan's text and name, or nothing and the file that holds it; with `rules` those in place of
/// the rule file.
plan::Plan plan_of(const std::optional<std::string>& text, const std::string& name,
                   const std::vector<std::string>& overrides,
                   const std::optional<std::string>& rules) {
  const nb::gil_scoped_release unlocked;
  if (!text) return value_or_throw(config::read_plan(name, overrides));
  std::optional<segments::RuleSet> given;
  if (rules) given = value_or_throw(config::parse_rules(*rules, "rules"));
  return value_or_throw(config::parse_plan(*text, name, overrides, given ? &*given : nullptr));
}

/// `data`: None, or a capsule with a stream of rows that stand for the plan's files.
std::shared_ptr<Holding> compute(const plan::Plan& plan, nb::handle data, int threads,
                                 std::int64_t memory_max, nb::handle on_progress) {
  ArrowArrayStream* const stream = data.is_none() ? nullptr : stream_of(data);
  mart::Contents stopped;
  const auto work = [&](Attendance& attendance) -> Result<std::shared_ptr<Holding>> {
    pipeline::Options options = options_of(attendance, threads, memory_max);
    if (stream != nullptr) {
      options.open = [stream](const io::OpenOptions& how) {
        return io::columnar::open_frame(stream, "frame", how);
      };
    }
    QUINTILE_TRY(mart::Contents contents, pipeline::compute(plan, options, &stopped));
    return Holding::of(std::move(contents));
  };
  try {
    return attended<std::shared_ptr<Holding>>(on_progress, work);
  } catch (Failure& failure) {
    if (failure.error.code == ErrorCode::CheckFailed)
      failure.review = mart::review_json(stopped.review, stopped.manifest.money_scale);
    throw;
  }
}

/// Scores of a frame's rows; cut points by metric as integers, and the digits of money.
nb::tuple score(nb::handle data, const std::vector<std::optional<std::string>>& columns,
                const std::vector<int>& bins, bool split_ties, int threads) {
  ArrowArrayStream* const stream = stream_of(data);
  ScoreRequest request;
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    request.columns[i] = columns.at(i);
    request.specs[i].bins = bins.at(i);
    if (split_ties) request.specs[i].method = rfm::Method::Rank;
  }
  auto scored =
      attended<ScoredFrame>(nb::none(), [&](Attendance& attendance) -> Result<ScoredFrame> {
        QUINTILE_TRY(const auto source,
                     io::columnar::open_frame(stream, "frame",
                                              {.threads = threads, .cancelled = [&attendance] {
                                                 return attendance.cancelled();
                                               }}));
        return score_frame(*source, request, threads);
      });
  nb::dict cut_points;
  for (const rfm::CutPoints& points : scored.cut_points) {
    const std::string_view name = rfm::to_string(points.metric);
    cut_points[nb::str(name.data(), name.size())] = nb::cast(points.cuts);
  }
  return nb::make_tuple(NativeTable(std::move(scored.table)), cut_points, scored.money_scale);
}

std::string generate(const std::filesystem::path& out, std::int64_t customers,
                     std::optional<std::uint64_t> seed, std::optional<std::int64_t> duplicated_ids,
                     std::optional<double> premium_effect, bool is_dirty, int threads,
                     nb::handle on_progress) {
  synthetic::GeneratorOptions options{
      .customers = customers,
      .duplicated_ids = duplicated_ids,
      .dirt = is_dirty ? synthetic::Dirt::Realistic : synthetic::Dirt::None,
      .threads = threads};
  if (seed) options.seed = *seed;
  if (premium_effect) options.premium_effect = *premium_effect;
  return attended<std::string>(on_progress, [&](Attendance& attendance) -> Result<std::string> {
    options.progress = [&attendance](double done) {
      attendance.progress("writing customers", done);
    };
    QUINTILE_TRY(const synthetic::GeneratorReport report, synthetic::generate(options, out));
    return cli::generated_json(report);
  });
}

int main_of(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  const nb::gil_scoped_release unlocked;
  const int status = cli::main_with(static_cast<int>(argv.size()), argv.data());
  std::fflush(stdout);
  return status;
}

void bind_plan(nb::module_& module) {
  nb::class_<plan::Plan>(module, "Plan")
      .def_prop_ro("mart", [](const plan::Plan& plan) { return plan.resolve(plan.output.mart); })
      .def_prop_ro("report",
                   [](const plan::Plan& plan) { return plan.resolve(plan.output.report); });
  module.def("plan", &plan_of, "text"_a.none(), "name"_a, "overrides"_a, "rules"_a.none());
}

void bind_rules(nb::module_& module) {
  nb::class_<segments::RuleSet>(module, "Rules");
  module.def(
      "rules",
      [](const std::optional<std::string>& text, const std::string& name) {
        return value_or_throw(text ? config::parse_rules(*text, name) : config::read_rules(name));
      },
      "text"_a.none(), "name"_a);
  module.def("check_rules", [](const segments::RuleSet& rules, int r, int f, int m) {
    return cli::lint_json(segments::lint(rules, {r, f, m}));
  });
}

void bind_table(nb::module_& module) {
  nb::class_<NativeTable>(module, "Table")
      .def("stream", &NativeTable::stream)
      .def("schema", &NativeTable::schema)
      .def("head", &NativeTable::head, "rows"_a)
      .def_prop_ro("rows", &NativeTable::rows)
      .def_prop_ro("names", &NativeTable::names)
      .def_prop_ro("types", &NativeTable::types);
}

/// Calls a method of the holding, which may take long or wait, without the interpreter's lock.
template <typename Call>
auto unlocked(const Call& call) {
  const nb::gil_scoped_release unlocked;
  return call();
}

void bind_holding(nb::module_& module) {
  nb::class_<Holding> holding(module, "Holding");
  nb::enum_<Holding::Document>(holding, "Document")
      .value("REVIEW", Holding::Document::Review)
      .value("SUMMARY", Holding::Document::Summary)
      .value("INSIGHTS", Holding::Document::Insights)
      .value("MANIFEST", Holding::Document::Manifest);
  nb::enum_<mart::TableName>(holding, "TableName")
      .value("CUSTOMERS", mart::TableName::Customers)
      .value("SUMMARY", mart::TableName::Summary)
      .value("QUARANTINE", mart::TableName::Quarantine)
      .value("CROSSWALK", mart::TableName::Crosswalk);
  holding
      .def("document",
           [](Holding& self, Holding::Document name) {
             return value_or_throw(unlocked([&] { return self.document(name); }));
           })
      .def("table",
           [](Holding& self, mart::TableName name) {
             return NativeTable(value_or_throw(unlocked([&] { return self.table(name); })));
           })
      .def("explain",
           [](Holding& self, std::int64_t customer_id) {
             auto told = value_or_throw(unlocked([&] { return self.explain(customer_id); }));
             return std::pair(std::move(told.json), std::move(told.text));
           })
      .def("check_rules",
           [](Holding& self, const segments::RuleSet& rules) {
             return value_or_throw(unlocked([&] { return self.check_rules(rules); }));
           })
      .def(
          "diff_rules",
          [](Holding& self, const segments::RuleSet* before, const segments::RuleSet& after) {
            return value_or_throw(unlocked([&] {
              return self.diff_rules(before == nullptr ? std::nullopt : std::optional(*before),
                                     after);
            }));
          },
          "before"_a.none(), "after"_a)
      .def("report",
           [](Holding& self) { return value_or_throw(unlocked([&] { return self.report(); })); })
      .def("write_report",
           [](Holding& self, const std::filesystem::path& folder) {
             throw_on_error(unlocked([&] { return self.write_report(folder); }));
           })
      .def("write",
           [](Holding& self, const std::filesystem::path& folder,
              const std::filesystem::path& report, int threads) {
             throw_on_error(unlocked([&] { return self.write(folder, report, threads); }));
           })
      .def_prop_ro("customers", &Holding::customers);
  module.def("compute", &compute, "plan"_a, "data"_a.none(), "threads"_a, "memory_max"_a,
             "on_progress"_a.none());
  module.def("score", &score, "data"_a, "columns"_a, "bins"_a, "split_ties"_a, "threads"_a);
  module.def("generate", &generate, "out"_a, "customers"_a, "seed"_a.none(),
             "duplicated_ids"_a.none(), "premium_effect"_a.none(), "is_dirty"_a, "threads"_a,
             "on_progress"_a.none());
  module.def("open", [](const std::filesystem::path& folder) {
    return value_or_throw(unlocked([&] { return Holding::open(folder); }));
  });
}

}  // namespace
}  // namespace quintile::bind

NB_MODULE(_native, module) {
  using namespace quintile::bind;
  // The library holds state of the process, and nanobind of one interpreter.
  if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0) {
    throw nanobind::import_error("quintile does not run in sub-interpreters");
  }
  register_failures();
  module.attr("version") = std::string(quintile::pipeline::version()).c_str();
  module.def("main", &main_of);
  bind_plan(module);
  bind_rules(module);
  bind_table(module);
  bind_holding(module);
}
