#include "quintile/engine/sql/level_counts.h"

#include <array>
#include <map>

#include <fmt/format.h>

namespace quintile::engine::sql {

namespace {

/// How many values each attribute has, and how many of them are common.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> count_values(
    Session& session, const Dialect& dialect, const Sql& table,
    const std::vector<std::size_t>& texts, std::int64_t customers_min) {
  std::vector<Sql> scans;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    scans.push_back(
        sql("SELECT {0} AS q_attribute, COUNT(*) AS q_customers FROM {1} WHERE {2} IS NOT NULL "
            "GROUP BY {2}",
            Sql::number(static_cast<std::int64_t>(i)), table, attribute_column(texts[i])));
  }
  const Sql statement =
      sql("SELECT {}, {}, {} FROM ({}) q_l GROUP BY q_attribute",
          dialect.to_integer(sql("q_attribute")), dialect.to_integer(sql("COUNT(*)")),
          dialect.to_integer(sql("SUM(CASE WHEN q_customers >= {} THEN 1 ELSE 0 END)",
                                 Sql::number(customers_min))),
          Sql::join(scans, Separator::UnionAll));
  const std::vector<Type> types(3, Type::Integer);
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), types));
  std::vector<std::pair<std::int64_t, std::int64_t>> values(texts.size());
  for (std::int64_t row = 0; row < answer.rows(); ++row) {
    const auto attribute = static_cast<std::size_t>(answer.integer(row, 0));
    if (attribute >= texts.size())
      return contradiction(session, "it counted values of an attribute that there is not");
    values[attribute] = {answer.integer(row, 1), answer.integer(row, 2)};
  }
  return values;
}

/// Customers by segment and level; of many levels, the rare ones stand together.
Result<summary::LevelCounts> count_by_segment(Session& session, const Dialect& dialect,
                                              const Sql& table, const Sql& text,
                                              std::size_t segments,
                                              std::optional<std::int64_t> customers_min) {
  const Sql common = sql(
      "SELECT {0} AS q_level FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} HAVING COUNT(*) >= {2}",
      text, table, Sql::number(customers_min.value_or(1)));
  const Sql statement =
      sql("SELECT {0}, q_level, {1} FROM {2} q_c LEFT JOIN ({3}) q_k ON q_c.{4} = q_k.q_level "
          "WHERE q_c.{4} IS NOT NULL GROUP BY q_segment, q_level",
          dialect.to_integer(sql("q_segment")), dialect.to_integer(sql("COUNT(*)")), table, common,
          text);
  constexpr std::array kTypes = {Type::Integer, Type::Text, Type::Integer};
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), kTypes,
                                          (kLevelsMax + 1) * static_cast<std::int64_t>(segments)));
  std::map<std::string, std::size_t, std::less<>> places;
  for (std::int64_t row = 0; row < answer.rows(); ++row) {
    if (!answer.is_missing(row, 1)) places.emplace(answer.text(row, 1), 0);
  }
  summary::LevelCounts counts;
  counts.has_many = customers_min.has_value();
  for (auto& [text_of_level, place] : places) {
    place = counts.levels.size();
    counts.levels.push_back(text_of_level);
  }
  counts.customers.resize((segments + 1) * counts.width());
  for (std::int64_t row = 0; row < answer.rows(); ++row) {
    const std::size_t place =
        answer.is_missing(row, 1) ? counts.levels.size() : places.at(answer.text(row, 1));
    const auto segment = static_cast<std::size_t>(answer.integer(row, 0));
    if (segment >= segments)
      return contradiction(session, "it counted customers of a segment that there is not");
    counts.customers[segment * counts.width() + place] += answer.integer(row, 2);
  }
  return counts;
}

}  // namespace

Result<CountedLevels> count_levels(Session& session, const Remote& remote, std::size_t segments,
                                   const std::vector<std::size_t>& texts,
                                   std::int64_t customers_min) {
  CountedLevels counted;
  if (texts.empty()) return counted;
  const Dialect dialect(session.server().product);
  QUINTILE_TRY(const auto values,
               count_values(session, dialect, remote.scored.name, texts, customers_min));
  counted.passes = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto& [levels, common] = values[i];
    if (common > kLevelsMax) {
      counted.of.emplace_back();
      counted.not_tested.push_back(fmt::format(
          "attribute {} is not tested for traits at the engine: more than {} of its values have {} "
          "customers or more",
          remote.customers.attributes[texts[i]].name, kLevelsMax, customers_min));
      continue;
    }
    const bool has_many = levels > static_cast<std::int64_t>(summary::kLevelsTested);
    QUINTILE_TRY(
        counted.of.emplace_back(),
        count_by_segment(session, dialect, remote.scored.name, attribute_column(texts[i]), segments,
                         has_many ? std::optional(customers_min) : std::nullopt));
    ++counted.passes;
  }
  return counted;
}

}  // namespace quintile::engine::sql
