#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/date.h"
#include "quintile/expression/expression.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/rule_application_internal.h"

/// Small runs for the tests of mart and report, made without reading a file.
namespace quintile::mart::testing {

struct SampleSpec {
  std::int64_t customers = 400;
  bool with_overlay = true, with_consent = true, with_attributes = true, with_dates = true;
  bool text_ids = false;
  std::string level = "Lisboa, \"velha\"";  ///< one of the cities: text that wants escaping
  int money_scale = 2;
  int more_attributes = 0;  ///< texts of 12 levels, whole numbers and reals in turn
};

/// Numbers that look random and are the same everywhere.
class Draw {
 public:
  std::int64_t below(std::int64_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_ = 42;
};

inline segments::Rule a_rule(std::string id, std::string name, segments::Family family,
                             const std::string& when) {
  segments::Rule rule;
  rule.id = std::move(id);
  rule.name = std::move(name);
  rule.family = family;
  if (!when.empty())
    rule.when = expression::parse(when, {"rules.yaml", 3, 11}, ErrorCode::Rules).value();
  rule.description = "What " + rule.name + " are.";
  rule.actions = {"Write to " + rule.name + ".", "Look again in a month."};
  rule.watchouts = {"Do not overdo it."};
  return rule;
}

inline segments::RuleSet sample_rules() {
  using segments::Family;
  segments::RuleSet rules;
  rules.name = "Five segments";
  rules.file = "segments/five.yaml";
  rules.digest = std::string(64, 'a');
  rules.rules = {a_rule("champions", "Champions", Family::Core, "r_score >= 4 and f_score >= 4"),
                 a_rule("promising", "Promising", Family::Growing, "r_score >= 4"),
                 a_rule("at_risk", "At risk", Family::Slipping, "f_score >= 3 and r_score <= 3"),
                 a_rule("nobody", "Nobody", Family::Slipping, "recency_days < 0"),
                 a_rule("asleep", "Asleep", Family::Dormant, "")};
  return rules;
}

inline table::Column a_further_attribute(int place, std::int64_t rows, Draw& draw) {
  const std::string name = "attribute_" + std::to_string(place);
  if (place % 3 == 0) {
    table::Buffer<std::int32_t> codes(rows);
    for (std::int64_t i = 0; i < rows; ++i) codes[i] = static_cast<std::int32_t>(draw.below(12));
    std::vector<std::string> levels;
    for (char level = 'a'; level < 'a' + 12; ++level) levels.emplace_back(1, level);
    return table::Column::codes(name, std::move(codes), table::Dictionary::of(std::move(levels)));
  }
  if (place % 3 == 1) {
    table::Buffer<std::int64_t> values(rows);
    for (std::int64_t i = 0; i < rows; ++i) values[i] = draw.below(100'000);
    return table::Column::integers(name, std::move(values));
  }
  table::Buffer<double> values(rows);
  for (std::int64_t i = 0; i < rows; ++i)
    values[i] = static_cast<double>(draw.below(1'000'000)) / 1e6;
  return table::Column::reals(name, std::move(values));
}

inline customers::Customers sample_customers(const SampleSpec& spec, Draw& draw) {
  using table::Buffer;
  using table::Column;
  const std::int64_t n = spec.customers;
  Buffer<std::int64_t> ids(n), orders(n), money(n), average(n), age(n);
  Buffer<std::int32_t> recency(n), first(n), last(n), city(n);
  Buffer<std::uint8_t> age_known(n), premium(n), consent(n);
  std::vector<std::string> text_ids;
  const std::int32_t today = to_day_number(*parse_iso_date("2023-11-15"));
  for (std::int64_t i = 0; i < n; ++i) {
    ids[i] = 90'000 - 7 * i;
    text_ids.push_back("00" + std::to_string(i) + "|x");
    recency[i] = static_cast<std::int32_t>(draw.below(700));
    orders[i] = 1 + draw.below(30) * draw.below(2);
    money[i] = orders[i] * (100 + draw.below(20'000));
    average[i] = static_cast<std::int64_t>(divide_half_up(money[i], orders[i]));
    last[i] = today - recency[i];
    first[i] = last[i] - static_cast<std::int32_t>(draw.below(900));
    age[i] = 18 + draw.below(60);
    age_known[i] = draw.below(10) > 0;
    city[i] = static_cast<std::int32_t>(draw.below(3));
    premium[i] = draw.below(3) == 0;
    consent[i] = draw.below(4) > 0;
  }
  customers::Customers c;
  c.size = n;
  c.money_scale = spec.money_scale;
  c.source_customer_id = spec.text_ids ? Column::of_texts("source_customer_id", text_ids)
                                       : Column::integers("source_customer_id", std::move(ids));
  if (spec.text_ids) {
    // As views, the way identifiers are read.
    Buffer<std::string_view> views(n);
    auto owned = std::make_shared<const std::vector<std::string>>(text_ids);
    for (std::int64_t i = 0; i < n; ++i) views[i] = (*owned)[static_cast<std::size_t>(i)];
    c.source_customer_id = Column::texts("source_customer_id", std::move(views), owned);
  }
  if (spec.with_attributes) {
    c.attributes.push_back(Column::integers("age", std::move(age), std::move(age_known)));
    c.attributes.push_back(table::with_sorted_dictionary(
        Column::codes("city", std::move(city),
                      table::Dictionary::of({"Oslo", spec.level, "<script>alert(1)</script>"}))));
  }
  for (int attribute = 0; attribute < spec.more_attributes; ++attribute)
    c.attributes.push_back(a_further_attribute(attribute, n, draw));
  if (spec.with_overlay) c.overlay = Column::booleans("subscription", std::move(premium));
  if (spec.with_consent) c.consent = Column::booleans("marketing_opt_in", std::move(consent));
  if (spec.with_dates) {
    c.first_purchase_date = Column::dates("first_purchase_date", std::move(first));
    c.last_purchase_date = Column::dates("last_purchase_date", std::move(last));
  }
  c.recency_days = Column::days("recency_days", std::move(recency));
  c.frequency = Column::integers("frequency", std::move(orders));
  c.monetary = Column::decimals("monetary", spec.money_scale, std::move(money));
  c.average_order_value =
      Column::decimals("average_order_value", spec.money_scale, std::move(average));
  return c;
}

inline segments::Segmentation sample_segmentation(const SampleSpec& spec,
                                                  const segments::RuleSet& rules) {
  Draw draw;
  segments::Segmentation s;
  s.customers = sample_customers(spec, draw);
  s.analysis_day = to_day_number(*parse_iso_date("2023-11-15"));
  s.model.money_scale = spec.money_scale;
  const std::array<const table::Column*, 3> values = {
      &s.customers.recency_days, &s.customers.frequency, &s.customers.monetary};
  const std::array<table::Buffer<rfm::Score>*, 3> scores = {&s.r_score, &s.f_score, &s.m_score};
  for (const rfm::Metric metric : rfm::kMetrics) {
    const auto i = static_cast<std::size_t>(metric);
    std::vector<std::int64_t> numbers;
    for (std::int64_t row = 0; row < spec.customers; ++row)
      numbers.push_back(values[i]->view.integer(row));
    rfm::CutPoints& points = s.model.metrics[i];
    points.metric = metric;
    points.cuts = rfm::quantile_cuts(std::span<const std::int64_t>(numbers), 5).value();
    points.minimum = *std::min_element(numbers.begin(), numbers.end());
    points.maximum = *std::max_element(numbers.begin(), numbers.end());
    *scores[i] = table::Buffer<rfm::Score>(spec.customers);
    for (std::int64_t row = 0; row < spec.customers; ++row) {
      (*scores[i])[row] =
          static_cast<rfm::Score>(rfm::score_of(numbers[static_cast<std::size_t>(row)], points));
    }
  }
  const auto segment = apply_rules(s, rules);
  s.segment = table::Buffer<segments::SegmentIndex>(spec.customers);
  std::copy(segment.begin(), segment.end(), s.segment.begin());
  return s;
}

inline quality::Review sample_review(std::int64_t rows, std::int64_t quarantined, Int128 money) {
  quality::Review review;
  review.rows = rows;
  quality::ColumnProfile profile;
  profile.column = "total_spent";
  profile.role = "monetary";
  profile.type = "decimal";
  profile.rows = rows;
  profile.minimum = "1.00";
  profile.mean = 123.456;
  profile.top = {{"1.00", 2}};
  review.columns.push_back(profile);
  quality::Finding finding;
  finding.check = "duplicate_identifier";
  finding.column = "customer_id";
  finding.severity = quality::Severity::Error;
  finding.rows = 12;
  finding.share = Share{12.0 / static_cast<double>(rows)};
  finding.examples = {3, 7};
  finding.decision = quality::Decision::Regenerated;
  finding.reason = "ids that name several people cannot be keys";
  finding.details = {{"ids", std::int64_t{6}},
                     {"rows", std::int64_t{12}},
                     {"surplus_rows", std::int64_t{6}},
                     {"largest_group", std::int64_t{2}},
                     {"groups", std::vector<quality::Detail>{{"exact_copy", std::int64_t{0}},
                                                             {"profile_change", std::int64_t{0}},
                                                             {"longitudinal", std::int64_t{0}},
                                                             {"collision", std::int64_t{6}}}}};
  review.findings.push_back(finding);
  finding = {};
  finding.check = "date_order";
  finding.rows = quarantined;
  finding.decision = quality::Decision::Quarantined;
  finding.reason = "first purchase after the last";
  review.findings.push_back(finding);
  review.waterfall = {{"read", rows, money + 500},
                      {"date_order", quarantined, 500},
                      {"published", rows - quarantined, money}};
  return review;
}

/// A run of `spec.customers` customers and two quarantined rows.
inline Contents a_run(const SampleSpec& spec = {}) {
  Contents run;
  run.rules = sample_rules();
  run.segmentation = sample_segmentation(spec, run.rules);
  Manifest& manifest = run.manifest;
  manifest.version = "0.1.0";
  manifest.analysis_date = "2023-11-15";
  manifest.currency = "EUR";
  manifest.money_scale = spec.money_scale;
  manifest.rows_read = spec.customers + 2;
  manifest.rows_quarantined = 2;
  manifest.customers = spec.customers;
  manifest.inputs = {{"data/customers.csv", std::string(64, 'b'), 1234, spec.customers + 2}};
  manifest.detections = {{"delimiter", "comma", "5 in every line"}};
  manifest.plan_file = "plan.yaml";
  manifest.plan_json =
      R"({"version":1,"input":{"path":["data/customers.csv"],"currency":"EUR"},"bound":12.50})";
  manifest.rules_digest = run.rules.digest;
  for (const rfm::Metric metric : rfm::kMetrics) {
    manifest.ties.push_back({metric, 5, 5, {80, 80, 80, 80, spec.customers - 320}, 0.0125});
  }
  manifest.warnings = {"the rule nobody takes no customer"};
  run.origin.files = {{"data/customers.csv", 0, spec.customers + 2}};
  run.quarantine = {{1, "date_order", "first purchase after the last"},
                    {2, "date_order", "first purchase after the last"}};
  for (std::int64_t i = 0; i < spec.customers; ++i) {
    run.crosswalk.source_row.push_back(static_cast<std::uint32_t>(i == 0 ? 0 : i + 2));
    run.crosswalk.customer_id.push_back(static_cast<std::uint32_t>(spec.customers - i));
  }
  run.crosswalk_source_ids = run.segmentation.customers.source_customer_id;
  Int128 money = 0;
  for (const std::int64_t value : run.segmentation.customers.value()) money += value;
  run.review = sample_review(spec.customers + 2, 2, money);
  run.summary = summary::summarise(run.segmentation, run.rules, manifest.currency);
  insights::Insight insight;
  insight.id = "concentration";
  insight.claim = "A small share of customers holds a disproportionate share of value.";
  insight.verdict = insights::Verdict::Supported;
  insight.estimate = 0.625;
  insight.interval = std::array<double, 2>{0.6, 0.65};
  insight.threshold = 0.5;
  insight.evidence = {
      {"gini", 0.5}, {"whole", 3.0}, {"customers", std::int64_t{80}}, {"seeded", true}};
  run.insights = {insight};
  insights::Recommendation recommendation;
  recommendation.id = "protect_top";
  recommendation.title = "Protect the best";
  recommendation.segment_ids = {"champions"};
  recommendation.customers = 50;
  recommendation.monetary = 1234567;
  recommendation.median_recency_days = 41.5;
  recommendation.text = "Call the 50 of them.";
  recommendation.risk = "They may not pick up.";
  run.recommendations = {recommendation};
  return run;
}

}  // namespace quintile::mart::testing
