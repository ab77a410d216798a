#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quintile/base/result.h"
#include "quintile/engine/sql/session.h"
#include "quintile/engine/sql/sql.h"

namespace quintile::engine::sql {

/// How a product spells what the generator needs. Templates hold {0}, {1}, ... for their parts;
/// what is not listed is alike everywhere: CASE, COALESCE, NULLIF, GROUP BY, ROW_NUMBER, UNION ALL.
struct Traits {
  char quote = '"';  ///< around names
  /// Inside of names and texts a backslash escapes; else their quote is doubled.
  bool backslash_in_names = false, backslash_in_texts = false;
  /// How a backslash is written where no escape is known for sure; empty: as it is.
  std::string_view backslash_alone = "";

  std::string_view to_integer = "CAST({0} AS BIGINT)";
  std::string_view to_text = "CAST({0} AS VARCHAR)";
  std::string_view to_real = "CAST({0} AS DOUBLE)";
  std::string_view days_since_1970 =
      "date_diff('day', DATE '1970-01-01', CAST({0} AS DATE))";  ///< of a date or time stamp
  std::string_view date_of_day = "(DATE '1970-01-01' + CAST({0} AS INTEGER))";
  std::string_view to_decimal = "CAST({0} AS DECIMAL(18, {1}))";
  std::string_view time_stamp = "TIMESTAMP '{0}'";
  std::string_view modulo = "MOD({0}, {1})";
  std::string_view quotient = "({0} / {1})";  ///< whole, of integers that are not negative
  std::string_view trim = "trim({0}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))";
  std::string_view is_integer = "({0} ~ '^[+-]?[0-9]{1,18}$')";
  std::string_view is_long_integer = "({0} ~ '^[+-]?[0-9]+$')";
  std::string_view without_leading = "ltrim({0}, {1})";
  std::string_view starts_with = "starts_with({0}, {1})";
  std::string_view contains = "strpos({0}, {1}) > 0";
  std::string_view concatenate = "({0} || {1})";
  std::string_view by_bytes = "{0}";  ///< text that compares and sorts by its bytes
  /// Eight hexadecimal digits of a text's MD5 from place {1} on, as a number.
  std::string_view md5_word = "CAST('0x' || substr(md5({0}), {1}, 8) AS BIGINT)";
  std::string_view create_table = "CREATE TEMPORARY TABLE {0} AS {1}";
  std::string_view keep_table = "CREATE TABLE {0} AS {1}";
  std::string_view parquet = "";        ///< a Parquet path as a table; empty: needs a table
  bool parquet_path_is_a_name = false;  ///< quoted as a name, not as a text
  std::string_view write_parquet = "";  ///< {0} the query, {1} the path; empty: cannot
  /// Names and types of the columns of {0}: three columns of text. {1} to {3}: its quoted name,
  /// the table's name and its schema's ("%" where the plan names none), as texts.
  std::string_view describe = "";
  bool describes_views = false;  ///< {0} is the name of a view of what is read
  /// A query whose columns are worked out once a row, however often the query around it names them.
  std::string_view worked_out_once = "{0}";
  bool counts_orders_in_two_steps = true;  ///< by (customer, order) first; else COUNT(DISTINCT)
};

/// Makes SQL of names, typed values and pieces, as its product spells it.
class Dialect {
 public:
  explicit Dialect(Product product);

  [[nodiscard]] Product product() const { return product_; }
  [[nodiscard]] const Traits& traits() const { return traits_; }

  /// A quoted identifier. No name may hold a NUL.
  [[nodiscard]] Sql name(std::string_view identifier) const;
  [[nodiscard]] Sql name(std::span<const std::string> parts) const;
  /// A text literal. No text may hold a NUL.
  [[nodiscard]] Sql text(std::string_view value) const;
  /// A time stamp literal, microseconds since 1970.
  [[nodiscard]] Sql time_stamp(std::int64_t microseconds) const;

  [[nodiscard]] Sql to_integer(const Sql& x) const { return apply(traits_.to_integer, {x}); }
  [[nodiscard]] Sql to_text(const Sql& x) const { return apply(traits_.to_text, {x}); }
  [[nodiscard]] Sql to_real(const Sql& x) const { return apply(traits_.to_real, {x}); }
  /// Days since 1970-01-01 of a date or a time stamp, as BIGINT.
  [[nodiscard]] Sql day(const Sql& x) const;
  /// The date of a number of days since 1970-01-01.
  [[nodiscard]] Sql date(const Sql& day) const { return apply(traits_.date_of_day, {day}); }
  /// Minor units as a decimal of `scale` digits after its point.
  [[nodiscard]] Sql decimal(const Sql& minor_units, int scale) const;
  [[nodiscard]] Sql modulo(const Sql& a, const Sql& b) const {
    return apply(traits_.modulo, {a, b});
  }
  /// a / b without its fraction; neither is negative.
  [[nodiscard]] Sql quotient(const Sql& a, const Sql& b) const;
  /// a / b rounded towards minus infinity; b is positive.
  [[nodiscard]] Sql floor_quotient(const Sql& a, const Sql& b) const;
  [[nodiscard]] Sql trim(const Sql& x) const { return apply(traits_.trim, {x}); }
  /// True where a text spells an integer of at most 18 digits, sign and zeros in front included.
  [[nodiscard]] Sql is_integer(const Sql& x) const { return apply(traits_.is_integer, {x}); }
  /// The same of any number of digits.
  [[nodiscard]] Sql is_long_integer(const Sql& x) const {
    return apply(traits_.is_long_integer, {x});
  }
  /// A text without any of `characters` that it begins with.
  [[nodiscard]] Sql without_leading(const Sql& x, std::string_view characters) const {
    return apply(traits_.without_leading, {x, text(characters)});
  }
  [[nodiscard]] Sql starts_with(const Sql& x, const Sql& y) const {
    return apply(traits_.starts_with, {x, y});
  }
  [[nodiscard]] Sql contains(const Sql& x, const Sql& y) const {
    return apply(traits_.contains, {x, y});
  }
  [[nodiscard]] Sql concatenate(std::span<const Sql> parts) const;
  [[nodiscard]] Sql by_bytes(const Sql& x) const { return apply(traits_.by_bytes, {x}); }
  [[nodiscard]] Sql md5_word(const Sql& x, int from) const {
    return apply(traits_.md5_word, {x, Sql::number(from)});
  }
  [[nodiscard]] Sql worked_out_once(const Sql& query) const {
    return apply(traits_.worked_out_once, {query});
  }
  [[nodiscard]] Sql create_table(const Sql& table, const Sql& query) const {
    return apply(traits_.create_table, {table, query});
  }
  /// What to read from. Errors: Unsupported for a path where the product needs a table; Plan for a
  /// name with a NUL.
  [[nodiscard]] Result<Sql> source(const Location& location) const;
  /// The question for the columns of `source`, which is `location`'s or a view of it.
  [[nodiscard]] Sql describe(const Location& location, const Sql& source) const;
  /// The statement that keeps the rows of `query` under `location.write_to`: a table that is not
  /// there yet, or a folder of Parquet where that is a path. Errors: Unsupported, Plan.
  [[nodiscard]] Result<Sql> write(const Location& location, const Sql& query) const;
  /// The statement that drops the table that `write` makes; nothing where that is a path.
  [[nodiscard]] Result<std::optional<Sql>> drop_kept(const Location& location) const;
  /// What `write` keeps, to read from.
  [[nodiscard]] Result<Sql> kept(const Location& location) const;

 private:
  [[nodiscard]] static Sql apply(std::string_view pattern, std::initializer_list<Sql> parts);
  Product product_;
  const Traits& traits_;
};

}  // namespace quintile::engine::sql
