#include "quintile/customers/transaction_lines.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"
#include "quintile/customers/line_columns_internal.h"

namespace quintile::customers {

namespace {

using expression::Truth;

constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;

constexpr std::uint16_t bit(LineFault fault) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(fault));
}

std::int32_t day_of(std::int64_t moment) {
  return static_cast<std::int32_t>(moment >= 0
                                       ? moment / kMicrosecondsADay
                                       : -((-moment + kMicrosecondsADay - 1) / kMicrosecondsADay));
}

/// Eight bytes that compare as the integer does.
std::string_view integer_bytes(std::int64_t number, std::string& buffer) {
  const std::uint64_t shifted = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
  buffer.resize(8);
  for (std::size_t i = 0; i < 8; ++i) buffer[i] = static_cast<char>(shifted >> (56 - 8 * i));
  return buffer;
}

struct OrderKey {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const OrderKey&, const OrderKey&) = default;
};
constexpr std::uint64_t kTextKey = std::uint64_t{1} << 63;

OrderKey order_key(const ColumnView& ids, std::int64_t row) {
  if (ids.type != Type::Text) return {0, static_cast<std::uint64_t>(ids.integer(row))};
  const std::string_view text = ids.text(row);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64 | kTextKey, hash.low64};
}

/// Calls `take(row, value)` for the cells that are there; values as `LineColumn` keeps them. The
/// layout is looked at once.
template <typename Take>
void for_each_value(const ColumnView& view, const Take& take) {
  const auto walk = [&](const auto& value_at) {
    if (view.valid == nullptr) {
      for (std::int64_t row = 0; row < view.size; ++row) take(row, value_at(row));
      return;
    }
    for (std::int64_t row = 0; row < view.size; ++row) {
      if (view.valid[row] != 0) take(row, value_at(row));
    }
  };
  const auto integers = [&]<typename T>(T) {
    walk([values = view.values<T>().data()](std::int64_t row) {
      return static_cast<std::int64_t>(values[row]);
    });
  };
  switch (view.layout) {
    case Layout::Uint8: return integers(std::uint8_t{});
    case Layout::Int8: return integers(std::int8_t{});
    case Layout::Int32: return integers(std::int32_t{});
    case Layout::Int64: return integers(std::int64_t{});
    case Layout::Float64:
      return walk([values = view.values<double>().data()](std::int64_t row) {
        return ordered_bits(values[row]);
      });
    case Layout::Codes:
    case Layout::Views: QUINTILE_CHECK(false);
  }
}

}  // namespace

LineAggregator::LineAggregator(const TransactionSpec& spec)
    : spec_(spec),
      describing_(spec.roles.describing()),
      needed_(spec.roles.needed(spec.frequency)) {
  const std::size_t columns = spec.columns.size();
  totals_.attributes.resize(describing_.size());
  totals_.columns.resize(columns);
  totals_.missing.resize(columns);
  totals_.unreadable.resize(columns);
  totals_.out_of_range.resize(spec.review.ranges.size());
  totals_.check_failures.resize(spec.review.checks.size());
  totals_.taken.resize(kLineFaults + spec.review.checks.size());
  totals_.days_with_orders.resize(static_cast<std::size_t>(kDayNumberMax - kDayNumberMin) / 64 + 1);
  values_.resize(describing_.size());
  has_value_.resize(describing_.size());
}

Status LineAggregator::add(const table::Batch& batch, LineRecords& records) {
  const auto rows = static_cast<std::size_t>(batch.rows);
  totals_.rows += batch.rows;
  faults_.assign(rows, 0);
  check_of_row_.assign(spec_.review.checks.empty() ? 0 : rows, 0xFFFF);
  QUINTILE_TRY_STATUS(look_at_cells(batch));
  tally_columns(batch);
  QUINTILE_TRY_STATUS(look_at_ranges(batch));
  QUINTILE_TRY_STATUS(compute_amounts(batch));
  QUINTILE_TRY_STATUS(evaluate(batch));
  number_customers(batch);
  reduce(batch, records);
  return {};
}

/// Blank and unreadable cells of the columns that lines need, and of those that describe; the
/// moments.
Status LineAggregator::look_at_cells(const table::Batch& batch) {
  QUINTILE_CHECK(batch.columns.size() == spec_.columns.size());
  has_no_order_.assign(static_cast<std::size_t>(batch.rows), 0);
  for (std::size_t index = 0; index < batch.columns.size(); ++index) {
    const table::ReadColumn& read = batch.columns[index];
    const bool is_needed = std::ranges::find(needed_, static_cast<int>(index)) != needed_.end();
    for (const std::int64_t row : read.unreadable) {
      totals_.unreadable[index].add(batch.first_row + row);
      if (is_needed) faults_[static_cast<std::size_t>(row)] |= bit(LineFault::Invalid);
    }
    if (read.missing == 0) continue;
    auto unreadable = read.unreadable.begin();
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      if (read.column.is_valid(row)) continue;
      while (unreadable != read.unreadable.end() && *unreadable < row) ++unreadable;
      if (unreadable != read.unreadable.end() && *unreadable == row) continue;
      totals_.missing[index].add(batch.first_row + row);
      // A return is no order, so it needs no order id; which lines are returns is known later.
      if (static_cast<int>(index) == spec_.roles.order_id) {
        has_no_order_[static_cast<std::size_t>(row)] = is_needed ? 1 : 0;
        continue;
      }
      if (is_needed) faults_[static_cast<std::size_t>(row)] |= bit(LineFault::Missing);
    }
  }
  const ColumnView& date =
      batch.columns[static_cast<std::size_t>(spec_.roles.order_date)].column.view;
  moments_.assign(static_cast<std::size_t>(batch.rows), kNoMoment);
  const std::int64_t unit = date.type == Type::Date ? kMicrosecondsADay : 1;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for_each_value(date, [&](std::int64_t row, std::int64_t value) {
    moments_[static_cast<std::size_t>(row)] = value * unit;
    last = std::max(last, value * unit);
  });
  if (last == std::numeric_limits<std::int64_t>::min()) return {};
  totals_.last_usable_day = std::max(totals_.last_usable_day, day_of(last));
  if (!spec_.analysis_day || day_of(last) <= *spec_.analysis_day) return {};
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    if (moments_[i] == kNoMoment || day_of(moments_[i]) <= *spec_.analysis_day) continue;
    totals_.future.add(batch.first_row + static_cast<std::int64_t>(i));
    faults_[i] |= bit(LineFault::Future);
  }
  return {};
}

void LineAggregator::tally_columns(const table::Batch& batch) {
  for (std::size_t index = 0; index < batch.columns.size(); ++index) {
    const bool describes =
        std::ranges::find(describing_, static_cast<int>(index)) != describing_.end();
    tally_column(batch.columns[index], totals_.columns[index], describes);
  }
  for (std::size_t d = 0; d < describing_.size(); ++d) {
    const ColumnView& view = batch.columns[static_cast<std::size_t>(describing_[d])].column.view;
    auto& values = values_[d];
    auto& has_value = has_value_[d];
    values.resize(static_cast<std::size_t>(batch.rows));
    has_value.resize(static_cast<std::size_t>(batch.rows));
    LineColumn& column = totals_.columns[static_cast<std::size_t>(describing_[d])];
    std::vector<std::uint32_t> number_of_code(
        view.layout == Layout::Codes ? view.dictionary.size() : 0, kNoCustomer);
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto i = static_cast<std::size_t>(row);
      has_value[i] = view.is_valid(row) ? 1 : 0;
      if (has_value[i] == 0) continue;
      if (view.type != Type::Text) {
        values[i] = view.layout == Layout::Float64 ? ordered_bits(view.values<double>()[i])
                                                   : view.integer(row);
        continue;
      }
      std::uint32_t number = kNoCustomer;
      if (view.layout == Layout::Codes) {
        std::uint32_t& known = number_of_code[static_cast<std::size_t>(view.integer(row))];
        if (known == kNoCustomer) known = column.number_of(view.text(row));
        number = known;
      } else {
        number = column.number_of(view.text(row));
      }
      ++column.text_rows[number];
      column.text_first_row[number] =
          std::min(column.text_first_row[number], batch.first_row + row);
      values[i] = number;
    }
  }
}

void LineAggregator::tally_column(const table::ReadColumn& read, LineColumn& column,
                                  bool describes) {
  const ColumnView& view = read.column.view;
  column.type = view.type;
  column.scale = view.scale;
  column.is_typed = true;
  column.missing += read.missing;
  column.unreadable += static_cast<std::int64_t>(read.unreadable.size());
  column.present += view.size - read.missing - static_cast<std::int64_t>(read.unreadable.size());
  if (view.type == Type::Text) return;
  if (!describes && view.type == Type::Boolean) return;
  std::int64_t minimum = column.minimum, maximum = column.maximum;
  constexpr std::int64_t kSquareMax = std::int64_t{1} << 47;  // 2^32 squares of 2^94 fit
  const bool sums =
      view.type == Type::Integer || view.type == Type::Decimal || view.type == Type::Boolean;
  Int128 sum = 0, squares = 0;
  for_each_value(view, [&](std::int64_t, std::int64_t value) {
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
    if (!sums) return;
    sum += value;
    const Int128 root = std::clamp(value, -kSquareMax, kSquareMax);
    squares += root * root;
  });
  column.minimum = minimum;
  column.maximum = maximum;
  column.sum += sum;
  if (maximum > kSquareMax || minimum < -kSquareMax) column.squares_fit = false;
  if (column.squares_fit) column.squares += squares;
}

Status LineAggregator::look_at_ranges(const table::Batch& batch) {
  std::vector<std::string_view> names;
  for (const table::ColumnRequest& column : spec_.columns) names.emplace_back(column.name);
  for (std::size_t r = 0; r < spec_.review.ranges.size(); ++r) {
    const auto& range = spec_.review.ranges[r];
    QUINTILE_TRY(const int index, quality::column_of(range, names));
    QUINTILE_TRY(
        const auto inside,
        quality::within(batch.columns[static_cast<std::size_t>(index)].column.view, range));
    const bool is_needed = std::ranges::find(needed_, index) != needed_.end();
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto i = static_cast<std::size_t>(row);
      if (inside[i] != 0) continue;
      totals_.out_of_range[r].add(batch.first_row + row);
      if (is_needed) faults_[i] |= bit(LineFault::OutOfRange);
      for (std::size_t d = 0; d < describing_.size(); ++d) {
        if (describing_[d] == index) has_value_[d][i] = 0;
      }
    }
  }
  return {};
}

Status LineAggregator::compute_amounts(const table::Batch& batch) {
  const TransactionRoles& roles = spec_.roles;
  const auto view_of = [&batch](int index) -> const ColumnView& {
    return batch.columns[static_cast<std::size_t>(index)].column.view;
  };
  const bool is_product = roles.amount < 0;
  const ColumnView& money = view_of(is_product ? roles.unit_price : roles.amount);
  if (totals_.is_scaled && totals_.money_scale != money.scale) {
    return fail(ErrorCode::Internal, "the money scale changed while the file was read");
  }
  totals_.money_scale = money.scale;
  totals_.is_scaled = true;
  amounts_.assign(static_cast<std::size_t>(batch.rows), 0);
  std::optional<std::pair<std::int64_t, Int128>> too_large;
  const auto keep = [&](std::int64_t row, Int128 amount) {
    if (amount >= kMoneyLimit || amount <= -static_cast<Int128>(kMoneyLimit)) {
      if (!too_large) too_large = {row, amount};
      return;
    }
    amounts_[static_cast<std::size_t>(row)] = static_cast<std::int64_t>(amount);
    if (amount < 0) totals_.negative.add(batch.first_row + row);
    if (amount == 0) totals_.zero.add(batch.first_row + row);
  };
  if (is_product) {
    const ColumnView& quantities = view_of(roles.quantity);
    const std::int64_t unit = power_of_ten(quantities.scale);
    LineTotals::Signs& signs = totals_.signs;
    for_each_value(money, [&](std::int64_t row, std::int64_t price) {
      if (!quantities.is_valid(row)) return;
      const std::int64_t quantity = quantities.integer(row);
      signs.negative_quantities += quantity < 0 ? 1 : 0;
      signs.zero_quantities += quantity == 0 ? 1 : 0;
      signs.negative_prices += price < 0 ? 1 : 0;
      signs.zero_prices += price == 0 ? 1 : 0;
      const Int128 product = static_cast<Int128>(price) * quantity;
      if (unit == 1) return keep(row, product);  // a division of 128 bits is dear
      if (product % unit == 0) return keep(row, product / unit);
      totals_.inexact.add(batch.first_row + row);
      faults_[static_cast<std::size_t>(row)] |= bit(LineFault::Invalid);
    });
  } else {
    for_each_value(money, keep);
  }
  if (!too_large) return {};
  return fail(ErrorCode::Input,
              fmt::format("row {}: an amount of 10^18 minor units or more: {}",
                          batch.first_row + too_large->first + 1,
                          decimal_to_string(too_large->second, totals_.money_scale)),
              "correct the line, or say with money_scale that fewer digits stand after the point");
}

Status LineAggregator::evaluate(const table::Batch& batch) {
  NamedColumns columns(spec_, batch);
  const auto truths = [&](const expression::Expression& expression) -> Result<std::vector<Truth>> {
    QUINTILE_TRY_STATUS(expression::check_types(
        expression, [&](std::string_view name) { return columns.type_of(name); }, columns.names()));
    return expression::evaluate(
        expression, [&](std::string_view name) { return columns.view_of(name); }, batch.rows);
  };
  const auto where_true = [&](const std::optional<expression::Expression>& expression,
                              std::uint8_t otherwise, std::vector<std::uint8_t>& out) -> Status {
    out.assign(static_cast<std::size_t>(batch.rows), otherwise);
    if (!expression) return {};
    QUINTILE_TRY(const auto holds, truths(*expression));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = holds[i] == Truth::True ? 1 : 0;
    return {};
  };
  QUINTILE_TRY_STATUS(where_true(spec_.keep, 1, is_kept_));
  QUINTILE_TRY_STATUS(where_true(spec_.returns, 0, is_return_));
  for (std::size_t c = 0; c < spec_.review.checks.size(); ++c) {
    const quality::Check& check = spec_.review.checks[c];
    QUINTILE_TRY(const auto holds, truths(check.expect));
    for (std::int64_t row = 0; row < batch.rows; ++row) {
      const auto i = static_cast<std::size_t>(row);
      if (holds[i] != Truth::False) continue;
      totals_.check_failures[c].add(batch.first_row + row);
      if (check.on_fail != quality::OnFail::Quarantine) continue;
      faults_[i] |= bit(LineFault::PlanCheck);
      check_of_row_[i] = std::min(check_of_row_[i], static_cast<std::uint16_t>(c));
    }
  }
  return {};
}

namespace {

/// How many rows ahead memory is fetched: customers lie anywhere.
constexpr std::int64_t kAhead = 16;

bool same_value(const ColumnView& view, std::int64_t a, std::int64_t b) {
  return view.type == Type::Text ? view.text(a) == view.text(b)
                                 : view.integer(a) == view.integer(b);
}

}  // namespace

void LineAggregator::number_customers(const table::Batch& batch) {
  const ColumnView& ids =
      batch.columns[static_cast<std::size_t>(spec_.roles.customer_id)].column.view;
  numbers_.assign(static_cast<std::size_t>(batch.rows), kNoCustomer);
  std::int64_t before = -1;  // the last row with an id
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    if (ids.type != Type::Text && row + kAhead < batch.rows &&
        !same_value(ids, row + kAhead, row + kAhead - 1))
      totals_.keys.prefetch(ids.integer(row + kAhead));
    if (!ids.is_valid(row)) continue;
    const auto i = static_cast<std::size_t>(row);
    if (before >= 0 && same_value(ids, row, before)) {
      numbers_[i] = numbers_[static_cast<std::size_t>(before)];
    } else {
      numbers_[i] = ids.type == Type::Text ? totals_.keys.find_or_add(ids.text(row))
                                           : totals_.keys.find_or_add(ids.integer(row));
    }
    before = row;
  }
  QUINTILE_CHECK(totals_.keys.size() <= static_cast<std::uint32_t>(kReturnFate));
  totals_.customers.resize(totals_.keys.size());
  for (auto& values : totals_.attributes) values.resize(totals_.keys.size());
  if (!spec_.roles.personal.empty()) tell_persons_apart(batch);
}

void LineAggregator::tell_persons_apart(const table::Batch& batch) {
  totals_.persons.resize(totals_.keys.size());
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const std::uint32_t number = numbers_[static_cast<std::size_t>(row)];
    if (number == kNoCustomer) continue;
    Person& person = totals_.persons[number];
    ++person.lines;
    std::uint64_t hash = 1;
    bool is_complete = true;  // what is missing tells nobody apart
    for (const int index : spec_.roles.personal) {
      const ColumnView& view = batch.columns[static_cast<std::size_t>(index)].column.view;
      is_complete = is_complete && view.is_valid(row);
      if (!is_complete) break;
      hash = (hash ^ static_cast<std::uint64_t>(view.integer(row))) * 0x9E3779B97F4A7C15ULL;
      hash ^= hash >> 29;
    }
    if (!is_complete) continue;
    if (person.hash != 0 && person.hash != hash) person.several = true;
    if (person.hash == 0) person.hash = hash;
  }
}

void LineAggregator::reduce(const table::Batch& batch, LineRecords& records) {
  records.fates.resize(static_cast<std::size_t>(batch.rows));
  totals_.read.rows += batch.rows;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (i + kAhead < numbers_.size() && numbers_[i + kAhead] != numbers_[i + kAhead - 1] &&
        numbers_[i + kAhead] != kNoCustomer) {
      __builtin_prefetch(&totals_.customers[numbers_[i + kAhead]], 1);
      for (auto& values : totals_.attributes) __builtin_prefetch(&values[numbers_[i + kAhead]], 1);
    }
    totals_.read.amount += amounts_[i];
    records.fates[i] = settle(batch, row);
    if (records.fates[i] >= 0 && (records.fates[i] & kReturnFate) == 0) count(batch, row, records);
  }
  if (spec_.roles.order_id >= 0) group_by_order(batch, records);
}

std::int32_t LineAggregator::settle(const table::Batch& batch, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  const std::int64_t source_row = batch.first_row + row;
  const std::int64_t amount = amounts_[i];
  const std::uint32_t number = numbers_[i];
  const bool is_return = is_return_[i] != 0;
  std::uint16_t faults = faults_[i];
  if (number == kNoCustomer) faults |= bit(LineFault::NoCustomer);
  if (!is_return && has_no_order_[i] != 0) faults |= bit(LineFault::Missing);
  if (!is_return && is_kept_[i] == 0) {
    if (faults == 0) totals_.not_kept.add(source_row);
    faults |= bit(LineFault::NotKept);
  }
  if (faults != 0) {
    const auto fault = static_cast<LineFault>(std::countr_zero(faults));
    const std::int32_t fate =
        fault == LineFault::PlanCheck ? fate_of_check(check_of_row_[i]) : fate_of(fault);
    LineTotals::Step& step = totals_.taken[static_cast<std::size_t>(-1 - fate)];
    ++step.rows;
    step.amount += amount;
    return fate;
  }
  if (!is_return) return static_cast<std::int32_t>(number);
  totals_.returns.add(source_row);
  if (amount > 0) totals_.positive_returns.add(source_row);
  CustomerTotals& totals = totals_.customers[number];
  totals.returned += amount;
  ++totals.returned_lines;
  return static_cast<std::int32_t>(number) | kReturnFate;
}

void LineAggregator::count(const table::Batch& batch, std::int64_t row, LineRecords& records) {
  const auto i = static_cast<std::size_t>(row);
  const std::int64_t amount = amounts_[i];
  const std::uint32_t number = numbers_[i];
  const std::int32_t day = day_of(moments_[i]);
  CustomerTotals& totals = totals_.customers[number];
  totals.counted += amount;
  ++totals.counted_lines;
  totals.first_day = std::min(totals.first_day, day);
  totals.last_day = std::max(totals.last_day, day);
  totals_.last_counted_day = std::max(totals_.last_counted_day, day);
  const auto at = static_cast<std::size_t>(day - kDayNumberMin);
  totals_.days_with_orders[at / 64] |= std::uint64_t{1} << (at % 64);
  totals_.amounts.add(amount);
  totals_.take_extreme({amount, batch.first_row + row});
  totals_.signs.negative_counted += amount < 0 ? 1 : 0;
  totals_.signs.zero_counted += amount == 0 ? 1 : 0;
  if (!describing_.empty()) add_attributes(batch, row, number);
  if (spec_.frequency == FrequencyUnit::Days &&
      (records.days.empty() || records.days.back().customer != number ||
       records.days.back().day != day)) {
    records.days.push_back({number, day});
  }
}

void LineAggregator::group_by_order(const table::Batch& batch, LineRecords& records) const {
  const ColumnView& ids = batch.columns[static_cast<std::size_t>(spec_.roles.order_id)].column.view;
  OrderKey key;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    if (!ids.is_valid(row)) continue;
    const auto i = static_cast<std::size_t>(row);
    const bool same_id = row > 0 && ids.is_valid(row - 1) && same_value(ids, row, row - 1);
    const bool counts = records.fates[i] >= 0 && (records.fates[i] & kReturnFate) == 0;
    const std::int64_t amount = counts ? amounts_[i] : 0;
    std::int64_t sum = 0;
    if (!same_id || numbers_[i] != numbers_[i - 1] || moments_[i] != moments_[i - 1] ||
        __builtin_add_overflow(records.orders.back().amount, amount, &sum)) {
      if (!same_id) key = order_key(ids, row);
      records.orders.push_back({.key_high = key.high,
                                .key_low = key.low,
                                .moment = moments_[i],
                                .amount = 0,
                                .first_row = static_cast<std::uint32_t>(batch.first_row + row),
                                .customer = numbers_[i]});
      sum = amount;
    }
    OrderRecord& order = records.orders.back();
    order.amount = sum;
    ++order.lines;
    if (counts) order.counts = 1;
    if (records.fates[i] >= 0 && !counts) order.returns = 1;
  }
}

void LineAggregator::add_attributes(const table::Batch& batch, std::int64_t row,
                                    std::uint32_t customer) {
  const auto i = static_cast<std::size_t>(row);
  std::string_view order;
  if (spec_.roles.order_id >= 0) {
    const ColumnView& ids =
        batch.columns[static_cast<std::size_t>(spec_.roles.order_id)].column.view;
    if (ids.is_valid(row))
      order = ids.type == Type::Text ? ids.text(row) : integer_bytes(ids.integer(row), order_text_);
  }
  for (std::size_t d = 0; d < describing_.size(); ++d) {
    if (has_value_[d][i] == 0) continue;
    LatestValue& known = totals_.attributes[d][customer];
    const LineColumn& column = totals_.columns[static_cast<std::size_t>(describing_[d])];
    const std::int64_t value = values_[d][i];
    if (known.is_there && known.value != value) {
      known.differs = true;
      if (!column.is_same_category(known.value, value)) known.differs_in_category = true;
    }
    const auto greater = [&] {
      if (column.type != Type::Text) return value > known.value;
      return value != known.value && column.texts.text(static_cast<std::uint32_t>(value)) >
                                         column.texts.text(static_cast<std::uint32_t>(known.value));
    };
    if (!known.is_before(moments_[i], order, greater)) continue;
    known.moment = moments_[i];
    known.value = value;
    if (known.order != order) known.order.assign(order);
    known.is_there = true;
  }
}

}  // namespace quintile::customers
