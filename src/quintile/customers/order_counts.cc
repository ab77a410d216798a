#include "quintile/customers/order_counts.h"

#include <algorithm>
#include <bit>

#include "quintile/base/check.h"

namespace quintile::customers {

namespace {

bool same_order(const OrderRecord& a, const OrderRecord& b) {
  return a.key_low == b.key_low && a.key_high == b.key_high;
}

/// The records of each order id, found by hash: most ids have one record, so a sort would move all
/// for the sake of a few.
class OrderGroups {
 public:
  explicit OrderGroups(std::span<const OrderRecord> records)
      : slots_(std::bit_ceil(records.size() * 2 + 2)),
        next_(records.size()),
        leads_(records.size(), true) {
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      if (i + kAhead < records.size())
        __builtin_prefetch(&slots_[mixed(records[i + kAhead]) & mask], 1);
      const std::uint64_t hash = mixed(records[i]);
      const auto tag = static_cast<std::uint32_t>(hash >> 32);
      std::size_t at = hash & mask;
      while (slots_[at].record != 0 &&
             (slots_[at].tag != tag || !same_order(records[slots_[at].record - 1], records[i]))) {
        at = (at + 1) & mask;
      }
      next_[i] = slots_[at].record;
      if (next_[i] != 0) leads_[next_[i] - 1] = false;
      slots_[at] = {tag, i + 1};
    }
  }

  /// Calls `take(indexes)` once an id.
  template <typename Take>
  void for_each(const Take& take) const {
    std::vector<std::uint32_t> indexes;
    for (std::uint32_t i = 0; i < next_.size(); ++i) {
      if (!leads_[i]) continue;
      indexes.assign(1, i);
      for (std::uint32_t record = next_[i]; record != 0; record = next_[record - 1])
        indexes.push_back(record - 1);
      take(indexes);
    }
  }

 private:
  static constexpr std::size_t kAhead = 16;
  struct Slot {
    std::uint32_t tag = 0;     ///< of the hash: most other ids are told apart by it
    std::uint32_t record = 0;  ///< index plus 1; 0: free
  };
  /// The upper bits of a like hash chose the partition; these are others.
  static std::uint64_t mixed(const OrderRecord& record) {
    std::uint64_t hash = (record.key_low ^ record.key_high) * 0xD6E8FEB86659FD93ULL;
    hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93ULL;
    return hash ^ (hash >> 32);
  }

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> next_;  ///< by record: index plus 1 of the one before of its id, or 0
  std::vector<bool> leads_;          ///< by record: it is the last of its id
};

/// Whether some two of a few hashes are equal.
bool has_equal(std::span<const std::uint64_t> hashes) {
  constexpr std::size_t kFew = 12;
  if (hashes.size() > kFew) return true;  // not known
  bool equal = false;
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) equal |= hashes[i] == hashes[k];
  }
  return equal;
}

/// Counts one id after the other.
class OrderCount {
 public:
  OrderCount(std::span<const OrderRecord> records, std::span<const std::uint64_t> hashes)
      : records_(records), hashes_(hashes) {
    if (hashes.empty()) return;
    begins_.reserve(records.size());
    std::uint32_t begin = 0;
    for (const OrderRecord& record : records) {
      begins_.push_back(begin);
      begin += record.lines;
    }
    QUINTILE_CHECK(begin == hashes.size());
  }

  /// `order`: the records of one id.
  void add(std::vector<std::uint32_t>& order) {
    if (order.size() > 1) {
      std::ranges::sort(order, {}, [this](std::uint32_t i) {
        return std::pair(records_[i].customer, records_[i].first_row);
      });
    }
    ++facts_.orders;
    std::int64_t lines = 0;
    std::int64_t first_row = records_[order[0]].first_row;
    std::int64_t known_customers = 0;
    std::int64_t moment = kNoMoment;
    bool several_moments = false;
    bool is_returned = false;
    for (std::size_t i = 0; i < order.size();) {
      Int128 amount = 0;
      bool counts = false;
      const std::uint32_t customer = records_[order[i]].customer;
      for (; i < order.size() && records_[order[i]].customer == customer; ++i) {
        const OrderRecord& record = records_[order[i]];
        lines += record.lines;
        first_row = std::min<std::int64_t>(first_row, record.first_row);
        amount += record.amount;
        counts = counts || record.counts != 0;
        is_returned = is_returned || record.returns != 0;
        if (record.moment == kNoMoment) continue;
        several_moments = several_moments || (moment != kNoMoment && moment != record.moment);
        moment = record.moment;
      }
      known_customers += customer != kNoCustomer ? 1 : 0;
      if (!counts) continue;
      facts_.customers.push_back(customer);
      facts_.zero_value += amount == 0 ? 1 : 0;
    }
    facts_.several_customers += known_customers > 1 ? 1 : 0;
    facts_.several_moments += several_moments ? 1 : 0;
    facts_.returned += is_returned ? 1 : 0;
    if (known_customers > 1 || several_moments) facts_.conflicts.add(first_row, lines);
    if (!hashes_.empty()) look_for_copies(order);
  }

  [[nodiscard]] OrderFacts facts() && { return std::move(facts_); }

 private:
  [[nodiscard]] std::span<const std::uint64_t> hashes_of(std::uint32_t record) const {
    return hashes_.subspan(begins_[record], records_[record].lines);
  }

  void look_for_copies(const std::vector<std::uint32_t>& order) {
    if (order.size() == 1 && !has_equal(hashes_of(order[0]))) return;
    lines_.clear();
    for (const std::uint32_t record : order) {
      std::int64_t row = records_[record].first_row;
      for (const std::uint64_t hash : hashes_of(record)) lines_.push_back({hash, row++});
    }
    facts_.copies.merge(count_copies(lines_));
  }

  std::span<const OrderRecord> records_;
  std::span<const std::uint64_t> hashes_;
  std::vector<std::uint32_t> begins_;  ///< by record: where its hashes are
  std::vector<CopyRecord> lines_;
  OrderFacts facts_;
};

}  // namespace

void CopyFacts::merge(const CopyFacts& other) {
  groups += other.groups;
  rows += other.rows;
  surplus.merge(other.surplus);
}

void OrderFacts::merge(const OrderFacts& other) {
  orders += other.orders;
  several_customers += other.several_customers;
  several_moments += other.several_moments;
  conflicts.merge(other.conflicts);
  zero_value += other.zero_value;
  returned += other.returned;
  copies.merge(other.copies);
}

OrderFacts count_orders(std::span<const OrderRecord> records,
                        std::span<const std::uint64_t> hashes) {
  OrderCount count(records, hashes);
  OrderGroups(records).for_each([&](std::vector<std::uint32_t>& order) { count.add(order); });
  return std::move(count).facts();
}

std::vector<std::uint32_t> count_days(std::span<DayRecord> records) {
  const auto key = [](const DayRecord& record) { return std::pair(record.customer, record.day); };
  std::ranges::sort(records, {}, key);
  std::vector<std::uint32_t> customers;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (i == 0 || key(records[i]) != key(records[i - 1])) customers.push_back(records[i].customer);
  }
  return customers;
}

CopyFacts count_copies(std::span<const CopyRecord> records) {
  // Half full at most. Nearly all hashes are there once, so a table is quicker than a sort.
  struct Slot {
    std::uint64_t hash = 0;
    std::int64_t first_row = 0;
    std::int64_t rows = 0;  ///< 0: free
  };
  std::vector<Slot> slots(std::bit_ceil(records.size() * 2 + 2));
  const std::size_t mask = slots.size() - 1;
  CopyFacts facts;
  for (const CopyRecord& record : records) {
    // The upper bits chose the partition, so the lower ones are spread.
    std::size_t at = (record.hash ^ (record.hash >> 32)) & mask;
    while (slots[at].rows > 0 && slots[at].hash != record.hash) at = (at + 1) & mask;
    Slot& slot = slots[at];
    if (slot.rows == 0) {
      slot = {record.hash, record.row, 1};
      continue;
    }
    facts.groups += slot.rows == 1 ? 1 : 0;
    facts.rows += slot.rows == 1 ? 2 : 1;
    ++slot.rows;
    facts.surplus.add(std::max(slot.first_row, record.row));
    slot.first_row = std::min(slot.first_row, record.row);
  }
  return facts;
}

}  // namespace quintile::customers
