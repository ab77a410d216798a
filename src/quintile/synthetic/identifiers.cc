#include <algorithm>

#include <fmt/core.h>

#include "quintile/base/check.h"
#include "quintile/synthetic/distributions_internal.h"
#include "quintile/synthetic/identifiers_internal.h"

namespace quintile::synthetic {

namespace {

// Poisson(10/9) given at least 2, in units of 1e-4, for sizes 2, 3, ..., 8: the chances that a
// number among 90,000 has when 100,000 are drawn.
constexpr std::array<std::uint16_t, 7> kSizeWeights = {6662, 2467, 685, 152, 28, 5, 1};

std::int64_t first_with_digits(int digits) {
  std::int64_t first = 1;
  for (int i = 1; i < digits; ++i) first *= 10;
  return first;
}

}  // namespace

Result<Identifiers> Identifiers::plan(std::int64_t rows, std::int64_t duplicated_ids,
                                      std::uint64_t seed) {
  QUINTILE_CHECK(rows >= 1);
  if (duplicated_ids < 0 || duplicated_ids > rows / 2) {
    return fail(ErrorCode::Usage,
                fmt::format("{} identifiers cannot occur more than once among {} rows",
                            duplicated_ids, rows),
                fmt::format("give --duplicated-ids between 0 and {}, half the rows", rows / 2));
  }
  SizeCounts groups{};
  std::int64_t repeated_rows = 0;
  for (std::int64_t i = 0; i < duplicated_ids; ++i) {
    const Block numbers = draw(seed, Stream::GroupSize, static_cast<std::uint64_t>(i));
    const std::size_t size = 2 + weighted(kSizeWeights, numbers[0]);
    ++groups[size];
    repeated_rows += static_cast<std::int64_t>(size);
  }
  for (std::size_t size = kGroupSizeMax; size > 2 && repeated_rows > rows; --size) {
    const std::int64_t smaller = std::min(groups[size], repeated_rows - rows);
    groups[size] -= smaller;
    groups[size - 1] += smaller;
    repeated_rows -= smaller;
  }
  return Identifiers(rows, groups, seed);
}

Identifiers::Identifiers(std::int64_t rows, const SizeCounts& groups, std::uint64_t seed)
    : groups_(groups),
      row_order_(static_cast<std::uint64_t>(rows), seed, Stream::RowOrder),
      id_order_(1, seed, Stream::IdOrder) {
  for (std::size_t size = 2; size <= kGroupSizeMax; ++size) {
    repetition_.ids += groups[size];
    repetition_.rows += groups[size] * static_cast<std::int64_t>(size);
    if (groups[size] > 0) repetition_.largest_group = static_cast<std::int64_t>(size);
  }
  repetition_.surplus_rows = repetition_.rows - repetition_.ids;
  const std::int64_t distinct = rows - repetition_.surplus_rows;
  while (9 * first_with_digits(digits_) < distinct) ++digits_;
  smallest_ = first_with_digits(digits_);
  id_order_ = Permutation(static_cast<std::uint64_t>(9 * smallest_), seed, Stream::IdOrder);
}

std::int64_t Identifiers::at(std::int64_t row) const {
  // Places 0, 1, ... hold the groups of two, then those of three, and so on; then the single rows.
  auto place = static_cast<std::int64_t>(row_order_.at(static_cast<std::uint64_t>(row)));
  std::int64_t id = 0;
  for (std::size_t size = 2; size <= kGroupSizeMax; ++size) {
    const auto rows_each = static_cast<std::int64_t>(size);
    if (place < groups_[size] * rows_each) {
      id += place / rows_each;
      return smallest_ + static_cast<std::int64_t>(id_order_.at(static_cast<std::uint64_t>(id)));
    }
    place -= groups_[size] * rows_each;
    id += groups_[size];
  }
  return smallest_ +
         static_cast<std::int64_t>(id_order_.at(static_cast<std::uint64_t>(id + place)));
}

bool Identifiers::is_repeated(std::int64_t row) const {
  return static_cast<std::int64_t>(row_order_.at(static_cast<std::uint64_t>(row))) <
         repetition_.rows;
}

}  // namespace quintile::synthetic
