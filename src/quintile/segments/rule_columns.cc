#include "quintile/segments/rule_columns.h"

#include <algorithm>

#include "quintile/base/check.h"

namespace quintile::segments {
namespace {

ColumnView view_of(const table::Buffer<rfm::Score>& scores) {
  return {
      .type = Type::Integer, .layout = Layout::Int8, .size = scores.size(), .data = scores.data()};
}

bool mention(const RuleSet& rules, std::string_view field) {
  return std::ranges::any_of(rules.rules, [&](const Rule& rule) {
    if (!rule.when) return false;
    const auto fields = expression::fields_of(*rule.when);
    return std::ranges::find(fields, field) != fields.end();
  });
}

}  // namespace

RuleColumns::RuleColumns(const Segmentation& segmentation, const RuleSet& rules)
    : segmentation_(segmentation) {
  if (mention(rules, "tenure_days")) {
    tenure_days_ = customers::tenure_days(segmentation.customers, segmentation.analysis_day);
  }
  if (mention(rules, "rfm_total")) {
    const std::int64_t rows = segmentation.r_score.size();
    rfm_total_ = table::Buffer<rfm::Score>(rows);
    for (std::int64_t row = 0; row < rows; ++row) {
      rfm_total_[row] = static_cast<rfm::Score>(
          segmentation.r_score[row] + segmentation.f_score[row] + segmentation.m_score[row]);
    }
  }
}

std::optional<ColumnView> RuleColumns::find(std::string_view field) const {
  if (field == "r_score") return view_of(segmentation_.r_score);
  if (field == "f_score") return view_of(segmentation_.f_score);
  if (field == "m_score") return view_of(segmentation_.m_score);
  if (field == "rfm_total") return view_of(rfm_total_);
  if (field == "tenure_days")
    return tenure_days_ ? std::optional(tenure_days_->view) : std::nullopt;
  const table::Column* column = segmentation_.customers.find(field);
  return column != nullptr ? std::optional(column->view) : std::nullopt;
}

expression::Columns RuleColumns::columns() const {
  return [this](std::string_view field) {
    const auto view = find(field);
    QUINTILE_CHECK(view.has_value());
    return *view;
  };
}

expression::FieldTypes RuleColumns::types() const {
  return [this](std::string_view field) -> std::optional<expression::FieldType> {
    const auto view = find(field);
    if (!view) return std::nullopt;
    return expression::FieldType::of(*view);
  };
}

std::vector<std::string> RuleColumns::names() const {
  std::vector<std::string> names(std::begin(kRuleFields), std::end(kRuleFields));
  const customers::Customers& customers = segmentation_.customers;
  if (!customers.first_purchase_date) std::erase(names, "tenure_days");
  if (customers.overlay) names.push_back(customers.overlay->name);
  for (const table::Column& attribute : customers.attributes) names.push_back(attribute.name);
  if (customers.consent) names.push_back(customers.consent->name);
  return names;
}

}  // namespace quintile::segments
