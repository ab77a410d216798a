#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/base/result.h"
#include "quintile/customers/source_keys.h"
#include "quintile/expression/expression.h"
#include "quintile/quality/attribute_checks.h"
#include "quintile/quality/review.h"
#include "quintile/table/source.h"

/// Transaction grain, first half: batches of order lines to what each customer's lines amount to.
/// Every batch, in any order and on any thread's aggregator, adds to the same sums, so how rows
/// were cut and shared out never shows.
namespace quintile::customers {

/// What `frequency` counts.
enum class FrequencyUnit : std::uint8_t { Orders, Days, Lines };

/// Which column of a batch plays which role. Absent ones are -1.
struct TransactionRoles {
  int customer_id = -1;  ///< read as Identifier
  int order_id = -1;     ///< read as Identifier; without it each row is an order
  int order_date = -1;   ///< read as Moment
  int quantity = -1;     ///< read as Quantity; with `unit_price` (Money), in place of `amount`
  int unit_price = -1;
  int amount = -1;              ///< read as Money
  std::vector<int> attributes;  ///< read as Inferred
  int overlay = -1;             ///< read as Flag
  int consent = -1;             ///< read as Flag
  std::vector<int> personal;    ///< read as Personal; only counted
  std::vector<int> others;      ///< named by an expression or a range alone; read as Inferred

  /// Attributes, overlay and consent.
  [[nodiscard]] std::vector<int> describing() const;
  /// All columns that play a role, with its name as reviews tell it: "customer_id", "attribute",
  /// ...
  [[nodiscard]] std::vector<std::pair<int, std::string>> named() const;
  /// The columns without whose value a line cannot count, the customer's id left out.
  [[nodiscard]] std::vector<int> needed(FrequencyUnit frequency) const;
};

struct TransactionSpec {
  std::vector<table::ColumnRequest> columns;  ///< as requested of the source
  TransactionRoles roles;
  std::optional<expression::Expression> keep;  ///< none: every line counts
  std::optional<expression::Expression> returns;
  bool net = true;  ///< returns lower the monetary value; else they are taken out
  FrequencyUnit frequency = FrequencyUnit::Orders;
  quality::ReviewSpec review;
  std::optional<std::int32_t> analysis_day;  ///< none: not known yet, no date is in the future
};

/// Why a line is taken out; the first that applies, in this order, is the one it is quarantined
/// under.
enum class LineFault : std::uint8_t {
  Missing,
  Invalid,
  OutOfRange,
  Future,
  NoCustomer,
  PlanCheck,
  Returned,
  NotKept,
  ReturnsOnly,
};
inline constexpr std::size_t kLineFaults = 9;
/// The waterfall's step and the check that the quarantine names; empty for the plan's own checks.
[[nodiscard]] std::string_view check_of(LineFault fault);
[[nodiscard]] std::string_view reason_of(LineFault fault);

inline constexpr std::uint32_t kNoCustomer = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kNoMoment = std::numeric_limits<std::int64_t>::min();

/// Lines of one order that stand one after the other, from one customer at one moment.
struct OrderRecord {
  std::uint64_t key_high = 0,
                key_low = 0;  ///< an integer id itself, or 127 bits of the text's hash
  std::int64_t moment = kNoMoment;
  std::int64_t first_row = 0;
  std::int64_t amount = 0;  ///< of the lines that count
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
  std::vector<std::int32_t> fates;  ///< one a line: its customer's number, or -1 - its fault code
  std::vector<OrderRecord> orders;  ///< where the plan names an order id
  std::vector<DayRecord> days;      ///< where `frequency` counts days

  void clear() { fates.clear(), orders.clear(), days.clear(); }
};

/// Fault codes of `fates`: a `LineFault`, or `kLineFaults` and the number of the plan's check.
[[nodiscard]] constexpr std::int32_t fate_of(LineFault fault) {
  return -1 - static_cast<std::int32_t>(fault);
}
[[nodiscard]] constexpr std::int32_t fate_of_check(std::size_t check) {
  return -1 - static_cast<std::int32_t>(kLineFaults + check);
}

/// The value of an attribute at a customer's latest line, so far.
struct LatestValue {
  std::int64_t moment = kNoMoment;
  std::int64_t value =
      0;              ///< number, day, microseconds, ordered bits of a real, or a text's number
  std::string order;  ///< bytes that compare as order ids do
  bool is_there = false;
  bool differs = false;  ///< lines disagree
};

/// What a customer's lines add up to.
struct CustomerTotals {
  Int128 counted = 0;   ///< amounts of lines that count
  Int128 returned = 0;  ///< amounts of returns
  std::int64_t counted_lines = 0, returned_lines = 0;
  std::int32_t first_day = std::numeric_limits<std::int32_t>::max();  ///< of lines that count
  std::int32_t last_day = std::numeric_limits<std::int32_t>::min();
};

/// Whom the personal columns of a customer's lines name.
struct Person {
  std::uint64_t hash = 0;  ///< of all personal columns; 0: no line has named anybody
  std::int64_t lines = 0;
  bool several = false;
};

/// What is told of a column of lines.
struct LineColumn {
  Type type = Type::Integer;
  int scale = 0;
  bool is_typed = false;
  std::int64_t missing = 0, unreadable = 0, present = 0;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::max();  ///< ordered bits for reals
  std::int64_t maximum = std::numeric_limits<std::int64_t>::min();
  Int128 sum = 0;      ///< of integers and decimals
  Int128 squares = 0;  ///< where `squares_fit`
  bool squares_fit = true;
  TextIndex texts;  ///< of an attribute's texts
  std::vector<std::int64_t> text_rows;
  std::vector<std::int64_t> text_first_row;
};

/// A count of amounts by size, from which quartiles come within 1 part in 128, whatever the order
/// of the lines.
class AmountHistogram {
 public:
  void add(std::int64_t amount);
  void merge(const AmountHistogram& other);
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The smallest amount of the bucket that holds the value at `position` (0 = smallest).
  [[nodiscard]] std::int64_t at(std::int64_t position) const;
  /// How many amounts lie in buckets that are wholly beyond `low` or `high`.
  [[nodiscard]] std::int64_t beyond(std::int64_t low, std::int64_t high) const;

 private:
  static std::size_t bucket_of(std::int64_t amount);
  static std::int64_t least_of(std::size_t bucket);
  std::vector<std::int64_t> counts_;
  std::int64_t count_ = 0;
};

/// What one thread has seen of the lines, and several merged.
struct LineTotals {
  int money_scale = 2;
  bool is_scaled = false;
  std::int64_t rows = 0;
  CustomerKeys keys;
  std::vector<CustomerTotals> customers;  ///< by key number
  std::vector<Person> persons;            ///< by key number; empty without personal columns
  std::vector<std::vector<LatestValue>> attributes;  ///< by `describing()`, then by key number
  std::vector<LineColumn> columns;                   ///< by column of the request
  struct Step {
    std::int64_t rows = 0;
    Int128 amount = 0;
  };
  Step read;
  std::vector<Step> taken;                                 ///< by fault code
  std::vector<quality::RowCollector> missing, unreadable;  ///< by column
  std::vector<quality::RowCollector> out_of_range;         ///< by range
  std::vector<quality::RowCollector> check_failures;       ///< by check of the plan
  quality::RowCollector future, inexact, negative, zero, positive_returns, returns, not_kept;
  struct Signs {
    std::int64_t negative_quantities = 0, zero_quantities = 0, negative_prices = 0, zero_prices = 0;
    std::int64_t negative_counted = 0, zero_counted = 0;
  } signs;
  AmountHistogram amounts;  ///< of lines that count
  struct Extreme {
    std::int64_t amount = 0, row = 0;
  };
  std::vector<Extreme> largest;  ///< of lines that count: at most ten, by amount, then row
  std::vector<std::uint64_t> days_with_orders;  ///< a bit a day from `kDayNumberMin`
  std::int32_t last_counted_day = std::numeric_limits<std::int32_t>::min();
  std::int32_t last_usable_day =
      std::numeric_limits<std::int32_t>::min();  ///< of all lines with a readable date
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
  void tally_column(const table::ReadColumn& read, LineColumn& column, bool with_texts,
                    std::int64_t first_row);
  [[nodiscard]] Status look_at_cells(const table::Batch& batch);
  [[nodiscard]] Status look_at_ranges(const table::Batch& batch);
  [[nodiscard]] Status compute_amounts(const table::Batch& batch);
  [[nodiscard]] Status evaluate(const table::Batch& batch);
  void number_customers(const table::Batch& batch);
  void tell_persons_apart(const table::Batch& batch);
  void reduce(const table::Batch& batch, LineRecords& records);
  void add_attributes(const table::Batch& batch, std::int64_t row, std::uint32_t customer);
  void take_extreme(std::int64_t amount, std::int64_t row);

  const TransactionSpec& spec_;
  LineTotals totals_;
  std::vector<int> describing_, needed_;

  // Of the batch at work.
  std::vector<std::uint16_t> faults_;
  std::vector<std::uint8_t> has_no_order_;  ///< lines without the order id that orders need
  std::vector<std::uint16_t> check_of_row_;
  std::vector<std::int64_t> amounts_;
  std::vector<std::uint8_t> has_amount_;
  std::vector<std::uint8_t> is_return_, is_kept_;
  std::vector<std::int64_t> moments_;
  std::vector<std::uint32_t> numbers_;             ///< of the rows' customers
  std::vector<std::vector<std::int64_t>> values_;  ///< of attributes, by `describing()`
  std::vector<std::vector<std::uint8_t>> has_value_;
  std::string order_text_;
};

/// Adds `from` to `into`; returns the number that each of `from`'s customers has there.
[[nodiscard]] std::vector<std::uint32_t> merge(LineTotals& into, LineTotals&& from,
                                               const TransactionSpec& spec);

}  // namespace quintile::customers
