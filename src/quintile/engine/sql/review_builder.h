#pragma once

#include <string>

#include "quintile/base/result.h"
#include "quintile/quality/review.h"

/// A review from counts. A table at an engine has no row numbers, so its findings have no examples.
namespace quintile::engine::sql {

/// A review while it is made.
class ReviewBuilder {
 public:
  /// A finding about some of the rows read, whose number `review.rows` is.
  [[nodiscard]] quality::Finding finding(std::string check, std::string column,
                                         quality::Severity severity, std::int64_t rows,
                                         quality::Decision decision, std::string reason) const;
  void add(quality::Finding found) { review.findings.push_back(std::move(found)); }
  /// Such a finding, unless it is about no rows.
  void add(std::int64_t rows, std::string check, std::string column, quality::Severity severity,
           quality::Decision decision, std::string reason);
  /// A step of the waterfall, unless it took out no rows.
  void take_out(std::string_view step, std::int64_t rows, Int128 monetary);

  quality::Review review;
};

[[nodiscard]] quality::Decision decision_of(quality::OnFail on_fail);

/// Errors: Input where all that was read is gone, with what the review found.
[[nodiscard]] std::unexpected<Error> nobody_left(const quality::Review& review);

/// Guards against sums that do not fit into the 64 bits of an engine.
/// Errors: Unsupported where `greatest` times `rows` may reach 2^63.
[[nodiscard]] Status sums_fit(std::int64_t greatest, std::int64_t rows);

/// An amount of 10^18 minor units or more.
[[nodiscard]] std::unexpected<Error> too_large(std::int64_t rows, const std::string& column);

}  // namespace quintile::engine::sql
