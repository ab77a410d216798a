#include "quintile/customers/transaction_lines.h"

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

constexpr std::uint16_t bit(LineFault fault) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(fault));
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
    case Layout::Int16: return integers(std::int16_t{});
    case Layout::Int32: return integers(std::int32_t{});
    case Layout::Int64: return integers(std::int64_t{});
    case Layout::Float64:
      return walk([values = view.values<double>().data()](std::int64_t row) {
        return ordered_bits(values[row]);
      });
    case Layout::Codes8:
    case Layout::Codes:
    case Layout::Views: QUINTILE_CHECK(false);
  }
}

}  // namespace

LineAggregator::LineAggregator(const TransactionSpec& spec, ShareTexts share_texts)
    : spec_(spec),
      share_texts_(std::move(share_texts)),
      describing_(spec.roles.describing()),
      needed_(spec.roles.needed(spec.frequency)) {
  const std::size_t columns = spec.columns.size();
  totals_.columns.resize(columns);
  totals_.missing.resize(columns);
  totals_.unreadable.resize(columns);
  totals_.out_of_range.resize(spec.review.ranges.size());
  totals_.check_failures.resize(spec.review.checks.size());
  totals_.taken.resize(kLineFaults + spec.review.checks.size());
  totals_.days_with_orders.resize(static_cast<std::size_t>(kDayNumberMax - kDayNumberMin) / 64 + 1);
  out_of_range_.resize(describing_.size());
  texts_.resize(describing_.size());
  runs_.is_text.resize(describing_.size());
}

Status LineAggregator::read(const table::Batch& batch) {
  const auto rows = static_cast<std::size_t>(batch.rows);
  totals_.rows += batch.rows;
  faults_.assign(rows, 0);
  check_of_row_.assign(spec_.review.checks.empty() ? 0 : rows, 0xFFFF);
  QUINTILE_TRY_STATUS(look_at_cells(batch));
  look_at_dates(batch);
  tally_columns(batch);
  QUINTILE_TRY_STATUS(look_at_ranges(batch));
  QUINTILE_TRY_STATUS(compute_amounts(batch));
  QUINTILE_TRY_STATUS(evaluate(batch));
  settle(batch);
  cut(batch);
  sum_runs(batch);
  for (std::size_t d = 0; d < describing_.size(); ++d) find_values(batch, d);
  if (!spec_.roles.personal.empty()) tell_persons_apart(batch);
  runs_.sort_by_shard();
  return {};
}

/// Blank and unreadable cells of the columns that lines need, and of those that describe.
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
  return {};
}

/// The moments, and those after the analysis date.
void LineAggregator::look_at_dates(const table::Batch& batch) {
  const ColumnView& date =
      batch.columns[static_cast<std::size_t>(spec_.roles.order_date)].column.view;
  moments_.assign(static_cast<std::size_t>(batch.rows), kNoMoment);
  const std::int64_t unit = date.type == Type::Date ? kMicrosecondsADay : 1;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for_each_value(date, [&](std::int64_t row, std::int64_t value) {
    moments_[static_cast<std::size_t>(row)] = value * unit;
    last = std::max(last, value * unit);
  });
  if (last == std::numeric_limits<std::int64_t>::min()) return;
  totals_.last_usable_day = std::max(totals_.last_usable_day, day_of(last));
  if (!spec_.analysis_day || day_of(last) <= *spec_.analysis_day) return;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    if (moments_[i] == kNoMoment || day_of(moments_[i]) <= *spec_.analysis_day) continue;
    totals_.future.add(batch.first_row + static_cast<std::int64_t>(i));
    faults_[i] |= bit(LineFault::Future);
  }
}

void LineAggregator::tally_columns(const table::Batch& batch) {
  for (std::size_t index = 0; index < batch.columns.size(); ++index) {
    tally_column(batch.columns[index], totals_.columns[index],
                 has_profile(batch.columns[index].column.view.type, static_cast<int>(index)));
  }
  for (std::size_t d = 0; d < describing_.size(); ++d) {
    const ColumnView& view = batch.columns[static_cast<std::size_t>(describing_[d])].column.view;
    out_of_range_[d].clear();
    runs_.is_text[d] = view.type == Type::Text;
    if (view.type == Type::Text) tally_texts(batch, d);
  }
}

/// Counts texts and finds their entries: by code, where the column has codes.
void LineAggregator::tally_texts(const table::Batch& batch, std::size_t attribute) {
  const auto index = static_cast<std::size_t>(describing_[attribute]);
  const ColumnView& view = batch.columns[index].column.view;
  const bool is_coded = view.layout == Layout::Codes;
  const std::size_t codes = is_coded ? view.dictionary.size() : static_cast<std::size_t>(view.size);
  const auto code_of = [&](std::int64_t row) {
    return static_cast<std::size_t>(is_coded ? view.integer(row) : row);
  };
  struct Seen {
    std::int64_t rows = 0, first_row = 0;
  };
  std::vector<Seen> seen(codes);
  for (std::int64_t row = batch.rows - 1; row >= 0; --row) {
    if (!view.is_valid(row)) continue;
    Seen& code = seen[code_of(row)];
    ++code.rows;
    code.first_row = row;
  }
  std::vector<std::size_t> used;
  std::vector<std::string_view> texts;
  for (std::size_t code = 0; code < codes; ++code) {
    if (seen[code].rows == 0) continue;
    used.push_back(code);
    texts.push_back(view.text(seen[code].first_row));
  }
  std::vector<const AttributeText*> entries(used.size());
  share_texts_(attribute, texts, entries);
  texts_[attribute].assign(codes, nullptr);
  for (std::size_t i = 0; i < used.size(); ++i) {
    texts_[attribute][used[i]] = entries[i];
    totals_.columns[index].add_text(entries[i]->number, seen[used[i]].rows,
                                    batch.first_row + seen[used[i]].first_row);
  }
}

/// Whether a column's values are told, not its cells alone: those of ids and persons are not.
bool LineAggregator::has_profile(Type type, int index) const {
  const TransactionRoles& roles = spec_.roles;
  if (type == Type::Boolean) return std::ranges::find(describing_, index) != describing_.end();
  return index != roles.customer_id && index != roles.order_id &&
         std::ranges::find(roles.personal, index) == roles.personal.end();
}

void LineAggregator::tally_column(const table::ReadColumn& read, LineColumn& column,
                                  bool has_profile) {
  const ColumnView& view = read.column.view;
  column.type = view.type;
  column.scale = view.scale;
  column.is_typed = true;
  column.missing += read.missing;
  column.unreadable += static_cast<std::int64_t>(read.unreadable.size());
  column.present += view.size - read.missing - static_cast<std::int64_t>(read.unreadable.size());
  if (view.type == Type::Text || !has_profile) return;
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
        if (describing_[d] != index) continue;
        out_of_range_[d].resize(static_cast<std::size_t>(batch.rows), 0);
        out_of_range_[d][i] = 1;
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
    if (amount > 0) return;
    (amount < 0 ? totals_.negative : totals_.zero).add(batch.first_row + row);
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

/// The lines' fates, and what that adds to who takes them out or sends them back.
void LineAggregator::settle(const table::Batch& batch) {
  const ColumnView& ids =
      batch.columns[static_cast<std::size_t>(spec_.roles.customer_id)].column.view;
  fates_.resize(static_cast<std::size_t>(batch.rows));
  totals_.read.rows += batch.rows;
  for (std::size_t i = 0; i < fates_.size(); ++i) {
    const std::int64_t source_row = batch.first_row + static_cast<std::int64_t>(i);
    totals_.read.amount += amounts_[i];
    const bool is_return = is_return_[i] != 0;
    std::uint16_t faults = faults_[i];
    if (ids.valid != nullptr && ids.valid[i] == 0) faults |= bit(LineFault::NoCustomer);
    if (!is_return && has_no_order_[i] != 0) faults |= bit(LineFault::Missing);
    if (!is_return && is_kept_[i] == 0) {
      if (faults == 0) totals_.not_kept.add(source_row);
      faults |= bit(LineFault::NotKept);
    }
    if (faults != 0) {
      const auto fault = static_cast<LineFault>(std::countr_zero(faults));
      fates_[i] = fault == LineFault::PlanCheck ? fate_of_check(check_of_row_[i]) : fate_of(fault);
      LineTotals::Step& step = totals_.taken[static_cast<std::size_t>(-1 - fates_[i])];
      ++step.rows;
      step.amount += amounts_[i];
      continue;
    }
    fates_[i] = is_return ? kReturnFate : kCounts;
    if (!is_return) continue;
    totals_.returns.add(source_row);
    if (amounts_[i] > 0) totals_.positive_returns.add(source_row);
  }
}

}  // namespace quintile::customers
