#include "quintile/customers/duplicates.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "quintile/customers/stretches_internal.h"

namespace quintile::customers {

namespace {

/// Rows that are asked for before they are looked at.
constexpr std::size_t kAhead = 16;

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

/// Looks at the groups of some rows, one after the other.
class Groups {
 public:
  Groups(const CustomerRows& input, std::vector<std::uint8_t>& is_surplus_copy)
      : input_(input), is_surplus_copy_(is_surplus_copy) {
    const std::vector<int>& personal = input.roles.personal;
    if (personal.empty()) return;
    const auto& view = input.table.columns[static_cast<std::size_t>(personal.front())].column.view;
    if (view.layout == Layout::Int64) first_personal_ = view.values<std::int64_t>().data();
  }

  /// Rows that share an id, two or more.
  void add(std::span<const std::uint32_t> group) {
    const auto size = static_cast<std::int64_t>(group.size());
    ++found.ids;
    found.rows += size;
    found.surplus_rows += size - 1;
    found.largest_group = std::max(found.largest_group, size);
    for (const std::uint32_t row : group) found.rows_of_ids.add(row);
    const CustomerRoles& roles = input_.roles;
    const std::array times_and_totals = {roles.first_purchase_date, roles.last_purchase_date,
                                         roles.recency_days, roles.monetary};
    if (mark_copies(group)) {
      ++found.groups.exact_copy;
    } else if (!all_equal(input_.table, roles.personal, group)) {
      ++found.groups.collision;
    } else if (all_equal(input_.table, times_and_totals, group)) {
      ++found.groups.profile_change;
    } else {
      ++found.groups.longitudinal;
    }
  }

  /// Asks for what `add` reads of a row first, so that it is there when its turn comes.
  void prefetch(std::uint32_t row) const {
    __builtin_prefetch(&input_.record_hashes[row]);
    if (first_personal_ != nullptr) __builtin_prefetch(&first_personal_[row]);
  }

  /// Marks equal records of a group beyond the first; true when the whole group is one record.
  bool mark_copies(std::span<const std::uint32_t> group) {
    hashes_.clear();
    for (const std::uint32_t row : group) hashes_.emplace_back(input_.record_hashes[row], row);
    std::ranges::sort(hashes_);
    bool one_record = true;
    for (std::size_t i = 0; i < hashes_.size();) {
      std::size_t j = i + 1;
      while (j < hashes_.size() && hashes_[j].first == hashes_[i].first)
        is_surplus_copy_[hashes_[j++].second] = 1;
      if (j - i > 1) {
        ++found.copied_groups;
        found.copied_rows += static_cast<std::int64_t>(j - i);
      }
      one_record = one_record && j - i == hashes_.size();
      i = j;
    }
    return one_record;
  }

  DuplicateIds found;

 private:
  const CustomerRows& input_;
  std::vector<std::uint8_t>& is_surplus_copy_;
  const std::int64_t* first_personal_ = nullptr;  ///< in which most groups differ
  std::vector<std::pair<std::uint64_t, std::uint32_t>> hashes_;
};

void merge(DuplicateIds& into, const DuplicateIds& from) {
  into.ids += from.ids;
  into.rows += from.rows;
  into.surplus_rows += from.surplus_rows;
  into.largest_group = std::max(into.largest_group, from.largest_group);
  into.groups.exact_copy += from.groups.exact_copy;
  into.groups.profile_change += from.groups.profile_change;
  into.groups.longitudinal += from.groups.longitudinal;
  into.groups.collision += from.groups.collision;
  into.rows_of_ids.merge(from.rows_of_ids);
  into.copied_groups += from.copied_groups;
  into.copied_rows += from.copied_rows;
}

}  // namespace

DuplicateIds find_duplicates(const CustomerRows& input, const SortedIds& sorted) {
  DuplicateIds found;
  found.is_surplus_copy.resize(static_cast<std::size_t>(input.table.rows));
  const ColumnView& ids =
      input.table.columns[static_cast<std::size_t>(input.roles.customer_id)].column.view;
  if (ids.valid != nullptr) {  // records without an id may be copies too
    std::vector<std::uint32_t> nameless;
    for (std::int64_t row = 0; row < ids.size; ++row) {
      if (!ids.is_valid(row)) nameless.push_back(static_cast<std::uint32_t>(row));
    }
    Groups groups(input, found.is_surplus_copy);
    groups.mark_copies(nameless);
    merge(found, groups.found);
  }
  const std::span<const std::uint32_t> rows = sorted.rows;
  const auto size = static_cast<std::int64_t>(rows.size());
  std::vector<DuplicateIds> parts(static_cast<std::size_t>(stretches_of(size)));
  in_stretches(size, input.executor, [&](std::int64_t first, std::int64_t last) {
    Groups groups(input, found.is_surplus_copy);
    // Groups that begin here, to their ends.
    auto begin = static_cast<std::size_t>(first);
    while (begin < rows.size() && sorted.begins[begin] == 0) ++begin;
    std::size_t fetched = begin;
    while (begin < static_cast<std::size_t>(last)) {
      for (; fetched < std::min(begin + kAhead, rows.size()); ++fetched) {
        const bool alone = sorted.begins[fetched] != 0 &&
                           (fetched + 1 == rows.size() || sorted.begins[fetched + 1] != 0);
        if (!alone) groups.prefetch(rows[fetched]);
      }
      std::size_t end = begin + 1;
      while (end < rows.size() && sorted.begins[end] == 0) ++end;
      if (end - begin > 1) groups.add(rows.subspan(begin, end - begin));
      begin = end;
    }
    parts[static_cast<std::size_t>(first / kStretchRows)] = std::move(groups.found);
  });
  for (const DuplicateIds& part : parts) merge(found, part);
  return found;
}

quality::Finding duplicate_finding(const DuplicateIds& duplicates, const CustomerRows& input,
                                   const std::string& column, quality::Decision decision) {
  quality::Finding finding = duplicates.rows_of_ids.finding(
      "duplicate_identifier", column, quality::Severity::Error, decision, "", input.table.rows);
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
