#pragma once

#include <string>
#include <vector>

#include "quintile/engine/sql/typed_rows.h"
#include "quintile/quality/review.h"

/// A review from counts. A table at an engine has no row numbers, so its findings have no examples.
namespace quintile::engine::sql {

struct ColumnTally {
  int missing = -1, unreadable = -1, least = -1, greatest = -1, sum = -1;  ///< in a `Tally`
};

/// What is asked of each column: missing and unreadable cells; of numbers and days the extremes,
/// and of numbers that attributes hold the sum.
[[nodiscard]] ColumnTally tally_column(Tally& tally, const TypedRows& rows, int index,
                                       std::string_view role, const Dialect& dialect);

[[nodiscard]] quality::ColumnProfile profile_of(const Tally& tally, const ColumnTally& column,
                                                const TypedRows& rows, int index, std::string role);

[[nodiscard]] quality::Finding finding(std::string check, std::string column,
                                       quality::Severity severity, std::int64_t rows,
                                       std::int64_t rows_read, quality::Decision decision,
                                       std::string reason);

[[nodiscard]] quality::Decision decision_of(quality::OnFail on_fail);

/// Errors: Input where all that was read is gone, with what the review found.
[[nodiscard]] std::unexpected<Error> nobody_left(const quality::Review& review);

/// Guards against sums that do not fit into the 64 bits of an engine.
/// Errors: Unsupported where `greatest` times `rows` may reach 2^63.
[[nodiscard]] Status sums_fit(std::int64_t greatest, std::int64_t rows);

/// An amount of 10^18 minor units or more.
[[nodiscard]] std::unexpected<Error> too_large(std::int64_t rows, const std::string& column);

/// How a text attribute's spellings that differ in case or blanks are unified: `changed` has those
/// that are written otherwise.
struct Spellings {
  std::vector<std::pair<std::string, std::string>> changed;
  std::int64_t texts = 0;
  std::vector<std::pair<std::string, std::int64_t>> top;  ///< ten at most; none of very many texts
  bool is_complete = true;  ///< false: more texts than are looked at, so none is changed
  std::optional<quality::Finding> finding;
};
[[nodiscard]] Result<Spellings> unify_spellings(Session& session, const TypedRows& rows, int index,
                                                std::int64_t rows_read);

/// `column` with the changed spellings in place.
[[nodiscard]] Sql respelled(const Sql& column, const Spellings& spellings, const Dialect& dialect);

}  // namespace quintile::engine::sql
