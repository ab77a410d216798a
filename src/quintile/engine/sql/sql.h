#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

/// SQL text that only we can have written.
namespace quintile::engine::sql {

enum class Separator : std::uint8_t { Comma, And, Or, UnionAll, Blank };

/// A piece of SQL. It is made of pieces, of formats that are constants of this program, and of what
/// a `Dialect` makes of names and typed values: text from a plan cannot become SQL in another way.
class Sql {
 public:
  Sql() = default;
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  friend bool operator==(const Sql&, const Sql&) = default;

  /// `value` as a literal; negative ones in parentheses.
  [[nodiscard]] static Sql number(std::int64_t value) {
    if (value == std::numeric_limits<std::int64_t>::min()) return Sql("(-9223372036854775807 - 1)");
    return Sql(value < 0 ? fmt::format("({})", value) : fmt::format("{}", value));
  }
  /// `a, b, c`.
  [[nodiscard]] static Sql join(std::span<const Sql> parts, Separator separator = Separator::Comma);

 private:
  explicit Sql(std::string text) : text_(std::move(text)) {}
  std::string text_;
  friend class Dialect;
  template <std::same_as<Sql>... Parts>
  friend Sql sql(fmt::format_string<const Parts&...> format, const Parts&... parts);
};

}  // namespace quintile::engine::sql

template <>
struct fmt::formatter<quintile::engine::sql::Sql> {
  static constexpr auto parse(format_parse_context& context) { return context.begin(); }
  static auto format(const quintile::engine::sql::Sql& piece, format_context& context) {
    return fmt::format_to(context.out(), "{}", piece.text());
  }
};

namespace quintile::engine::sql {

/// `sql("SUM({})", x)`: the format is checked when we compile, and all parts are SQL.
template <std::same_as<Sql>... Parts>
[[nodiscard]] Sql sql(fmt::format_string<const Parts&...> format, const Parts&... parts) {
  return Sql(fmt::format(format, parts...));
}

}  // namespace quintile::engine::sql
