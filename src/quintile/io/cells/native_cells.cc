#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/io/cells/column_reader.h"
#include "quintile/io/cells/tally_internal.h"
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

constexpr std::array kPowers = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000};

/// The digits of `value` at `scale` (0 to 6), where those give it back. Up to 15 digits decimal
/// texts and doubles are one to one, so they are its shortest text with zeros after it.
std::optional<std::int64_t> digits_at(double value, int scale) {
  const double power = kPowers[static_cast<std::size_t>(scale)];
  const double scaled = value * power;
  if (!(std::abs(scaled) < kWholeMax - 1)) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  if (static_cast<double>(whole) / power != value) return std::nullopt;
  return whole;
}

/// `scale`: how many digits after the point most values have, for speed alone.
Shortest shortest(double value, int scale) {
  scale = std::clamp(scale, 0, static_cast<int>(kPowers.size()) - 1);
  for (const int tried : {scale, static_cast<int>(kPowers.size()) - 1}) {
    std::optional<std::int64_t> digits = digits_at(value, tried);
    if (!digits) continue;
    int needed = tried;
    for (; needed > 0 && *digits % 10 == 0; --needed) *digits /= 10;
    return {.finite = true, .unscaled = *digits, .scale = needed};
  }
  for (int tried = 0; tried < static_cast<int>(kPowers.size()); ++tried) {
    // Too large for six digits after the point.
    if (const auto digits = digits_at(value, tried))
      return {.finite = true, .unscaled = *digits, .scale = tried};
  }
  if (!std::isfinite(value)) return {};
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

namespace {

void count_real(Reading reading, const Shortest& number, Tally& tally) {
  if (!number.finite) {
    ++tally.others;
  } else if (!number.fits) {
    ++tally.numbers[static_cast<std::size_t>(NumberForm::Exponent)];
  } else {
    count_number(reading, number.unscaled, number.scale, tally);
  }
}

std::int64_t present(const NativeCells& cells) {
  return cells.valid == nullptr
             ? cells.size
             : std::count_if(cells.valid, cells.valid + cells.size, [](auto v) { return v != 0; });
}

/// Whether cells of this type are read as they are.
bool is_taken(Reading reading, Type type) {
  if (is_number(type)) return takes_numbers(reading);
  if (type == Type::Boolean) return reading == Reading::Inferred || reading == Reading::Flag;
  return reading == Reading::Inferred || reading == Reading::Day || reading == Reading::Moment;
}

/// Counts cells that are no doubles.
void count_exact(Reading reading, const NativeCells& cells, Tally& tally) {
  switch (cells.type) {
    case Type::Date:
    case Type::Timestamp:
      tally.dates[static_cast<std::size_t>(DateForm::YearFirst)] += present(cells);
      if (cells.type == Type::Timestamp) tally.timed += present(cells);
      return;
    case Type::Boolean: tally.booleans += present(cells); return;
    case Type::Integer:
      tally.numbers[static_cast<std::size_t>(NumberForm::PlainWhole)] += present(cells);
      tally.fraction_digits[0] += present(cells);
      for (std::int64_t i = 0; i < cells.size; ++i) {
        if (cells.is_valid(i)) tally.magnitude |= magnitude(cells.at<std::int64_t>(i));
      }
      return;
    default:
      for (std::int64_t i = 0; i < cells.size; ++i) {
        if (cells.is_valid(i)) count_number(reading, cells.at<std::int64_t>(i), cells.scale, tally);
      }
  }
}

/// What a number is in a column of whole numbers or decimals at `scale`.
Scaled scaled_number(std::int64_t value, int from_scale, int scale) {
  for (; from_scale < scale; ++from_scale) {
    if (__builtin_mul_overflow(value, 10, &value)) return {.fit = Fit::TooLarge};
  }
  for (; from_scale > scale; --from_scale) {
    if (value % 10 != 0) return {};
    value /= 10;
  }
  return {.fit = Fit::Fits, .unscaled = value};
}

}  // namespace

bool count_native(Reading reading, const NativeCells& cells, Tally& tally) {
  if (!is_taken(reading, cells.type)) return false;
  if (cells.type != Type::Real) {
    count_exact(reading, cells, tally);
    return true;
  }
  for (std::int64_t i = 0; i < cells.size; ++i) {
    if (cells.is_valid(i)) count_real(reading, shortest(cells.at<double>(i), 2), tally);
  }
  return true;
}

bool ColumnReader::read_native(const NativeCells& cells, std::int64_t row) {
  const bool numbers =
      is_number(cells.type) && takes_numbers(plan_.reading) &&
      (plan_.kind == Kind::Integer || plan_.kind == Kind::Decimal || plan_.kind == Kind::Real);
  const bool dates = (cells.type == Type::Date || cells.type == Type::Timestamp) &&
                     (plan_.kind == Kind::Date || plan_.kind == Kind::Timestamp);
  const bool booleans = cells.type == Type::Boolean && plan_.kind == Kind::Boolean;
  if (!numbers && !dates && !booleans) return false;
  if (!is_taken(plan_.reading, cells.type)) return false;
  // Doubles that become decimals are looked at once, for both.
  const bool is_digits = cells.type == Type::Real && plan_.kind != Kind::Real;
  if (!is_digits && !count_native(plan_.reading, cells, tally_)) return false;

  const Widening widening(*this, row, cells.size);
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
  const int scale = plan_.kind == Kind::Decimal ? plan_.scale : 0;
  const auto number_at = [&](std::int64_t i) -> Scaled {
    if (!is_digits) return scaled_number(cells.at<std::int64_t>(i), cells.scale, scale);
    const Shortest number = shortest(cells.at<double>(i), scale);
    count_real(plan_.reading, number, tally_);
    if (!number.finite) return {};
    if (!number.fits)
      return scale_number(look_at_number(real_text(cells.at<double>(i))), scale, '.');
    return scaled_number(number.unscaled, number.scale, scale);
  };
  const auto scaled = [&](std::int64_t i) -> std::optional<std::int64_t> {
    const Scaled number = number_at(i);
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
