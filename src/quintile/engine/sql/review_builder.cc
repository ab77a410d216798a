#include "quintile/engine/sql/review_builder.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/quality/attribute_checks.h"

namespace quintile::engine::sql {

namespace {

constexpr std::size_t kTopMax = 10;

bool is_number(const expression::FieldType& type) {
  return type.type == Type::Integer || type.type == Type::Decimal;
}
bool is_day(const expression::FieldType& type) {
  return type.type == Type::Date || type.type == Type::Timestamp;
}
bool is_id(std::string_view role) { return role == "customer_id" || role == "order_id"; }

}  // namespace

ColumnTally tally_column(Tally& tally, const TypedRows& rows, int index, std::string_view role,
                         const Dialect&) {
  ColumnTally column;
  column.missing = tally.rows_where(rows.is_missing(index));
  if (rows.at(index).can_be_unreadable)
    column.unreadable = tally.rows_where(rows.is_unreadable(index));
  if (role == "personal" || is_id(role)) return column;
  const expression::FieldType& type = rows.type(index);
  if (is_number(type) || is_day(type)) {
    column.least = tally.least(rows.value(index));
    column.greatest = tally.greatest(rows.value(index));
  } else if (type.type == Type::Boolean) {
    column.sum = tally.sum(rows.value(index));
  }
  return column;
}

quality::ColumnProfile profile_of(const Tally& tally, const ColumnTally& column,
                                  const TypedRows& rows, int index, std::string role) {
  const expression::FieldType& type = rows.type(index);
  quality::ColumnProfile profile;
  profile.column = rows.name(index);
  profile.role = std::move(role);
  profile.type = profile.role == "personal" ? "text" : std::string(to_string(type.type));
  profile.rows = tally.rows();
  profile.missing = tally.count(column.missing);
  profile.invalid = column.unreadable < 0 ? 0 : tally.count(column.unreadable);
  const std::int64_t present = profile.rows - profile.missing - profile.invalid;
  if (column.least >= 0 && present > 0) {
    const auto text = [&](int number) {
      const std::int64_t value = tally.extreme(number).value_or(0);
      return is_day(type) ? day_to_string(static_cast<std::int32_t>(value))
                          : decimal_to_string(value, type.scale);
    };
    profile.minimum = text(column.least);
    profile.maximum = text(column.greatest);
  }
  if (column.sum >= 0 && present > 0) {
    const std::int64_t yes = tally.count(column.sum);
    profile.distinct = yes > 0 && yes < present ? 2 : 1;
    if (yes > 0) profile.top.emplace_back("true", yes);
    if (yes < present) profile.top.emplace_back("false", present - yes);
    std::ranges::stable_sort(profile.top, std::ranges::greater{},
                             &std::pair<std::string, std::int64_t>::second);
  }
  return profile;
}

quality::Finding finding(std::string check, std::string column, quality::Severity severity,
                         std::int64_t rows, std::int64_t rows_read, quality::Decision decision,
                         std::string reason) {
  return {
      .check = std::move(check),
      .column = std::move(column),
      .severity = severity,
      .rows = rows,
      .share =
          Share{rows_read == 0 ? 0 : static_cast<double>(rows) / static_cast<double>(rows_read)},
      .examples = {},
      .decision = decision,
      .reason = std::move(reason),
      .details = {}};
}

quality::Decision decision_of(quality::OnFail on_fail) {
  switch (on_fail) {
    case quality::OnFail::Keep: return quality::Decision::Kept;
    case quality::OnFail::Quarantine: return quality::Decision::Quarantined;
    case quality::OnFail::Fail: return quality::Decision::Fail;
  }
  return quality::Decision::Kept;
}

std::unexpected<Error> nobody_left(const quality::Review& review) {
  if (review.rows == 0) return fail(ErrorCode::Input, "the input has no data rows");
  std::string advice = "the review found:";
  for (const quality::Finding& found : review.findings) {
    if (found.decision == quality::Decision::Quarantined)
      advice += fmt::format(" {} ({} rows);", found.check, found.rows);
  }
  advice.back() = '.';
  return fail(ErrorCode::Input, fmt::format("none of the {} rows can be used", review.rows),
              advice);
}

Status sums_fit(std::int64_t greatest, std::int64_t rows) {
  constexpr Int128 kLimit = Int128{1} << 63;
  if (static_cast<Int128>(greatest) * rows < kLimit) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("sums of {} amounts of up to {} minor units may not fit into the 64 bits "
                          "of the engine",
                          rows, greatest),
              "correct the largest amounts, or say with money_scale that fewer digits stand after "
              "the point");
}

std::unexpected<Error> too_large(std::int64_t rows, const std::string& column) {
  return fail(ErrorCode::Input,
              fmt::format("{} rows have an amount of 10^18 minor units or more, in column {}", rows,
                          column),
              "correct them, or say with money_scale that fewer digits stand after the point");
}

Result<Spellings> unify_spellings(Session& session, const TypedRows& rows, int index,
                                  std::int64_t rows_read) {
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
        finding("category_variant", rows.name(index), quality::Severity::Warning, changed_rows,
                rows_read, quality::Decision::Regenerated,
                "spellings that differ in case or blanks were written as the most frequent one");
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

Sql respelled(const Sql& column, const Spellings& spellings, const Dialect& dialect) {
  if (spellings.changed.empty()) return column;
  std::vector<Sql> whens;
  for (const auto& [from, to] : spellings.changed)
    whens.push_back(sql("WHEN {} THEN {}", dialect.text(from), dialect.text(to)));
  return sql("CASE {0} {1} ELSE {0} END", column, Sql::join(whens, Separator::Blank));
}

}  // namespace quintile::engine::sql
