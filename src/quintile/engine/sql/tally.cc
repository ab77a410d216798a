#include "quintile/engine/sql/tally.h"

#include <algorithm>
#include <utility>

#include "quintile/engine/sql/session.h"

namespace quintile::engine::sql {

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

Status Tally::ask(Session& session, const Dialect& dialect, const Sql& rows, const Sql& group,
                  std::int64_t groups) {
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
    if (answer.is_missing(row, 0) || answer.integer(row, 0) < 0 || answer.integer(row, 0) >= groups)
      return contradiction(session, "it counted rows of a kind that there is not");
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

const Tally::Group* Tally::find(std::int64_t group) const {
  const auto found = std::ranges::find(groups_, group, &Group::group);
  return found == groups_.end() ? nullptr : &*found;
}

std::int64_t Tally::rows_of(std::int64_t group) const {
  const Group* found = find(group);
  return found == nullptr ? 0 : found->rows;
}

std::int64_t Tally::of(std::int64_t group, int number) const {
  const Group* found = find(group);
  return found == nullptr ? 0 : found->values[static_cast<std::size_t>(number)].value_or(0);
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
