#include "quintile/engine/sql/dialect.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/money.h"

namespace quintile::engine::sql {

namespace {

constexpr std::string_view kInformationSchema =
    "SELECT column_name, data_type, CAST(NULL AS VARCHAR) FROM information_schema.columns "
    "WHERE table_name = {2} AND ({3} = '%' OR table_schema = {3}) ORDER BY ordinal_position";

constexpr Traits duckdb() {
  Traits t;
  t.quotient = "({0} // {1})";
  t.is_integer = "regexp_full_match({0}, '[+-]?[0-9]{1,18}')";
  t.is_long_integer = "regexp_full_match({0}, '[+-]?[0-9]+')";
  t.contains = "contains({0}, {1})";
  t.parquet = "read_parquet({0})";
  t.write_parquet = "COPY ({0}) TO {1} (FORMAT PARQUET)";
  t.describe =
      "SELECT column_name, column_type, CAST(NULL AS VARCHAR) FROM (DESCRIBE SELECT * FROM {0})";
  return t;
}

constexpr Traits postgresql() {
  Traits t;
  t.to_text = "CAST({0} AS TEXT)";
  t.to_real = "CAST({0} AS DOUBLE PRECISION)";
  t.days_since_1970 = "(CAST({0} AS DATE) - DATE '1970-01-01')";
  t.trim = "btrim({0}, ' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13))";
  t.by_bytes = "({0}) COLLATE \"C\"";
  t.md5_word = "CAST(CAST(('x' || lpad(substr(md5({0}), {1}, 8), 16, '0')) AS BIT(64)) AS BIGINT)";
  t.describe =
      "SELECT CAST(a.attname AS TEXT), CAST(format_type(a.atttypid, a.atttypmod) AS TEXT), "
      "CAST(NULL AS TEXT) FROM pg_catalog.pg_attribute a WHERE a.attrelid = CAST({1} AS regclass) "
      "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
  // Else expressions stand in the place of each column that names them. A literal of unknown type
  // is a constant at once, which is what leaves the query to parallel workers.
  t.worked_out_once = "{0} OFFSET '0'";
  t.counts_orders_in_two_steps = false;
  return t;
}

constexpr Traits redshift() {
  Traits t = postgresql();
  t.worked_out_once = "{0}";
  t.backslash_alone = "' || CHR(92) || '";
  t.to_text = "CAST({0} AS VARCHAR)";
  t.days_since_1970 = "DATEDIFF(day, DATE '1970-01-01', CAST({0} AS DATE))";
  t.starts_with = "strpos({0}, {1}) = 1";
  t.by_bytes = "{0}";
  t.md5_word = "STRTOL(SUBSTRING(MD5({0}), {1}, 8), 16)";
  t.describe =
      "SELECT column_name, CAST(data_type || '(' || COALESCE(CAST(numeric_precision AS VARCHAR), "
      "'') || ',' || COALESCE(CAST(numeric_scale AS VARCHAR), '') || ')' AS VARCHAR), "
      "CAST(NULL AS VARCHAR) FROM information_schema.columns WHERE table_name = {2} AND "
      "({3} = '%' OR table_schema = {3}) ORDER BY ordinal_position";
  t.date_of_day = "DATEADD(day, CAST({0} AS INTEGER), DATE '1970-01-01')";
  return t;
}

constexpr Traits spark() {
  Traits t;
  t.quote = '`';
  t.backslash_in_texts = true;
  t.to_text = "CAST({0} AS STRING)";
  t.days_since_1970 = "datediff(CAST({0} AS DATE), DATE '1970-01-01')";
  t.time_stamp = "TIMESTAMP_NTZ '{0}'";
  t.quotient = "({0} div {1})";
  t.trim = "trim(BOTH concat(' ', chr(9), chr(10), chr(11), chr(12), chr(13)) FROM {0})";
  t.is_integer = "({0} RLIKE '^[+-]?[0-9]{1,18}$')";
  t.is_long_integer = "({0} RLIKE '^[+-]?[0-9]+$')";
  t.without_leading = "trim(LEADING {1} FROM {0})";
  t.starts_with = "startswith({0}, {1})";
  t.contains = "contains({0}, {1})";
  t.md5_word = "CAST(conv(substr(md5({0}), {1}, 8), 16, 10) AS BIGINT)";
  t.create_table = "CREATE TABLE {0} USING parquet AS {1}";
  t.parquet = "parquet.{0}";
  t.parquet_path_is_a_name = true;
  t.write_parquet = "INSERT OVERWRITE DIRECTORY {1} USING parquet {0}";
  t.describe = "DESCRIBE TABLE {0}";
  t.describes_views = true;
  t.date_of_day = "date_add(DATE '1970-01-01', CAST({0} AS INT))";
  t.keep_table = "CREATE TABLE {0} USING parquet AS {1}";
  return t;
}

constexpr Traits trino() {
  Traits t;
  t.trim = "trim(BOTH concat(' ', chr(9), chr(10), chr(11), chr(12), chr(13)) FROM {0})";
  t.is_integer = "regexp_like({0}, '^[+-]?[0-9]{1,18}$')";
  t.is_long_integer = "regexp_like({0}, '^[+-]?[0-9]+$')";
  t.without_leading = "trim(LEADING {1} FROM {0})";
  t.md5_word = "from_base(substr(lower(to_hex(md5(to_utf8({0})))), {1}, 8), 16)";
  t.create_table = "CREATE TABLE {0} AS {1}";
  t.describe = kInformationSchema;
  t.date_of_day = "date_add('day', {0}, DATE '1970-01-01')";
  return t;
}

constexpr Traits bigquery() {
  Traits t;
  t.quote = '`';
  t.backslash_in_names = true;
  t.backslash_in_texts = true;
  t.to_integer = "CAST({0} AS INT64)";
  t.to_text = "CAST({0} AS STRING)";
  t.to_real = "CAST({0} AS FLOAT64)";
  t.days_since_1970 = "DATE_DIFF(CAST({0} AS DATE), DATE '1970-01-01', DAY)";
  t.time_stamp = "DATETIME '{0}'";
  t.quotient = "DIV({0}, {1})";
  t.trim = "TRIM({0}, ' \\t\\n\\v\\f\\r')";
  t.is_integer = "REGEXP_CONTAINS({0}, '^[+-]?[0-9]{1,18}$')";
  t.is_long_integer = "REGEXP_CONTAINS({0}, '^[+-]?[0-9]+$')";
  t.contains = "STRPOS({0}, {1}) > 0";
  t.starts_with = "STARTS_WITH({0}, {1})";
  t.md5_word = "CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({0})), {1}, 8)) AS INT64)";
  t.create_table = "CREATE TABLE {0} AS {1}";
  t.describe =
      "SELECT column_name, data_type, CAST(NULL AS STRING) FROM INFORMATION_SCHEMA.COLUMNS "
      "WHERE table_name = {2} AND ({3} = '%' OR table_schema = {3}) ORDER BY ordinal_position";
  t.date_of_day = "DATE_ADD(DATE '1970-01-01', INTERVAL {0} DAY)";
  t.to_decimal = "CAST({0} AS NUMERIC)";
  return t;
}

constexpr Traits snowflake() {
  Traits t;
  t.backslash_in_texts = true;
  t.days_since_1970 = "DATEDIFF('day', '1970-01-01'::DATE, CAST({0} AS DATE))";
  t.time_stamp = "'{0}'::TIMESTAMP_NTZ";
  t.quotient = "(({0} - MOD({0}, {1})) / {1})";
  t.is_integer = "REGEXP_LIKE({0}, '[+-]?[0-9]{1,18}')";
  t.is_long_integer = "REGEXP_LIKE({0}, '[+-]?[0-9]+')";
  t.starts_with = "STARTSWITH({0}, {1})";
  t.contains = "CONTAINS({0}, {1})";
  t.md5_word = "TO_NUMBER(SUBSTR(MD5({0}), {1}, 8), 'XXXXXXXX')";
  t.describe =
      "SELECT column_name, data_type || '(' || COALESCE(TO_VARCHAR(numeric_precision), '') || ',' "
      "|| COALESCE(TO_VARCHAR(numeric_scale), '') || ')', CAST(NULL AS VARCHAR) FROM "
      "information_schema.columns WHERE table_name = {2} AND ({3} = '%' OR table_schema = {3}) "
      "ORDER BY "
      "ordinal_position";
  t.date_of_day = "DATEADD(day, {0}, '1970-01-01'::DATE)";
  return t;
}

constexpr Traits clickhouse() {
  Traits t;
  t.quote = '`';
  t.backslash_in_names = true;
  t.backslash_in_texts = true;
  t.to_integer = "CAST({0} AS Nullable(Int64))";
  t.to_text = "CAST({0} AS Nullable(String))";
  t.to_real = "CAST({0} AS Nullable(Float64))";
  t.days_since_1970 = "dateDiff('day', toDate32('1970-01-01'), toDate32({0}))";
  t.time_stamp = "toDateTime64('{0}', 6, 'UTC')";
  t.quotient = "intDiv({0}, {1})";
  t.trim = "trim(BOTH ' \\t\\n\\v\\f\\r' FROM {0})";
  t.is_integer = "match({0}, '^[+-]?[0-9]{1,18}$')";
  t.is_long_integer = "match({0}, '^[+-]?[0-9]+$')";
  t.without_leading = "trim(LEADING {1} FROM {0})";
  t.starts_with = "startsWith({0}, {1})";
  t.contains = "position({0}, {1}) > 0";
  t.concatenate = "concat({0}, {1})";
  t.md5_word =
      "toInt64(reinterpretAsUInt32(reverse(unhex(substring(lower(hex(MD5({0}))), {1}, 8)))))";
  t.create_table = "CREATE TABLE {0} ENGINE = MergeTree ORDER BY tuple() AS {1}";
  t.parquet = "file({0}, 'Parquet')";
  t.describe =
      "SELECT name, type, CAST(NULL AS Nullable(String)) FROM system.columns WHERE table = {2} AND "
      "({3} = '%' OR database = {3}) ORDER BY position";
  t.date_of_day = "addDays(toDate32('1970-01-01'), {0})";
  t.to_decimal = "toDecimal64({0}, {1})";
  t.keep_table = "CREATE TABLE {0} ENGINE = MergeTree ORDER BY tuple() AS {1}";
  return t;
}

constexpr std::array<Traits, kProducts> kTraits = {duckdb(),     spark(),     spark(), spark(),
                                                   postgresql(), redshift(),  trino(), bigquery(),
                                                   snowflake(),  clickhouse()};

/// A quoted text; with `backslash` its quote, backslashes and line ends are escaped, else the quote
/// is doubled.
std::string quoted(std::string_view text, char quote, bool backslash,
                   std::string_view backslash_alone) {
  std::string out(1, quote);
  for (const char c : text) {
    if (backslash && (c == quote || c == '\\')) {
      out += '\\';
      out += c;
    } else if (backslash && (c == '\n' || c == '\r' || c == '\t')) {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (c == quote) {
      out.append(2, quote);
    } else if (c == '\\' && !backslash_alone.empty()) {
      out += backslash_alone;
    } else {
      out += c;
    }
  }
  return out + quote;
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

}  // namespace

Sql Sql::join(std::span<const Sql> parts, Separator separator) {
  static constexpr std::array<std::string_view, 5> kSeparators = {", ", " AND ", " OR ",
                                                                  " UNION ALL ", " "};
  Sql joined;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined.text_ += kSeparators[static_cast<std::size_t>(separator)];
    joined.text_ += parts[i].text_;
  }
  return joined;
}

Dialect::Dialect(Product product)
    : product_(product), traits_(kTraits[static_cast<std::size_t>(product)]) {}

Sql Dialect::apply(std::string_view pattern, std::initializer_list<Sql> parts) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool is_part = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}';
    if (!is_part) {
      out += pattern[i];
      continue;
    }
    const auto part = static_cast<std::size_t>(pattern[i + 1] - '0');
    QUINTILE_CHECK(part < parts.size());
    out += parts.begin()[part].text();
    i += 2;
  }
  return Sql(std::move(out));
}

Sql Dialect::name(std::string_view identifier) const {
  QUINTILE_CHECK(!has_nul(identifier));
  return Sql(quoted(identifier, traits_.quote, traits_.backslash_in_names, {}));
}

Sql Dialect::name(std::span<const std::string> parts) const {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += '.';
    out += name(part).text();
  }
  return Sql(std::move(out));
}

Sql Dialect::text(std::string_view value) const {
  QUINTILE_CHECK(!has_nul(value));
  return Sql(quoted(value, '\'', traits_.backslash_in_texts, traits_.backslash_alone));
}

Sql Dialect::time_stamp(std::int64_t microseconds) const {
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kDay = 86'400 * kSecond;
  const auto day = static_cast<std::int64_t>(divide_floor(microseconds, kDay));
  const std::int64_t rest = microseconds - day * kDay;
  return apply(
      traits_.time_stamp,
      {Sql(fmt::format("{} {:02}:{:02}:{:02}.{:06}", day_to_string(static_cast<std::int32_t>(day)),
                       rest / (3600 * kSecond), rest / (60 * kSecond) % 60, rest / kSecond % 60,
                       rest % kSecond))});
}

Sql Dialect::day(const Sql& x) const { return to_integer(apply(traits_.days_since_1970, {x})); }

// A product with a decimal that is a power of ten is exact; a quotient need not be.
Sql Dialect::decimal(const Sql& minor_units, int scale) const {
  const Sql digits = Sql::number(scale);
  if (scale == 0) return apply(traits_.to_decimal, {minor_units, digits});
  const Sql unit(fmt::format("0.{:0>{}}", 1, scale));
  return apply(traits_.to_decimal,
               {sql("{} * {}", minor_units, apply(traits_.to_decimal, {unit, digits})), digits});
}

Sql Dialect::quotient(const Sql& a, const Sql& b) const {
  return to_integer(apply(traits_.quotient, {a, b}));
}

// a less its remainder is a multiple of b; the remainder of a negative a is negative or zero.
Sql Dialect::floor_quotient(const Sql& a, const Sql& b) const {
  const Sql remainder = modulo(sql("({} + {})", modulo(a, b), b), b);
  const Sql multiple = sql("({} - {})", a, remainder);
  return sql("CASE WHEN {0} < 0 THEN -({1}) ELSE {2} END", multiple,
             quotient(sql("(-{})", multiple), b), quotient(multiple, b));
}

namespace {

bool is_path(std::string_view target) { return target.find('/') != std::string_view::npos; }

Result<std::vector<std::string>> parts_of(const std::string& target) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= target.size();) {
    const std::size_t end = std::min(target.find('.', begin), target.size());
    if (end == begin)
      return fail(ErrorCode::Plan, "write_to has an empty part in its table's name");
    parts.push_back(target.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace

Sql Dialect::concatenate(std::span<const Sql> parts) const {
  Sql all = parts[0];
  for (const Sql& part : parts.subspan(1)) all = apply(traits_.concatenate, {all, part});
  return all;
}

Result<Sql> Dialect::source(const Location& location) const {
  for (const std::string& part : location.table) {
    if (has_nul(part)) return fail(ErrorCode::Plan, "a table's name holds a zero byte");
  }
  if (has_nul(location.parquet)) return fail(ErrorCode::Plan, "a path holds a zero byte");
  if (!location.table.empty()) return name(location.table);
  if (traits_.parquet.empty()) {
    return fail(ErrorCode::Unsupported,
                fmt::format("{} does not read Parquet by its path", to_string(product_)),
                "make it a table there, and name that: ?table=schema.name");
  }
  return apply(traits_.parquet,
               {traits_.parquet_path_is_a_name ? name(location.parquet) : text(location.parquet)});
}

Result<Sql> Dialect::write(const Location& location, const Sql& query) const {
  const std::string& target = location.write_to;
  if (has_nul(target)) return fail(ErrorCode::Plan, "write_to holds a zero byte");
  if (is_path(target)) {
    if (traits_.write_parquet.empty()) {
      return fail(ErrorCode::Unsupported,
                  fmt::format("{} does not write Parquet by its path", to_string(product_)),
                  "name a table there: &write_to=schema.customers");
    }
    return apply(traits_.write_parquet, {query, text(target)});
  }
  QUINTILE_TRY(const auto parts, parts_of(target));
  return apply(traits_.keep_table, {name(parts), query});
}

Result<std::optional<Sql>> Dialect::drop_kept(const Location& location) const {
  if (is_path(location.write_to)) return std::nullopt;
  QUINTILE_TRY(const auto parts, parts_of(location.write_to));
  return sql("DROP TABLE {}", name(parts));
}

Result<Sql> Dialect::kept(const Location& location) const {
  Location there;
  if (is_path(location.write_to)) {
    there.parquet = location.write_to;
  } else {
    QUINTILE_TRY(there.table, parts_of(location.write_to));
  }
  return source(there);
}

Sql Dialect::describe(const Location& location, const Sql& source) const {
  const auto& parts = location.table;
  const std::string schema = parts.size() > 1 ? parts[parts.size() - 2] : "%";
  return apply(traits_.describe, {source, text(source.text()),
                                  text(parts.empty() ? "" : parts.back()), text(schema)});
}

}  // namespace quintile::engine::sql
