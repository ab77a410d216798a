#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quintile/engine/sql/spellings.h"
#include "quintile/engine/sql/tally.h"

namespace quintile::engine::sql {

/// What is counted of every column that plays a role, as numbers of a `Tally`: missing and
/// unreadable cells; of numbers and days the extremes; of flags those that are set.
class ColumnCounts {
 public:
  /// `named` are columns with their roles, `needed` those without which a row is taken out.
  ColumnCounts(std::vector<std::pair<int, std::string>> named, std::vector<int> needed)
      : named_(std::move(named)), needed_(std::move(needed)) {}

  void count(Tally& tally, const TypedRows& rows);
  /// Errors: Input where a needed amount is beyond what an amount may be.
  [[nodiscard]] Status check_amounts(const Tally& tally, const TypedRows& rows) const;

  // What came back.
  [[nodiscard]] std::int64_t missing(const Tally& tally, int index) const;
  [[nodiscard]] std::int64_t unreadable(const Tally& tally, int index) const;

  /// Adds the profiles; `described` have `spellings` where they are texts.
  void tell(quality::Review& review, const Tally& tally, const TypedRows& rows,
            const std::vector<int>& described, const std::vector<Spellings>& spellings) const;

 private:
  struct Numbers {
    int missing = -1, unreadable = -1, least = -1, greatest = -1, sum = -1;
  };
  [[nodiscard]] quality::ColumnProfile profile(const Tally& tally, const TypedRows& rows, int index,
                                               const std::string& role) const;
  [[nodiscard]] const Numbers& of(int index) const {
    return numbers_[static_cast<std::size_t>(index)];
  }

  std::vector<std::pair<int, std::string>> named_;
  std::vector<int> needed_;
  std::vector<Numbers> numbers_;             ///< by column
  std::vector<std::pair<int, int>> beyond_;  ///< column and number
};

}  // namespace quintile::engine::sql
