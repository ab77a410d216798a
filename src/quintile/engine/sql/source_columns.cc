#include "quintile/engine/sql/source_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::engine::sql {

namespace {

constexpr int kQuantityScaleMax = 6;

/// Digits that a binary fraction is read with, so that its shortest text is found without doubt.
constexpr int kRealDigits = 15;

/// Digits of a decimal that can be multiplied by 10^6 within the 38 that engines have.
constexpr int kProductDigits = 28;

bool begins(std::string_view text, std::string_view start) { return text.starts_with(start); }

/// "nullable(int64)" to "int64".
std::string_view unwrapped(std::string_view type) {
  for (const std::string_view wrapper : {"nullable(", "lowcardinality("}) {
    if (begins(type, wrapper) && type.ends_with(')'))
      return unwrapped(type.substr(wrapper.size(), type.size() - wrapper.size() - 1));
  }
  return type;
}

/// "decimal(18, 2)" to 2; "numeric" to `without`.
int scale_in(std::string_view type, int without) {
  const std::size_t comma = type.find(',');
  if (comma == std::string_view::npos)
    return type.find('(') == std::string_view::npos || begins(type, "decimal()") ? without : 0;
  std::size_t at = comma + 1;
  while (at < type.size() && type[at] == ' ') ++at;
  int scale = without;
  std::from_chars(type.data() + at, type.data() + type.size(), scale);
  return scale;
}

std::unexpected<Error> not_read_as(const SourceColumn& column, std::string_view as,
                                   std::string_view advice) {
  return fail(ErrorCode::Unsupported,
              fmt::format("column {} is {} at the engine and is not read as {} there", column.name,
                          column.declared, as),
              std::string(advice));
}

constexpr std::string_view kViewAdvice = "cast it in a view at the engine, and name the view";

class Reader {
 public:
  Reader(const SourceColumn& column, int money_scale, const Dialect& dialect)
      : column_(column), money_scale_(money_scale), d_(dialect), raw_(dialect.name(column.name)) {
    present_ = sql("{} IS NOT NULL", raw_);
    if (column.stored == Stored::Text) {
      // A blank text is none. Blanks around an identifier are not part of it; elsewhere they stay.
      text_ = sql("NULLIF({}, '')", d_.trim(d_.to_text(raw_)));
      whole_text_ = sql("CASE WHEN {} IS NOT NULL THEN {} END", text_, d_.to_text(raw_));
      present_ = sql("{} IS NOT NULL", text_);
    }
  }

  [[nodiscard]] Result<Read> identifier() const {
    switch (column_.stored) {
      case Stored::Text: {
        Read read = of({Type::Text, 0}, text_);
        read.plain = d_.to_text(raw_);
        read.is_untrimmed = sql(
            "CASE WHEN {0} IS NULL THEN 0 WHEN {1} IS NULL THEN 1 WHEN {0} = {1} THEN 0 ELSE 1 END "
            "= 1",
            read.plain, text_);
        return read;
      }
      case Stored::Integer: return of({Type::Integer, 0}, d_.to_integer(raw_));
      case Stored::Decimal:
        if (column_.scale == 0) return of({Type::Integer, 0}, d_.to_integer(raw_));
        break;
      default: break;
    }
    return not_read_as(column_, "an identifier", kViewAdvice);
  }

  /// A number at `scale`: unreadable where it has more digits.
  [[nodiscard]] Result<Read> decimal(int scale, Type type, std::string_view as) const {
    const std::int64_t factor = power_of_ten(scale);
    const Sql times = Sql::number(factor);
    const Sql limit = Sql::number(kMoneyLimit / factor);
    Read read = of({type, type == Type::Decimal ? scale : 0}, {});
    switch (column_.stored) {
      case Stored::Integer: {
        const Sql whole = d_.to_integer(raw_);
        read.value = scale == 0 ? whole
                                : sql("CASE WHEN {0} > -{1} AND {0} < {1} THEN {0} * {2} END",
                                      whole, limit, times);
        break;
      }
      case Stored::Decimal: {
        // Products that need more than 38 digits are rounded by some engines.
        if (column_.precision > kProductDigits && column_.scale > 0)
          return not_read_as(column_, as, "cast it to DECIMAL(18, 4) or less in a view");
        const Sql scaled = sql("{} * {}", raw_, times);
        const Sql exact =
            column_.scale <= scale
                ? sql("{0} > -{1} AND {0} < {1}", raw_, limit)
                : sql("{0} > -{1} AND {0} < {1} AND {2} = FLOOR({2})", raw_, limit, scaled);
        read.value = sql("CASE WHEN {} THEN {} END", exact, d_.to_integer(scaled));
        read.can_be_unreadable = column_.scale > scale;
        break;
      }
      case Stored::Real: return real(std::move(read), scale);
      default: return not_read_as(column_, as, kViewAdvice);
    }
    read.is_beyond = sql("({0} >= {1} OR {0} <= -{1})", raw_, limit);
    return read;
  }

  [[nodiscard]] Result<Read> quantity() const {
    if (column_.stored == Stored::Integer) return decimal(0, Type::Decimal, "a quantity");
    if (column_.stored == Stored::Decimal)
      return decimal(std::min(column_.scale, kQuantityScaleMax), Type::Decimal, "a quantity");
    return decimal(kQuantityScaleMax, Type::Decimal, "a quantity");
  }

  [[nodiscard]] Result<Read> moment(Type type) const {
    if (column_.stored != Stored::Date && column_.stored != Stored::Timestamp)
      return not_read_as(column_, "a date", kViewAdvice);
    Read read = of({type, 0}, d_.day(raw_));
    // Dates beyond the years that a mart may hold.
    read.value = sql("CASE WHEN {0} >= {1} AND {0} <= {2} THEN {0} END", read.value,
                     Sql::number(kDayNumberMin), Sql::number(kDayNumberMax));
    read.can_be_unreadable = true;
    read.moment = raw_;
    if (type == Type::Timestamp && column_.stored == Stored::Date) read.type = {Type::Date, 0};
    return read;
  }

  [[nodiscard]] Result<Read> flag() const {
    switch (column_.stored) {
      case Stored::Boolean:
        return of({Type::Boolean, 0}, sql("CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END", raw_));
      case Stored::Integer: {
        Read read =
            of({Type::Boolean, 0}, sql("CASE WHEN {0} = 1 THEN 1 WHEN {0} = 0 THEN 0 END", raw_));
        read.can_be_unreadable = true;
        return read;
      }
      case Stored::Text: {
        Read read = of({Type::Boolean, 0},
                       sql("CASE WHEN LOWER({0}) IN ('true', 't', 'yes', 'y', '1') THEN 1 WHEN "
                           "LOWER({0}) IN ('false', 'f', 'no', 'n', '0') THEN 0 END",
                           text_));
        read.can_be_unreadable = true;
        return read;
      }
      default: return not_read_as(column_, "yes or no", kViewAdvice);
    }
  }

  [[nodiscard]] Result<Read> inferred() const {
    switch (column_.stored) {
      case Stored::Boolean: return flag();
      case Stored::Integer: return of({Type::Integer, 0}, d_.to_integer(raw_));
      case Stored::Decimal:
        if (column_.scale <= kRealDigits)
          return decimal(column_.scale, column_.scale == 0 ? Type::Integer : Type::Decimal,
                         "a number");
        break;
      case Stored::Real: return of({Type::Real, 0}, d_.to_real(raw_));
      case Stored::Date: return moment(Type::Date);
      case Stored::Text: return of({Type::Text, 0}, whole_text_);
      default: break;
    }
    return not_read_as(column_, "an attribute", kViewAdvice);
  }

  [[nodiscard]] Result<Read> text() const {
    if (column_.stored == Stored::Text) return of({Type::Text, 0}, whole_text_);
    if (column_.stored == Stored::Integer)
      return of({Type::Text, 0}, d_.to_text(d_.to_integer(raw_)));
    return not_read_as(column_, "text", kViewAdvice);
  }

  /// Whether there is anything: all that is asked of a personal column.
  [[nodiscard]] Read presence() const {
    return of({Type::Integer, 0}, sql("CASE WHEN {} THEN 1 END", present_));
  }

 private:
  [[nodiscard]] Read of(expression::FieldType type, Sql value) const {
    return {type, std::move(value), present_, {}, {}, {}, {}, false};
  }

  // The shortest decimal text of x has at most `scale` digits after its point exactly when x is the
  // double nearest to v / 10^scale for a whole v. Quotients of whole doubles are rounded once, and
  // below 10^15 no two such decimals share a double.
  [[nodiscard]] Read real(Read read, int scale) const {
    const Sql x = d_.to_real(raw_);
    const Sql factor = d_.to_real(Sql::number(power_of_ten(scale)));
    const Sql limit = d_.to_real(Sql::number(power_of_ten(kRealDigits - scale)));
    const Sql nearest = sql("FLOOR({} * {} + {})", x, factor, d_.to_real(sql("0.5")));
    read.value =
        sql("CASE WHEN {0} > -{1} AND {0} < {1} THEN CASE WHEN {2} / {3} = {0} THEN {4} END END", x,
            limit, nearest, factor, d_.to_integer(nearest));
    read.can_be_unreadable = true;
    return read;
  }

  const SourceColumn& column_;
  int money_scale_;
  const Dialect& d_;
  Sql raw_, text_, whole_text_, present_;
};

}  // namespace

SourceColumn column_of(std::string name, std::string_view declared) {
  SourceColumn column{std::move(name), std::string(declared), Stored::Other, 0, 0};
  std::string lower(declared);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string_view type = unwrapped(lower);
  static constexpr std::array<std::pair<std::string_view, Stored>, 24> kWords = {
      {{"bool", Stored::Boolean},       {"tinyint", Stored::Integer},
       {"smallint", Stored::Integer},   {"bigint", Stored::Integer},
       {"int", Stored::Integer},        {"byte", Stored::Integer},
       {"short", Stored::Integer},      {"long", Stored::Integer},
       {"utinyint", Stored::Integer},   {"usmallint", Stored::Integer},
       {"uinteger", Stored::Integer},   {"uint8", Stored::Integer},
       {"uint16", Stored::Integer},     {"uint32", Stored::Integer},
       {"double", Stored::Real},        {"float64", Stored::Real},
       {"date", Stored::Date},          {"timestamp", Stored::Timestamp},
       {"datetime", Stored::Timestamp}, {"text", Stored::Text},
       {"string", Stored::Text},        {"varchar", Stored::Text},
       {"char", Stored::Text},          {"enum", Stored::Text}}};
  // What starts like a type that is read, and is another.
  for (const std::string_view other : {"interval", "int128", "int256", "bytea", "[", "range"}) {
    if (!begins(type, "enum") && type.find(other) != std::string_view::npos) return column;
  }
  for (const std::string_view word : {"decimal", "numeric", "number"}) {
    if (!begins(type, word)) continue;
    column.stored = Stored::Decimal;
    column.scale = scale_in(type, kAnyScale);
    if (const std::size_t open = type.find('('); open != std::string_view::npos)
      std::from_chars(type.data() + open + 1, type.data() + type.size(), column.precision);
    return column;
  }
  for (const auto& [word, stored] : kWords) {
    if (begins(type, word)) column.stored = stored;
  }
  return column;
}

Result<std::vector<SourceColumn>> describe(Session& session, const Dialect& dialect,
                                           const Location& location) {
  QUINTILE_TRY(const Sql source, dialect.source(location));
  constexpr std::array kTypes = {Type::Text, Type::Text, Type::Text};
  Result<Answer> described = Answer(kTypes);
  if (dialect.traits().describes_views) {
    const Sql view = dialect.name(std::string(session.run_prefix()) + "_input");
    QUINTILE_TRY_STATUS(session.execute(
        sql("CREATE OR REPLACE TEMPORARY VIEW {} AS SELECT * FROM {}", view, source).text()));
    described = query(session, dialect.describe(location, view).text(), kTypes);
    static_cast<void>(session.clean_up(sql("DROP VIEW IF EXISTS {}", view).text()));
  } else {
    described = query(session, dialect.describe(location, source).text(), kTypes);
  }
  QUINTILE_TRY(const Answer answer, std::move(described));
  std::vector<SourceColumn> columns;
  for (std::int64_t row = 0; row < answer.rows(); ++row)
    columns.push_back(column_of(answer.text(row, 0), answer.text(row, 1)));
  if (columns.empty())
    return fail(ErrorCode::Input, "the engine knows no columns of the input's table",
                "is its name spelled as the engine has it, letter case included?");
  return columns;
}

Result<Read> read(const SourceColumn& column, table::Reading reading, int money_scale,
                  const Dialect& dialect) {
  const Reader reader(column, money_scale, dialect);
  switch (reading) {
    case table::Reading::Identifier: return reader.identifier();
    case table::Reading::Money: return reader.decimal(money_scale, Type::Decimal, "an amount");
    case table::Reading::Count: return reader.decimal(0, Type::Integer, "a count");
    case table::Reading::Quantity: return reader.quantity();
    case table::Reading::Day: return reader.moment(Type::Date);
    case table::Reading::Moment: return reader.moment(Type::Timestamp);
    case table::Reading::Flag: return reader.flag();
    case table::Reading::Text:
    case table::Reading::Views: return reader.text();
    case table::Reading::Personal: return reader.presence();
    case table::Reading::Inferred: break;
  }
  return reader.inferred();
}

Result<int> money_scale_of(std::optional<int> stated,
                           const std::vector<const SourceColumn*>& money_columns) {
  if (stated) return *stated;
  std::optional<int> scale;
  for (const SourceColumn* column : money_columns) {
    if (column->stored == Stored::Integer) scale = std::max(scale.value_or(0), 0);
    if (column->stored == Stored::Decimal && column->scale != kAnyScale)
      scale = std::max(scale.value_or(0), std::min(column->scale, kMoneyScaleMax));
  }
  if (scale) return *scale;
  return fail(ErrorCode::Unsupported,
              "how many digits stand after the point of an amount cannot be told at the engine",
              "state it in the plan: input.money_scale: 2");
}

}  // namespace quintile::engine::sql
