#pragma once

#include <vector>

#include "quintile/engine/sql/review_builder.h"
#include "quintile/engine/sql/tally.h"
#include "quintile/engine/sql/typed_rows.h"

namespace quintile::engine::sql {

/// The plan's own checks and ranges over the input's rows: as columns, as counts, as findings.
class PlanConditions {
 public:
  /// Errors: Plan for an expression or a range that does not fit the columns; Unsupported.
  [[nodiscard]] static Result<PlanConditions> of(const quality::ReviewSpec& spec,
                                                 const TypedRows& rows, const NamedFields& fields,
                                                 const Dialect& dialect);

  /// 1 in `q_check0`, ... where a row breaks the plan's check, and in `q_out0`, ... where it lies
  /// outside of the plan's range: in terms of the rows' columns.
  [[nodiscard]] std::vector<Sql> columns() const;

  // In terms of a query with these columns too.
  [[nodiscard]] Sql breaks(std::size_t check) const;
  /// One condition for each range of these columns: the row lies outside.
  [[nodiscard]] std::vector<Sql> outside_of(const std::vector<int>& columns) const;
  /// A column's value, none where it is out of range.
  [[nodiscard]] Sql usable(const TypedRows& rows, int index) const;
  /// Adds to `tally` what `tell_ranges` and `tell_checks` need.
  void count(Tally& tally);

  /// `needed` are the columns without which a row is taken out.
  void tell_ranges(ReviewBuilder& review, const Tally& tally, const std::vector<int>& needed) const;
  void tell_checks(ReviewBuilder& review, const Tally& tally) const;

 private:
  std::vector<quality::Check> checks_;
  std::vector<quality::ReviewSpec::Range> ranges_;
  std::vector<Sql> breaks_, outside_;  ///< by check, by range
  std::vector<int> range_columns_;
  std::vector<int> broken_, out_;  ///< in a `Tally`
};

}  // namespace quintile::engine::sql
