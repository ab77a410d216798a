#include "quintile/customers/duplicates.h"

#include <algorithm>

#include <fmt/format.h>

namespace quintile::customers {

namespace {

/// True when `rows` hold one value, missing counting as one, in each of `columns`.
bool all_equal(const table::Table& table, std::span<const int> columns,
               std::span<const std::uint32_t> rows) {
  return std::ranges::all_of(columns, [&](int index) {
    if (index < 0) return true;
    const ColumnView& view = table.columns[static_cast<std::size_t>(index)].column.view;
    return std::ranges::all_of(rows.subspan(1), [&](std::uint32_t row) {
      if (view.is_valid(row) != view.is_valid(rows[0])) return false;
      return !view.is_valid(row) || view.integer(row) == view.integer(rows[0]);
    });
  });
}

}  // namespace

DuplicateIds find_duplicates(const CustomerRows& input, std::span<const std::uint32_t> sorted_rows,
                             const IdOrder& order) {
  DuplicateIds found;
  found.is_surplus_copy.resize(static_cast<std::size_t>(input.table.rows));
  const CustomerRoles& roles = input.roles;
  const std::array times_and_totals = {roles.first_purchase_date, roles.last_purchase_date,
                                       roles.recency_days, roles.monetary};
  std::vector<std::pair<std::uint64_t, std::uint32_t>> hashes;
  // Marks equal records of a group beyond the first; true when the whole group is one record.
  const auto mark_copies = [&](std::span<const std::uint32_t> group) {
    hashes.clear();
    for (const std::uint32_t row : group) hashes.emplace_back(input.record_hashes[row], row);
    std::ranges::sort(hashes);
    bool one_record = true;
    for (std::size_t i = 0; i < hashes.size();) {
      std::size_t j = i + 1;
      while (j < hashes.size() && hashes[j].first == hashes[i].first)
        found.is_surplus_copy[hashes[j++].second] = 1;
      if (j - i > 1) {
        ++found.copied_groups;
        found.copied_rows += static_cast<std::int64_t>(j - i);
      }
      one_record = one_record && j - i == hashes.size();
      i = j;
    }
    return one_record;
  };
  std::vector<std::uint32_t> nameless;
  const ColumnView& ids =
      input.table.columns[static_cast<std::size_t>(roles.customer_id)].column.view;
  if (ids.valid != nullptr) {
    for (std::int64_t row = 0; row < ids.size; ++row) {
      if (!ids.is_valid(row)) nameless.push_back(static_cast<std::uint32_t>(row));
    }
    mark_copies(nameless);
  }
  for (std::size_t begin = 0; begin < sorted_rows.size();) {
    std::size_t end = begin + 1;
    while (end < sorted_rows.size() && order.same(sorted_rows[begin], sorted_rows[end])) ++end;
    const auto group = sorted_rows.subspan(begin, end - begin);
    begin = end;
    if (group.size() < 2) continue;
    const auto size = static_cast<std::int64_t>(group.size());
    ++found.ids;
    found.rows += size;
    found.surplus_rows += size - 1;
    found.largest_group = std::max(found.largest_group, size);
    found.example_rows.insert(found.example_rows.end(), group.begin(), group.end());
    if (found.example_rows.size() >
        4 * quality::kExamplesMax) {  // keep the first rows only, now and then
      std::ranges::sort(found.example_rows);
      found.example_rows.resize(quality::kExamplesMax);
    }

    const bool one_record = mark_copies(group);
    if (one_record) {
      ++found.groups.exact_copy;
    } else if (!all_equal(input.table, roles.personal, group)) {
      ++found.groups.collision;
    } else if (all_equal(input.table, times_and_totals, group)) {
      ++found.groups.profile_change;
    } else {
      ++found.groups.longitudinal;
    }
  }
  std::ranges::sort(found.example_rows);
  if (found.example_rows.size() > quality::kExamplesMax)
    found.example_rows.resize(quality::kExamplesMax);
  return found;
}

quality::Finding duplicate_finding(const DuplicateIds& duplicates, const CustomerRows& input,
                                   const std::string& column, quality::Decision decision) {
  quality::Finding finding;
  finding.check = "duplicate_identifier";
  finding.column = column;
  finding.severity = quality::Severity::Error;
  finding.rows = duplicates.rows;
  finding.share = Share{static_cast<double>(duplicates.rows) /
                        static_cast<double>(std::max<std::int64_t>(1, input.table.rows))};
  for (const std::int64_t row : duplicates.example_rows) finding.examples.push_back(row + 1);
  finding.decision = decision;
  const DuplicateIds::Groups& groups = duplicates.groups;
  std::string verdict;
  if (input.roles.personal.empty()) {
    verdict =
        "the plan names no personal columns, so nothing but the id says that the rows belong "
        "together";
  } else if (groups.collision == duplicates.ids) {
    verdict =
        "every shared id stands for different people: neither copies, nor profile updates, nor one "
        "person's history";
  } else if (groups.collision > 0) {
    verdict = fmt::format("{} of {} shared ids stand for different people", groups.collision,
                          duplicates.ids);
  } else {
    verdict = "the rows of each shared id belong to one person";
  }
  switch (decision) {
    case quality::Decision::Regenerated:
      finding.reason = verdict +
                       "; the id cannot be a key, so every record gets a new customer_id and the "
                       "crosswalk keeps the old one";
      break;
    case quality::Decision::Quarantined:
      finding.reason = verdict + "; the latest record of each id is kept";
      break;
    default: finding.reason = verdict + "; the plan says to stop"; break;
  }
  finding.details = {
      {"ids", duplicates.ids},
      {"rows", duplicates.rows},
      {"surplus_rows", duplicates.surplus_rows},
      {"largest_group", duplicates.largest_group},
      {"groups", std::vector<quality::Detail>{{"exact_copy", groups.exact_copy},
                                              {"profile_change", groups.profile_change},
                                              {"longitudinal", groups.longitudinal},
                                              {"collision", groups.collision}}}};
  return finding;
}

}  // namespace quintile::customers
