#include "quintile/customers/transaction_lines.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"

namespace quintile::customers {

namespace {

using expression::Truth;

constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;
constexpr std::size_t kLargestMax = quality::kExamplesMax;

constexpr std::array<std::string_view, kLineFaults> kChecks = {
    "missing_value", "invalid_type", "out_of_range", "future_date", "missing_customer", "",
    "returns",       "not_kept",     "returns_only"};
constexpr std::array<std::string_view, kLineFaults> kReasons = {
    "a value that the line needs is missing",
    "a value that the line needs cannot be read",
    "a value that the line needs lies outside the plan's range",
    "the order lies after the analysis date",
    "the line names no customer",
    "",
    "the plan takes returns out",
    "the plan's keep does not hold",
    "the customer has nothing but returns"};

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

/// The integers of a column as texts, for expressions: ids are texts wherever people write about
/// them.
class IdTexts {
 public:
  explicit IdTexts(const ColumnView& ids) : views_(static_cast<std::size_t>(ids.size)) {
    constexpr std::size_t kDigitsMax = 20;
    bytes_.resize(static_cast<std::size_t>(ids.size) * kDigitsMax);
    char* next = bytes_.data();
    for (std::int64_t row = 0; row < ids.size; ++row) {
      if (!ids.is_valid(row)) continue;
      char* end = fmt::format_to(next, "{}", ids.integer(row));
      views_[static_cast<std::size_t>(row)] = {next, static_cast<std::size_t>(end - next)};
      next = end;
    }
    view_ = ids;
    view_.type = Type::Text;
    view_.layout = Layout::Views;
    view_.data = views_.data();
  }
  [[nodiscard]] const ColumnView& view() const { return view_; }

 private:
  std::vector<std::string_view> views_;
  std::vector<char> bytes_;
  ColumnView view_;
};

/// The columns of a batch by the names that expressions use: a role first, then a source column.
class NamedColumns {
 public:
  NamedColumns(const TransactionSpec& spec, const table::Batch& batch)
      : spec_(spec), batch_(batch) {}

  [[nodiscard]] std::optional<expression::FieldType> type_of(std::string_view name) const {
    const int index = index_of(name);
    if (index < 0) return std::nullopt;
    if (is_id(index)) return expression::FieldType{Type::Text, 0};
    const ColumnView& view = at(index);
    return expression::FieldType{view.type, view.scale};
  }
  [[nodiscard]] ColumnView view_of(std::string_view name) {
    const int index = index_of(name);
    const ColumnView& view = at(index);
    if (!is_id(index) || view.type == Type::Text) return view;
    auto& texts = index == spec_.roles.customer_id ? customer_texts_ : order_texts_;
    if (!texts) texts.emplace(view);
    return texts->view();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& [role, index] : roles()) {
      if (index >= 0) names.emplace_back(role);
    }
    for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
      if (!is_personal(static_cast<int>(i))) names.push_back(spec_.columns[i].name);
    }
    return names;
  }

 private:
  [[nodiscard]] std::array<std::pair<std::string_view, int>, 6> roles() const {
    const TransactionRoles& r = spec_.roles;
    return {{{"customer_id", r.customer_id},
             {"order_id", r.order_id},
             {"order_date", r.order_date},
             {"quantity", r.quantity},
             {"unit_price", r.unit_price},
             {"amount", r.amount}}};
  }
  [[nodiscard]] int index_of(std::string_view name) const {
    for (const auto& [role, index] : roles()) {
      if (role == name && index >= 0) return index;
    }
    for (std::size_t i = 0; i < spec_.columns.size(); ++i) {
      if (spec_.columns[i].name == name && !is_personal(static_cast<int>(i)))
        return static_cast<int>(i);
    }
    return -1;
  }
  [[nodiscard]] bool is_personal(int index) const {
    return std::ranges::find(spec_.roles.personal, index) != spec_.roles.personal.end();
  }
  [[nodiscard]] bool is_id(int index) const {
    return index == spec_.roles.customer_id || index == spec_.roles.order_id;
  }
  [[nodiscard]] const ColumnView& at(int index) const {
    return batch_.columns[static_cast<std::size_t>(index)].column.view;
  }

  const TransactionSpec& spec_;
  const table::Batch& batch_;
  std::optional<IdTexts> customer_texts_, order_texts_;
};

/// Whether (moment, order, value) comes after what is known; values of equal lines by `greater`.
bool is_later(const LatestValue& known, std::int64_t moment, std::string_view order,
              const auto& greater) {
  if (!known.is_there) return true;
  if (moment != known.moment) return moment > known.moment;
  const int compared = order.compare(known.order);
  return compared != 0 ? compared > 0 : greater();
}

}  // namespace

std::vector<int> TransactionRoles::describing() const {
  std::vector<int> indexes = attributes;
  if (overlay >= 0) indexes.push_back(overlay);
  if (consent >= 0) indexes.push_back(consent);
  return indexes;
}

std::vector<std::pair<int, std::string>> TransactionRoles::named() const {
  std::vector<std::pair<int, std::string>> named;
  const auto put = [&](int index, std::string role) {
    if (index >= 0) named.emplace_back(index, std::move(role));
  };
  put(customer_id, "customer_id");
  put(order_id, "order_id");
  put(order_date, "order_date");
  put(quantity, "quantity");
  put(unit_price, "unit_price");
  put(amount, "amount");
  for (const int index : attributes) put(index, "attribute");
  for (const int index : personal) put(index, "personal");
  put(overlay, "overlay");
  put(consent, "consent");
  for (const int index : others) put(index, "named");
  return named;
}

std::vector<int> TransactionRoles::needed(FrequencyUnit frequency) const {
  std::vector<int> indexes = {order_date, quantity, unit_price, amount};
  if (frequency == FrequencyUnit::Orders) indexes.push_back(order_id);
  std::erase_if(indexes, [](int index) { return index < 0; });
  return indexes;
}

std::string_view check_of(LineFault fault) { return kChecks[static_cast<std::size_t>(fault)]; }
std::string_view reason_of(LineFault fault) { return kReasons[static_cast<std::size_t>(fault)]; }

namespace {

constexpr int kMantissaBits = 7;
constexpr std::int64_t kMantissas = 1 << kMantissaBits;
constexpr std::size_t kMagnitudes = 54 * kMantissas;  // of amounts below 2^60

}  // namespace

std::size_t AmountHistogram::bucket_of(std::int64_t amount) {
  const auto magnitude = static_cast<std::uint64_t>(amount < 0 ? -amount : amount);
  const int shift = std::max(0, static_cast<int>(std::bit_width(magnitude)) - kMantissaBits - 1);
  const std::size_t size =
      static_cast<std::size_t>(shift) * kMantissas + static_cast<std::size_t>(magnitude >> shift);
  return amount < 0 ? kMagnitudes - 1 - size : kMagnitudes + size;
}

std::int64_t AmountHistogram::least_of(std::size_t bucket) {
  const auto bounds = [](std::size_t size) {
    const std::size_t shift = size < 2 * kMantissas ? 0 : size / kMantissas - 1;
    const auto mantissa = static_cast<std::int64_t>(size - shift * kMantissas);
    return std::pair(mantissa << shift, ((mantissa + 1) << shift) - 1);
  };
  return bucket >= kMagnitudes ? bounds(bucket - kMagnitudes).first
                               : -bounds(kMagnitudes - 1 - bucket).second;
}

void AmountHistogram::add(std::int64_t amount) {
  if (counts_.empty()) counts_.resize(2 * kMagnitudes);
  ++counts_[bucket_of(amount)];
  ++count_;
}

void AmountHistogram::merge(const AmountHistogram& other) {
  if (other.counts_.empty()) return;
  counts_.resize(2 * kMagnitudes);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

std::int64_t AmountHistogram::at(std::int64_t position) const {
  std::int64_t before = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    before += counts_[i];
    if (position < before) return least_of(i);
  }
  QUINTILE_CHECK(false);
  return 0;
}

std::int64_t AmountHistogram::beyond(std::int64_t low, std::int64_t high) const {
  std::int64_t amounts = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const bool is_below = i + 1 < counts_.size() && least_of(i + 1) - 1 < low;
    if (is_below || least_of(i) > high) amounts += counts_[i];
  }
  return amounts;
}

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
  moments_.resize(static_cast<std::size_t>(batch.rows));
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    std::int64_t moment = kNoMoment;
    if (date.is_valid(row))
      moment = date.type == Type::Date ? date.integer(row) * kMicrosecondsADay : date.integer(row);
    moments_[static_cast<std::size_t>(row)] = moment;
    if (moment == kNoMoment) continue;
    const std::int32_t day = day_of(moment);
    totals_.last_usable_day = std::max(totals_.last_usable_day, day);
    if (!spec_.analysis_day || day <= *spec_.analysis_day) continue;
    totals_.future.add(batch.first_row + row);
    faults_[static_cast<std::size_t>(row)] |= bit(LineFault::Future);
  }
  return {};
}

void LineAggregator::tally_columns(const table::Batch& batch) {
  for (std::size_t index = 0; index < batch.columns.size(); ++index) {
    const bool describes =
        std::ranges::find(describing_, static_cast<int>(index)) != describing_.end();
    tally_column(batch.columns[index], totals_.columns[index], describes, batch.first_row);
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
        if (known == kNoCustomer) known = column.texts.find_or_add(view.text(row));
        number = known;
      } else {
        number = column.texts.find_or_add(view.text(row));
      }
      if (number >= column.text_rows.size()) {
        column.text_rows.push_back(0);
        column.text_first_row.push_back(batch.first_row + row);
      }
      ++column.text_rows[number];
      column.text_first_row[number] =
          std::min(column.text_first_row[number], batch.first_row + row);
      values[i] = number;
    }
  }
}

void LineAggregator::tally_column(const table::ReadColumn& read, LineColumn& column,
                                  bool with_texts, std::int64_t) {
  const ColumnView& view = read.column.view;
  column.type = view.type;
  column.scale = view.scale;
  column.is_typed = true;
  column.missing += read.missing;
  column.unreadable += static_cast<std::int64_t>(read.unreadable.size());
  column.present += view.size - read.missing - static_cast<std::int64_t>(read.unreadable.size());
  if (view.type == Type::Text) return;
  if (!with_texts && view.type == Type::Boolean) return;
  const bool sums =
      view.type == Type::Integer || view.type == Type::Decimal || view.type == Type::Boolean;
  constexpr std::int64_t kSquareMax = std::int64_t{1} << 48;
  for (std::int64_t row = 0; row < view.size; ++row) {
    if (!view.is_valid(row)) continue;
    const std::int64_t value =
        view.layout == Layout::Float64
            ? ordered_bits(view.values<double>()[static_cast<std::size_t>(row)])
            : view.integer(row);
    column.minimum = std::min(column.minimum, value);
    column.maximum = std::max(column.maximum, value);
    if (!sums) continue;
    column.sum += value;
    if (value > kSquareMax || value < -kSquareMax) column.squares_fit = false;
    if (column.squares_fit) column.squares += static_cast<Int128>(value) * value;
  }
}

Status LineAggregator::look_at_ranges(const table::Batch& batch) {
  for (std::size_t r = 0; r < spec_.review.ranges.size(); ++r) {
    const auto& range = spec_.review.ranges[r];
    const auto found = std::ranges::find(spec_.columns, range.column, &table::ColumnRequest::name);
    if (found == spec_.columns.end()) {
      return fail(ErrorCode::Plan,
                  fmt::format("review.ranges names the column '{}', which the file does not have",
                              range.column));
    }
    const int index = static_cast<int>(found - spec_.columns.begin());
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
  const bool is_product = roles.amount < 0;
  const ColumnView& money =
      batch.columns[static_cast<std::size_t>(is_product ? roles.unit_price : roles.amount)]
          .column.view;
  if (totals_.is_scaled && totals_.money_scale != money.scale) {
    return fail(ErrorCode::Internal, "the money scale changed while the file was read");
  }
  totals_.money_scale = money.scale;
  totals_.is_scaled = true;
  amounts_.assign(static_cast<std::size_t>(batch.rows), 0);
  has_amount_.assign(static_cast<std::size_t>(batch.rows), 0);
  const ColumnView* quantities =
      is_product ? &batch.columns[static_cast<std::size_t>(roles.quantity)].column.view : nullptr;
  const std::int64_t unit = is_product ? power_of_ten(quantities->scale) : 1;
  LineTotals::Signs& signs = totals_.signs;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    if (!money.is_valid(row)) continue;
    Int128 amount = money.integer(row);
    if (is_product) {
      if (!quantities->is_valid(row)) continue;
      const std::int64_t quantity = quantities->integer(row);
      signs.negative_quantities += quantity < 0 ? 1 : 0;
      signs.zero_quantities += quantity == 0 ? 1 : 0;
      signs.negative_prices += amount < 0 ? 1 : 0;
      signs.zero_prices += amount == 0 ? 1 : 0;
      amount *= quantity;
      if (amount % unit != 0) {
        totals_.inexact.add(batch.first_row + row);
        faults_[i] |= bit(LineFault::Invalid);
        continue;
      }
      amount /= unit;
    }
    if (amount >= kMoneyLimit || amount <= -static_cast<Int128>(kMoneyLimit)) {
      return fail(
          ErrorCode::Input,
          fmt::format("row {}: an amount of 10^18 minor units or more: {}",
                      batch.first_row + row + 1, decimal_to_string(amount, totals_.money_scale)),
          "correct the line, or say with money_scale that fewer digits stand after the point");
    }
    amounts_[i] = static_cast<std::int64_t>(amount);
    has_amount_[i] = 1;
    if (amount < 0) totals_.negative.add(batch.first_row + row);
    if (amount == 0) totals_.zero.add(batch.first_row + row);
  }
  return {};
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
    if (ids.type != Type::Text && row + kAhead < batch.rows)
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
  const bool with_orders = spec_.roles.order_id >= 0;
  const ColumnView* order_ids =
      with_orders ? &batch.columns[static_cast<std::size_t>(spec_.roles.order_id)].column.view
                  : nullptr;
  OrderKey key;
  std::int64_t key_row = -1;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const std::int64_t source_row = batch.first_row + row;
    const std::int64_t amount = amounts_[i];
    std::uint16_t faults = faults_[i];
    const std::uint32_t number = numbers_[i];
    if (number == kNoCustomer) faults |= bit(LineFault::NoCustomer);
    if (row + kAhead < batch.rows && numbers_[i + kAhead] != kNoCustomer) {
      __builtin_prefetch(&totals_.customers[numbers_[i + kAhead]], 1);
      for (auto& values : totals_.attributes) __builtin_prefetch(&values[numbers_[i + kAhead]], 1);
    }
    const bool is_return = is_return_[i] != 0;
    if (!is_return && has_no_order_[i] != 0) faults |= bit(LineFault::Missing);
    const bool is_usable_return = is_return && faults == 0;
    if (is_return) {
      if (is_usable_return) {
        totals_.returns.add(source_row);
        if (amount > 0) totals_.positive_returns.add(source_row);
        CustomerTotals& totals = totals_.customers[number];
        totals.returned += amount;
        ++totals.returned_lines;
      }
      if (!spec_.net) faults |= bit(LineFault::Returned);
    } else if (is_kept_[i] == 0) {
      if (faults == 0) totals_.not_kept.add(source_row);
      faults |= bit(LineFault::NotKept);
    }
    ++totals_.read.rows;
    totals_.read.amount += amount;
    const bool counts = faults == 0 && !is_return;
    if (faults != 0) {
      const auto fault = static_cast<LineFault>(std::countr_zero(faults));
      const std::int32_t fate =
          fault == LineFault::PlanCheck ? fate_of_check(check_of_row_[i]) : fate_of(fault);
      LineTotals::Step& step = totals_.taken[static_cast<std::size_t>(-1 - fate)];
      ++step.rows;
      step.amount += amount;
      records.fates.push_back(fate);
    } else {
      records.fates.push_back(static_cast<std::int32_t>(number));
    }
    if (counts) {
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
      take_extreme(amount, source_row);
      totals_.signs.negative_counted += amount < 0 ? 1 : 0;
      totals_.signs.zero_counted += amount == 0 ? 1 : 0;
      if (!describing_.empty()) add_attributes(batch, row, number);
      if (spec_.frequency == FrequencyUnit::Days &&
          (records.days.empty() || records.days.back().customer != number ||
           records.days.back().day != day)) {
        records.days.push_back({number, day});
      }
    }
    if (!with_orders || !order_ids->is_valid(row)) continue;
    if (key_row < 0 || !same_value(*order_ids, row, key_row)) key = order_key(*order_ids, row);
    const bool continues =
        key_row == row - 1 && !records.orders.empty() &&
        records.orders.back().key_high == key.high && records.orders.back().key_low == key.low &&
        records.orders.back().customer == number && records.orders.back().moment == moments_[i];
    key_row = row;
    std::int64_t sum = 0;
    if (!continues ||
        __builtin_add_overflow(records.orders.back().amount, counts ? amount : 0, &sum)) {
      records.orders.push_back({.key_high = key.high,
                                .key_low = key.low,
                                .moment = moments_[i],
                                .first_row = source_row,
                                .customer = number});
      sum = counts ? amount : 0;
    }
    OrderRecord& order = records.orders.back();
    order.amount = sum;
    order.lines = (order.lines + 1U) & 0x3FFF'FFFFU;
    if (counts) order.counts = 1;
    if (is_usable_return) order.returns = 1;
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
    if (known.is_there && known.value != value) known.differs = true;
    const auto greater = [&] {
      if (column.type != Type::Text) return value > known.value;
      return column.texts.text(static_cast<std::uint32_t>(value)) >
             column.texts.text(static_cast<std::uint32_t>(known.value));
    };
    if (!is_later(known, moments_[i], order, greater)) continue;
    known.moment = moments_[i];
    known.value = value;
    if (known.order != order) known.order.assign(order);
    known.is_there = true;
  }
}

namespace {

bool is_more_extreme(const LineTotals::Extreme& a, const LineTotals::Extreme& b) {
  return a.amount != b.amount ? a.amount > b.amount : a.row < b.row;
}

void keep_largest(std::vector<LineTotals::Extreme>& largest, const LineTotals::Extreme& line) {
  if (largest.size() == kLargestMax && !is_more_extreme(line, largest.back())) return;
  largest.insert(std::ranges::upper_bound(largest, line, is_more_extreme), line);
  if (largest.size() > kLargestMax) largest.pop_back();
}

}  // namespace

void LineAggregator::take_extreme(std::int64_t amount, std::int64_t row) {
  keep_largest(totals_.largest, {amount, row});
}

namespace {

void merge_columns(LineColumn& into, const LineColumn& from,
                   std::vector<std::uint32_t>& text_numbers) {
  if (!from.is_typed) return;
  into.type = from.type;
  into.scale = from.scale;
  into.is_typed = true;
  into.missing += from.missing;
  into.unreadable += from.unreadable;
  into.present += from.present;
  into.minimum = std::min(into.minimum, from.minimum);
  into.maximum = std::max(into.maximum, from.maximum);
  into.sum += from.sum;
  into.squares += from.squares;
  into.squares_fit = into.squares_fit && from.squares_fit;
  for (std::uint32_t text = 0; text < from.texts.size(); ++text) {
    const std::uint32_t number = into.texts.find_or_add(from.texts.text(text));
    if (number >= into.text_rows.size()) {
      into.text_rows.push_back(0);
      into.text_first_row.push_back(from.text_first_row[text]);
    }
    into.text_rows[number] += from.text_rows[text];
    into.text_first_row[number] = std::min(into.text_first_row[number], from.text_first_row[text]);
    text_numbers.push_back(number);
  }
}

void merge_latest(LatestValue& into, LatestValue&& from, const LineColumn& column,
                  const std::vector<std::uint32_t>& text_numbers) {
  if (!from.is_there) return;
  if (column.type == Type::Text) from.value = text_numbers[static_cast<std::size_t>(from.value)];
  const bool differs = into.differs || from.differs || (into.is_there && into.value != from.value);
  const auto greater = [&] {
    if (column.type != Type::Text) return from.value > into.value;
    return column.texts.text(static_cast<std::uint32_t>(from.value)) >
           column.texts.text(static_cast<std::uint32_t>(into.value));
  };
  if (is_later(into, from.moment, from.order, greater)) into = std::move(from);
  into.differs = differs;
}

void merge_all(std::vector<quality::RowCollector>& into,
               const std::vector<quality::RowCollector>& from) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i].merge(from[i]);
}

}  // namespace

std::vector<std::uint32_t> merge(LineTotals& into, LineTotals&& from, const TransactionSpec& spec) {
  if (from.is_scaled) {
    QUINTILE_CHECK(!into.is_scaled || into.money_scale == from.money_scale);
    into.money_scale = from.money_scale;
    into.is_scaled = true;
  }
  into.rows += from.rows;
  std::vector<std::uint32_t> numbers(from.customers.size());
  for (std::uint32_t i = 0; i < numbers.size(); ++i) {
    const std::uint32_t number = into.keys.find_or_add(from.keys, i);
    numbers[i] = number;
    if (number >= into.customers.size()) into.customers.emplace_back();
    CustomerTotals& totals = into.customers[number];
    const CustomerTotals& more = from.customers[i];
    totals.counted += more.counted;
    totals.returned += more.returned;
    totals.counted_lines += more.counted_lines;
    totals.returned_lines += more.returned_lines;
    totals.first_day = std::min(totals.first_day, more.first_day);
    totals.last_day = std::max(totals.last_day, more.last_day);
  }
  if (!from.persons.empty()) into.persons.resize(into.customers.size());
  for (std::size_t i = 0; i < from.persons.size(); ++i) {
    Person& person = into.persons[numbers[i]];
    const Person& other = from.persons[i];
    person.lines += other.lines;
    person.several = person.several || other.several ||
                     (person.hash != 0 && other.hash != 0 && person.hash != other.hash);
    if (person.hash == 0) person.hash = other.hash;
  }
  const std::vector<int> describing = spec.roles.describing();
  for (std::size_t c = 0; c < into.columns.size(); ++c) {
    std::vector<std::uint32_t> text_numbers;
    merge_columns(into.columns[c], from.columns[c], text_numbers);
    for (std::size_t d = 0; d < describing.size(); ++d) {
      if (describing[d] != static_cast<int>(c)) continue;
      into.attributes[d].resize(into.customers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        merge_latest(into.attributes[d][numbers[i]], std::move(from.attributes[d][i]),
                     into.columns[c], text_numbers);
      }
      from.attributes[d] = {};
    }
  }
  const auto add_step = [](LineTotals::Step& a, const LineTotals::Step& b) {
    a.rows += b.rows, a.amount += b.amount;
  };
  add_step(into.read, from.read);
  for (std::size_t i = 0; i < into.taken.size(); ++i) add_step(into.taken[i], from.taken[i]);
  merge_all(into.missing, from.missing);
  merge_all(into.unreadable, from.unreadable);
  merge_all(into.out_of_range, from.out_of_range);
  merge_all(into.check_failures, from.check_failures);
  for (const auto member :
       {&LineTotals::future, &LineTotals::inexact, &LineTotals::negative, &LineTotals::zero,
        &LineTotals::positive_returns, &LineTotals::returns, &LineTotals::not_kept}) {
    (into.*member).merge(from.*member);
  }
  for (const auto member :
       {&LineTotals::Signs::negative_quantities, &LineTotals::Signs::zero_quantities,
        &LineTotals::Signs::negative_prices, &LineTotals::Signs::zero_prices,
        &LineTotals::Signs::negative_counted, &LineTotals::Signs::zero_counted}) {
    into.signs.*member += from.signs.*member;
  }
  into.amounts.merge(from.amounts);
  for (const LineTotals::Extreme& line : from.largest) keep_largest(into.largest, line);
  for (std::size_t i = 0; i < into.days_with_orders.size(); ++i)
    into.days_with_orders[i] |= from.days_with_orders[i];
  into.last_counted_day = std::max(into.last_counted_day, from.last_counted_day);
  into.last_usable_day = std::max(into.last_usable_day, from.last_usable_day);
  return numbers;
}

}  // namespace quintile::customers
