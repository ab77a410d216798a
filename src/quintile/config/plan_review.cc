#include <algorithm>

#include <fmt/format.h>

#include "quintile/config/plan_internal.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Plan;
constexpr std::size_t kRowsOfRangesMax = 1'000;

Result<quality::Check> read_check(const Node& node, const std::string& what) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, what, kCheckKeys, kCode));
  quality::Check check;
  QUINTILE_TRY(const Node* id,
               fields.require("id", "findings are told apart by the id of their check"));
  QUINTILE_TRY(check.id, read_text(*id, fields.path_of("id"), kCode, 64));
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (!std::ranges::all_of(check.id, is_good)) {
    return wrong(*id,
                 fmt::format("'{}' must be lower case letters, digits and underscores, not '{}'",
                             fields.path_of("id"), check.id));
  }
  if (std::ranges::find(quality::kBuiltInChecks, check.id) != std::end(quality::kBuiltInChecks)) {
    return wrong(*id, fmt::format("'{}' is a built-in check", check.id), "give yours another id");
  }
  QUINTILE_TRY(const Node* expect, fields.require("expect", "a condition that good rows meet"));
  QUINTILE_TRY(check.expect, read_expression(*expect, fields.path_of("expect"), kCode));
  if (const Node* severity = fields.find("severity")) {
    QUINTILE_TRY(check.severity,
                 read_choice(*severity, fields.path_of("severity"), kSeverities, kCode));
  }
  if (const Node* on_fail = fields.find("on_fail")) {
    QUINTILE_TRY(check.on_fail, read_choice(*on_fail, fields.path_of("on_fail"), kOnFails, kCode));
  }
  return check;
}

Result<std::vector<quality::ReviewSpec::Range>> read_ranges(const Node& node) {
  if (!node.is_map())
    return wrong_type(node, "review.ranges", "a mapping, as in {age: [18, 80]}", kCode);
  if (node.items.size() > kRowsOfRangesMax) return wrong(node, "'review.ranges' is too long");
  std::vector<quality::ReviewSpec::Range> ranges;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& pair = node.items[i];
    const std::string what = "review.ranges." + node.keys[i].text;
    if (!pair.is_sequence()) return wrong_type(pair, what, "two numbers, as in [18, 80]", kCode);
    if (pair.items.size() != 2) {
      return wrong(pair, fmt::format("'{}' must be two numbers, the least and the greatest, not {}",
                                     what, pair.items.size()));
    }
    quality::ReviewSpec::Range range{node.keys[i].text, {}, {}, node.keys[i].place};
    QUINTILE_TRY(range.low, read_decimal(pair.items[0], what, kCode));
    QUINTILE_TRY(range.high, read_decimal(pair.items[1], what, kCode));
    if (compare_decimals(range.low, range.high) > 0) {
      return wrong(pair,
                   fmt::format("'{}' is empty: {} is more than {}", what, range.low, range.high),
                   "the least value stands first");
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

}  // namespace

Result<quality::ReviewSpec> read_review(const Node& node) {
  QUINTILE_TRY(const Fields fields, Fields::of(node, "review", kReviewKeys, kCode));
  quality::ReviewSpec review;
  if (const Node* checks = fields.find("checks")) {
    if (!checks->is_sequence())
      return wrong_type(*checks, "review.checks", "a list of checks", kCode);
    for (std::size_t i = 0; i < checks->items.size(); ++i) {
      QUINTILE_TRY(quality::Check check,
                   read_check(checks->items[i], fmt::format("review.checks.{}", i)));
      if (std::ranges::find(review.checks, check.id, &quality::Check::id) != review.checks.end()) {
        return wrong(*checks->items[i].find("id"),
                     fmt::format("check '{}' is there twice", check.id),
                     "give one of them another id");
      }
      review.checks.push_back(std::move(check));
    }
  }
  if (const Node* ranges = fields.find("ranges")) {
    QUINTILE_TRY(review.ranges, read_ranges(*ranges));
  }
  if (const Node* duplicates = fields.find("duplicate_ids")) {
    QUINTILE_TRY(review.duplicate_ids,
                 read_choice(*duplicates, "review.duplicate_ids", kDuplicateIds, kCode));
  }
  return review;
}

}  // namespace quintile::config
