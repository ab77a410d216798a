#include <algorithm>

#include <fmt/format.h>

#include "quintile/dashboard/api/endpoints_internal.h"
#include "quintile/dashboard/http/sender_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::SortKey;

constexpr std::pair<std::string_view, SortKey> kSortKeys[] = {
    {"customer_id", SortKey::CustomerId},   {"source_customer_id", SortKey::SourceCustomerId},
    {"recency_days", SortKey::RecencyDays}, {"frequency", SortKey::Frequency},
    {"monetary", SortKey::Monetary},        {"average_order_value", SortKey::AverageOrderValue},
    {"rfm_total", SortKey::RfmTotal}};

/// Cursors name the row before their page, and the snapshot and query that they belong to.
class Cursors {
 public:
  Cursors(const explore::Explorer& explorer, std::string_view query)
      : customers_(explorer.customers()),
        stamp_(fmt::format("{:016x}",
                           hash_of(fmt::format("{}\n{}", explorer.snapshot_id(), query)))) {}

  [[nodiscard]] std::string of(std::int64_t row) const { return fmt::format("{}-{}", stamp_, row); }

  [[nodiscard]] std::optional<std::int64_t> row_of(std::string_view cursor) const {
    const std::size_t dash = cursor.find('-');
    if (dash == std::string_view::npos || cursor.substr(0, dash) != stamp_) return std::nullopt;
    const auto row = whole_number(cursor.substr(dash + 1));
    return row && *row >= 0 && *row < customers_ ? row : std::nullopt;
  }

 private:
  std::int64_t customers_;
  std::string stamp_;
};

}  // namespace

Answer customers(Call& call) {
  explore::PageQuery query;
  const std::string sort = take(call, "sort").value_or("-monetary");
  const std::string_view key = std::string_view(sort).substr(sort.starts_with('-') ? 1 : 0);
  const auto known =
      std::ranges::find(kSortKeys, key, &std::pair<std::string_view, SortKey>::first);
  if (known == std::end(kSortKeys)) {
    return refuse(400, "bad_parameter",
                  "customers are not sorted by that; take monetary, recency_days, frequency, "
                  "average_order_value, rfm_total, customer_id or source_customer_id",
                  "sort");
  }
  query.sort = known->second;
  query.descending = sort.starts_with('-');
  const auto search = take_search(call);
  if (!search) return std::unexpected(search.error());
  query.search = *search;
  const auto limit = take_limit(call, 50, 500);
  if (!limit) return std::unexpected(limit.error());
  query.limit = *limit;
  const std::string after = take(call, "after").value_or("");
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());

  const Cursors cursors(call.explorer(),
                        fmt::format("{}\n{}\n{}", sort, query.search, selection->text));
  if (!after.empty()) {
    query.after_row = cursors.row_of(after);
    if (!query.after_row) {
      return refuse(400, "bad_cursor",
                    "the cursor is not of this query and snapshot; begin at the first page",
                    "after");
    }
  }
  const explore::Page page = call.explorer().page(*selection, query);
  const std::string next = page.next_after ? cursors.of(*page.next_after) : "";
  const std::string previous = page.previous_after ? cursors.of(*page.previous_after) : "";
  return Reply{.body = page_json(call.explorer(), page, page.next_after ? &next : nullptr,
                                 page.has_previous ? &previous : nullptr)};
}

Answer customer(Call& call) {
  const auto id = whole_number(call.item);
  if (!id || *id < 1 || *id > call.explorer().customers())
    return refuse(404, "not_found", "there is no customer of that number");
  auto json = customer_json(call.explorer(), *id - 1);
  if (!json) return refuse(500, "internal", json.error().message);
  return Reply{.body = *std::move(json)};
}

}  // namespace quintile::dashboard
