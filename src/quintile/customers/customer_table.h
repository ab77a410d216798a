#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/customers/line_runs.h"
#include "quintile/customers/line_totals.h"
#include "quintile/customers/source_keys.h"

/// Transaction grain: what each customer's lines amount to.
namespace quintile::customers {

/// From the numbers that a table gave while lines were read to 0, 1, 2, ...
class CustomerNumbers {
 public:
  [[nodiscard]] std::uint32_t operator()(std::uint32_t number) const {
    return begins_[number % kCustomerShards] + number / kCustomerShards;
  }

 private:
  friend class CustomerTable;
  std::array<std::uint32_t, kCustomerShards> begins_{};
};

/// One table for all threads. Its shards are by the hash of the customer's id, and several threads
/// may add at once, each to a shard of its own; who calls sees to that. Sums and latest values are
/// the same in whatever order runs come.
class CustomerTable {
 public:
  /// `attributes`: how many columns describe customers; `persons`: some are personal.
  CustomerTable(std::size_t attributes, bool persons);

  [[nodiscard]] static std::size_t shard_of(const CustomerKey& key) { return key.hash >> 58; }

  /// Adds those runs of a batch whose customers are in `shard` and writes the customers' numbers,
  /// which are unique but not dense, into them. Returns how many customers are new.
  std::int64_t add(std::size_t shard, LineRuns& lines);

  [[nodiscard]] CustomerNumbers numbers() const;
  /// All customers by `numbers()`. Shards are emptied one by one, so that little is there twice.
  [[nodiscard]] LineCustomers take(const std::string& id_name, const Executor& executor);

  /// What a customer takes, its id included.
  [[nodiscard]] std::int64_t bytes_each() const;

 private:
  struct Shard {
    CustomerKeys keys;
    std::vector<CustomerTotals> totals;
    std::vector<Person> persons;
    std::vector<std::vector<LatestValue>> attributes;
  };
  void number(Shard& shard, LineRuns& lines, std::span<const std::uint32_t> which) const;
  static void add_values(Shard& shard, std::uint32_t local, const LineRuns& lines, std::size_t run);
  [[nodiscard]] table::Column take_ids(const std::string& name);
  [[nodiscard]] std::size_t size() const;

  std::size_t attributes_;
  bool persons_;
  std::vector<Shard> shards_ = std::vector<Shard>(kCustomerShards);
};

}  // namespace quintile::customers
