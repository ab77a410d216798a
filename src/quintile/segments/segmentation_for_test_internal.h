#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "quintile/segments/segmentation.h"

namespace quintile::segments {

/// A customer by what rules may ask for.
struct ACustomer {
  std::int32_t recency_days = 10;
  std::int64_t frequency = 2;
  std::int64_t monetary = 10'000;  ///< cents
  bool premium = false;
  std::optional<std::int64_t> age = 30;
};

/// Scored by fixed bins: days 0-20-40-60-80, orders 1-2-4-6-, money 50-100-200-500. All came 400
/// days ago.
inline Segmentation a_segmentation(const std::vector<ACustomer>& customers,
                                   rfm::Method method = rfm::Method::Thresholds) {
  using table::Column;
  const auto size = static_cast<std::int64_t>(customers.size());
  table::Buffer<std::int32_t> recency(size), first(size);
  table::Buffer<std::int64_t> frequency(size), monetary(size), order_value(size), age(size);
  table::Buffer<std::uint8_t> premium(size), age_known(size);
  Segmentation s;
  s.model.metrics = {
      rfm::CutPoints{rfm::Metric::Recency, method, 5, {20, 40, 60, 80}, 0, 100},
      rfm::CutPoints{rfm::Metric::Frequency, method, 5, {1, 2, 4, 6}, 1, 10},
      rfm::CutPoints{
          rfm::Metric::Monetary, method, 5, {5'000, 10'000, 20'000, 50'000}, 0, 100'000}};
  for (auto* scores : {&s.r_score, &s.f_score, &s.m_score})
    *scores = table::Buffer<rfm::Score>(size);
  s.analysis_day = 20'000;
  for (std::int64_t i = 0; i < size; ++i) {
    const ACustomer& customer = customers[static_cast<std::size_t>(i)];
    recency[i] = customer.recency_days;
    first[i] = s.analysis_day - 400;
    frequency[i] = customer.frequency;
    monetary[i] = customer.monetary;
    order_value[i] = customer.monetary / customer.frequency;
    age[i] = customer.age.value_or(0);
    age_known[i] = customer.age.has_value();
    premium[i] = customer.premium;
    s.r_score[i] =
        static_cast<rfm::Score>(rfm::score_of(customer.recency_days, s.model.metrics[0]));
    s.f_score[i] = static_cast<rfm::Score>(rfm::score_of(customer.frequency, s.model.metrics[1]));
    s.m_score[i] = static_cast<rfm::Score>(rfm::score_of(customer.monetary, s.model.metrics[2]));
  }
  auto& c = s.customers;
  c.size = size;
  c.recency_days = Column::days("recency_days", std::move(recency));
  c.frequency = Column::integers("frequency", std::move(frequency));
  c.monetary = Column::decimals("monetary", 2, std::move(monetary));
  c.average_order_value = Column::decimals("average_order_value", 2, std::move(order_value));
  c.first_purchase_date = Column::dates("first_purchase_date", std::move(first));
  c.overlay = Column::booleans("subscription", std::move(premium));
  c.attributes.push_back(Column::integers("age", std::move(age), std::move(age_known)));
  return s;
}

}  // namespace quintile::segments
