#include "quintile/engine/sql/typed_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::engine::sql {

Result<TypedRows> TypedRows::of(const std::vector<table::ColumnRequest>& requests,
                                const std::vector<SourceColumn>& columns, Sql from, int money_scale,
                                const Dialect& dialect) {
  TypedRows rows;
  rows.from_ = std::move(from);
  for (const table::ColumnRequest& request : requests) {
    const auto found = std::ranges::find(columns, request.name, &SourceColumn::name);
    if (found == columns.end()) {
      std::vector<std::string_view> names;
      for (const SourceColumn& column : columns) names.push_back(column.name);
      const std::string_view near = nearest(request.name, names);
      return fail(ErrorCode::Input,
                  fmt::format("the input at the engine has no column '{}'{}", request.name,
                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    QUINTILE_TRY(Read read, sql::read(*found, request.reading, money_scale, dialect));
    rows.names_.push_back(request.name);
    rows.reads_.push_back(std::move(read));
  }
  return rows;
}

Sql TypedRows::query(std::span<const Sql> more) const {
  std::vector<Sql> columns;
  for (int i = 0; i < size(); ++i) {
    const Read& read = at(i);
    const Sql index = Sql::number(i);
    columns.push_back(sql("{} AS q_v{}", read.value, index));
    columns.push_back(sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_p{}", read.is_present, index));
    if (!read.moment.empty()) columns.push_back(sql("{} AS q_m{}", read.moment, index));
    if (!read.is_beyond.empty())
      columns.push_back(sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_b{}", read.is_beyond, index));
    if (!read.is_untrimmed.empty())
      columns.push_back(sql("CASE WHEN {} THEN 1 ELSE 0 END AS q_u{}", read.is_untrimmed, index));
  }
  columns.insert(columns.end(), more.begin(), more.end());
  return sql("SELECT {} FROM {}", Sql::join(columns), from_);
}

Sql is_no_plain_integer(const Sql& text, const Dialect& dialect) {
  return sql(
      "CASE WHEN {0} IS NULL THEN 0 WHEN {1} THEN CASE WHEN {2} = {0} THEN 0 ELSE 1 END ELSE 1 END "
      "= 1",
      text, dialect.is_integer(text), dialect.to_text(dialect.to_integer(text)));
}

void TypedRows::take_plain(int index) {
  Read& read = reads_[static_cast<std::size_t>(index)];
  read.value = read.plain;
  read.is_present = sql("{} IS NOT NULL", read.plain);
  read.is_untrimmed = {};
}

Sql TypedRows::is_unreadable(int index) const {
  const Sql number = Sql::number(index);
  return sql("q_p{0} = 1 AND q_v{0} IS NULL", number);
}

Field TypedRows::field(int index, bool as_text, const Dialect& dialect) const {
  const Read& read = at(index);
  if (as_text && read.type.type == Type::Integer)
    return {{Type::Text, 0}, dialect.to_text(value(index)), {}};
  if (read.type.type == Type::Timestamp) return {read.type, moment(index), value(index)};
  return {read.type, value(index), {}};
}

Result<Sql> outside(const Field& field, const quality::ReviewSpec::Range& range,
                    const Dialect& dialect) {
  using expression::Operator;
  const bool is_number = field.type.type == Type::Integer || field.type.type == Type::Decimal ||
                         field.type.type == Type::Real;
  if (!is_number) {
    return fail(ErrorCode::Plan,
                fmt::format("review.ranges: column '{}' holds {}, not numbers", range.column,
                            to_string(field.type.type)),
                {}, range.place);
  }
  const auto low = parse_decimal(range.low);
  const auto high = parse_decimal(range.high);
  if (!low || !high)
    return fail(ErrorCode::Plan,
                fmt::format("review.ranges: the bounds of '{}' are no numbers", range.column), {},
                range.place);
  const auto bound = [](const Decimal& decimal) {
    return expression::Operand{{}, {Type::Decimal, decimal.unscaled, decimal.scale, {}}, 0};
  };
  expression::Expression inside;
  inside.source = fmt::format("{} between {} and {}", range.column, range.low, range.high);
  inside.root.op = Operator::Between;
  inside.root.operands = {expression::Operand{range.column, {}, 0}, bound(*low), bound(*high)};
  QUINTILE_TRY(const Sql condition,
               translate(inside, [&](std::string_view) { return field; }, {}, dialect));
  return sql("NOT {}", condition);
}

int Tally::add(Kind kind, Sql x) {
  measures_.push_back({kind, std::move(x)});
  return static_cast<int>(measures_.size()) - 1;
}
int Tally::rows_where(const Sql& condition) {
  return add(Kind::Sum, sql("CASE WHEN {} THEN 1 ELSE 0 END", condition));
}
int Tally::sum(const Sql& x) { return add(Kind::Sum, x); }
int Tally::least(const Sql& x) { return add(Kind::Least, x); }
int Tally::greatest(const Sql& x) { return add(Kind::Greatest, x); }

Status Tally::ask(Session& session, const Dialect& dialect, const Sql& rows, const Sql& group) {
  std::vector<Sql> columns = {dialect.to_integer(group), dialect.to_integer(sql("COUNT(*)"))};
  std::vector<Type> types(measures_.size() + 2, Type::Integer);
  for (const Measure& measure : measures_) {
    switch (measure.kind) {
      case Kind::Sum: columns.push_back(dialect.to_integer(sql("SUM({})", measure.x))); break;
      case Kind::Least: columns.push_back(dialect.to_integer(sql("MIN({})", measure.x))); break;
      case Kind::Greatest: columns.push_back(dialect.to_integer(sql("MAX({})", measure.x))); break;
    }
  }
  const Sql statement = sql("SELECT {} FROM ({}) q_t GROUP BY {}", Sql::join(columns), rows, group);
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), types));
  groups_.clear();
  for (std::int64_t row = 0; row < answer.rows(); ++row) {
    Group& mine = groups_.emplace_back(Group{answer.integer(row, 0), answer.integer(row, 1), {}});
    for (std::size_t m = 0; m < measures_.size(); ++m) {
      mine.values.push_back(
          answer.is_missing(row, m + 2) ? std::nullopt : std::optional(answer.integer(row, m + 2)));
    }
  }
  std::ranges::sort(groups_, {}, &Group::group);
  return {};
}

std::int64_t Tally::rows() const {
  std::int64_t rows = 0;
  for (const Group& group : groups_) rows += group.rows;
  return rows;
}

Int128 Tally::total(int number) const {
  Int128 total = 0;
  for (const Group& group : groups_)
    total += group.values[static_cast<std::size_t>(number)].value_or(0);
  return total;
}

std::optional<std::int64_t> Tally::extreme(int number) const {
  std::optional<std::int64_t> extreme;
  const bool is_least = measures_[static_cast<std::size_t>(number)].kind == Kind::Least;
  for (const Group& group : groups_) {
    const auto& value = group.values[static_cast<std::size_t>(number)];
    if (!value) continue;
    extreme = !extreme   ? *value
              : is_least ? std::min(*extreme, *value)
                         : std::max(*extreme, *value);
  }
  return extreme;
}

}  // namespace quintile::engine::sql
