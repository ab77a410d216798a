#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/engine/sql/dialect.h"

namespace quintile::engine::sql {

/// Sums over groups of rows, all asked for in one statement.
class Tally {
 public:
  /// Each returns the number under which the answer is found.
  int rows_where(const Sql& condition);
  int sum(const Sql& x);
  int least(const Sql& x);
  int greatest(const Sql& x);

  /// Runs it: `group` is a whole number from 0 on and below `groups`, and groups without rows have
  /// no sums. Errors: Engine for any other group; those of the session.
  [[nodiscard]] Status ask(Session& session, const Dialect& dialect, const Sql& rows,
                           const Sql& group, std::int64_t groups);

  struct Group {
    std::int64_t group = 0, rows = 0;
    std::vector<std::optional<std::int64_t>> values;
  };
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  [[nodiscard]] std::int64_t rows() const;
  /// 0 of a group without rows.
  [[nodiscard]] std::int64_t rows_of(std::int64_t group) const;
  [[nodiscard]] std::int64_t of(std::int64_t group, int number) const;
  /// Over all groups.
  [[nodiscard]] Int128 total(int number) const;
  [[nodiscard]] std::int64_t count(int number) const {
    return static_cast<std::int64_t>(total(number));
  }
  [[nodiscard]] std::optional<std::int64_t> extreme(int number) const;

 private:
  enum class Kind : std::uint8_t { Sum, Least, Greatest };
  struct Measure {
    Kind kind;
    Sql x;
  };
  int add(Kind kind, Sql x);
  [[nodiscard]] const Group* find(std::int64_t group) const;
  std::vector<Measure> measures_;
  std::vector<Group> groups_;
};

}  // namespace quintile::engine::sql
