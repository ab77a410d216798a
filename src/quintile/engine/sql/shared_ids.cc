#include "quintile/engine/sql/shared_ids.h"

#include <fmt/format.h>

namespace quintile::engine::sql {

namespace {

Sql cell(std::size_t i) { return sql("q_r{}", Sql::number(static_cast<std::int64_t>(i))); }
Sql flag(const Sql& condition) { return sql("CASE WHEN {} THEN 1 ELSE 0 END", condition); }

}  // namespace

Result<SharedIds> SharedIds::of(Session& session, const Dialect& dialect, const TypedRows& rows,
                                const std::vector<SourceColumn>& columns, int id, int first_day) {
  SharedIds shared(dialect, columns, rows.name(id));
  const Sql groups = sql("SELECT COUNT(*) AS q_n FROM ({0}) q_t WHERE {1} IS NOT NULL GROUP BY {1}",
                         rows.query(), rows.value(id));
  const auto number = [&](const Sql& x) { return dialect.to_integer(sql("COALESCE({}, 0)", x)); };
  const std::vector<Type> types(3, Type::Integer);
  QUINTILE_TRY(const Answer answer,
               query(session,
                     sql("SELECT {}, {}, {} FROM ({}) q_g WHERE q_n > 1", number(sql("COUNT(*)")),
                         number(sql("SUM(q_n)")), number(sql("MAX(q_n)")), groups)
                         .text(),
                     types));
  if (answer.rows() != 1) return fail(ErrorCode::Engine, "the engine gave no count of ids");
  shared.ids = answer.integer(0, 0);
  shared.rows = answer.integer(0, 1);
  shared.largest = answer.integer(0, 2);
  if (!shared.any()) return shared;
  for (const SourceColumn& column : columns) {
    if (column.stored != Stored::Other) continue;
    return fail(ErrorCode::Unsupported,
                fmt::format("{} customer ids stand on several rows, and rows cannot be told apart "
                            "by column {}, which is {}",
                            shared.ids, column.name, column.declared),
                "leave the column out of a view at the engine, and name the view");
  }
  QUINTILE_TRY(const bool looked,
               shared.check_ties(session, rows, rows.value(id),
                                 first_day >= 0 ? rows.value(first_day) : sql("0")));
  if (looked) ++shared.passes;
  return shared;
}

/// Texts that look like numbers would be compared by value, which SQL cannot do exactly.
Result<bool> SharedIds::check_ties(Session& session, const TypedRows& rows, const Sql& id,
                                   const Sql& first_day) const {
  std::vector<Sql> looks;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].stored == Stored::Text && columns_[i].name != id_name_) {
      looks.push_back(
          sql("SUBSTR({}, 1, 1) IN ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', "
              "'.')",
              dialect_.trim(cell(i))));
    }
  }
  if (looks.empty()) return false;
  const Sql ties =
      sql("SELECT q_t.*, COUNT(*) OVER (PARTITION BY {0}, {1}) AS q_tied FROM ({2}) q_t WHERE "
          "{1} IS NOT NULL",
          first_day, id, rows.query(record()));
  const Sql number_like = sql("SUM({})", flag(Sql::join(looks, Separator::Or)));
  const std::vector<Type> types(1, Type::Integer);
  QUINTILE_TRY(const Answer answer,
               query(session,
                     sql("SELECT {} FROM ({}) q_w WHERE q_tied > 1",
                         dialect_.to_integer(sql("COALESCE({}, 0)", number_like)), ties)
                         .text(),
                     types));
  if (answer.rows() == 1 && answer.integer(0, 0) == 0) return true;
  return fail(ErrorCode::Unsupported,
              "rows with one customer id and one first purchase date differ in texts that look "
              "like numbers, whose order has no exact form in SQL",
              "leave those columns out of a view at the engine, or run the plan on a copy here");
}

std::vector<Sql> SharedIds::record() const {
  std::vector<Sql> cells;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Sql raw = dialect_.name(columns_[i].name);
    if (columns_[i].stored == Stored::Text) raw = dialect_.to_text(raw);
    cells.push_back(sql("{} AS {}", raw, cell(i)));
  }
  return cells;
}

std::vector<Sql> SharedIds::cells() const { return any() ? record() : std::vector<Sql>(); }

Sql SharedIds::is_copy(const Sql& id) const {
  if (!any()) return sql("1 = 0");
  std::vector<Sql> cells = {id};
  for (std::size_t i = 0; i < columns_.size(); ++i) cells.push_back(cell(i));
  return sql("{0} IS NOT NULL AND ROW_NUMBER() OVER (PARTITION BY {1} ORDER BY {0}) > 1", id,
             Sql::join(cells));
}

std::vector<Sql> SharedIds::order(const Sql& direction) const {
  std::vector<Sql> keys;
  if (!any()) return keys;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == id_name_) continue;
    Sql value = cell(i);
    Sql is_there = sql("{} IS NOT NULL", value);
    if (columns_[i].stored == Stored::Text) {
      is_there = sql("{} IS NOT NULL AND {} <> ''", value, value);
      value = dialect_.by_bytes(value);
    }
    if (columns_[i].stored == Stored::Boolean) value = sql("CASE WHEN {} THEN 1 ELSE 0 END", value);
    keys.push_back(sql("{} {}", flag(is_there), direction));
    keys.push_back(sql("{} {}", value, direction));
  }
  return keys;
}

}  // namespace quintile::engine::sql
