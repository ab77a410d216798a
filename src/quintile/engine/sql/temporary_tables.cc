#include "quintile/engine/sql/temporary_tables.h"

#include <algorithm>
#include <string>

namespace quintile::engine::sql {

TemporaryTables::~TemporaryTables() {
  while (!tables_.empty()) drop(tables_.back());
}

Result<Sql> TemporaryTables::create(std::string_view name, const Sql& query) {
  const Sql table = dialect_.name(std::string(session_.run_prefix()) + "_" + std::string(name));
  // Known before it is made: a statement that is cut off may have made it all the same.
  tables_.push_back(table);
  ++created_;
  QUINTILE_TRY_STATUS(session_.execute(dialect_.create_table(table, query).text()));
  return table;
}

void TemporaryTables::drop(Sql table) {
  const Sql statement = sql("DROP TABLE IF EXISTS {}", table);
  std::erase(tables_, table);
  // Nothing can be done about one that cannot be dropped; its name says whose it was.
  static_cast<void>(session_.clean_up(statement.text()));
}

}  // namespace quintile::engine::sql
