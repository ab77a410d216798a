#include <algorithm>
#include <string>

#include "quintile/explore/explorer.h"
#include "quintile/segments/rule_columns.h"

namespace quintile::explore {
namespace {

using Keys = std::vector<std::pair<std::string, std::int64_t>>;

/// The customers by source id, and by first purchase where ids repeat: what stays when ids are
/// given anew.
Keys keys_of(const mart::Mart& mart, bool with_dates) {
  const customers::Customers& c = mart.segmentation.customers;
  Keys keys;
  keys.reserve(static_cast<std::size_t>(c.size));
  for (std::int64_t row = 0; row < c.size; ++row) {
    std::string key = c.source_customer_id.cell(row);
    if (with_dates) key += "\x1f" + c.first_purchase_date->cell(row);
    keys.emplace_back(std::move(key), row);
  }
  std::ranges::sort(keys);
  return keys;
}

bool has_doubles(const Keys& keys) {
  return std::ranges::adjacent_find(keys, {}, &Keys::value_type::first) != keys.end();
}

}  // namespace

void Explorer::match_previous() {
  Keys now = keys_of(mart_, false);
  Keys then = keys_of(*previous_, false);
  const bool have_dates = mart_.segmentation.customers.first_purchase_date &&
                          previous_->segmentation.customers.first_purchase_date;
  if (have_dates && (has_doubles(now) || has_doubles(then))) {
    now = keys_of(mart_, true);
    then = keys_of(*previous_, true);
  }
  previous_rows_.assign(static_cast<std::size_t>(customers()), -1);
  // Both ascend by key, then by customer_id: equal keys are matched in order.
  for (std::size_t i = 0, j = 0; i < now.size() && j < then.size();) {
    const int order = now[i].first.compare(then[j].first);
    if (order == 0)
      previous_rows_[static_cast<std::size_t>(now[i++].second)] = then[j++].second;
    else if (order < 0)
      ++i;
    else
      ++j;
  }
}

std::optional<std::int64_t> Explorer::previous_row(std::int64_t row) const {
  if (!previous_ || previous_rows_[static_cast<std::size_t>(row)] < 0) return std::nullopt;
  return previous_rows_[static_cast<std::size_t>(row)];
}

std::optional<std::vector<std::int64_t>> Explorer::previous_sizes() const {
  if (!previous_) return std::nullopt;
  std::array<std::int64_t, 256> by_index{};
  for (const segments::SegmentIndex index : previous_->segmentation.segment) ++by_index[index];
  std::vector<std::int64_t> sizes;
  for (const segments::Rule& rule : mart_.rules.rules) {
    const auto at = std::ranges::find(previous_->rules.rules, rule.id, &segments::Rule::id);
    sizes.push_back(at == previous_->rules.rules.end()
                        ? 0
                        : by_index[static_cast<std::size_t>(at - previous_->rules.rules.begin())]);
  }
  return sizes;
}

Explorer::SegmentPlaces Explorer::segment_places() const {
  SegmentPlaces places;
  auto& segments = places.segments;
  for (const segments::Rule& rule : mart_.rules.rules)
    segments.push_back({rule.id, rule.name, rule.family});
  for (const segments::Rule& rule : previous_->rules.rules) {
    const auto at = std::ranges::find(segments, rule.id, &Migration::Segment::id);
    places.of_previous.push_back(static_cast<std::size_t>(at - segments.begin()));
    if (at == segments.end()) segments.push_back({rule.id, rule.name, rule.family});
  }
  return places;
}

std::optional<Migration> Explorer::migration(const Selection& selection) const {
  if (!previous_) return std::nullopt;
  Migration migration;
  SegmentPlaces places = segment_places();
  migration.segments = std::move(places.segments);
  const std::vector<std::size_t>& place_of = places.of_previous;
  const std::size_t size = migration.segments.size();
  struct Sum {
    std::int64_t customers = 0;
    Int128 monetary = 0;
  };
  std::vector<Sum> sums((size + 1) * (size + 1));  // `size` stands for none
  const auto add = [&](std::size_t from, std::size_t to, std::int64_t money) {
    Sum& sum = sums[from * (size + 1) + to];
    ++sum.customers;
    sum.monetary += money;
  };
  const auto value = mart_.segmentation.customers.value();
  std::vector<std::uint8_t> stayed(static_cast<std::size_t>(previous_->segmentation.size()));
  for (std::int64_t row = 0; row < customers(); ++row) {
    const std::int64_t before = previous_rows_[static_cast<std::size_t>(row)];
    if (before >= 0) stayed[static_cast<std::size_t>(before)] = 1;
    if (!selection.has(row)) continue;
    add(before < 0 ? size : place_of[previous_->segmentation.segment[before]],
        mart_.segmentation.segment[row], value[static_cast<std::size_t>(row)]);
  }
  if (selection.everyone) {
    // Money before, at this mart's scale.
    const customers::Customers& old = previous_->segmentation.customers;
    const int scale = mart_.segmentation.customers.money_scale;
    for (std::int64_t row = 0; row < old.size; ++row) {
      if (stayed[static_cast<std::size_t>(row)] != 0) continue;
      Int128 money = old.value()[static_cast<std::size_t>(row)];
      if (old.money_scale < scale) money *= power_of_ten(scale - old.money_scale);
      if (old.money_scale > scale)
        money = divide_half_up(money, power_of_ten(old.money_scale - scale));
      add(place_of[previous_->segmentation.segment[row]], size, static_cast<std::int64_t>(money));
    }
  }
  const auto place = [size](std::size_t index) {
    return index == size ? std::nullopt : std::optional(index);
  };
  for (std::size_t from = 0; from <= size; ++from) {
    for (std::size_t to = 0; to <= size; ++to) {
      const Sum& sum = sums[from * (size + 1) + to];
      if (sum.customers > 0)
        migration.flows.push_back({place(from), place(to), sum.customers, sum.monetary});
    }
  }
  return migration;
}

Result<Preview> Explorer::preview(const segments::RuleSet& draft,
                                  const Selection& selection) const {
  const segments::Segmentation& s = mart_.segmentation;
  const segments::RuleColumns columns(s, draft);
  QUINTILE_TRY_STATUS(segments::check_rules(draft, columns.types(), columns.names()));
  QUINTILE_TRY(const auto after, segments::assign_all(s, draft));
  Preview preview;
  preview.lint = segments::lint(draft, bins());
  const std::size_t none = draft.rules.size();
  preview.segments.resize(none + 1);
  const auto value = s.customers.value();
  // A segment is the same when its id is.
  std::array<segments::SegmentIndex, 256> same{};
  same.fill(segments::kNoSegment);
  for (std::size_t i = 0; i < mart_.rules.rules.size(); ++i) {
    const auto at = std::ranges::find(draft.rules, mart_.rules.rules[i].id, &segments::Rule::id);
    if (at != draft.rules.end())
      same[i] = static_cast<segments::SegmentIndex>(at - draft.rules.begin());
  }
  std::vector<segments::Flow> flows(256UL * 256UL);
  for (std::int64_t row = 0; row < s.size(); ++row) {
    if (!selection.has(row)) continue;
    const std::int64_t money = value[static_cast<std::size_t>(row)];
    auto& [customers, monetary] = preview.segments[std::min<std::size_t>(after[row], none)];
    ++customers;
    monetary += money;
    if (after[row] == same[s.segment[row]] && after[row] != segments::kNoSegment) continue;
    ++preview.movers;
    preview.movers_monetary += money;
    segments::Flow& flow = flows[s.segment[row] * 256UL + after[row]];
    ++flow.customers;
    flow.monetary += money;
  }
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (flows[i].customers == 0) continue;
    flows[i].from = static_cast<segments::SegmentIndex>(i / 256);
    flows[i].to = static_cast<segments::SegmentIndex>(i % 256);
    preview.flows.push_back(flows[i]);
  }
  return preview;
}

}  // namespace quintile::explore
