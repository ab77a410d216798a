#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "quintile/customers/line_totals.h"
#include "quintile/customers/source_keys.h"
#include "quintile/table/source.h"

/// Transaction grain: a batch of order lines, cut where customer, order id or moment change. Most
/// files have an order's lines together, so what customers and orders add up to is looked up once a
/// run, not once a line.
namespace quintile::customers {

/// Lines that stand one after the other, of one customer under one order id at one moment.
struct LineRun {
  std::uint32_t begin = 0, end = 0;  ///< rows of the batch
  std::int64_t moment = kNoMoment;
  std::int64_t counted = 0;   ///< amounts of lines that count
  std::int64_t returned = 0;  ///< amounts of returns
  std::uint32_t counted_lines = 0, returned_lines = 0;
  std::uint32_t customer = kNoCustomer;  ///< its number, once `CustomerTable` knows
  bool has_customer = false;
  CustomerKey key;

  [[nodiscard]] std::uint32_t lines() const { return end - begin; }
};

/// An attribute's value in a run: the greatest of its lines that count.
struct RunValue {
  std::int64_t value = 0;  ///< as `LatestValue` has it
  bool is_there = false;
  bool differs = false, differs_in_category = false;  ///< lines disagree
};

/// Whom the personal columns of a run's lines name.
struct RunPerson {
  std::uint64_t hash = 0;  ///< 0: nobody
  bool several = false;
};

struct LineRuns {
  std::vector<LineRun> runs;
  std::vector<RunValue> values;    ///< by run, then by attribute
  std::vector<RunPerson> persons;  ///< by run; empty without personal columns
  std::vector<bool> is_text;       ///< by attribute
  const ColumnView* order_ids = nullptr;

  /// Those whose customer is in a shard of the table; `shard_begins` has one entry more.
  [[nodiscard]] std::span<const std::uint32_t> of_shard(std::size_t shard) const {
    return std::span(by_shard).subspan(shard_begins[shard],
                                       shard_begins[shard + 1] - shard_begins[shard]);
  }
  void sort_by_shard();

  std::vector<std::uint32_t> by_shard;
  std::array<std::uint32_t, kCustomerShards + 1> shard_begins{};
};

/// Marks with 1 the rows that differ from the one before, missing values being alike.
void mark_changes(const ColumnView& view, std::span<std::uint8_t> changes);

}  // namespace quintile::customers
