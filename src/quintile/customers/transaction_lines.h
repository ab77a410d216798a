#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/customers/line_runs.h"
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

  friend bool operator==(const DayRecord&, const DayRecord&) = default;
};

/// Lines that stand one after the other and have one fate.
struct FateRun {
  std::int32_t fate = 0;
  std::uint32_t lines = 0;
};

/// What a batch's lines leave behind beside the sums, for who keeps it.
struct LineRecords {
  std::vector<FateRun> fates;
  std::vector<OrderRecord> orders;  ///< where the plan names an order id; in row order
  std::vector<DayRecord> days;      ///< where `frequency` counts days
};

/// Puts texts of an attribute where all threads have them; safe to call from several.
using ShareTexts =
    std::function<void(std::size_t attribute, std::span<const std::string_view> texts,
                       std::span<const AttributeText*> found)>;

/// One thread's part: reads batches into runs, whose customers a table then numbers, and tells what
/// became of each line. What it sums beside customers is in `totals`.
class LineAggregator {
 public:
  LineAggregator(const TransactionSpec& spec, ShareTexts share_texts);

  /// Reads a batch into `runs()`.
  /// Errors: Plan for an expression or a range that does not fit the columns; Input for an amount
  /// of 10^18 minor units or more, with its row.
  [[nodiscard]] Status read(const table::Batch& batch);
  [[nodiscard]] LineRuns& runs() { return runs_; }
  /// What the batch leaves behind, its runs' customers being numbered now; in place of what
  /// `records` held.
  void record(const table::Batch& batch, LineRecords& records) const;

  [[nodiscard]] LineTotals& totals() { return totals_; }

 private:
  [[nodiscard]] Status look_at_cells(const table::Batch& batch);
  void look_at_dates(const table::Batch& batch);
  void tally_columns(const table::Batch& batch);
  static void tally_column(const table::ReadColumn& read, LineColumn& column, bool has_profile);
  [[nodiscard]] bool has_profile(Type type, int index) const;
  void tally_texts(const table::Batch& batch, std::size_t attribute);
  [[nodiscard]] Status look_at_ranges(const table::Batch& batch);
  [[nodiscard]] Status compute_amounts(const table::Batch& batch);
  [[nodiscard]] Status evaluate(const table::Batch& batch);
  void settle(const table::Batch& batch);
  void cut(const table::Batch& batch);
  void sum_runs(const table::Batch& batch);
  void count_line(std::int64_t source_row, std::int64_t amount);
  void find_values(const table::Batch& batch, std::size_t attribute);
  void tell_persons_apart(const table::Batch& batch);

  static constexpr std::int32_t kCounts = 0;  ///< a fate, but for the customer

  const TransactionSpec& spec_;
  ShareTexts share_texts_;
  LineTotals totals_;
  std::vector<int> describing_, needed_;

  // Of the batch at work.
  std::vector<std::uint16_t> faults_;
  std::vector<std::uint8_t> has_no_order_;  ///< lines without the order id that orders need
  std::vector<std::uint16_t> check_of_row_;
  std::vector<std::int64_t> amounts_;
  std::vector<std::uint8_t> is_return_, is_kept_;
  std::vector<std::int64_t> moments_;
  std::vector<std::int32_t> fates_;                       ///< without customers' numbers
  std::vector<std::uint8_t> changes_;                     ///< rows with which a run begins
  std::vector<std::vector<std::uint8_t>> out_of_range_;   ///< by attribute; empty: no row is
  std::vector<std::vector<const AttributeText*>> texts_;  ///< by attribute, then code or row
  LineRuns runs_;
};

}  // namespace quintile::customers
