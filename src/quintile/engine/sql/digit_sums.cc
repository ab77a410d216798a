#include "quintile/engine/sql/digit_sums.h"

#include <algorithm>
#include <bit>

namespace quintile::engine::sql {

std::vector<Sql> DigitSums::digits(const Dialect& dialect, const Sql& x, std::uint64_t most) {
  const int count = std::max(1, (static_cast<int>(std::bit_width(most)) + kBits - 1) / kBits);
  const Sql base = Sql::number(std::int64_t{1} << kBits);
  std::vector<Sql> digits;
  for (int digit = 0; digit < count; ++digit) {
    const Sql rest =
        digit == 0 ? x : dialect.quotient(x, Sql::number(std::int64_t{1} << (digit * kBits)));
    digits.push_back(digit + 1 == count ? rest : dialect.modulo(rest, base));
  }
  return digits;
}

DigitSums::DigitSums(Tally& tally, const Dialect& dialect, const Column& column, Of of)
    : column_(column) {
  if (!column.is_always_there) count_ = tally.rows_where(sql("{} IS NOT NULL", column.x));
  const Sql distance =
      column.low == 0 ? column.x : sql("({} - {})", column.x, Sql::number(column.low));
  const std::vector<Sql> parts =
      digits(dialect, distance,
             static_cast<std::uint64_t>(column.high) - static_cast<std::uint64_t>(column.low));
  for (const Sql& part : parts) values_.push_back(tally.sum(part));
  if (of == Of::Values) return;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = i; j < parts.size(); ++j) {
      squares_.push_back(
          {static_cast<int>(i + j) * kBits, tally.sum(sql("{} * {}", parts[i], parts[j])), i != j});
    }
  }
}

summary::ExactSums DigitSums::sums(const Tally::Group& group) const {
  const auto value = [&](int number) {
    return static_cast<UInt128>(group.values[static_cast<std::size_t>(number)].value_or(0));
  };
  summary::ExactSums sums;
  sums.count = count_ < 0 ? group.rows : static_cast<std::int64_t>(value(count_));
  for (std::size_t digit = 0; digit < values_.size(); ++digit)
    sums.sum += value(values_[digit]) << (static_cast<int>(digit) * kBits);
  for (const Product& product : squares_) {
    // A sum of products has 63 bits and its place is up to 96: the bits above 128 go apart.
    const UInt128 sum = value(product.number);
    for (int time = 0; time < (product.is_twice ? 2 : 1); ++time) {
      if (product.shift > 64)
        sums.squares_high += static_cast<std::uint64_t>(sum >> (128 - product.shift));
      sums.add_square(sum << product.shift);
    }
  }
  return sums;
}

Int128 DigitSums::total(const Tally::Group& group) const {
  const summary::ExactSums sums = this->sums(group);
  return static_cast<Int128>(sums.sum) + static_cast<Int128>(column_.low) * sums.count;
}

}  // namespace quintile::engine::sql
