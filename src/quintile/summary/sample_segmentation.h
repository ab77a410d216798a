#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quintile/segments/segmentation.h"

/// A segmentation written out by hand, for tests of the modules above. Money is in cents.
namespace quintile::summary {

template <typename T, typename Values>
[[nodiscard]] table::Buffer<T> buffer_of(const Values& values) {
  table::Buffer<T> buffer(static_cast<std::int64_t>(values.size()));
  std::int64_t i = 0;
  for (const auto& value : values) buffer[i++] = static_cast<T>(value);
  return buffer;
}

/// One customer; scores follow from nothing and are as given.
struct SampleCustomer {
  int segment = 0;
  int recency_days = 10;
  std::int64_t frequency = 1;
  std::int64_t monetary = 1000;
  int r_score = 3, f_score = 3, m_score = 3;
  std::optional<bool> overlay = false, consent = true;
};

/// Scored in five bins, with recency cuts at 20, 40, 60 and 80 days.
[[nodiscard]] inline segments::Segmentation sample_segmentation(
    const std::vector<SampleCustomer>& all) {
  const auto column = [&](auto type, auto field) {
    std::vector<decltype(type)> values;
    for (const SampleCustomer& one : all) values.push_back(static_cast<decltype(type)>(field(one)));
    return buffer_of<decltype(type)>(values);
  };
  const auto flags = [&](std::string name, std::optional<bool> SampleCustomer::* flag) {
    return table::Column::booleans(
        std::move(name),
        column(std::uint8_t{}, [&](const auto& c) { return (c.*flag).value_or(false); }),
        column(std::uint8_t{}, [&](const auto& c) { return (c.*flag).has_value(); }));
  };
  segments::Segmentation result;
  customers::Customers& customers = result.customers;
  customers.size = static_cast<std::int64_t>(all.size());
  customers.recency_days = table::Column::days(
      "recency_days", column(std::int32_t{}, [](const auto& c) { return c.recency_days; }));
  customers.frequency = table::Column::integers(
      "frequency", column(std::int64_t{}, [](const auto& c) { return c.frequency; }));
  customers.monetary = table::Column::decimals(
      "monetary", 2, column(std::int64_t{}, [](const auto& c) { return c.monetary; }));
  customers.average_order_value = table::Column::decimals(
      "average_order_value", 2,
      column(std::int64_t{}, [](const auto& c) { return c.monetary / c.frequency; }));
  customers.overlay = flags("premium", &SampleCustomer::overlay);
  customers.consent = flags("consent", &SampleCustomer::consent);
  result.r_score = column(rfm::Score{}, [](const auto& c) { return c.r_score; });
  result.f_score = column(rfm::Score{}, [](const auto& c) { return c.f_score; });
  result.m_score = column(rfm::Score{}, [](const auto& c) { return c.m_score; });
  result.segment = column(segments::SegmentIndex{}, [](const auto& c) { return c.segment; });
  for (const rfm::Metric metric : rfm::kMetrics) {
    result.model.metrics[static_cast<std::size_t>(metric)] = {
        metric, rfm::Method::Quantile, 5, {20, 40, 60, 80}, 0, 100};
  }
  return result;
}

/// Rules by id, each of a family; conditions are beside the point once customers have segments.
[[nodiscard]] inline segments::RuleSet sample_rules(
    const std::vector<std::pair<std::string, segments::Family>>& rules) {
  segments::RuleSet set;
  for (const auto& [id, family] : rules) {
    set.rules.push_back({.id = id, .name = "Segment " + id, .family = family});
  }
  return set;
}

/// The same numbers on every machine (Steele, Lea and Flood 2014, SplitMix64).
class SampleRandom {
 public:
  explicit SampleRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to below - 1.
  int below(int limit) { return static_cast<int>(next() % static_cast<std::uint64_t>(limit)); }
  /// 0 to 1.
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  /// Standard normal (Box and Muller).
  double normal() {
    return std::sqrt(-2 * std::log(1 - unit())) * std::cos(6.283185307179586 * unit());
  }

 private:
  std::uint64_t state_;
};

}  // namespace quintile::summary
