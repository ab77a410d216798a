#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/table/column.h"

namespace quintile::table {

/// A column of a read table: its values, and what of its source could not be read.
struct ReadColumn {
  Column column;
  std::int64_t missing = 0;  ///< cells blank after trimming (or null)
  std::vector<std::int64_t>
      unreadable;  ///< rows, ascending, whose cell holds text of no use for the type;
                   ///< their value is missing too, but not counted in `missing`
};

/// Where rows came from: files in the order read, and the first table row of each.
struct Origin {
  struct File {
    std::string name;  ///< as the plan spells it, never absolute by our doing
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
  };
  std::vector<File> files;

  struct Row {
    std::string_view file;
    std::int64_t number = 0;  ///< 1 is the file's first data row
  };
  [[nodiscard]] Row of(std::int64_t row) const;
};

/// The requested columns of all rows. Rows count from 0 here and from 1 wherever people see them.
struct Table {
  std::int64_t rows = 0;
  std::vector<ReadColumn> columns;  ///< in the order requested
  Origin origin;

  [[nodiscard]] const ReadColumn* find(std::string_view name) const;
};

}  // namespace quintile::table
