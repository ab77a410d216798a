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

/// Is a column among these?
[[nodiscard]] bool contains(const std::vector<int>& indexes, int index);

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

/// The fields that a plan's expressions may name: a role first, then a column.
struct NamedFields {
  Fields find;
  std::vector<std::string> names;  ///< of the columns, for "did you mean"
};

/// `roles` by name, -1 where absent. Columns of `hidden` are found under no name; those of
/// `identifiers` are text wherever people write about them. `rows` outlives the result.
[[nodiscard]] NamedFields named_fields(const TypedRows& rows,
                                       std::vector<std::pair<std::string_view, int>> roles,
                                       std::vector<int> hidden, std::vector<int> identifiers,
                                       const Dialect& dialect);

}  // namespace quintile::engine::sql
