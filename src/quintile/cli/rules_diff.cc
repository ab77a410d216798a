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
#include "quintile/segments/movement.h"

namespace quintile::cli {

namespace {

using segments::Flow;

std::string id_of(const segments::RuleSet& rules, segments::SegmentIndex segment) {
  return segment == segments::kNoSegment ? "" : rules.rules[segment].id;
}

/// Who changes segment, by segment id: a rule that moved in the file moves nobody.
struct Diff {
  std::vector<Flow> moves;  ///< the most customers first
  std::int64_t customers = 0, movers = 0;
  Int128 monetary_moved = 0;
  struct Size {
    std::int64_t customers = 0;
    Int128 monetary = 0;
  };
  std::vector<Size> sizes;  ///< of the segments as they would be, in rule order
};

Result<Diff> diff_of(const segments::RuleSet& before, const segments::RuleSet& after,
                     const mart::Mart& mart) {
  QUINTILE_TRY(const auto old_segments, segments::assign_all(mart.segmentation, before));
  QUINTILE_TRY(const auto new_segments, segments::assign_all(mart.segmentation, after));
  Diff diff;
  diff.sizes.resize(after.rules.size());
  for (const Flow& flow : segments::flows(old_segments.span(), new_segments.span(),
                                          mart.segmentation.customers.value())) {
    diff.customers += flow.customers;
    if (flow.to != segments::kNoSegment) {
      diff.sizes[flow.to].customers += flow.customers;
      diff.sizes[flow.to].monetary += flow.monetary;
    }
    if (id_of(before, flow.from) == id_of(after, flow.to)) continue;
    diff.movers += flow.customers;
    diff.monetary_moved += flow.monetary;
    diff.moves.push_back(flow);
  }
  std::ranges::stable_sort(diff.moves, std::ranges::greater(), &Flow::customers);
  return diff;
}

std::string diff_json(const Diff& diff, const segments::RuleSet& before,
                      const segments::RuleSet& after, int money_scale) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("customers");
  json.integer(diff.customers);
  json.key("movers");
  json.integer(diff.movers);
  json.key("monetary_moved");
  json.money(diff.monetary_moved, money_scale);
  json.key("moves");
  json.begin_array(true);
  for (const Flow& flow : diff.moves) {
    json.begin_object();
    json.key("from");
    json.text(id_of(before, flow.from));
    json.key("to");
    json.text(id_of(after, flow.to));
    json.key("customers");
    json.integer(flow.customers);
    json.key("monetary");
    json.money(flow.monetary, money_scale);
    json.end_object();
  }
  json.end_array();
  json.key("segments");
  json.begin_array(true);
  for (std::size_t i = 0; i < diff.sizes.size(); ++i) {
    json.begin_object();
    json.key("segment_id");
    json.text(after.rules[i].id);
    json.key("customers");
    json.integer(diff.sizes[i].customers);
    json.key("monetary");
    json.money(diff.sizes[i].monetary, money_scale);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

std::string diff_text(const Diff& diff, const segments::RuleSet& before,
                      const segments::RuleSet& after, const mart::Manifest& manifest,
                      const Terminal& terminal) {
  if (diff.moves.empty()) return "Nobody would move.\n";
  std::string text =
      terminal.wrapped(
          fmt::format("{} of {} would move, with {} of value.", with_thousands(diff.movers),
                      counted(diff.customers, "customer"),
                      money_text(diff.monetary_moved, manifest.money_scale, manifest.currency))) +
      "\n\n";
  Table table({{"from", Table::Align::Left, 0},
               {"to", Table::Align::Left, 0},
               {"customers", Table::Align::Right, 0},
               {"value " + manifest.currency, Table::Align::Right, 1}});
  for (const Flow& flow : diff.moves) {
    std::string money = money_text(flow.monetary, manifest.money_scale, "");
    money.pop_back();
    table.add({id_of(before, flow.from),
               flow.to == segments::kNoSegment ? "(no segment)" : id_of(after, flow.to),
               with_thousands(flow.customers), money});
  }
  return text + table.to_string(terminal);
}

}  // namespace

Result<std::string> rules_diff_json(const segments::RuleSet& before, const segments::RuleSet& after,
                                    const mart::Mart& mart) {
  QUINTILE_TRY(const Diff diff, diff_of(before, after, mart));
  return diff_json(diff, before, after, mart.manifest.money_scale);
}

Result<int> rules_diff(const RulesArguments& arguments, const Common& common) {
  QUINTILE_TRY(const segments::RuleSet before, config::read_rules(arguments.rules));
  QUINTILE_TRY(const segments::RuleSet after, config::read_rules(arguments.other_rules));
  QUINTILE_TRY(const mart::Mart mart, mart::open(arguments.mart));
  QUINTILE_TRY(const Diff diff, diff_of(before, after, mart));
  if (common.format == Format::Json) {
    std::fputs(diff_json(diff, before, after, mart.manifest.money_scale).c_str(), stdout);
  } else if (!common.quiet) {
    std::fputs(diff_text(diff, before, after, mart.manifest, Terminal(stdout)).c_str(), stdout);
  }
  return 0;
}

}  // namespace quintile::cli
