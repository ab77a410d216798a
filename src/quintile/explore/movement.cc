#include "quintile/explore/movement.h"

#include <algorithm>

#include "quintile/base/money.h"
#include "quintile/table/gather.h"

namespace quintile::explore {
namespace {

using segments::Segmentation;

constexpr std::size_t kMetrics = rfm::kMetrics.size();
constexpr std::size_t kSubsets = 1U << kMetrics;

/// Sets of metrics, smallest first, then in the order of the metrics.
constexpr std::array<std::uint8_t, kSubsets> kSmallestFirst = {0b000, 0b001, 0b010, 0b100,
                                                               0b011, 0b101, 0b110, 0b111};

template <typename T>
table::Buffer<T> gathered(const table::Buffer<T>& values, std::span<const std::uint32_t> rows) {
  table::Buffer<T> some(static_cast<std::int64_t>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    some[static_cast<std::int64_t>(i)] = values[rows[i]];
  return some;
}

const table::Column& values_of(const customers::Customers& c, std::size_t metric) {
  return metric == 0 ? c.recency_days : (metric == 1 ? c.frequency : c.monetary);
}

const table::Buffer<rfm::Score>& scores_of(const Segmentation& s, std::size_t metric) {
  return metric == 0 ? s.r_score : (metric == 1 ? s.f_score : s.m_score);
}

/// Values and scores of some customers in one mart, money at the scale of the mart now.
struct Side {
  std::array<table::Column, kMetrics> values;
  std::array<table::Buffer<rfm::Score>, kMetrics> scores;
};

std::int64_t rescaled(std::int64_t money, int from, int to) {
  if (from <= to) return static_cast<std::int64_t>(Int128{money} * power_of_ten(to - from));
  return static_cast<std::int64_t>(divide_half_up(money, power_of_ten(from - to)));
}

Side side_of(const Segmentation& s, std::span<const std::uint32_t> rows, int money_scale) {
  Side side;
  for (std::size_t metric = 0; metric < kMetrics; ++metric) {
    side.values[metric] = table::gather(values_of(s.customers, metric), rows);
    side.scores[metric] = gathered(scores_of(s, metric), rows);
  }
  if (s.customers.money_scale != money_scale) {
    table::Column& money = side.values[2];
    table::Buffer<std::int64_t> values(money.size());
    for (std::int64_t row = 0; row < money.size(); ++row)
      values[row] = rescaled(money.view.integer(row), s.customers.money_scale, money_scale);
    money = table::Column::decimals(money.name, money_scale, std::move(values));
  }
  return side;
}

/// Some customers of a mart with every field that a rule may name but the metrics and their scores.
Segmentation without_metrics(const Segmentation& all, std::span<const std::uint32_t> rows) {
  Segmentation some;
  some.analysis_day = all.analysis_day;
  some.model = all.model;
  customers::Customers& to = some.customers;
  const customers::Customers& from = all.customers;
  to.size = static_cast<std::int64_t>(rows.size());
  to.money_scale = from.money_scale;
  for (const table::Column& attribute : from.attributes)
    to.attributes.push_back(table::gather(attribute, rows));
  const auto perhaps = [&](const std::optional<table::Column>& column) {
    return column ? std::optional(table::gather(*column, rows)) : std::nullopt;
  };
  to.overlay = perhaps(from.overlay);
  to.consent = perhaps(from.consent);
  to.first_purchase_date = perhaps(from.first_purchase_date);
  to.last_purchase_date = perhaps(from.last_purchase_date);
  to.average_order_value = table::gather(from.average_order_value, rows);
  return some;
}

/// Gives `mixed` the metrics of `now` where `set` says so, the others of `then`.
void mix(Segmentation& mixed, const Side& then, const Side& now, std::uint8_t set) {
  table::Column* values[] = {&mixed.customers.recency_days, &mixed.customers.frequency,
                             &mixed.customers.monetary};
  table::Buffer<rfm::Score>* scores[] = {&mixed.r_score, &mixed.f_score, &mixed.m_score};
  for (std::size_t metric = 0; metric < kMetrics; ++metric) {
    const Side& side = (set >> metric & 1) != 0 ? now : then;
    *values[metric] = side.values[metric];
    *scores[metric] = table::Buffer<rfm::Score>(mixed.size());
    std::ranges::copy(side.scores[metric].span(), scores[metric]->data());
  }
}

constexpr Reasons bit(Reason reason) {
  return static_cast<Reasons>(1U << static_cast<unsigned>(reason));
}

Reasons reasons_of(std::uint8_t set, const Side& before, const Side& now, std::int64_t i,
                   bool same_rules) {
  if (set == 0) return bit(same_rules ? Reason::OtherField : Reason::Rules);
  constexpr std::array kOfMetric = {Reason::Recency, Reason::OrderCount, Reason::Value};
  Reasons reasons = 0;
  for (std::size_t metric = 0; metric < kMetrics; ++metric) {
    if ((set >> metric & 1) == 0) continue;
    const bool same_value =
        before.values[metric].view.integer(i) == now.values[metric].view.integer(i);
    reasons |= bit(same_value ? Reason::CutPoints : kOfMetric[metric]);
  }
  return reasons;
}

/// Fills in why each mover moved.
Status explain(const Explorer& explorer, std::vector<Mover>& movers) {
  const mart::Mart& now = explorer.mart();
  const mart::Mart& before = *explorer.previous();
  std::vector<std::uint32_t> rows_before, rows_now;
  for (const Mover& mover : movers) {
    rows_before.push_back(static_cast<std::uint32_t>(*mover.row_before));
    rows_now.push_back(static_cast<std::uint32_t>(*mover.row_now));
  }
  const int scale = now.segmentation.customers.money_scale;
  const Side then = side_of(before.segmentation, rows_before, scale);
  const Side today = side_of(now.segmentation, rows_now, scale);
  const segments::Bins old_bins = segments::bins_of(before.segmentation.model);
  const segments::Bins new_bins = explorer.bins();
  const bool same_rules = before.manifest.rules_digest == now.manifest.rules_digest;
  if (old_bins.r != new_bins.r || old_bins.f != new_bins.f || old_bins.m != new_bins.m) {
    // Scores of another number of bins have no place among today's.
    for (Mover& mover : movers) mover.reasons = bit(Reason::CutPoints);
    return {};
  }
  Segmentation mixed = without_metrics(now.segmentation, rows_now);
  for (const std::uint8_t set : kSmallestFirst) {
    mix(mixed, then, today, set);
    QUINTILE_TRY(const auto segment, segments::assign_all(mixed, now.rules));
    for (std::size_t i = 0; i < movers.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i);
      if (movers[i].reasons == 0 && segment[row] == now.segmentation.segment[rows_now[i]])
        movers[i].reasons = reasons_of(set, then, today, row, same_rules);
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::Recency: return "recency_moved";
    case Reason::OrderCount: return "order_count_moved";
    case Reason::Value: return "value_moved";
    case Reason::CutPoints: return "cut_points_moved";
    case Reason::Rules: return "rules_changed";
    case Reason::OtherField: return "other_field_moved";
  }
  return "";
}

std::vector<std::string_view> names_of(Reasons reasons) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) {
    if ((reasons >> i & 1) != 0) names.push_back(to_string(static_cast<Reason>(i)));
  }
  return names;
}

Result<Movement> movement(const Explorer& explorer) {
  if (explorer.previous() == nullptr)
    return fail(ErrorCode::Usage, "there is no older mart to compare with");
  const Segmentation& now = explorer.mart().segmentation;
  const Segmentation& before = explorer.previous()->segmentation;
  Movement movement;
  const Explorer::SegmentPlaces places = explorer.segment_places();
  movement.segments = places.segments;
  movement.before = before.size();
  movement.now = now.size();
  std::vector<std::uint8_t> stayed(static_cast<std::size_t>(before.size()));
  const auto value = now.customers.value();
  for (std::int64_t row = 0; row < now.size(); ++row) {
    Mover mover;
    mover.row_now = row;
    mover.to = now.segment[row];
    mover.monetary = value[static_cast<std::size_t>(row)];
    mover.row_before = explorer.previous_row(row);
    if (!mover.row_before) {
      movement.arrived.push_back(mover);
      continue;
    }
    ++movement.both;
    stayed[static_cast<std::size_t>(*mover.row_before)] = 1;
    mover.from = places.of_previous[before.segment[*mover.row_before]];
    if (mover.from != mover.to) movement.movers.push_back(mover);
  }
  const int scale = now.customers.money_scale;
  for (std::int64_t row = 0; row < before.size(); ++row) {
    if (stayed[static_cast<std::size_t>(row)] != 0) continue;
    Mover mover;
    mover.row_before = row;
    mover.from = places.of_previous[before.segment[row]];
    mover.monetary = rescaled(before.customers.value()[static_cast<std::size_t>(row)],
                              before.customers.money_scale, scale);
    movement.gone.push_back(mover);
  }
  QUINTILE_TRY_STATUS(explain(explorer, movement.movers));
  return movement;
}

}  // namespace quintile::explore
