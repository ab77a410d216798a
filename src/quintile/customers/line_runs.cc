#include "quintile/customers/line_runs.h"

#include <cstring>
#include <string_view>

#include "quintile/customers/customer_table.h"

namespace quintile::customers {

namespace {

/// Equal texts, most of which are short: a call of memcmp a line cost 4 % of a run.
bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.data() == b.data()) return true;
  const auto word = [](const char* at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, 8);
    return bytes;
  };
  std::size_t at = 0;
  for (; at + 8 <= a.size(); at += 8) {
    if (word(a.data() + at) != word(b.data() + at)) return false;
  }
  for (; at < a.size(); ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

}  // namespace

void mark_changes(const ColumnView& view, std::span<std::uint8_t> changes) {
  const auto mark = [&](const auto& differ) {
    for (std::size_t i = 1; i < changes.size(); ++i) {
      if (differ(i - 1, i)) changes[i] = 1;
    }
  };
  const auto mark_values = [&]<typename T>(T) {
    mark([values = view.values<T>().data()](std::size_t a, std::size_t b) {
      return values[a] != values[b];
    });
  };
  if (view.valid != nullptr) {
    const auto row = [](std::size_t i) { return static_cast<std::int64_t>(i); };
    return mark([&](std::size_t a, std::size_t b) {
      if (view.valid[a] != view.valid[b]) return true;
      if (view.valid[a] == 0) return false;
      return view.type == Type::Text ? !same_text(view.text(row(a)), view.text(row(b)))
                                     : view.integer(row(a)) != view.integer(row(b));
    });
  }
  switch (view.layout) {
    case Layout::Int32:
    case Layout::Codes: return mark_values(std::int32_t{});
    case Layout::Int64: return mark_values(std::int64_t{});
    case Layout::Views:
      return mark([texts = view.values<std::string_view>().data()](std::size_t a, std::size_t b) {
        return !same_text(texts[a], texts[b]);
      });
    default:
      return mark([&](std::size_t a, std::size_t b) {
        return view.integer(static_cast<std::int64_t>(a)) !=
               view.integer(static_cast<std::int64_t>(b));
      });
  }
}

void LineRuns::sort_by_shard() {
  std::array<std::uint32_t, kCustomerShards> next{};
  for (const LineRun& run : runs) {
    if (run.has_customer) ++next[CustomerTable::shard_of(run.key)];
  }
  std::uint32_t begin = 0;
  for (std::size_t s = 0; s < kCustomerShards; ++s) {
    shard_begins[s] = begin;
    begin += next[s];
    next[s] = shard_begins[s];
  }
  shard_begins[kCustomerShards] = begin;
  by_shard.resize(begin);
  for (std::uint32_t r = 0; r < runs.size(); ++r) {
    if (runs[r].has_customer) by_shard[next[CustomerTable::shard_of(runs[r].key)]++] = r;
  }
}

}  // namespace quintile::customers
