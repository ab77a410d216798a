#include "quintile/engine/sql/attribute_numbers.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::engine::sql {

namespace {

/// Below this a number at its scale is a whole multiple that a double holds exactly.
constexpr std::int64_t kWholeMax = std::int64_t{1} << 53;

/// A condition that is true where two numbers that are there are unlike, whatever their scales.
Sql are_unlike(const ScaledNumber& x, const ScaledNumber& y, const Dialect& dialect) {
  if (x.scale < y.scale) return are_unlike(y, x, dialect);
  if (x.scale == y.scale) return sql("{} <> {}", x.value, y.value);
  const Sql more = Sql::number(power_of_ten(x.scale - y.scale));
  return sql("({} <> 0 OR {} <> {})", dialect.modulo(x.value, more),
             dialect.floor_quotient(x.value, more), y.value);
}

/// As in source_columns.cc: v of the double nearest to v / 10^scale for a whole v.
Sql whole_of_real(const Sql& raw, int scale, const Dialect& dialect) {
  const Sql x = dialect.to_real(raw);
  const Sql factor = dialect.to_real(Sql::number(power_of_ten(scale)));
  const Sql limit = dialect.to_real(Sql::number(kWholeMax / power_of_ten(scale)));
  const Sql nearest = sql("FLOOR({} * {} + {})", x, factor, dialect.to_real(sql("0.5")));
  return sql("CASE WHEN {0} > -{1} AND {0} < {1} THEN CASE WHEN {2} / {3} = {0} THEN {4} END END",
             x, limit, nearest, factor, dialect.to_integer(nearest));
}

}  // namespace

std::optional<AttributeNumber> AttributeNumber::of(const CustomersTable& customers,
                                                   std::size_t place, std::size_t number,
                                                   const Dialect& dialect) {
  const expression::FieldType& type = customers.attributes[place].type;
  AttributeNumber attribute;
  attribute.number = number;
  attribute.name_ = customers.attributes[place].name;
  attribute.raw_ = attribute_column(place);
  if (type.type == Type::Integer || type.type == Type::Decimal) {
    attribute.as = {dialect.to_integer(attribute.raw_),
                    type.type == Type::Decimal ? type.scale : 0};
    return attribute;
  }
  if (type.type != Type::Real) return std::nullopt;
  attribute.is_real_ = true;
  attribute.as = {whole_of_real(attribute.raw_, summary::kDecimalsMax, dialect),
                  summary::kDecimalsMax};
  return attribute;
}

void AttributeNumber::measure(Tally& tally, const std::array<ScaledNumber, 4>& kpis,
                              const Dialect& dialect) {
  least_ = tally.least(as.value);
  greatest_ = tally.greatest(as.value);
  if (is_real_) strange_ = tally.rows_where(sql("{} IS NOT NULL AND {} IS NULL", raw_, as.value));
  for (int digits = 1; digits <= as.scale; ++digits)
    uneven_.push_back(tally.rows_where(
        sql("{} <> 0", dialect.modulo(as.value, Sql::number(power_of_ten(digits))))));
  for (std::size_t k = 0; k < kpis.size(); ++k)
    unlike_[k] = tally.rows_where(are_unlike(as, kpis[k], dialect));
}

std::optional<std::string> AttributeNumber::judge(const Tally& tally, const Dialect& dialect) {
  const std::int64_t least = tally.extreme(least_).value_or(0);
  const std::int64_t greatest = tally.extreme(greatest_).value_or(0);
  const bool is_strange = strange_ >= 0 && tally.count(strange_) > 0;
  for (const int unlike : unlike_)
    if (!is_strange && tally.count(unlike) == 0) return {};  // a metric, which is no trait
  int spare = 0;  // digits after the point that no value needs
  while (spare < as.scale && tally.count(uneven_[static_cast<std::size_t>(spare)]) == 0) ++spare;
  const bool is_whole = as.scale == 0 && !is_real_;
  const auto width = static_cast<std::uint64_t>(greatest) - static_cast<std::uint64_t>(least);
  if (is_strange || width > INT64_MAX || as.scale - spare > summary::kDecimalsMax ||
      (!is_whole && std::max(-least, greatest) >= kWholeMax)) {
    return fmt::format(
        "attribute {} is not tested for traits at the engine: its sums are not exact there, since "
        "its numbers have more than {} digits after the point or are too large",
        name_, summary::kDecimalsMax);
  }
  const std::int64_t unit = power_of_ten(spare);
  is_tested = true;
  as.scale -= spare;
  low = least / unit;
  high = greatest / unit;
  if (spare > 0) as.value = dialect.floor_quotient(as.value, Sql::number(unit));
  return {};
}

}  // namespace quintile::engine::sql
