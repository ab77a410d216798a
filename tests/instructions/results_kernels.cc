#include <span>
#include <string_view>
#include <utility>

#include "quintile/base/order_statistics.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/parquet_packing_internal.h"
#include "quintile/rfm/score_metric.h"
#include "quintile/segments/assign.h"
#include "quintile/segments/linter.h"
#include "quintile/summary/figures.h"
#include "quintile/summary/sample_segmentation.h"

#include "kernels.h"

namespace quintile::instructions {

namespace {

segments::RuleSet rules_of(const std::vector<std::string>& conditions) {
  segments::RuleSet rules;
  for (const std::string& condition : conditions) {
    rules.rules.push_back({.id = "segment " + std::to_string(rules.rules.size()),
                           .when = *expression::parse(condition)});
  }
  rules.rules.push_back({.id = "others"});
  return rules;
}

void assign(const std::vector<std::string>& conditions) {
  const auto money = numbers(1'000'000);
  const segments::Assigner assigner(
      rules_of(conditions), {}, [&](std::string_view) { return view_of(money, Type::Decimal, 2); });
  std::vector<rfm::Score> r, f, m;
  for (const std::int64_t value : numbers(125)) {
    r.push_back(static_cast<rfm::Score>(1 + value % 5));
    f.push_back(static_cast<rfm::Score>(1 + value / 5 % 5));
    m.push_back(static_cast<rfm::Score>(1 + value / 25));
  }
  std::vector<segments::SegmentIndex> segments(r.size());
  measured([&] { assigner.assign({r, f, m}, 0, segments); });
}

/// Customers in four segments with two attributes, and rules that made them.
struct Segmented {
  segments::Segmentation segmentation;
  segments::RuleSet rules = summary::sample_rules({{"a", segments::Family::Core},
                                                   {"b", segments::Family::Growing},
                                                   {"c", segments::Family::Slipping},
                                                   {"d", segments::Family::Dormant}});
  Segmented() {
    std::vector<summary::SampleCustomer> all;
    const auto values = numbers(1'000'000);
    for (const std::int64_t value : values) {
      all.push_back({.segment = static_cast<int>(value % 4),
                     .recency_days = static_cast<int>(value % 700),
                     .frequency = 1 + value % 40,
                     .monetary = 100 + value});
    }
    segmentation = summary::sample_segmentation(all);
    customers::Customers& customers = segmentation.customers;
    customers.source_customer_id =
        table::Column::integers("customer", summary::buffer_of<std::int64_t>(values));
    const auto levels = numbers(40, 2), ages = numbers(63, 3);
    std::vector<std::string> texts;
    for (int level = 0; level < 40; ++level) texts.push_back("level " + std::to_string(level));
    customers.attributes.push_back(table::Column::codes(
        "city", summary::buffer_of<std::int32_t>(levels), table::Dictionary::of(std::move(texts))));
    customers.attributes.push_back(
        table::Column::integers("age", summary::buffer_of<std::int64_t>(ages)));
  }
};

}  // namespace

void add_results(Kernels& kernels) {
  kernels["base.order_statistics"] = [] {
    const auto values = numbers(1'000'000);
    const std::vector<std::int64_t> positions = {0, 5000, 10'000, 15'000, kRows - 1};
    measured([&] {
      static_cast<void>(order_statistics(std::span<const std::int64_t>(values), positions));
    });
  };
  kernels["rfm.score"] = [] {
    const auto values = numbers(1'000'000);
    const rfm::MetricSpec spec{.method = rfm::Method::Quantile, .bins = 5};
    measured([&] {
      static_cast<void>(rfm::score_metric(rfm::Metric::Monetary, view_of(values), spec, 2, {}));
    });
  };
  kernels["segments.assign"] = [] {
    assign({"r_score >= 4 and f_score >= 4", "r_score <= 2 and m_score >= 4"});
  };
  kernels["segments.assign.money"] = [] {
    assign({"r_score >= 4 and monetary >= 500", "r_score <= 2 and monetary >= 5000"});
  };
  kernels["segments.lint"] = [] {
    const segments::RuleSet rules =
        rules_of({"r_score >= 4 and f_score >= 4", "r_score <= 2 and m_score >= 4"});
    measured([&] { static_cast<void>(segments::lint(rules)); });
  };
  kernels["summary.figures"] = [] {
    const Segmented customers;
    measured(
        [&] { static_cast<void>(summary::figures_of(customers.segmentation, customers.rules)); });
  };
  kernels["mart.fingerprint"] = [] {
    const Segmented customers;
    measured(
        [&] { static_cast<void>(mart::fingerprint(customers.segmentation, customers.rules)); });
  };
  kernels["parquet.runs"] = [] {
    std::vector<std::uint16_t> codes;
    for (const std::int64_t value : numbers(500))
      codes.push_back(static_cast<std::uint16_t>(value));
    measured([&] {
      std::string out;
      mart::put_runs(out, std::span<const std::uint16_t>(codes), 9);
    });
  };
  kernels["parquet.deltas"] = [] {
    const auto values = numbers(1'000'000);
    measured([&] {
      std::string out;
      mart::put_deltas(out, std::span<const std::int64_t>(values));
    });
  };
}

}  // namespace quintile::instructions
