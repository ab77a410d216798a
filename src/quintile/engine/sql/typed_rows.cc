#include "quintile/engine/sql/typed_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"

namespace quintile::engine::sql {

bool contains(const std::vector<int>& indexes, int index) {
  return std::ranges::find(indexes, index) != indexes.end();
}

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

NamedFields named_fields(const TypedRows& rows, std::vector<std::pair<std::string_view, int>> roles,
                         std::vector<int> hidden, std::vector<int> identifiers,
                         const Dialect& dialect) {
  NamedFields fields;
  for (int i = 0; i < rows.size(); ++i) fields.names.push_back(rows.name(i));
  fields.find = [&rows, roles = std::move(roles), hidden = std::move(hidden),
                 identifiers = std::move(identifiers),
                 dialect](std::string_view named) -> std::optional<Field> {
    const auto field = [&](int index) {
      return rows.field(index, contains(identifiers, index), dialect);
    };
    for (const auto& [role, index] : roles) {
      if (role == named && index >= 0) return field(index);
    }
    for (int i = 0; i < rows.size(); ++i) {
      if (rows.name(i) == named && !contains(hidden, i)) return field(i);
    }
    return std::nullopt;
  };
  return fields;
}

}  // namespace quintile::engine::sql
