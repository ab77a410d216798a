#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "quintile/base/check.h"

namespace quintile {

/// What the values of a column mean.
enum class Type : std::uint8_t {
  Boolean,
  Integer,
  Decimal,    ///< exact, `unscaled / 10^scale`
  Real,       ///< IEEE double
  Date,       ///< days since 1970-01-01
  Timestamp,  ///< microseconds since 1970-01-01T00:00:00, local calendar, no zone
  Text,       ///< UTF-8
};

/// "boolean", "integer", "decimal", "real", "date", "timestamp", "text".
[[nodiscard]] std::string_view to_string(Type type);

/// How the values of a column lie in memory.
enum class Layout : std::uint8_t {
  Uint8,    ///< Boolean: 0 or 1
  Int8,     ///< Integer
  Int16,    ///< Integer
  Int32,    ///< Integer or Date
  Int64,    ///< Integer, Decimal or Timestamp
  Float64,  ///< Real
  Codes8,   ///< Text: as Codes, in uint8
  Codes,    ///< Text: int32 codes into `dictionary`; each distinct text has one code
  Views,    ///< Text: std::string_view per row
};

/// One column of values that somebody else owns, all of one length. Copying is cheap.
///
/// `valid` holds one byte a row, 1 where there is a value; null where no value is missing. What
/// `data` holds at a missing value is unspecified, but codes are within the dictionary or the
/// dictionary is empty.
struct ColumnView {
  Type type = Type::Integer;
  Layout layout = Layout::Int64;
  int scale = 0;  ///< digits after the point, Decimal alone
  std::int64_t size = 0;
  const void* data = nullptr;
  const std::uint8_t* valid = nullptr;
  std::span<const std::string_view> dictionary;

  template <typename T>
  [[nodiscard]] std::span<const T> values() const {
    return {static_cast<const T*>(data), static_cast<std::size_t>(size)};
  }
  [[nodiscard]] bool is_valid(std::int64_t row) const {
    return valid == nullptr || valid[row] != 0;
  }

  /// Whether no row has a value, as far as that shows without a look at the rows: Text in codes and
  /// no text. A file's column that is blank all the way down is read so, and is of no type.
  [[nodiscard]] bool is_blank() const { return is_coded() && dictionary.empty(); }

  /// Whether texts are codes into `dictionary`.
  [[nodiscard]] bool is_coded() const {
    return layout == Layout::Codes || layout == Layout::Codes8;
  }

  /// The text at `row` of a Text column, whichever its layout.
  [[nodiscard]] std::string_view text(std::int64_t row) const {
    return is_coded() ? dictionary[static_cast<std::size_t>(integer(row))]
                      : values<std::string_view>()[row];
  }

  /// The whole number at `row` of a column laid out in integers (Decimal: unscaled).
  [[nodiscard]] std::int64_t integer(std::int64_t row) const {
    switch (layout) {
      case Layout::Uint8:
      case Layout::Codes8: return values<std::uint8_t>()[row];
      case Layout::Int8: return values<std::int8_t>()[row];
      case Layout::Int16: return values<std::int16_t>()[row];
      case Layout::Int32:
      case Layout::Codes: return values<std::int32_t>()[row];
      default: return values<std::int64_t>()[row];
    }
  }

  /// Rows `begin` to `begin + count`.
  [[nodiscard]] ColumnView slice(std::int64_t begin, std::int64_t count) const;
};

/// Calls `use` with the whole numbers of `column` (truth values, codes and unscaled decimals too)
/// as a span of their own width. A layout of reals or views is a fault of the program.
template <typename Use>
decltype(auto) with_integers(const ColumnView& column, Use&& use) {
  switch (column.layout) {
    case Layout::Uint8:
    case Layout::Codes8: return std::forward<Use>(use)(column.values<std::uint8_t>());
    case Layout::Int8: return std::forward<Use>(use)(column.values<std::int8_t>());
    case Layout::Int16: return std::forward<Use>(use)(column.values<std::int16_t>());
    case Layout::Int32:
    case Layout::Codes: return std::forward<Use>(use)(column.values<std::int32_t>());
    default: break;
  }
  QUINTILE_CHECK(column.layout == Layout::Int64);
  return std::forward<Use>(use)(column.values<std::int64_t>());
}

}  // namespace quintile
