#include "quintile/dashboard/query.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quintile/explore/filter.h"

/// A query string: its parameters, their items and cells.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quintile::explore;
  const auto query = quintile::dashboard::parse_query({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  for (const Parameter& parameter : *query) {
    const auto items = parse_items(parameter);
    if (!items) continue;
    for (const FilterItem& item : *items) {
      (void)parse_cell(item, parameter.name);
      if (item.missing || item.is_range) continue;
      const auto again = parse_items({parameter.name, escaped_item(item.text)});
      if (!again || again->size() != 1 || (*again)[0].text != item.text || (*again)[0].is_range)
        __builtin_trap();
    }
  }
  return 0;
}
