#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/customers/line_totals.h"
#include "quintile/customers/transaction_spec.h"
#include "quintile/table/source.h"

/// Transaction grain, first half: batches of order lines to what each customer's lines amount to.
/// Every batch, in any order and on any thread's aggregator, adds to the same sums, so how rows
/// were cut and shared out never shows.
namespace quintile::customers {

/// Lines of one order that stand one after the other, from one customer at one moment.
struct OrderRecord {
  std::uint64_t key_high = 0,
                key_low = 0;  ///< an integer id itself, or 127 bits of the text's hash
  std::int64_t moment = kNoMoment;
  std::int64_t amount = 0;      ///< of the lines that count
  std::uint32_t first_row = 0;  ///< in 32 bits: `clean` refuses inputs of more rows
  std::uint32_t customer = kNoCustomer;
  std::uint32_t lines : 30 = 0;
  std::uint32_t counts : 1 = 0;   ///< some line counts
  std::uint32_t returns : 1 = 0;  ///< some line is a return
};

/// A customer and a day on which lines count.
struct DayRecord {
  std::uint32_t customer = 0;
  std::int32_t day = 0;
};

/// What a batch's lines leave behind beside the sums, for who keeps it.
struct LineRecords {
  std::vector<std::int32_t> fates;
  std::vector<OrderRecord> orders;  ///< where the plan names an order id; in row order
  std::vector<DayRecord> days;      ///< where `frequency` counts days

  void clear() { fates.clear(), orders.clear(), days.clear(); }
};

/// One thread's part.
class LineAggregator {
 public:
  explicit LineAggregator(const TransactionSpec& spec);

  /// Adds a batch; what it leaves behind is appended to `records`.
  /// Errors: Plan for an expression or a range that does not fit the columns; Input for an amount
  /// of 10^18 minor units or more, with its row.
  [[nodiscard]] Status add(const table::Batch& batch, LineRecords& records);

  [[nodiscard]] LineTotals& totals() { return totals_; }

 private:
  void tally_columns(const table::Batch& batch);
  static void tally_column(const table::ReadColumn& read, LineColumn& column, bool describes);
  [[nodiscard]] Status look_at_cells(const table::Batch& batch);
  [[nodiscard]] Status look_at_ranges(const table::Batch& batch);
  [[nodiscard]] Status compute_amounts(const table::Batch& batch);
  [[nodiscard]] Status evaluate(const table::Batch& batch);
  void number_customers(const table::Batch& batch);
  void tell_persons_apart(const table::Batch& batch);
  void reduce(const table::Batch& batch, LineRecords& records);
  /// The line's fate, and what that adds to who takes it out or sends it back.
  [[nodiscard]] std::int32_t settle(const table::Batch& batch, std::int64_t row);
  /// Adds a line that counts to its customer and to all.
  void count(const table::Batch& batch, std::int64_t row, LineRecords& records);
  void group_by_order(const table::Batch& batch, LineRecords& records) const;
  void add_attributes(const table::Batch& batch, std::int64_t row, std::uint32_t customer);

  const TransactionSpec& spec_;
  LineTotals totals_;
  std::vector<int> describing_, needed_;

  // Of the batch at work.
  std::vector<std::uint16_t> faults_;
  std::vector<std::uint8_t> has_no_order_;  ///< lines without the order id that orders need
  std::vector<std::uint16_t> check_of_row_;
  std::vector<std::int64_t> amounts_;
  std::vector<std::uint8_t> is_return_, is_kept_;
  std::vector<std::int64_t> moments_;
  std::vector<std::uint32_t> numbers_;             ///< of the rows' customers
  std::vector<std::vector<std::int64_t>> values_;  ///< of attributes, by `describing()`
  std::vector<std::vector<std::uint8_t>> has_value_;
  std::string order_text_;
};

}  // namespace quintile::customers
