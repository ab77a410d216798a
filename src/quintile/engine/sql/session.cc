#include "quintile/engine/sql/session.h"

#include <array>

#include <fmt/format.h>

#include "quintile/base/check.h"

namespace quintile::engine::sql {

std::string_view to_string(Product product) {
  static constexpr std::array<std::string_view, kProducts> kNames = {
      "duckdb",   "spark", "sail",     "databricks", "postgresql",
      "redshift", "trino", "bigquery", "snowflake",  "clickhouse"};
  return kNames[static_cast<std::size_t>(product)];
}

Answer::Answer(std::span<const Type> types) {
  for (const Type type : types) columns_.push_back({type, {}, {}, {}});
}

bool Answer::is_missing(std::int64_t row, std::size_t column) const {
  return columns_[column].valid[static_cast<std::size_t>(row)] == 0;
}

std::int64_t Answer::integer(std::int64_t row, std::size_t column) const {
  QUINTILE_CHECK(columns_[column].type == Type::Integer);
  return columns_[column].integers[static_cast<std::size_t>(row)];
}

const std::string& Answer::text(std::int64_t row, std::size_t column) const {
  QUINTILE_CHECK(columns_[column].type == Type::Text);
  return columns_[column].texts[static_cast<std::size_t>(row)];
}

void Answer::append(const Rows& rows) {
  QUINTILE_CHECK(rows.columns.size() == columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    Column& column = columns_[c];
    const ColumnView& view = rows.columns[c];
    for (std::int64_t row = 0; row < rows.size; ++row) {
      const bool is_valid = view.is_valid(row);
      column.valid.push_back(is_valid ? 1 : 0);
      if (column.type == Type::Text)
        column.texts.emplace_back(is_valid ? view.text(row) : std::string_view());
      else
        column.integers.push_back(is_valid ? view.integer(row) : 0);
    }
  }
  rows_ += rows.size;
}

std::unexpected<Error> contradiction(const Session& session, std::string_view what) {
  return fail(
      ErrorCode::Engine,
      fmt::format("{} contradicts itself: {}; a table changed between two passes, or its "
                  "answers are wrong",
                  to_string(session.server().product), what),
      "nothing was published; run again on data at rest; `quintile engines check` tests the "
      "engine itself");
}

Result<Answer> query(Session& session, std::string_view sql, std::span<const Type> types,
                     std::int64_t rows_max) {
  Answer answer(types);
  QUINTILE_TRY_STATUS(session.stream(sql, types, [&](const Rows& rows) -> Status {
    if (answer.rows() + rows.size > rows_max) {
      return fail(ErrorCode::Engine, fmt::format("the engine {} answered with more than {} rows",
                                                 to_string(session.server().product), rows_max));
    }
    answer.append(rows);
    return {};
  }));
  return answer;
}

}  // namespace quintile::engine::sql
