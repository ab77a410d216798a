#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/customers/amount_histogram.h"
#include "quintile/customers/source_keys.h"
#include "quintile/customers/transaction_spec.h"
#include "quintile/quality/attribute_checks.h"

/// Transaction grain: what order lines add up to, by customer, by column and all told.
namespace quintile::customers {

/// Customers are kept in so many shards, by the hash of their id.
inline constexpr std::uint32_t kCustomerShards = 64;
inline constexpr std::uint32_t kNoCustomer = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::int64_t kNoMoment = std::numeric_limits<std::int64_t>::min();

inline constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

[[nodiscard]] constexpr std::int32_t day_of(std::int64_t moment) {
  return static_cast<std::int32_t>(moment >= 0
                                       ? moment / kMicrosecondsADay
                                       : -((-moment + kMicrosecondsADay - 1) / kMicrosecondsADay));
}

/// A text of an attribute.
struct AttributeText {
  std::string_view text;
  std::uint32_t number = 0;
  std::uint32_t category = 0;  ///< the same for all its spellings; of the first `kCategoriesMax`
};

/// The texts of an attribute, of all threads; who calls sees to it that one adds at a time.
class AttributeTexts {
 public:
  /// It stays where it is and as it is, so it may be read while others are added.
  [[nodiscard]] const AttributeText& find_or_add(std::string_view text);
  [[nodiscard]] std::uint32_t size() const { return texts_.size(); }
  [[nodiscard]] std::string_view text(std::uint32_t number) const { return texts_.text(number); }

 private:
  TextIndex texts_, categories_;
  std::deque<AttributeText> entries_;
};

/// The text that a value of an attribute stands for.
[[nodiscard]] inline const AttributeText& text_of(std::int64_t value) {
  return *std::bit_cast<const AttributeText*>(value);
}
[[nodiscard]] inline std::int64_t value_of(const AttributeText& text) {
  return std::bit_cast<std::int64_t>(&text);
}
/// Equal values, and texts that are two spellings of one category.
[[nodiscard]] inline bool is_same_category(std::int64_t a, std::int64_t b, bool is_text) {
  return a == b || (is_text && text_of(a).category == text_of(b).category);
}
/// Whether one value of an attribute comes after another: texts by their bytes.
[[nodiscard]] inline bool is_greater(std::int64_t value, std::int64_t than, bool is_text) {
  if (!is_text) return value > than;
  return value != than && text_of(value).text > text_of(than).text;
}

/// The value of an attribute at a customer's latest line, so far.
struct alignas(64) LatestValue {
  std::int64_t moment = kNoMoment;
  /// Number, day, microseconds, ordered bits of a real, or `value_of` a text.
  std::int64_t value = 0;
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
  std::shared_ptr<const AttributeTexts> texts;  ///< an attribute's; of all threads
  std::vector<std::int64_t> text_rows;          ///< by text
  std::vector<std::int64_t> text_first_row;

  /// Counts `rows` rows with a text, of which `first_row` is the first.
  void add_text(std::uint32_t text, std::int64_t rows_with, std::int64_t first_row);
  /// Whether lines of a customer disagree on what is published: where the column has categories,
  /// spellings of one are no conflict.
  [[nodiscard]] bool is_conflict(const LatestValue& latest) const;
};

/// What one thread has seen of the lines beside their customers, and several merged.
struct LineTotals {
  int money_scale = 2;
  bool is_scaled = false;
  std::int64_t rows = 0;
  std::vector<LineColumn> columns;  ///< by column of the request
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
  void take_extreme(const Extreme& line) {
    if (largest.size() < quality::kExamplesMax || line.amount >= largest.back().amount)
      keep_extreme(line);
  }
  void keep_extreme(const Extreme& line);
  std::vector<std::uint64_t> days_with_orders;  ///< a bit a day from `kDayNumberMin`
  std::int32_t last_counted_day = std::numeric_limits<std::int32_t>::min();
  std::int32_t last_usable_day =
      std::numeric_limits<std::int32_t>::min();  ///< of all lines with a readable date
};

/// Adds `from` to `into`.
void merge(LineTotals& into, const LineTotals& from);

}  // namespace quintile::customers
