#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/io/cells/column_reader.h"
#include "quintile/table/column.h"

namespace quintile::io {

using table::Reading;
using Type = NativeCells::Type;

namespace {

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr double kWholeMax =
    1e15;  // below it whole doubles have one shortest text, without exponent

bool is_number(Type type) {
  return type == Type::Integer || type == Type::Decimal || type == Type::Real;
}

std::string real_text(double value) {
  if (value == std::trunc(value) && std::abs(value) < kWholeMax)
    return std::to_string(static_cast<std::int64_t>(value));
  return fmt::format("{}", value);
}

/// A double as decimal digits: as in its shortest text.
struct Shortest {
  bool finite = false;
  std::int64_t unscaled = 0;
  int scale = 0;
  bool fits = true;  ///< false: the digits are too many for 64 bits; read the text
};
Shortest shortest(double value) {
  if (!std::isfinite(value)) return {};
  // Up to 15 digits decimal texts and doubles are one to one, so digits that give the double back
  // are its shortest.
  constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  for (int scale = 0; scale < 7; ++scale) {
    const double scaled = std::nearbyint(value * kPowers[scale]);
    if (std::abs(scaled) >= kWholeMax) break;
    if (scaled / kPowers[scale] == value)
      return {.finite = true, .unscaled = static_cast<std::int64_t>(scaled), .scale = scale};
  }
  const NumberText look = look_at_number(real_text(value));
  if (look.too_long || look.fraction_digits < 0 || look.fraction_digits > 18)
    return {.finite = true, .fits = false};
  const auto digits = static_cast<std::int64_t>(look.digits);
  return {
      .finite = true, .unscaled = look.negative ? -digits : digits, .scale = look.fraction_digits};
}

int scale_needed(std::int64_t unscaled, int scale) {
  if (unscaled == 0) return 0;
  while (scale > 0 && unscaled % 10 == 0) {
    unscaled /= 10;
    --scale;
  }
  return scale;
}

void count_number(Reading reading, std::int64_t unscaled, int scale, Tally& tally) {
  constexpr int kQuantityScaleMax = 6;
  // A native number's mark is certain, so none is of a "three" form.
  const bool whole =
      reading == Reading::Identifier ? scale_needed(unscaled, scale) == 0 : scale == 0;
  ++tally.numbers[static_cast<std::size_t>(whole ? NumberForm::PlainWhole
                                                 : NumberForm::PointNumber)];
  ++tally.fraction_digits[static_cast<std::size_t>(std::min(scale, 7))];
  const int needed = scale_needed(unscaled, scale);
  if (needed <= kQuantityScaleMax) tally.scale_needed = std::max(tally.scale_needed, needed);
}

bool takes_numbers(Reading reading) {
  return reading == Reading::Inferred || reading == Reading::Identifier ||
         reading == Reading::Money || reading == Reading::Count || reading == Reading::Quantity;
}

}  // namespace

std::string NativeCells::text(std::int64_t i) const {
  switch (type) {
    case Type::Boolean: return at<std::uint8_t>(i) != 0 ? "true" : "false";
    case Type::Integer: return std::to_string(at<std::int64_t>(i));
    case Type::Decimal: return decimal_to_string(at<std::int64_t>(i), scale);
    case Type::Real: return real_text(at<double>(i));
    case Type::Date: {
      const std::int32_t day = at<std::int32_t>(i);
      return day < kDayNumberMin || day > kDayNumberMax ? std::string("beyond year 9999")
                                                        : day_to_string(day);
    }
    case Type::Timestamp: {
      const std::int64_t moment = at<std::int64_t>(i);
      const auto day = static_cast<std::int64_t>(divide_floor(moment, kDayUs));
      if (day < kDayNumberMin || day > kDayNumberMax) return "beyond year 9999";
      table::Buffer<std::int64_t> one(1);
      one[0] = moment;
      return table::Column::timestamps("", std::move(one)).cell(0);
    }
  }
  return "";
}

bool count_native(Reading reading, const NativeCells& cells, Tally& tally) {
  const bool dates = cells.type == Type::Date || cells.type == Type::Timestamp;
  if (is_number(cells.type) ? !takes_numbers(reading)
      : dates
          ? reading != Reading::Inferred && reading != Reading::Day && reading != Reading::Moment
          : reading != Reading::Inferred && reading != Reading::Flag) {
    return false;
  }
  for (std::int64_t i = 0; i < cells.size; ++i) {
    if (!cells.is_valid(i)) continue;
    if (dates) {
      ++tally.dates[static_cast<std::size_t>(DateForm::YearFirst)];
      tally.timed += cells.type == Type::Timestamp ? 1 : 0;
    } else if (cells.type == Type::Boolean) {
      ++tally.booleans;
    } else if (cells.type == Type::Real) {
      const Shortest number = shortest(cells.at<double>(i));
      if (!number.finite) {
        ++tally.others;
      } else if (!number.fits) {
        ++tally.numbers[static_cast<std::size_t>(NumberForm::Exponent)];
      } else {
        count_number(reading, number.unscaled, number.scale, tally);
      }
    } else {
      count_number(reading, cells.at<std::int64_t>(i), cells.scale, tally);
    }
  }
  return true;
}

namespace {

/// What a number is in a column of whole numbers or decimals at `scale`.
Scaled scaled_number(const NativeCells& cells, std::int64_t i, int scale) {
  Shortest number{.finite = true, .unscaled = 0, .scale = cells.scale};
  if (cells.type == Type::Real) {
    number = shortest(cells.at<double>(i));
    if (!number.finite) return {};
    if (!number.fits)
      return scale_number(look_at_number(real_text(cells.at<double>(i))), scale, '.');
  } else {
    number.unscaled = cells.at<std::int64_t>(i);
  }
  std::int64_t value = number.unscaled;
  for (; number.scale < scale; ++number.scale) {
    if (__builtin_mul_overflow(value, 10, &value)) return {.fit = Fit::TooLarge};
  }
  for (; number.scale > scale; --number.scale) {
    if (value % 10 != 0) return {};
    value /= 10;
  }
  return {.fit = Fit::Fits, .unscaled = value};
}

}  // namespace

bool ColumnReader::read_native(const NativeCells& cells, std::int64_t row) {
  const bool numbers =
      is_number(cells.type) && takes_numbers(plan_.reading) &&
      (plan_.kind == Kind::Integer || plan_.kind == Kind::Decimal || plan_.kind == Kind::Real);
  const bool dates = (cells.type == Type::Date || cells.type == Type::Timestamp) &&
                     (plan_.kind == Kind::Date || plan_.kind == Kind::Timestamp);
  const bool booleans = cells.type == Type::Boolean && plan_.kind == Kind::Boolean;
  if (!numbers && !dates && !booleans) return false;
  if (!count_native(plan_.reading, cells, tally_)) return false;

  const auto put = [&]<typename T>(auto value_of) {
    T* const out = target<T>(row);
    for (std::int64_t i = 0; i < cells.size; ++i) {
      out[i] = 0;
      if (!cells.is_valid(i)) {
        missing.push_back(row + i);
      } else if (const std::optional<T> value = value_of(i)) {
        out[i] = *value;
      } else {
        unreadable.push_back(row + i);
      }
    }
  };
  const bool money = plan_.reading == Reading::Money;
  const auto scaled = [&](std::int64_t i) -> std::optional<std::int64_t> {
    const Scaled number = scaled_number(cells, i, plan_.kind == Kind::Decimal ? plan_.scale : 0);
    const bool beyond = number.fit == Fit::TooLarge || number.unscaled >= kMoneyLimit ||
                        number.unscaled <= -kMoneyLimit;
    if (beyond && money && (tally_.too_large < 0 || row + i < tally_.too_large))
      tally_.too_large = row + i;
    if (number.fit != Fit::Fits || (beyond && plan_.kind == Kind::Decimal)) return std::nullopt;
    return number.unscaled;
  };
  const auto real = [&](std::int64_t i) -> std::optional<double> {
    if (cells.type == Type::Real)
      return std::isfinite(cells.at<double>(i)) ? std::optional(cells.at<double>(i)) : std::nullopt;
    return static_cast<double>(cells.at<std::int64_t>(i)) / std::pow(10.0, cells.scale);
  };
  const auto day = [&](std::int64_t i) -> std::optional<std::int32_t> {
    const std::int64_t days =
        cells.type == Type::Date
            ? cells.at<std::int32_t>(i)
            : static_cast<std::int64_t>(divide_floor(cells.at<std::int64_t>(i), kDayUs));
    if (days < kDayNumberMin || days > kDayNumberMax) return std::nullopt;
    return static_cast<std::int32_t>(days);
  };
  const auto moment = [&](std::int64_t i) -> std::optional<std::int64_t> {
    const auto days = day(i);
    if (!days) return std::nullopt;
    return cells.type == Type::Date ? *days * kDayUs : cells.at<std::int64_t>(i);
  };
  const auto truth = [&](std::int64_t i) -> std::optional<std::uint8_t> {
    return cells.at<std::uint8_t>(i);
  };

  switch (plan_.kind) {
    case Kind::Boolean: put.template operator()<std::uint8_t>(truth); break;
    case Kind::Real: put.template operator()<double>(real); break;
    case Kind::Date: put.template operator()<std::int32_t>(day); break;
    case Kind::Timestamp: put.template operator()<std::int64_t>(moment); break;
    default: put.template operator()<std::int64_t>(scaled); break;
  }
  return true;
}

}  // namespace quintile::io
