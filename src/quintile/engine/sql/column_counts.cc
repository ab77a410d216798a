#include "quintile/engine/sql/column_counts.h"

#include <algorithm>

#include "quintile/base/date.h"

namespace quintile::engine::sql {

namespace {

bool is_number(const expression::FieldType& type) {
  return type.type == Type::Integer || type.type == Type::Decimal;
}
bool is_day(const expression::FieldType& type) {
  return type.type == Type::Date || type.type == Type::Timestamp;
}
bool has_extremes(const std::string& role) {
  return role != "personal" && role != "customer_id" && role != "order_id";
}

}  // namespace

void ColumnCounts::count(Tally& tally, const TypedRows& rows) {
  numbers_.assign(static_cast<std::size_t>(rows.size()), {});
  beyond_.clear();
  for (const auto& [index, role] : named_) {
    Numbers& column = numbers_[static_cast<std::size_t>(index)];
    const expression::FieldType& type = rows.type(index);
    column.missing = tally.rows_where(rows.is_missing(index));
    if (rows.at(index).can_be_unreadable)
      column.unreadable = tally.rows_where(rows.is_unreadable(index));
    if (has_extremes(role) && (is_number(type) || is_day(type))) {
      column.least = tally.least(rows.value(index));
      column.greatest = tally.greatest(rows.value(index));
    } else if (has_extremes(role) && type.type == Type::Boolean) {
      column.sum = tally.sum(rows.value(index));
    }
    if (rows.can_be_beyond(index) && contains(needed_, index))
      beyond_.emplace_back(index, tally.rows_where(rows.is_beyond(index)));
  }
}

Status ColumnCounts::check_amounts(const Tally& tally, const TypedRows& rows) const {
  for (const auto& [index, number] : beyond_) {
    if (tally.count(number) > 0) return too_large(tally.count(number), rows.name(index));
  }
  return {};
}

std::int64_t ColumnCounts::missing(const Tally& tally, int index) const {
  return tally.count(of(index).missing);
}

std::int64_t ColumnCounts::unreadable(const Tally& tally, int index) const {
  return of(index).unreadable < 0 ? 0 : tally.count(of(index).unreadable);
}

quality::ColumnProfile ColumnCounts::profile(const Tally& tally, const TypedRows& rows, int index,
                                             const std::string& role) const {
  const Numbers& column = of(index);
  const expression::FieldType& type = rows.type(index);
  quality::ColumnProfile profile;
  profile.column = rows.name(index);
  profile.role = role;
  profile.type = role == "personal" ? "text" : std::string(to_string(type.type));
  profile.rows = tally.rows();
  profile.missing = missing(tally, index);
  profile.invalid = unreadable(tally, index);
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

void ColumnCounts::tell(quality::Review& review, const Tally& tally, const TypedRows& rows,
                        const std::vector<int>& described,
                        const std::vector<Spellings>& spellings) const {
  for (const auto& [index, role] : named_) {
    quality::ColumnProfile told = profile(tally, rows, index, role);
    const auto found = std::ranges::find(described, index);
    if (found != described.end() && rows.type(index).type == Type::Text) {
      const Spellings& texts = spellings[static_cast<std::size_t>(found - described.begin())];
      told.distinct = texts.texts;
      told.distinct_is_lower_bound = !texts.is_complete;
      told.top = texts.top;
    }
    review.columns.push_back(std::move(told));
  }
}

}  // namespace quintile::engine::sql
