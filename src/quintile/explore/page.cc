#include <algorithm>
#include <charconv>

#include "quintile/base/text.h"
#include "quintile/explore/explorer.h"

namespace quintile::explore {
namespace {

/// Which rows a search finds: the start of the source id, or a whole customer id.
class Search {
 public:
  Search(const table::Column& source_ids, std::string_view text)
      : ids_(source_ids), text_(trim(text)) {
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), id_);
    if (error != std::errc() || end != text_.data() + text_.size()) id_ = 0;
  }

  [[nodiscard]] bool finds(std::int64_t row) const {
    if (text_.empty() || row + 1 == id_) return true;
    if (!ids_.is_valid(row)) return false;
    if (ids_.view.type == Type::Text) return ids_.view.text(row).starts_with(text_);
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, ids_.view.integer(row));
    return std::string_view(digits, static_cast<std::size_t>(end - digits)).starts_with(text_);
  }

 private:
  const table::Column& ids_;
  std::string_view text_;
  std::int64_t id_ = 0;
};

/// The page by `key_of(row)`, ties by row. One pass keeps the rows nearest behind the cursor and
/// those nearest before it.
template <typename KeyOf>
Page page_by(const Selection& selection, std::int64_t size, const Search& search,
             const PageQuery& query, const KeyOf& key_of) {
  const auto precedes = [&](std::int64_t a, std::int64_t b) {
    const auto x = key_of(a);
    const auto y = key_of(b);
    if (x != y) return query.descending ? y < x : x < y;
    return a < b;
  };
  Page page;
  const auto limit = static_cast<std::size_t>(query.limit);
  std::vector<std::int64_t> behind, before;  // heaps: the worst kept row on top
  const auto keep = [limit](std::vector<std::int64_t>& heap, std::size_t more, std::int64_t row,
                            const auto& less) {
    if (heap.size() < limit + more) {
      heap.push_back(row);
      std::ranges::push_heap(heap, less);
    } else if (less(row, heap.front())) {
      std::ranges::pop_heap(heap, less);
      heap.back() = row;
      std::ranges::push_heap(heap, less);
    }
  };
  const auto follows = [&](std::int64_t a, std::int64_t b) { return precedes(b, a); };
  for (std::int64_t row = 0; row < size; ++row) {
    if (!selection.has(row) || !search.finds(row)) continue;
    ++page.total;
    if (query.after_row && !precedes(*query.after_row, row)) {
      ++page.first;
      keep(before, 1, row, follows);
    } else {
      keep(behind, 1, row, precedes);
    }
  }
  std::ranges::sort(behind, precedes);
  std::ranges::sort(before, follows);
  if (behind.size() > limit) {
    behind.resize(limit);
    page.next_after = behind.back();
  }
  page.rows = std::move(behind);
  page.has_previous = page.first > 0;
  if (before.size() > limit) page.previous_after = before[limit];
  return page;
}

}  // namespace

Page Explorer::page(const Selection& selection, const PageQuery& query) const {
  const segments::Segmentation& s = mart_.segmentation;
  const customers::Customers& c = s.customers;
  const Search search(c.source_customer_id, query.search);
  const auto by = [&](const auto& key_of) {
    return page_by(selection, s.size(), search, query, key_of);
  };
  switch (query.sort) {
    case SortKey::CustomerId: return by([](std::int64_t row) { return row; });
    case SortKey::SourceCustomerId:
      if (c.source_customer_id.view.type == Type::Text)
        return by([&](std::int64_t row) { return c.source_customer_id.view.text(row); });
      return by([&](std::int64_t row) { return c.source_customer_id.view.integer(row); });
    case SortKey::RecencyDays:
      return by([&](std::int64_t row) { return c.recency()[static_cast<std::size_t>(row)]; });
    case SortKey::Frequency:
      return by([&](std::int64_t row) { return c.orders()[static_cast<std::size_t>(row)]; });
    case SortKey::Monetary:
      return by([&](std::int64_t row) { return c.value()[static_cast<std::size_t>(row)]; });
    case SortKey::AverageOrderValue:
      return by([&](std::int64_t row) { return c.average_order_value.view.integer(row); });
    case SortKey::RfmTotal:
      return by([&](std::int64_t row) { return s.r_score[row] + s.f_score[row] + s.m_score[row]; });
  }
  return {};
}

}  // namespace quintile::explore
