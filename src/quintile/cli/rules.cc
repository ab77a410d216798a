#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/cli/json.h"
#include "quintile/cli/show.h"
#include "quintile/config/config.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/linter.h"

namespace quintile::cli {

namespace {

void write_texts(mart::JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array(false);
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

}  // namespace

std::string lint_json(const segments::LintReport& lint) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("segments");
  json.begin_array(true);
  for (const segments::RuleVerdict& rule : lint.segments) {
    json.begin_object();
    json.key("segment_id");
    json.text(rule.segment_id);
    json.key("cells");
    json.integer(rule.cells);
    json.key("cells_matched");
    json.integer(rule.cells_matched);
    json.key("dead");
    json.boolean(rule.dead);
    json.key("shadowed_by");
    write_texts(json, rule.shadowed_by);
    if (rule.customers) {
      json.key("customers");
      json.integer(*rule.customers);
    }
    json.end_object();
  }
  json.end_array();
  json.key("gaps");
  write_texts(json, lint.gaps);
  json.key("overlaps");
  json.begin_array(true);
  for (const segments::Overlap& overlap : lint.overlaps) {
    json.begin_object();
    json.key("first");
    json.text(overlap.first);
    json.key("second");
    json.text(overlap.second);
    json.key("cells");
    json.integer(overlap.cells);
    json.end_object();
  }
  json.end_array();
  json.key("verdict");
  json.text(lint.faulty() ? "faulty" : "ok");
  json.end_object();
  return json.take();
}

namespace {

std::string verdict_of(const segments::RuleVerdict& rule) {
  if (!rule.dead) return "ok";
  if (rule.cells == 0) return "DEAD, its condition can never hold";
  return "DEAD, taken by " + join_words(rule.shadowed_by);
}

std::string lint_text(const segments::RuleSet& rules, const segments::LintReport& lint,
                      const Terminal& terminal) {
  std::string text = terminal.paint(Style::Bold, rules.name) + "  " + rules.file + "\n";
  const bool with_customers = std::ranges::any_of(
      lint.segments, [](const auto& rule) { return rule.customers.has_value(); });
  std::vector<Table::Heading> headings = {{"segment", Table::Align::Left, 0},
                                          {"cells", Table::Align::Right, 1},
                                          {"first in", Table::Align::Right, 0}};
  if (with_customers) headings.push_back({"customers", Table::Align::Right, 0});
  headings.push_back({"verdict", Table::Align::Left, 0});
  Table table(headings);
  for (const segments::RuleVerdict& rule : lint.segments) {
    std::vector<std::string> cells = {rule.segment_id, std::to_string(rule.cells),
                                      std::to_string(rule.cells_matched)};
    if (with_customers) cells.push_back(rule.customers ? with_thousands(*rule.customers) : "");
    cells.push_back(verdict_of(rule));
    table.add(std::move(cells), rule.dead ? Style::Bad : Style::Plain);
  }
  text += table.to_string(terminal);
  if (!lint.overlaps.empty()) {
    std::string line = "Order decides between";
    for (std::size_t i = 0; i < lint.overlaps.size(); ++i) {
      line += fmt::format("{} {} and {} ({})", i == 0 ? "" : ",", lint.overlaps[i].first,
                          lint.overlaps[i].second, counted(lint.overlaps[i].cells, "cell"));
    }
    text += "\n" + terminal.wrapped(line + ".") + "\n";
  }
  if (!lint.gaps.empty()) {
    std::string line = counted(std::ssize(lint.gaps), "cell") + " may be taken by no rule:";
    for (const std::string& gap : lint.gaps) line += " " + gap;
    text += "\n" + terminal.paint(Style::Bad, terminal.wrapped(line)) + "\n";
  }
  return text;
}

}  // namespace

Result<segments::LintReport> lint_for(const segments::RuleSet& rules, const mart::Mart& mart) {
  QUINTILE_TRY(const auto segment, segments::assign_all(mart.segmentation, rules));
  std::vector<std::int64_t> customers(rules.rules.size(), 0);
  for (const segments::SegmentIndex index : segment) {
    if (index != segments::kNoSegment) ++customers[index];
  }
  segments::LintReport lint = segments::lint(rules, segments::bins_of(mart.segmentation.model));
  for (std::size_t i = 0; i < customers.size(); ++i) lint.segments[i].customers = customers[i];
  return lint;
}

Result<int> rules_check(const RulesArguments& arguments, const Common& common) {
  QUINTILE_TRY(const segments::RuleSet rules, config::read_rules(arguments.rules));
  segments::LintReport lint;
  if (arguments.mart.empty()) {
    lint = segments::lint(rules);
  } else {
    QUINTILE_TRY(const mart::Mart mart, mart::open(arguments.mart));
    QUINTILE_TRY(lint, lint_for(rules, mart));
  }
  if (common.format == Format::Json) {
    std::fputs(lint_json(lint).c_str(), stdout);
  } else if (!common.quiet) {
    std::fputs(lint_text(rules, lint, Terminal(stdout)).c_str(), stdout);
  }
  if (!lint.faulty()) return 0;
  const auto dead = std::ranges::count_if(lint.segments, &segments::RuleVerdict::dead);
  const bool is_impossible = std::ranges::any_of(
      lint.segments,
      [](const segments::RuleVerdict& rule) { return rule.dead && rule.cells == 0; });
  return fail(ErrorCode::CheckFailed,
              fmt::format("{}: {}, {} without a rule", arguments.rules, counted(dead, "dead rule"),
                          counted(std::ssize(lint.gaps), "cell")),
              std::string(is_impossible ? "correct the condition that can never hold, put another "
                                        : "put a ") +
                  "dead rule before those that shadow it, and end with a segment that says "
                  "'otherwise: true'");
}

}  // namespace quintile::cli
