#pragma once

#include <string_view>
#include <vector>

#include "quintile/engine/sql/dialect.h"

namespace quintile::engine::sql {

/// Tables that a run makes at the engine and that no exit leaves there: they are dropped when this
/// goes out of scope, after a failure or a cancellation too.
class TemporaryTables {
 public:
  TemporaryTables(Session& session, const Dialect& dialect)
      : session_(session), dialect_(dialect) {}
  ~TemporaryTables();
  TemporaryTables(const TemporaryTables&) = delete;
  TemporaryTables& operator=(const TemporaryTables&) = delete;

  /// Makes a table of the rows of `query`; `name` tells it apart within the run.
  [[nodiscard]] Result<Sql> create(std::string_view name, const Sql& query);

  /// Drops one that is needed no more.
  void drop(Sql table);

  [[nodiscard]] int created() const { return created_; }

 private:
  Session& session_;
  const Dialect& dialect_;
  std::vector<Sql> tables_;
  int created_ = 0;
};

}  // namespace quintile::engine::sql
