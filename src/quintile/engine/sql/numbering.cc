#include "quintile/engine/sql/numbering.h"

namespace quintile::engine::sql {

void SourceIds::count(Tally& tally, const Dialect& dialect) {
  if (are_integers()) return;
  beyond_ = tally.rows_where(sql("NOT {}", dialect.is_integer(id_)));
  words_ = tally.rows_where(sql("NOT {}", dialect.is_long_integer(id_)));
}

std::vector<Sql> SourceIds::order(const Sql& id, const Tally& tally, const Dialect& dialect) const {
  if (are_integers()) return {id};
  const Sql bytes = dialect.by_bytes(id);
  if (tally.count(words_) > 0) return {bytes};
  if (tally.count(beyond_) == 0) return {dialect.to_integer(id), bytes};
  // By sign and number of digits, then by digits: of negative numbers the greatest come first.
  const Sql digits = dialect.by_bytes(dialect.without_leading(id, "+-0"));
  const Sql sign =
      sql("CASE WHEN SUBSTR({0}, 1, 1) = '-' AND {1} <> '' THEN -1 ELSE 1 END", id, digits);
  return {sql("({}) * (1 + LENGTH({}))", sign, digits),
          sql("CASE WHEN ({}) = 1 THEN {} ELSE '' END", sign, digits),
          sql("CASE WHEN ({}) = -1 THEN {} ELSE '' END DESC", sign, digits), bytes};
}

Sql customers_before(const Sql& customers, const Dialect& dialect) {
  return sql(
      "SELECT q_first, {} AS q_offset FROM (SELECT q_first, COUNT(*) AS q_n FROM {} GROUP BY "
      "q_first) q_d",
      dialect.to_integer(sql("SUM(q_n) OVER (ORDER BY q_first ROWS BETWEEN UNBOUNDED PRECEDING "
                             "AND CURRENT ROW) - q_n")),
      customers);
}

}  // namespace quintile::engine::sql
