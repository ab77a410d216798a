#pragma once

#include <string>

#include "quintile/engine/sql/recording_session.h"
#include "quintile/plan/plan.h"

/// For tests: a plan of each grain with one of everything, and an engine that has four customers.
namespace quintile::engine::sql::testing {

inline expression::Expression parsed(std::string_view source) {
  return expression::parse(source).value();
}

inline segments::RuleSet sample_rules() {
  segments::RuleSet rules;
  rules.rules.push_back({.id = "champions",
                         .name = "Champions",
                         .when = parsed("r_score >= 4 and (f_score >= 4 or monetary > 150.555)")});
  rules.rules.push_back(
      {.id = "it's", .name = "Quoted", .when = parsed("tenure_days between 0 and 90")});
  rules.rules.push_back({.id = "others", .name = "Others"});
  return rules;
}

inline plan::Plan transaction_plan() {
  plan::Plan plan;
  plan.input.grain = plan::Grain::Transaction;
  plan.input.currency = "EUR";
  plan.input.columns.customer_id = "customer";
  plan.input.columns.order_id = "order no";
  plan.input.columns.order_date = "sold_at";
  plan.input.columns.quantity = "quantity";
  plan.input.columns.unit_price = "price";
  plan.input.attributes = {"country", "loyal"};
  plan.input.keep = parsed("not starts_with(order_id, \"C'\\\\\") and quantity > 0");
  plan.input.returns = plan::Returns{parsed("contains(`order no`, \"R\") or quantity < 0"), {}};
  plan.analysis_date = Date{std::chrono::days{20'000}};
  plan.review.checks.push_back({.id = "article",
                                .expect = parsed("not article in (\"POST\", \"D\")"),
                                .severity = quality::Severity::Info,
                                .on_fail = quality::OnFail::Quarantine});
  plan.review.ranges.push_back({"quantity", "-1000", "1000"});
  plan.segments = sample_rules();
  return plan;
}

inline plan::Plan customer_plan() {
  plan::Plan plan;
  plan.input.currency = "EUR";
  plan.input.columns.customer_id = "id";
  plan.input.columns.first_purchase_date = "first";
  plan.input.columns.last_purchase_date = "last";
  plan.input.columns.monetary = "total";
  plan.input.columns.average_order_value = "average";
  plan.input.attributes = {"country"};
  plan.input.overlay = "loyal";
  plan.analysis_date = Date{std::chrono::days{20'000}};
  plan.review.checks.push_back({.id = "dated", .expect = parsed("first >= 2000-02-29")});
  plan.segments = sample_rules();
  return plan;
}

inline Location sample_location(Product product) {
  return {product, "", {"shop", "sales lines"}, "", ""};
}

/// Answers as an engine with four customers and eight lines, in which everything is regular.
inline Result<Table> four_customers(const std::string& sql, std::size_t columns) {
  const auto has = [&sql](std::string_view part) { return sql.find(part) != std::string::npos; };
  const auto numbers = [columns](std::vector<std::int64_t> first) {
    std::vector<Cell> row(columns, Cell(std::int64_t{0}));
    for (std::size_t i = 0; i < first.size(); ++i) row[i] = first[i];
    return Table{row};
  };
  if (has("DESCRIBE") || has("information_schema") || has("INFORMATION_SCHEMA") ||
      has("pg_attribute") || has("system.columns")) {
    Table table;
    for (const auto& [name, type] :
         std::initializer_list<std::pair<const char*, const char*>>{{"customer", "VARCHAR"},
                                                                    {"order no", "VARCHAR"},
                                                                    {"sold_at", "TIMESTAMP"},
                                                                    {"quantity", "DECIMAL(9,1)"},
                                                                    {"price", "DECIMAL(18,2)"},
                                                                    {"country", "VARCHAR"},
                                                                    {"article", "VARCHAR"},
                                                                    {"loyal", "BOOLEAN"},
                                                                    {"id", "BIGINT"},
                                                                    {"first", "DATE"},
                                                                    {"last", "DATE"},
                                                                    {"total", "DECIMAL(18,2)"},
                                                                    {"average", "DOUBLE"}})
      table.push_back({std::string(name), std::string(type), Cell()});
    return table;
  }
  if (has("GROUP BY q_fate")) return numbers({0, has("q_exact") ? 8 : 4});
  if (has("GROUP BY q_has")) return numbers({1, 4, 0, 8});
  if (has("LIMIT"))
    return Table{{std::string("DE"), std::int64_t{5}}, {std::string("de"), std::int64_t{3}}};
  if (has("GROUP BY q_all")) return numbers({0, 4, 0, 90, 1, 7, 100, 9'000'000});
  if (has("GROUP BY q_cell")) return numbers({752, 4});  // others, scores 3 and 3, no overlay
  if (has("GROUP BY q_segment, q_level"))
    return Table{{std::int64_t{2}, std::string("DE"), std::int64_t{4}}};
  if (has("GROUP BY q_segment")) return numbers({2, 4});
  if (has("GROUP BY q_attribute")) return numbers({0, 1, 0});
  if (has("GROUP BY q_band")) return numbers({0, 4});
  if (has("q_low") && has("q_segment")) {
    return Table{{std::int64_t{0}, std::int64_t{10}, std::int64_t{0}, std::int64_t{4}},
                 {std::int64_t{1}, std::int64_t{2}, std::int64_t{1}, std::int64_t{4}},
                 {std::int64_t{2}, std::int64_t{2}, std::int64_t{100}, std::int64_t{4}},
                 {std::int64_t{3}, std::int64_t{-1}, std::int64_t{100}, std::int64_t{4}}};
  }
  if (has("q_low")) {
    Table table;
    for (std::int64_t metric = 0; metric < 3; ++metric)
      table.push_back(
          {metric, std::int64_t{-1}, std::int64_t{metric == 2 ? 100 : metric}, std::int64_t{4}});
    return table;
  }
  if (has("GROUP BY q_r")) return numbers({3, 3, 3, 4, 0});
  return numbers({});
}

}  // namespace quintile::engine::sql::testing
