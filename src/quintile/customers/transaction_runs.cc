#include <xxhash.h>

#include <algorithm>
#include <string_view>

#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"
#include "quintile/customers/transaction_lines.h"

/// The second half of what a `LineAggregator` does to a batch: lines whose fates are known to runs.
namespace quintile::customers {

namespace {

struct OrderKey {
  std::uint64_t high = 0, low = 0;
};
constexpr std::uint64_t kTextKey = std::uint64_t{1} << 63;

OrderKey order_key(const ColumnView& ids, std::int64_t row) {
  if (ids.type != Type::Text) return {0, static_cast<std::uint64_t>(ids.integer(row))};
  const std::string_view text = ids.text(row);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64 | kTextKey, hash.low64};
}

}  // namespace

/// Marks where runs begin.
void LineAggregator::cut(const table::Batch& batch) {
  const auto view_of = [&batch](int index) -> const ColumnView& {
    return batch.columns[static_cast<std::size_t>(index)].column.view;
  };
  changes_.assign(static_cast<std::size_t>(batch.rows), 0);
  mark_changes(view_of(spec_.roles.customer_id), changes_);
  runs_.order_ids = spec_.roles.order_id >= 0 ? &view_of(spec_.roles.order_id) : nullptr;
  if (runs_.order_ids != nullptr) mark_changes(*runs_.order_ids, changes_);
  for (std::size_t i = 1; i < moments_.size(); ++i) {
    if (moments_[i] != moments_[i - 1]) changes_[i] = 1;
  }
}

/// Makes the runs and adds their lines up.
void LineAggregator::sum_runs(const table::Batch& batch) {
  const ColumnView& ids =
      batch.columns[static_cast<std::size_t>(spec_.roles.customer_id)].column.view;
  runs_.runs.clear();
  const auto open = [&](std::uint32_t row) -> LineRun& {
    LineRun& run = runs_.runs.emplace_back();
    run.begin = row;
    run.moment = moments_[row];
    run.has_customer = ids.is_valid(row);
    if (run.has_customer)
      run.key = ids.type == Type::Text ? CustomerKey::of(ids.text(row))
                                       : CustomerKey::of(ids.integer(row));
    return run;
  };
  LineRun* run = nullptr;
  for (std::uint32_t row = 0; row < fates_.size(); ++row) {
    if (run == nullptr || changes_[row] != 0) run = &open(row);
    if (fates_[row] >= 0) {
      const bool counts = fates_[row] == kCounts;
      std::int64_t sum = 0;
      if (__builtin_add_overflow(counts ? run->counted : run->returned, amounts_[row], &sum)) {
        run = &open(row);
        sum = amounts_[row];
      }
      (counts ? run->counted : run->returned) = sum;
      ++(counts ? run->counted_lines : run->returned_lines);
      if (counts) count_line(batch.first_row + row, amounts_[row]);
    }
    run->end = row + 1;
  }
  for (const LineRun& counted : runs_.runs) {
    if (counted.counted_lines == 0) continue;
    const std::int32_t day = day_of(counted.moment);
    totals_.last_counted_day = std::max(totals_.last_counted_day, day);
    const auto at = static_cast<std::size_t>(day - kDayNumberMin);
    totals_.days_with_orders[at / 64] |= std::uint64_t{1} << (at % 64);
  }
}

/// Adds a line that counts to what all such lines show.
void LineAggregator::count_line(std::int64_t source_row, std::int64_t amount) {
  totals_.amounts.add(amount);
  totals_.take_extreme({amount, source_row});
  totals_.signs.negative_counted += amount < 0 ? 1 : 0;
  totals_.signs.zero_counted += amount == 0 ? 1 : 0;
}

/// The runs' values of an attribute.
void LineAggregator::find_values(const table::Batch& batch, std::size_t attribute) {
  const ColumnView& view =
      batch.columns[static_cast<std::size_t>(describing_[attribute])].column.view;
  const std::vector<std::uint8_t>& outside = out_of_range_[attribute];
  const bool is_text = runs_.is_text[attribute];
  runs_.values.resize(runs_.runs.size() * describing_.size());
  const auto look = [&](const auto& value_at) {
    for (std::size_t r = 0; r < runs_.runs.size(); ++r) {
      const LineRun& run = runs_.runs[r];
      RunValue known;
      for (std::uint32_t row = run.begin; row < run.end; ++row) {
        if (fates_[row] != kCounts || !view.is_valid(row)) continue;
        if (!outside.empty() && outside[row] != 0) continue;
        const std::int64_t value = value_at(row);
        if (known.is_there && known.value == value) continue;
        if (known.is_there) {
          known.differs = true;
          known.differs_in_category |= !is_same_category(known.value, value, is_text);
        }
        if (!known.is_there || is_greater(value, known.value, is_text)) known.value = value;
        known.is_there = true;
      }
      runs_.values[r * describing_.size() + attribute] = known;
    }
  };
  const auto& entries = texts_[attribute];
  if (view.layout == Layout::Codes) {
    look([&](std::uint32_t row) {
      return value_of(*entries[static_cast<std::size_t>(view.values<std::int32_t>()[row])]);
    });
  } else if (is_text) {
    look([&](std::uint32_t row) { return value_of(*entries[row]); });
  } else if (view.layout == Layout::Float64) {
    look([&](std::uint32_t row) { return ordered_bits(view.values<double>()[row]); });
  } else {
    look([&](std::uint32_t row) { return view.integer(row); });
  }
}

void LineAggregator::tell_persons_apart(const table::Batch& batch) {
  // What is missing tells nobody apart: 0.
  const auto hash_of = [&](std::uint32_t row) {
    std::uint64_t hash = 1;
    for (const int index : spec_.roles.personal) {
      const ColumnView& view = batch.columns[static_cast<std::size_t>(index)].column.view;
      if (!view.is_valid(row)) return std::uint64_t{0};
      hash = (hash ^ static_cast<std::uint64_t>(view.integer(row))) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 29;
    }
    return hash;
  };
  runs_.persons.clear();
  for (const LineRun& run : runs_.runs) {
    RunPerson& person = runs_.persons.emplace_back();
    for (std::uint32_t row = run.begin; row < run.end; ++row) {
      const std::uint64_t hash = hash_of(row);
      if (hash == 0) continue;
      if (person.hash != 0 && person.hash != hash) person.several = true;
      if (person.hash == 0) person.hash = hash;
    }
  }
}

void LineAggregator::record(const table::Batch& batch, LineRecords& records) const {
  records.fates.clear();
  records.orders.clear();
  records.days.clear();
  for (const LineRun& run : runs_.runs) {
    for (std::uint32_t row = run.begin; row < run.end; ++row) {
      const std::int32_t customer = fates_[row] < 0 ? 0 : static_cast<std::int32_t>(run.customer);
      const std::int32_t fate = fates_[row] | customer;
      if (records.fates.empty() || records.fates.back().fate != fate)
        records.fates.push_back({fate, 0});
      ++records.fates.back().lines;
    }
    if (runs_.order_ids != nullptr && runs_.order_ids->is_valid(run.begin)) {
      const OrderKey key = order_key(*runs_.order_ids, run.begin);
      OrderRecord order{.key_high = key.high,
                        .key_low = key.low,
                        .moment = run.moment,
                        .amount = run.counted,
                        .first_row = static_cast<std::uint32_t>(batch.first_row + run.begin),
                        .customer = run.customer};
      order.lines = run.lines() & 0x3FFF'FFFFU;
      order.counts = run.counted_lines > 0 ? 1 : 0;
      order.returns = run.returned_lines > 0 ? 1 : 0;
      records.orders.push_back(order);
    }
    if (spec_.frequency == FrequencyUnit::Days && run.counted_lines > 0) {
      const DayRecord day{run.customer, day_of(run.moment)};
      if (records.days.empty() || records.days.back() != day) records.days.push_back(day);
    }
  }
}

}  // namespace quintile::customers
