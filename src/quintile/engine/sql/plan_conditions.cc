#include "quintile/engine/sql/plan_conditions.h"

#include <fmt/format.h>

#include "quintile/quality/attribute_checks.h"

namespace quintile::engine::sql {

namespace {

using quality::Decision;
using quality::Severity;

Sql flag(const Sql& condition) { return sql("CASE WHEN {} THEN 1 ELSE 0 END", condition); }
Sql numbered(std::size_t i) { return Sql::number(static_cast<std::int64_t>(i)); }
Sql is_outside(std::size_t range) { return sql("q_out{} = 1", numbered(range)); }

}  // namespace

Result<PlanConditions> PlanConditions::of(const quality::ReviewSpec& spec, const TypedRows& rows,
                                          const NamedFields& fields, const Dialect& dialect) {
  PlanConditions conditions;
  conditions.checks_ = spec.checks;
  conditions.ranges_ = spec.ranges;
  for (const quality::Check& check : spec.checks) {
    QUINTILE_TRY(const Sql expected, translate(check.expect, fields.find, fields.names, dialect));
    conditions.breaks_.push_back(sql("NOT {}", expected));
  }
  const std::vector<std::string_view> names(fields.names.begin(), fields.names.end());
  for (const auto& range : spec.ranges) {
    QUINTILE_TRY(const int index, quality::column_of(range, names));
    QUINTILE_TRY(const Sql beyond, outside(rows.field(index, false, dialect), range, dialect));
    conditions.range_columns_.push_back(index);
    conditions.outside_.push_back(beyond);
  }
  return conditions;
}

std::vector<Sql> PlanConditions::columns() const {
  std::vector<Sql> columns;
  for (std::size_t c = 0; c < breaks_.size(); ++c)
    columns.push_back(sql("{} AS q_check{}", flag(breaks_[c]), numbered(c)));
  for (std::size_t r = 0; r < outside_.size(); ++r)
    columns.push_back(sql("{} AS q_out{}", flag(outside_[r]), numbered(r)));
  return columns;
}

Sql PlanConditions::breaks(std::size_t check) const {
  return sql("q_check{} = 1", numbered(check));
}

std::vector<Sql> PlanConditions::outside_of(const std::vector<int>& columns) const {
  std::vector<Sql> any;
  for (std::size_t r = 0; r < range_columns_.size(); ++r) {
    if (contains(columns, range_columns_[r])) any.push_back(is_outside(r));
  }
  return any;
}

Sql PlanConditions::usable(const TypedRows& rows, int index) const {
  const std::vector<Sql> any = outside_of({index});
  if (any.empty()) return rows.value(index);
  return sql("CASE WHEN {} THEN NULL ELSE {} END", Sql::join(any, Separator::Or),
             rows.value(index));
}

void PlanConditions::count(Tally& tally) {
  broken_.clear();
  out_.clear();
  for (std::size_t c = 0; c < breaks_.size(); ++c) broken_.push_back(tally.rows_where(breaks(c)));
  for (std::size_t r = 0; r < outside_.size(); ++r) out_.push_back(tally.rows_where(is_outside(r)));
}

void PlanConditions::tell_ranges(ReviewBuilder& review, const Tally& tally,
                                 const std::vector<int>& needed) const {
  for (std::size_t r = 0; r < out_.size(); ++r) {
    const auto& range = ranges_[r];
    const bool is_needed = contains(needed, range_columns_[r]);
    review.add(tally.count(out_[r]), "out_of_range", range.column,
               is_needed ? Severity::Error : Severity::Warning,
               is_needed ? Decision::Quarantined : Decision::Removed,
               fmt::format("outside {} to {}{}", range.low, range.high,
                           is_needed ? "" : "; the value was left empty"));
  }
}

void PlanConditions::tell_checks(ReviewBuilder& review, const Tally& tally) const {
  for (std::size_t c = 0; c < broken_.size(); ++c) {
    const quality::Check& check = checks_[c];
    const auto fields = expression::fields_of(check.expect);
    review.add(tally.count(broken_[c]), check.id, fields.size() == 1 ? fields[0] : "",
               check.severity, decision_of(check.on_fail),
               "the plan expects: " + check.expect.source);
  }
}

}  // namespace quintile::engine::sql
