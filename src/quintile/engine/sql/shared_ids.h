#pragma once

#include <vector>

#include "quintile/engine/sql/typed_rows.h"

namespace quintile::engine::sql {

/// Customer ids that stand on several rows, and the cells that tell such rows apart.
class SharedIds {
 public:
  /// Counts them in one statement, and in another one whether rows that share id and first day can
  /// be told apart exactly. `id` and `first_day` are columns of `rows`; -1: there is no first day.
  /// Errors: Unsupported where they cannot; those of the session.
  [[nodiscard]] static Result<SharedIds> of(Session& session, const Dialect& dialect,
                                            const TypedRows& rows,
                                            const std::vector<SourceColumn>& columns, int id,
                                            int first_day);

  std::int64_t ids = 0, rows = 0, largest = 0;
  int passes = 1;  ///< how often the rows were read for this
  [[nodiscard]] bool any() const { return ids > 0; }

  /// The raw cells of a record, for `TypedRows::query`; none where no id is shared.
  [[nodiscard]] std::vector<Sql> cells() const;
  // In terms of that query.
  /// A condition: an equal record stands before this one.
  [[nodiscard]] Sql is_copy(const Sql& id) const;
  /// What orders records that share day and id, ascending or descending: numbers by value, text by
  /// its bytes.
  [[nodiscard]] std::vector<Sql> order(const Sql& direction) const;

 private:
  SharedIds(const Dialect& dialect, const std::vector<SourceColumn>& columns, std::string id_name)
      : dialect_(dialect), columns_(columns), id_name_(std::move(id_name)) {}
  /// False where there was nothing to ask.
  [[nodiscard]] Result<bool> check_ties(Session& session, const TypedRows& rows, const Sql& id,
                                        const Sql& first_day) const;
  [[nodiscard]] std::vector<Sql> record() const;

  Dialect dialect_;
  std::vector<SourceColumn> columns_;
  std::string id_name_;
};

}  // namespace quintile::engine::sql
