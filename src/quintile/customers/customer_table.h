#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "quintile/customers/line_runs.h"
#include "quintile/customers/line_totals.h"
#include "quintile/customers/source_keys.h"
#include "quintile/table/column.h"

/// Transaction grain: what each customer's lines amount to.
namespace quintile::customers {

/// Values by a number from 0, in blocks that stay where they are: growing copies nothing, and
/// memory is touched when it is needed.
template <typename T>
class Blocks {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / kBlock][i % kBlock]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return blocks_[i / kBlock][i % kBlock]; }
  void grow(std::size_t size) {
    while (blocks_.size() * kBlock < size) blocks_.push_back(std::make_unique<T[]>(kBlock));
    size_ = size;
  }

 private:
  static constexpr std::size_t kBlock = 256;
  std::vector<std::unique_ptr<T[]>> blocks_;
  std::size_t size_ = 0;
};

/// One table for all threads. Its shards are by the hash of the customer's id, and several threads
/// may add at once, each to a shard of its own; who calls sees to that. Sums and latest values are
/// the same in whatever order runs come. A customer has a number below `numbers()`, by which the
/// shards take turns; not every number is a customer's.
class CustomerTable {
 public:
  CustomerTable() = default;
  /// `attributes`: how many columns describe customers; `persons`: some are personal.
  CustomerTable(std::size_t attributes, bool persons);

  [[nodiscard]] static std::size_t shard_of(const CustomerKey& key) { return key.hash >> 58; }

  /// Adds those runs of a batch whose customers are in `shard` and writes the customers' numbers
  /// into them. Returns how many customers are new.
  std::int64_t add(std::size_t shard, LineRuns& lines);

  /// What a customer takes, its id included.
  [[nodiscard]] std::int64_t bytes_each() const;

  [[nodiscard]] std::size_t numbers() const;
  [[nodiscard]] std::int64_t customers() const;
  /// By number; missing where it is no customer's. Integer or Text, as they stand in the file.
  [[nodiscard]] table::Column ids(const std::string& name) const;
  /// Nothing counted and nothing returned where the number is no customer's.
  [[nodiscard]] const CustomerTotals& totals(std::size_t number) const {
    const Shard& shard = shards_[number % kCustomerShards];
    const std::size_t local = number / kCustomerShards;
    return local < shard.totals.size() ? shard.totals[local] : kNobody;
  }
  /// The latest value of an attribute, by `describing()`, of a customer.
  [[nodiscard]] const LatestValue& latest(std::size_t attribute, std::size_t number) const {
    return shards_[number % kCustomerShards].attributes[attribute][number / kCustomerShards];
  }
  template <typename Take>
  void for_each_person(const Take& take) const {
    for (const Shard& shard : shards_) {
      for (std::size_t i = 0; i < shard.persons.size(); ++i) take(shard.persons[i]);
    }
  }
  /// Calls `take(number)` for all customers.
  template <typename Take>
  void for_each(const Take& take) const {
    for (std::size_t s = 0; s < shards_.size(); ++s) {
      for (std::size_t i = 0; i < shards_[s].totals.size(); ++i) take(i * kCustomerShards + s);
    }
  }

 private:
  struct Shard {
    CustomerKeys keys;
    Blocks<CustomerTotals> totals;
    Blocks<Person> persons;
    std::vector<Blocks<LatestValue>> attributes;
  };
  static const CustomerTotals kNobody;

  void number(Shard& shard, LineRuns& lines, std::span<const std::uint32_t> which) const;
  static void add_values(Shard& shard, std::uint32_t local, const LineRuns& lines, std::size_t run);

  std::size_t attributes_ = 0;
  bool persons_ = false;
  std::vector<Shard> shards_;
};

}  // namespace quintile::customers
