// Any bytes: either an error on one line, or an expression that its canonical form gives again and
// that evaluates to truths. Types are checked against columns that hold every kind of value.

#include "quintile/expression/expression.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/check.h"

namespace {

using quintile::ColumnView;
using quintile::Layout;
using quintile::Type;

constexpr std::array<std::int64_t, 4> kWholes = {INT64_MIN, -1, 0, INT64_MAX};
constexpr std::array<std::int32_t, 4> kCodes = {0, 1, 0, 1};
constexpr std::array<double, 4> kReals = {-1e308, 0.1, 0, 1e19};
constexpr std::array<std::uint8_t, 4> kBooleans = {0, 1, 1, 0};
constexpr std::array<std::uint8_t, 4> kValid = {1, 1, 0, 1};
constexpr std::array<std::string_view, 2> kTexts = {"", "C12\xff"};

/// The first letter of a name decides what it is.
ColumnView column(std::string_view name) {
  switch (name.front()) {
    case 'i': return {Type::Integer, Layout::Int64, 0, 4, kWholes.data(), kValid.data()};
    case 'm': return {Type::Decimal, Layout::Int64, 18, 4, kWholes.data()};
    case 'd': return {Type::Date, Layout::Int32, 0, 4, kCodes.data()};
    case 's': return {Type::Timestamp, Layout::Int64, 0, 4, kWholes.data()};
    case 'b': return {Type::Boolean, Layout::Uint8, 0, 4, kBooleans.data(), kValid.data()};
    case 'x': return {Type::Real, Layout::Float64, 0, 4, kReals.data()};
    default: return {Type::Text, Layout::Codes, 0, 4, kCodes.data(), kValid.data(), kTexts};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quintile::expression;
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse(source);
  if (!parsed) {
    QUINTILE_CHECK(parsed.error().message.find('\n') == std::string::npos);
    return 0;
  }
  const auto again = parse(to_string(parsed->root));
  // The canonical form has parentheses after `not`, which can take a source at the limit beyond it.
  QUINTILE_CHECK(again ? again->root == parsed->root
                       : again.error().message.contains("too deeply"));

  const FieldTypes types = [](std::string_view name) {
    return std::optional(FieldType{column(name).type, column(name).scale});
  };
  if (check_types(*parsed, types, {})) QUINTILE_CHECK(evaluate(*parsed, column, 4).size() == 4);
  return 0;
}
