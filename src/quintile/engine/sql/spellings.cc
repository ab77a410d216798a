#include "quintile/engine/sql/spellings.h"

#include <algorithm>
#include <array>
#include <map>

#include "quintile/quality/attribute_checks.h"

namespace quintile::engine::sql {

namespace {

constexpr std::size_t kTopMax = 10;

Result<Spellings> unify(Session& session, const TypedRows& rows, int index,
                        const ReviewBuilder& review) {
  const Dialect dialect(session.server().product);
  const Sql value = rows.value(index);
  constexpr auto kMax = static_cast<std::int64_t>(quality::kCategoriesMax);
  const Sql statement =
      sql("SELECT {0}, {1} FROM ({2}) q_t WHERE {0} IS NOT NULL GROUP BY {0} LIMIT {3}", value,
          dialect.to_integer(sql("COUNT(*)")), rows.query(), Sql::number(kMax + 1));
  constexpr std::array kTypes = {Type::Text, Type::Integer};
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), kTypes, kMax + 1));
  Spellings spellings;
  spellings.texts = answer.rows();
  if (answer.rows() > kMax) {
    spellings.is_complete = false;
    return spellings;
  }
  std::vector<std::pair<std::string, std::int64_t>> sorted;
  for (std::int64_t row = 0; row < answer.rows(); ++row)
    sorted.emplace_back(answer.text(row, 0), answer.integer(row, 1));
  std::ranges::sort(sorted);
  std::vector<std::string_view> texts;
  std::vector<std::int64_t> counts;
  for (const auto& [text, count] : sorted) texts.push_back(text), counts.push_back(count);
  const std::vector<std::string> chosen = quality::chosen_spellings(texts, counts);
  std::map<std::string, std::int64_t> rows_of_text;
  std::int64_t changed_rows = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (chosen[i] == texts[i]) continue;
    spellings.changed.emplace_back(texts[i], chosen[i]);
    changed_rows += counts[i];
    rows_of_text[chosen[i]] += counts[i];
  }
  if (changed_rows > 0) {
    spellings.finding =
        review.finding("category_variant", rows.name(index), quality::Severity::Warning,
                       changed_rows, quality::Decision::Regenerated,
                       "spellings that differ in case or blanks were written as the most frequent "
                       "one");
    std::vector<quality::Detail> merged;
    for (const auto& [text, count] : rows_of_text) {
      if (merged.size() < quality::kExamplesMax) merged.push_back({text, count});
    }
    spellings.finding->details = {{"categories", static_cast<std::int64_t>(rows_of_text.size())},
                                  {"rows_by_category", merged}};
  }
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  sorted.resize(std::min(sorted.size(), kTopMax));
  spellings.top = std::move(sorted);
  return spellings;
}

}  // namespace

Result<std::vector<Spellings>> unify_spellings(Session& session, const TypedRows& rows,
                                               const std::vector<int>& columns,
                                               const ReviewBuilder& review) {
  std::vector<Spellings> all;
  for (const int index : columns) {
    Spellings spellings;
    if (rows.type(index).type == Type::Text) {
      QUINTILE_TRY(spellings, unify(session, rows, index, review));
    }
    all.push_back(std::move(spellings));
  }
  return all;
}

int texts_among(const TypedRows& rows, const std::vector<int>& columns) {
  return static_cast<int>(std::ranges::count_if(
      columns, [&](int index) { return rows.type(index).type == Type::Text; }));
}

Sql respelled(const Sql& column, const Spellings& spellings, const Dialect& dialect) {
  if (spellings.changed.empty()) return column;
  std::vector<Sql> whens;
  for (const auto& [from, to] : spellings.changed)
    whens.push_back(sql("WHEN {} THEN {}", dialect.text(from), dialect.text(to)));
  return sql("CASE {0} {1} ELSE {0} END", column, Sql::join(whens, Separator::Blank));
}

}  // namespace quintile::engine::sql
