#pragma once

#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/engine/sql/session.h"

/// Does an engine mean by our SQL what we mean?
namespace quintile::engine::sql {

/// One question to the engine whose answer is known.
struct ConformanceCheck {
  std::string name;      ///< "day_over_leap_day": names it in messages and manifests
  std::string expected;  ///< the rows of the answer, separated by blanks
  std::string got;       ///< the same, or the engine's own message

  [[nodiscard]] bool ok() const { return got == expected; }
  friend bool operator==(const ConformanceCheck&, const ConformanceCheck&) = default;
};

/// Asks all questions, each of constants alone: whole numbers up to 64 bits, days, MD5, the order
/// of text by its bytes, missing values, exact counts and sums, ties. An engine that answers one of
/// them otherwise would give other customers, scores or segments. An answer that the engine cannot
/// give is a check that is not ok. Errors: Cancelled; the engine's own where it answers no more.
[[nodiscard]] Result<std::vector<ConformanceCheck>> check_answers(Session& session);

/// Makes a table of one row, reads it, drops it and looks whether it is gone. Errors: as above.
[[nodiscard]] Result<ConformanceCheck> check_tables(Session& session);

}  // namespace quintile::engine::sql
