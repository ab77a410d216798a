#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/customers/amount_histogram.h"
#include "quintile/customers/source_keys.h"
#include "quintile/customers/transaction_spec.h"
#include "quintile/quality/attribute_checks.h"

/// Transaction grain: what order lines add up to, by customer, by column and all told.
namespace quintile::customers {

inline constexpr std::uint32_t kNoCustomer = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kNoMoment = std::numeric_limits<std::int64_t>::min();

/// The value of an attribute at a customer's latest line, so far.
struct alignas(64) LatestValue {
  std::int64_t moment = kNoMoment;
  std::int64_t value =
      0;              ///< number, day, microseconds, ordered bits of a real, or a text's number
  std::string order;  ///< bytes that compare as order ids do
  bool is_there = false;
  bool differs = false;              ///< lines disagree
  bool differs_in_category = false;  ///< and not in how they spell it alone

  /// Whether (moment, order, value) comes after what is known; values of equal lines by `greater`.
  [[nodiscard]] bool is_before(std::int64_t later_moment, std::string_view later_order,
                               const auto& greater) const {
    if (!is_there) return true;
    if (later_moment != moment) return later_moment > moment;
    const int compared = later_order.compare(order);
    return compared != 0 ? compared > 0 : greater();
  }
};

/// What a customer's lines add up to. Customers lie anywhere in memory, so each is a cache line of
/// its own.
struct alignas(64) CustomerTotals {
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
  TextIndex categories;
  std::vector<std::uint32_t> category_of_text;  ///< of the first `kCategoriesMax` texts
  std::vector<std::int64_t> text_rows;
  std::vector<std::int64_t> text_first_row;

  [[nodiscard]] std::uint32_t number_of(std::string_view text);
  /// Equal values, and texts that are two spellings of one category.
  [[nodiscard]] bool is_same_category(std::int64_t a, std::int64_t b) const;
  /// Whether lines of a customer disagree on what is published: where the column has categories,
  /// spellings of one are no conflict.
  [[nodiscard]] bool is_conflict(const LatestValue& latest) const;
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
  void take_extreme(const Extreme& line);
  std::vector<std::uint64_t> days_with_orders;  ///< a bit a day from `kDayNumberMin`
  std::int32_t last_counted_day = std::numeric_limits<std::int32_t>::min();
  std::int32_t last_usable_day =
      std::numeric_limits<std::int32_t>::min();  ///< of all lines with a readable date
};

/// Adds `from` to `into`; returns the number that each of `from`'s customers has there.
[[nodiscard]] std::vector<std::uint32_t> merge(LineTotals& into, LineTotals&& from,
                                               const TransactionSpec& spec);

}  // namespace quintile::customers
