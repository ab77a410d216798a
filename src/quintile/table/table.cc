#include "quintile/table/table.h"

#include <algorithm>

#include "quintile/base/check.h"

namespace quintile::table {

Origin::Row Origin::of(std::int64_t row) const {
  const auto after = std::ranges::upper_bound(files, row, {}, &File::first_row);
  QUINTILE_CHECK(after != files.begin());
  const File& file = *std::prev(after);
  return {.file = file.name, .number = row - file.first_row + 1};
}

const ReadColumn* Table::find(std::string_view name) const {
  const auto found = std::ranges::find(
      columns, name, [](const ReadColumn& c) -> std::string_view { return c.column.name; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace quintile::table
