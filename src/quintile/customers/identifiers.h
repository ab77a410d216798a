#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/base/result.h"
#include "quintile/expression/column_view.h"

/// Source customer ids: their order, the groups of rows that share one, and new ids by
/// first-purchase chronology.
namespace quintile::customers {

/// The rows that have an id, in ascending order of it; rows that share one stay in row order.
struct SortedIds {
  std::vector<std::uint32_t> rows;
  std::vector<std::uint8_t> begins;  ///< one a row of `rows`: it has another id than the one before

  /// Leaves the rows for which `keep(row)` is true.
  template <typename Keep>
  void filter(Keep keep) {
    std::size_t to = 0;
    std::uint8_t begin = 0;  // a row that began its group and went leaves that to the next
    for (std::size_t i = 0; i < rows.size(); ++i) {
      begin |= begins[i];
      if (!keep(rows[i])) continue;
      rows[to] = rows[i];
      begins[to++] = std::exchange(begin, 0);
    }
    rows.resize(to);
    begins.resize(to);
  }
};

/// Ids in order: as integers of any length where all of them are integers ("7" before "0012", then
/// by bytes), else by bytes. `ids` is an Integer or Text column; missing ids must not be asked
/// about.
class IdOrder {
 public:
  explicit IdOrder(const ColumnView& ids);
  [[nodiscard]] bool less(std::int64_t a, std::int64_t b) const;
  [[nodiscard]] bool same(std::int64_t a, std::int64_t b) const;
  /// True when ids compare as integers.
  [[nodiscard]] bool numeric() const { return order_ != Order::Bytes; }
  [[nodiscard]] SortedIds sorted(const Executor& executor = run_serially) const;
  [[nodiscard]] std::vector<std::uint32_t> sorted_rows() const { return sorted().rows; }

 private:
  template <typename Key>
  void sort_numbers(SortedIds& ids, std::int64_t low, int bits, const Executor& executor) const;
  void sort_texts(SortedIds& ids) const;

  ColumnView ids_;
  /// Integers beyond 18 digits compare by what is spelled, which takes longer.
  enum class Order : std::uint8_t { Integers, SpelledIntegers, Bytes };
  Order order_ = Order::Integers;
  std::vector<std::int64_t> numbers_;  ///< of a Text column in order of `Integers`
  [[nodiscard]] std::int64_t number(std::int64_t row) const {
    return numbers_.empty() ? ids_.integer(row) : numbers_[static_cast<std::size_t>(row)];
  }
};

/// Where the cells of records are looked up, by column and in file order, as text: one for each of
/// `rows`; a missing value is an empty text.
struct Records {
  std::vector<bool>
      is_number;  ///< one a column: its cells compare by value, those of others as text
  std::function<Result<std::vector<std::string>>(std::size_t column,
                                                 std::span<const std::int64_t> rows)>
      cells;
};

/// The order of a column of numbers: missing cells, numbers by value (equal ones by their bytes),
/// then what is no number, by bytes.
[[nodiscard]] bool number_less(const std::string& a, const std::string& b);

/// A stretch of rows that tie.
struct TiedRows {
  std::size_t begin = 0, end = 0;
};

/// Puts the rows of each tie in ascending order of their records, cell by cell; equal records stay
/// as they stand. A column is looked up for the rows that the columns before it leave tied.
[[nodiscard]] Status settle_ties(std::span<std::uint32_t> rows, std::span<const TiedRows> ties,
                                 const Records& records);

/// Rows by (day, source id, the record's other cells). `days` has one entry a row of the table;
/// empty: all alike. Records are looked up only where day and id tie.
[[nodiscard]] Result<std::vector<std::uint32_t>> by_first_purchase(
    SortedIds sorted, std::span<const std::int32_t> days, const Records& records,
    const Executor& executor = run_serially);

/// The same of `rows` that ascend by source id, as `sorted_rows` gives them.
[[nodiscard]] Result<std::vector<std::uint32_t>> by_first_purchase(
    std::vector<std::uint32_t> rows, std::span<const std::int32_t> days, const IdOrder& ids,
    const Records& records);

}  // namespace quintile::customers
