#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/engine/sql/source_columns.h"
#include "quintile/engine/sql/translate.h"
#include "quintile/quality/review.h"

/// The input's rows with the columns that a plan reads, typed and under names of ours.
namespace quintile::engine::sql {

class TypedRows {
 public:
  /// Errors: Input for a column that the input does not have, with the nearest; Unsupported.
  [[nodiscard]] static Result<TypedRows> of(const std::vector<table::ColumnRequest>& requests,
                                            const std::vector<SourceColumn>& columns, Sql from,
                                            int money_scale, const Dialect& dialect);

  /// The query that gives these rows; `more` are further columns, in terms of the input's own.
  [[nodiscard]] Sql query(std::span<const Sql> more = {}) const;

  // In terms of that query's columns; `index` as in the requests.
  [[nodiscard]] Sql value(int index) const { return sql("q_v{}", Sql::number(index)); }
  /// The time stamp or date itself, which sorts as moments do.
  [[nodiscard]] Sql moment(int index) const { return sql("q_m{}", Sql::number(index)); }
  [[nodiscard]] Sql is_missing(int index) const { return sql("q_p{} = 0", Sql::number(index)); }
  [[nodiscard]] Sql is_unreadable(int index) const;
  [[nodiscard]] Sql is_beyond(int index) const { return sql("q_b{} = 1", Sql::number(index)); }
  [[nodiscard]] bool can_be_beyond(int index) const { return !at(index).is_beyond.empty(); }
  [[nodiscard]] bool can_be_untrimmed(int index) const { return !at(index).is_untrimmed.empty(); }
  [[nodiscard]] Sql is_untrimmed(int index) const { return sql("q_u{} = 1", Sql::number(index)); }
  /// From now on reads an identifier as it stands: no cell of it is untrimmed.
  void take_plain(int index);
  [[nodiscard]] const expression::FieldType& type(int index) const { return at(index).type; }
  [[nodiscard]] const std::string& name(int index) const {
    return names_[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] const Read& at(int index) const { return reads_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] int size() const { return static_cast<int>(reads_.size()); }
  /// For expressions. An identifier is text wherever people write about it.
  [[nodiscard]] Field field(int index, bool as_text, const Dialect& dialect) const;

 private:
  Sql from_;
  std::vector<std::string> names_;
  std::vector<Read> reads_;
};

/// A condition that is true for a text that is no integer in its plain form: "012", "+1", "a".
[[nodiscard]] Sql is_no_plain_integer(const Sql& text, const Dialect& dialect);

/// A condition that is true where a number that is there lies outside `range`.
/// Errors: Plan where a bound is no number or the column holds none; Unsupported for reals.
[[nodiscard]] Result<Sql> outside(const Field& field, const quality::ReviewSpec::Range& range,
                                  const Dialect& dialect);

/// Sums over groups of rows, all asked for in one statement.
class Tally {
 public:
  /// Each returns the number under which the answer is found.
  int rows_where(const Sql& condition);
  int sum(const Sql& x);
  int least(const Sql& x);
  int greatest(const Sql& x);

  /// Runs it: `group` is a whole number from 0 on, and groups without rows have no sums.
  [[nodiscard]] Status ask(Session& session, const Dialect& dialect, const Sql& rows,
                           const Sql& group);

  struct Group {
    std::int64_t group = 0, rows = 0;
    std::vector<std::optional<std::int64_t>> values;
  };
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  [[nodiscard]] std::int64_t rows() const;
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
  std::vector<Measure> measures_;
  std::vector<Group> groups_;
};

}  // namespace quintile::engine::sql
