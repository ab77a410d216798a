#include "quintile/dashboard/query.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quintile/explore/explorer.h"
#include "quintile/explore/filter.h"
#include "quintile/explore/sample_mart_test.h"

namespace {

using namespace quintile::explore;

void check(bool holds) {
  if (!holds) __builtin_trap();
}

/// What is escaped reads back.
void check_items(const Parameter& parameter) {
  const auto items = parse_items(parameter);
  if (!items) return check(!items.error().message.empty());
  for (const FilterItem& item : *items) {
    (void)parse_cell(item, parameter.name);
    if (item.missing || item.is_range) continue;
    const auto again = parse_items({parameter.name, escaped_item(item.text)});
    check(again && again->size() == 1 && (*again)[0].text == item.text && !(*again)[0].is_range);
  }
}

/// A refusal says why and names the parameter; a selection holds whom it counts.
void check_selection(const std::vector<Parameter>& parameters) {
  static const testing::SampleMart mart({.customers = 60});
  static const Explorer explorer(mart.open());
  const auto selection = explorer.select(parameters);
  if (!selection) return check(!selection.error().message.empty());
  check(selection->everyone == parameters.empty());
  check(selection->everyone ||
        std::ranges::count(selection->rows, std::uint8_t{1}) == selection->customers);
}

}  // namespace

/// A query string: its parameters, their items and cells, and the customers that they select.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto query = quintile::dashboard::parse_query({reinterpret_cast<const char*>(data), size});
  if (!query) return 0;
  for (const Parameter& parameter : *query) check_items(parameter);
  check_selection(*query);
  return 0;
}
