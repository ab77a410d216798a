#include "quintile/insights/figures.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "quintile/base/check.h"

namespace quintile::insights {

namespace {

// Radix sort by eleven bits at a time, over as many bits as the values span.
void sort_ascending(std::vector<std::int64_t>& values) {
  if (values.empty()) return;
  constexpr int kBits = 11;
  constexpr std::uint64_t kMask = (1 << kBits) - 1;
  const auto [low, high] = std::ranges::minmax(values);
  const auto minimum = static_cast<std::uint64_t>(low);
  const int bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(high) - minimum));
  std::vector<std::int64_t> other(values.size());
  for (int shift = 0; shift < bits; shift += kBits) {
    const auto digit = [&](std::int64_t value) {
      return static_cast<std::size_t>(((static_cast<std::uint64_t>(value) - minimum) >> shift) &
                                      kMask);
    };
    std::array<std::size_t, kMask + 2> next{};
    for (const std::int64_t value : values) ++next[digit(value) + 1];
    for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
    for (const std::int64_t value : values) other[next[digit(value)]++] = value;
    values.swap(other);
  }
}

summary::Moments moments_of(std::span<const std::int64_t> ascending, double unit) {
  summary::ExactSums sums;
  if (ascending.empty()) return {};
  const auto origin = static_cast<std::uint64_t>(ascending.front());
  sums.count = std::ssize(ascending);
  for (const std::int64_t value : ascending) {
    const std::uint64_t distance = static_cast<std::uint64_t>(value) - origin;
    sums.sum += distance;
    sums.add_square(static_cast<UInt128>(distance) * distance);
  }
  return summary::moments_of(sums, ascending.front(), unit);
}

/// The customers that are looked at.
class Counting {
 public:
  Counting(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
           std::span<const std::uint8_t> selected)
      : s_(segmentation),
        segments_(rules.rules.size()),
        group_(segmentation.segment.begin(), segmentation.segment.end()) {
    QUINTILE_CHECK(selected.empty() || selected.size() == group_.size());
    QUINTILE_CHECK(group_.empty() || *std::ranges::max_element(group_) < segments_);
    for (std::size_t row = 0; row < selected.size(); ++row) {
      if (selected[row] == 0) group_[row] = static_cast<std::uint8_t>(segments_);
    }
    figures_.r_bins = bins_of(rfm::Metric::Recency);
    figures_.f_bins = bins_of(rfm::Metric::Frequency);
    figures_.money_scale = s_.customers.money_scale;
    if (s_.customers.overlay) figures_.overlay = s_.customers.overlay->name;
  }

  Figures run(const Executor& executor) {
    executor(5, [this](std::int64_t task) {
      switch (task) {
        case 0: return by_segment();
        case 1: return by_rank();
        case 2: return by_cell();
        case 3: return by_consent();
        default: return one_time();
      }
    });
    return std::move(figures_);
  }

 private:
  [[nodiscard]] int bins_of(rfm::Metric metric) const {
    return s_.model.metrics[static_cast<std::size_t>(metric)].bins;
  }
  [[nodiscard]] bool looked_at(std::size_t row) const { return group_[row] < segments_; }

  // Value by group; `groups` counts in those that are not looked at, who come last.
  [[nodiscard]] std::vector<Part> parts(std::span<const std::uint8_t> group,
                                        std::size_t groups) const {
    const ColumnView& monetary = s_.customers.monetary.view;
    const auto moments =
        summary::moments_by_group(monetary, group, static_cast<int>(groups)).groups;
    const auto values = summary::sums_by_group(monetary, group, static_cast<int>(groups));
    std::vector<Part> parts;
    for (std::size_t i = 0; i + 1 < groups; ++i) parts.push_back({values[i], moments[i]});
    return parts;
  }

  void by_segment() {
    figures_.segments = parts(group_, segments_ + 1);
    figures_.recency_days = summary::sums_by_group(s_.customers.recency_days.view, group_,
                                                   static_cast<int>(segments_) + 1);
    figures_.recency_days.pop_back();
  }

  void by_rank() {
    const auto monetary = s_.customers.value();
    std::vector<std::int64_t> values;
    values.reserve(monetary.size());
    for (std::size_t row = 0; row < monetary.size(); ++row) {
      if (looked_at(row)) values.push_back(monetary[row]);
    }
    if (values.empty()) return;
    sort_ascending(values);
    const auto n = std::ssize(values);
    ValueByRank& by_rank = figures_.by_rank;
    Int128 value = 0, weight = n - 1;
    std::size_t percent = 0;
    for (std::int64_t i = 1; i <= n; ++i) {
      const std::int64_t x = values[static_cast<std::size_t>(n - i)];
      value += x;
      by_rank.ranked += weight * x;
      weight -= 2;
      for (; percent <= 100 && ceil_percent(n, static_cast<std::int64_t>(percent)) <= i; ++percent)
        by_rank.top[percent] = percent == 0 ? 0 : value;
    }
    by_rank.negative_customers = std::ranges::lower_bound(values, 0) - values.begin();
    by_rank.fifth = values[static_cast<std::size_t>(n - ceil_percent(n, 20))];
    const auto above = std::ranges::upper_bound(values, by_rank.fifth) - values.begin();
    const auto unit = static_cast<double>(power_of_ten(figures_.money_scale));
    const auto all = std::span<const std::int64_t>(values);
    by_rank.above = moments_of(all.subspan(static_cast<std::size_t>(above)), unit);
    by_rank.others = moments_of(all.first(static_cast<std::size_t>(above)), unit);
  }

  // Groups of the sides: cell times two, plus one with the overlay; the last two are for those
  // whose flag is missing and for those who are not looked at.
  void by_cell() {
    const auto r = s_.r_score.span();
    const auto f = s_.f_score.span();
    figures_.cells.resize(static_cast<std::size_t>(figures_.r_bins * figures_.f_bins));
    const bool has_sides =
        s_.customers.overlay && figures_.cells.size() <= static_cast<std::size_t>(kCellsMax);
    const auto apart = static_cast<std::uint8_t>(has_sides ? figures_.cells.size() * 2 : 0);
    std::vector<std::uint8_t> side(has_sides ? r.size() : 0, apart);
    const ColumnView* overlay = has_sides ? &s_.customers.overlay->view : nullptr;
    for (std::size_t row = 0; row < r.size(); ++row) {
      if (!looked_at(row)) continue;
      const auto cell = static_cast<std::size_t>((r[row] - 1) * figures_.f_bins + f[row] - 1);
      ++figures_.cells[cell];
      if (has_sides && overlay->is_valid(static_cast<std::int64_t>(row))) {
        const bool with = overlay->values<std::uint8_t>()[row] != 0;
        side[row] = static_cast<std::uint8_t>(cell * 2 + (with ? 1 : 0));
      }
    }
    if (!has_sides) return;
    const auto moments =
        summary::moments_by_group(s_.customers.monetary.view, side, apart + 1).groups;
    for (std::size_t cell = 0; cell < figures_.cells.size(); ++cell)
      figures_.sides.push_back({moments[cell * 2 + 1], moments[cell * 2]});
  }

  void by_consent() {
    if (!s_.customers.consent) return;
    const ColumnView& consent = s_.customers.consent->view;
    const auto flags = consent.values<std::uint8_t>();
    std::vector<std::uint8_t> side(flags.size(), 2);
    for (std::size_t row = 0; row < flags.size(); ++row) {
      const bool may = flags[row] != 0 && consent.is_valid(static_cast<std::int64_t>(row));
      if (looked_at(row)) side[row] = may ? 1 : 0;
    }
    figures_.consent = parts(side, 3);
  }

  void one_time() {
    const auto orders = s_.customers.orders();
    const auto monetary = s_.customers.value();
    for (std::size_t row = 0; row < orders.size(); ++row) {
      if (orders[row] != 1 || !looked_at(row)) continue;
      ++figures_.one_time_customers;
      figures_.one_time_value += monetary[row];
    }
  }

  const segments::Segmentation& s_;
  std::size_t segments_;
  std::vector<std::uint8_t> group_;  // segment, or `segments_` for one who is not looked at
  Figures figures_;
};

bool is_true(const ColumnView& flag, std::size_t row) {
  return flag.values<std::uint8_t>()[row] != 0 && flag.is_valid(static_cast<std::int64_t>(row));
}

// Medians of recency by group, one byte a customer.
std::vector<std::optional<double>> medians_of(const segments::Segmentation& segmentation,
                                              std::span<const std::uint8_t> group, int groups) {
  std::vector<std::optional<double>> medians;
  for (const auto& doubled :
       summary::medians_by_group(segmentation.customers.recency_days.view, group, groups).groups)
    medians.push_back(doubled ? std::optional(static_cast<double>(*doubled) / 2) : std::nullopt);
  return medians;
}

// The figures of the customers with the overlay.
Audience measure_overlay(const segments::Segmentation& segmentation, std::size_t segment_count) {
  Audience audience{std::vector<std::int64_t>(segment_count), std::vector<Int128>(segment_count)};
  const auto monetary = segmentation.customers.value();
  std::vector<std::uint8_t> outside(monetary.size(), 1), fixed(monetary.size(), 1);
  if (segmentation.customers.consent) audience.contactable = 0;
  for (std::size_t row = 0; row < monetary.size(); ++row) {
    if (!is_true(segmentation.customers.overlay->view, row)) continue;
    const std::size_t segment = segmentation.segment.span()[row];
    audience.value[segment] += monetary[row];
    ++audience.customers[segment];
    outside[row] = 0;
    if (segmentation.r_score.span()[row] > 1) fixed[row] = 0;
    if (audience.contactable && is_true(segmentation.customers.consent->view, row))
      ++*audience.contactable;
  }
  audience.median_recency_days = medians_of(segmentation, outside, 2)[0];
  audience.median_movable = medians_of(segmentation, fixed, 2)[0];
  return audience;
}

// The figures of all families at once: each customer is of one at most.
class FamilyAudiences {
 public:
  FamilyAudiences(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                  Audiences& audiences)
      : s_(segmentation), audiences_(audiences), segments_(rules.rules.size()) {
    for (const segments::Rule& rule : rules.rules) {
      const auto at = std::ranges::find(Audiences::families, rule.family);
      family_.push_back(static_cast<std::uint8_t>(at - Audiences::families.begin()));
    }
    for (Audience& audience : audiences.of_family) {
      audience.customers.resize(segments_);
      audience.value.resize(segments_);
      if (s_.customers.consent) audience.contactable = 0;
    }
  }

  void count() {
    std::vector<std::int64_t> customers(segments_), contactable(segments_);
    const auto segment = s_.segment.span();
    for (std::size_t row = 0; row < segment.size(); ++row) {
      ++customers[segment[row]];
      if (s_.customers.consent && is_true(s_.customers.consent->view, row))
        ++contactable[segment[row]];
    }
    const auto value =
        summary::sums_by_group(s_.customers.monetary.view, segment, static_cast<int>(segments_));
    for (std::size_t i = 0; i < segments_; ++i) {
      if (family_[i] == kFamilies) continue;
      Audience& audience = audiences_.of_family[family_[i]];
      audience.customers[i] = customers[i];
      audience.value[i] = value[i];
      if (audience.contactable) *audience.contactable += contactable[i];
    }
  }

  void set_medians() { set_medians(&Audience::median_recency_days, 1); }
  void set_movable_medians() { set_medians(&Audience::median_movable, 2); }

 private:
  static constexpr std::size_t kFamilies = Audiences::families.size();

  // Of the customers with that recency score at least.
  void set_medians(std::optional<double> Audience::* median, int r_score_min) {
    const auto segment = s_.segment.span();
    const auto r_score = s_.r_score.span();
    std::vector<std::uint8_t> group(segment.size());
    for (std::size_t row = 0; row < group.size(); ++row)
      group[row] = r_score[row] >= r_score_min ? family_[segment[row]] : std::uint8_t{kFamilies};
    const auto medians = medians_of(s_, group, static_cast<int>(kFamilies) + 1);
    for (std::size_t i = 0; i < kFamilies; ++i) audiences_.of_family[i].*median = medians[i];
  }

  const segments::Segmentation& s_;
  Audiences& audiences_;
  std::size_t segments_;
  std::vector<std::uint8_t> family_;  // by segment: its place in `families`, or their number
};

}  // namespace

Figures figures_of(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                   std::span<const std::uint8_t> selected, const Executor& executor) {
  return Counting(segmentation, rules, selected).run(executor);
}

Audiences audiences_of(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                       const Executor& executor) {
  Audiences audiences;
  const auto& overlay = segmentation.customers.overlay;
  audiences.money_scale = segmentation.customers.money_scale;
  if (overlay) audiences.overlay = overlay->name;
  FamilyAudiences families(segmentation, rules, audiences);
  executor(overlay ? 4 : 3, [&](std::int64_t task) {
    switch (task) {
      case 0: return families.count();
      case 1: return families.set_medians();
      case 2: return families.set_movable_medians();
      default: audiences.with_overlay = measure_overlay(segmentation, rules.rules.size());
    }
  });
  return audiences;
}

}  // namespace quintile::insights
