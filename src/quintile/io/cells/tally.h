#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quintile/io/cells/date_text.h"
#include "quintile/io/cells/number.h"
#include "quintile/table/source.h"

namespace quintile::io {

/// What is the same for all columns of a request.
struct CellRules {
  std::optional<char> decimal;         ///< as the plan states it
  std::optional<int> money_scale;      ///< as the plan states it
  std::optional<DatePattern> pattern;  ///< none: auto
};

/// A row and its text, for messages about dates.
struct Example {
  std::int64_t row = -1;
  std::string text;
  void see(std::int64_t at, std::string_view what);
  void merge(const Example& other);
};

/// What the cells of a column look like, whatever they are read as.
struct Tally {
  std::array<std::int64_t, kNumberForms> numbers{};
  std::array<std::int64_t, kDateForms> dates{};
  std::array<std::int64_t, 8>
      fraction_digits{};   ///< of numbers that are not of a "three" form; 7: seven and more
  std::int64_t timed = 0;  ///< dates with a time of day
  std::int64_t booleans = 0;
  std::int64_t others = 0;
  int scale_needed = 0;         ///< at most 6; of numbers that are not of a "three" form
  int scale_needed_three = 0;   ///< of PointThree and CommaThree
  std::uint64_t magnitude = 0;  ///< the bits of all whole numbers without their signs, joined
  std::int64_t distinct = 0;    ///< of a sample: texts that differ, counted in its parts
  std::int64_t too_large = -1;  ///< first row whose amount goes beyond the limit
  Example day_first, month_first, either_order;

  [[nodiscard]] std::int64_t number_count() const;
  [[nodiscard]] std::int64_t date_count() const;
  [[nodiscard]] std::int64_t values() const;  ///< cells that are not blank
  void merge(const Tally& other);
};

/// Counts what one trimmed cell that is not blank looks like, `weight` times.
void count_cell(table::Reading reading, std::string_view text, std::int64_t row,
                std::int64_t weight, const CellRules& rules, Tally& tally);

}  // namespace quintile::io
