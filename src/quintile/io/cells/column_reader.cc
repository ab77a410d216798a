#include "quintile/io/cells/column_reader.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/io/parallel.h"

namespace quintile::io {

using table::Reading;

namespace {

constexpr int kQuantityScaleMax = 6;
constexpr std::int64_t kDayUs = 86'400'000'000;

std::size_t index(NumberForm form) { return static_cast<std::size_t>(form); }
std::size_t index(DateForm form) { return static_cast<std::size_t>(form); }

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool may_be_blank(std::string_view cell) { return cell.empty() || is_blank(cell.front()); }

bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != word[i]) return false;
  }
  return true;
}

/// True, false, or neither; `wide` also takes t, f, yes, no, y, n, 1 and 0.
std::optional<bool> truth_of(std::string_view text, bool wide) {
  if (is_word(text, "true")) return true;
  if (is_word(text, "false")) return false;
  if (!wide) return std::nullopt;
  for (const std::string_view word : {"t", "yes", "y", "1"}) {
    if (is_word(text, word)) return true;
  }
  for (const std::string_view word : {"f", "no", "n", "0"}) {
    if (is_word(text, word)) return false;
  }
  return std::nullopt;
}

bool is_three(NumberForm form) {
  return form == NumberForm::PointThree || form == NumberForm::CommaThree;
}

/// Digits after the mark that are needed to write the number exactly.
int scale_needed(const NumberText& look) {
  if (look.digits == 0 || look.too_long) return 0;
  int scale = look.fraction_digits;
  for (std::uint64_t digits = look.digits; scale > 0 && digits % 10 == 0; digits /= 10) --scale;
  return std::max(scale, 0);
}

/// What a trimmed cell is, as far as `reading` cares.
struct Classified {
  NumberText number;
  DateText date;
  std::optional<bool> truth;
};
Classified classify(Reading reading, std::string_view text, const CellRules& rules) {
  Classified cell;
  const bool inferred = reading == Reading::Inferred;
  const bool dates = reading == Reading::Day || reading == Reading::Moment;
  if (reading == Reading::Flag || inferred) cell.truth = truth_of(text, !inferred);
  if (reading == Reading::Flag || cell.truth) return cell;
  if (!dates) cell.number = look_at_number(text);
  if (!dates && (!inferred || cell.number.form != NumberForm::None)) return cell;
  if (dates || inferred)
    cell.date = rules.pattern ? rules.pattern->look_at(text) : look_at_date(text);
  return cell;
}

void count(const Classified& cell, std::string_view text, std::int64_t row, std::int64_t weight,
           Tally& tally) {
  if (cell.truth) {
    tally.booleans += weight;
  } else if (cell.number.form != NumberForm::None) {
    tally.numbers[index(cell.number.form)] += weight;
    const int needed = std::min(scale_needed(cell.number), kQuantityScaleMax + 1);
    const bool fits = needed <= kQuantityScaleMax;
    if (is_three(cell.number.form)) {
      tally.scale_needed_three = std::max(tally.scale_needed_three, needed);
    } else {
      tally.fraction_digits[static_cast<std::size_t>(
          std::clamp(cell.number.fraction_digits, 0, 7))] += weight;
      if (fits) tally.scale_needed = std::max(tally.scale_needed, needed);
    }
  } else if (cell.date.form != DateForm::None) {
    tally.dates[index(cell.date.form)] += weight;
    if (cell.date.has_time) tally.timed += weight;
    if (cell.date.form == DateForm::DayFirst) tally.day_first.see(row, text);
    if (cell.date.form == DateForm::MonthFirst) tally.month_first.see(row, text);
    if (cell.date.form == DateForm::EitherOrder) tally.either_order.see(row, text);
  } else {
    tally.others += weight;
  }
}

/// Numbers of `tally` that are readable with `decimal`.
std::int64_t readable_numbers(const Tally& tally, char mark, bool grouping) {
  const auto& n = tally.numbers;
  const bool point = mark == '.';
  return n[index(NumberForm::PlainWhole)] + n[index(NumberForm::PaddedWhole)] +
         n[index(NumberForm::SignedWhole)] + n[index(NumberForm::Exponent)] +
         n[index(point ? NumberForm::PointNumber : NumberForm::CommaNumber)] +
         n[index(point ? NumberForm::PointThree : NumberForm::CommaThree)] +
         n[index(point ? NumberForm::GroupedPoint : NumberForm::GroupedComma)] +
         (grouping ? n[index(point ? NumberForm::CommaThree : NumberForm::PointThree)] : 0);
}

Kind kind_of_numbers(const Tally& tally, char mark) {
  const auto& n = tally.numbers;
  const std::int64_t padded = n[index(NumberForm::PaddedWhole)];
  const std::int64_t whole =
      n[index(NumberForm::PlainWhole)] + n[index(NumberForm::SignedWhole)] + padded;
  if (padded > 0 && padded * 100 >= whole) return Kind::Codes;
  const std::int64_t broken =
      n[index(NumberForm::Exponent)] +
      n[index(mark == '.' ? NumberForm::PointNumber : NumberForm::CommaNumber)] +
      n[index(mark == '.' ? NumberForm::PointThree : NumberForm::CommaThree)] +
      n[index(mark == '.' ? NumberForm::GroupedPoint : NumberForm::GroupedComma)];
  return broken == 0 ? Kind::Integer : Kind::Real;
}

Kind inferred_kind(const Tally& tally, const Decimal& decimal) {
  const std::int64_t values = tally.values();
  if (readable_numbers(tally, decimal.mark, decimal.grouping) * 2 > values)
    return kind_of_numbers(tally, decimal.mark);
  if (tally.booleans * 2 > values) return Kind::Boolean;
  if (tally.date_count() * 2 > values) return tally.timed > 0 ? Kind::Timestamp : Kind::Date;
  return Kind::Codes;
}

bool is_date_kind(Kind kind) { return kind == Kind::Date || kind == Kind::Timestamp; }
bool is_number_kind(Kind kind) {
  return kind == Kind::Integer || kind == Kind::Decimal || kind == Kind::Real;
}

std::string ambiguous_readings(const Example& example) {
  const DateText look = look_at_date(trim(example.text));
  return fmt::format("'{}' is {} read day first and {} read month first", example.text,
                     day_to_string(look.day), day_to_string(look.day_if_month_first));
}

constexpr const char* kOrderAdvice =
    "state the order in the plan: input.date_format: '%d/%m/%Y' or '%m/%d/%Y' (with the marks and "
    "year of your dates)";

}  // namespace

bool ColumnPlan::agrees_with(const ColumnPlan& other) const {
  if (kind != other.kind) return false;
  if (kind == Kind::Decimal && scale != other.scale) return false;
  if (is_number_kind(kind) && (decimal != other.decimal || grouping != other.grouping))
    return false;
  return !is_date_kind(kind) || order == other.order;
}

void Example::see(std::int64_t at, std::string_view what) {
  if (row >= 0 && row <= at) return;
  row = at;
  text = what;
}
void Example::merge(const Example& other) {
  if (other.row >= 0) see(other.row, other.text);
}

std::int64_t Tally::number_count() const {
  std::int64_t sum = 0;
  for (const std::int64_t n : numbers) sum += n;
  return sum;
}
std::int64_t Tally::date_count() const {
  std::int64_t sum = 0;
  for (const std::int64_t n : dates) sum += n;
  return sum;
}
std::int64_t Tally::values() const { return number_count() + date_count() + booleans + others; }

void Tally::merge(const Tally& other) {
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += other.numbers[i];
  for (std::size_t i = 0; i < dates.size(); ++i) dates[i] += other.dates[i];
  for (std::size_t i = 0; i < fraction_digits.size(); ++i)
    fraction_digits[i] += other.fraction_digits[i];
  timed += other.timed;
  booleans += other.booleans;
  others += other.others;
  scale_needed = std::max(scale_needed, other.scale_needed);
  scale_needed_three = std::max(scale_needed_three, other.scale_needed_three);
  if (other.too_large >= 0 && (too_large < 0 || other.too_large < too_large))
    too_large = other.too_large;
  day_first.merge(other.day_first);
  month_first.merge(other.month_first);
  either_order.merge(other.either_order);
}

void count_cell(Reading reading, std::string_view text, std::int64_t row, std::int64_t weight,
                const CellRules& rules, Tally& tally) {
  count(classify(reading, text, rules), text, row, weight, tally);
}

Decimal decide_decimal(std::span<const table::ColumnRequest> requests,
                       std::span<const Tally> tallies, const CellRules& rules) {
  std::int64_t point = 0, comma = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Reading reading = requests[i].reading;
    const Tally& tally = tallies[i];
    const bool numeric =
        reading == Reading::Money || reading == Reading::Quantity || reading == Reading::Count ||
        (reading == Reading::Inferred && tally.number_count() * 2 > tally.values());
    if (!numeric) continue;
    point += tally.numbers[index(NumberForm::PointNumber)] +
             tally.numbers[index(NumberForm::GroupedPoint)];
    comma += tally.numbers[index(NumberForm::CommaNumber)] +
             tally.numbers[index(NumberForm::GroupedComma)];
  }
  const bool by_comma = rules.decimal ? *rules.decimal == ',' : comma > point;
  return {.mark = by_comma ? ',' : '.',
          .grouping = rules.decimal.has_value() || (by_comma ? comma : point) > 0,
          .evidence = by_comma ? comma : point,
          .against = by_comma ? point : comma};
}

int decide_money_scale(std::span<const table::ColumnRequest> requests,
                       std::span<const Tally> tallies, const Decimal& decimal,
                       const CellRules& rules) {
  if (rules.money_scale) return *rules.money_scale;
  std::array<std::int64_t, kMoneyScaleMax + 1> seen{};
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (requests[i].reading != Reading::Money) continue;
    const Tally& tally = tallies[i];
    for (std::size_t digits = 0; digits < tally.fraction_digits.size(); ++digits) {
      seen[std::min<std::size_t>(digits, kMoneyScaleMax)] += tally.fraction_digits[digits];
    }
    const bool point = decimal.mark == '.';
    seen[3] += tally.numbers[index(point ? NumberForm::PointThree : NumberForm::CommaThree)];
    if (decimal.grouping)
      seen[0] += tally.numbers[index(point ? NumberForm::CommaThree : NumberForm::PointThree)];
  }
  for (int digits = kMoneyScaleMax; digits >= 0; --digits) {
    if (seen[static_cast<std::size_t>(digits)] > 0) return digits;
  }
  return 2;
}

std::expected<ColumnPlan, Trouble> decide(const table::ColumnRequest& request, const Tally& tally,
                                          const Decimal& decimal, int money_scale,
                                          const CellRules& rules, bool final) {
  ColumnPlan plan{
      .reading = request.reading, .decimal = decimal.mark, .grouping = decimal.grouping};
  switch (request.reading) {
    case Reading::Inferred: plan.kind = inferred_kind(tally, decimal); break;
    case Reading::Identifier: {
      const std::int64_t plain = tally.numbers[index(NumberForm::PlainWhole)];
      plan.kind = plain == tally.values() && plain > 0 ? Kind::Integer : Kind::Views;
      break;
    }
    case Reading::Money:
      plan.kind = Kind::Decimal;
      plan.scale = money_scale;
      break;
    case Reading::Count: plan.kind = Kind::Integer; break;
    case Reading::Quantity:
      plan.kind = Kind::Decimal;
      plan.scale = tally.scale_needed;
      if (tally.numbers[index(decimal.mark == '.' ? NumberForm::PointThree
                                                  : NumberForm::CommaThree)] > 0) {
        plan.scale = std::max(plan.scale, tally.scale_needed_three);
      }
      break;
    case Reading::Day: plan.kind = Kind::Date; break;
    case Reading::Moment: plan.kind = Kind::Timestamp; break;
    case Reading::Flag: plan.kind = Kind::Boolean; break;
    case Reading::Text: plan.kind = Kind::Codes; break;
    case Reading::Views: plan.kind = Kind::Views; break;
    case Reading::Personal: plan.kind = Kind::Hash; break;
  }
  if (plan.kind == Kind::Real) {
    const auto most = std::ranges::max_element(tally.fraction_digits);
    plan.scale = static_cast<int>(most - tally.fraction_digits.begin());
  }
  if (!is_date_kind(plan.kind) || rules.pattern) return plan;

  const std::int64_t day_first = tally.dates[index(DateForm::DayFirst)];
  const std::int64_t month_first = tally.dates[index(DateForm::MonthFirst)];
  plan.order = month_first > day_first ? DateOrder::MonthDay : DateOrder::DayMonth;
  const bool both = day_first > 0 && month_first > 0;
  const bool neither =
      day_first == 0 && month_first == 0 && tally.dates[index(DateForm::EitherOrder)] > 0;
  if (!both && !neither) return plan;
  if (request.reading == Reading::Inferred) {  // no attribute stops a run
    plan.kind = Kind::Codes;
    return plan;
  }
  if (!final) return plan;
  if (both) {
    return std::unexpected(Trouble{
        .error = {.code = ErrorCode::Input,
                  .message =
                      fmt::format("column {} has both day-first and month-first dates: '{}' in "
                                  "data row {} and '{}' in data row {}",
                                  request.name, tally.day_first.text, tally.day_first.row + 1,
                                  tally.month_first.text, tally.month_first.row + 1),
                  .advice = kOrderAdvice},
        .row = std::max(tally.day_first.row, tally.month_first.row)});
  }
  return std::unexpected(Trouble{
      .error = {.code = ErrorCode::Input,
                .message = fmt::format(
                    "the dates of column {} can be read in two ways, and no date decides: {}",
                    request.name, ambiguous_readings(tally.either_order)),
                .advice = kOrderAdvice},
      .row = tally.either_order.row});
}

std::optional<table::Detection> describe_dates(const table::ColumnRequest& request,
                                               const ColumnPlan& plan, const Tally& tally) {
  if (!is_date_kind(plan.kind) || tally.date_count() == 0) return std::nullopt;
  const auto forms = tally.dates;
  const auto form = static_cast<DateForm>(std::ranges::max_element(forms) - forms.begin());
  const std::string what = "date format of " + request.name;
  if (form == DateForm::YearFirst)
    return table::Detection{what, "year-month-day",
                            fmt::format("{} dates are written so", forms[index(form)])};
  if (form == DateForm::Compact)
    return table::Detection{what, "yyyymmdd",
                            fmt::format("{} dates are written so", forms[index(form)])};
  const bool month = plan.order == DateOrder::MonthDay;
  const auto deciding = forms[index(month ? DateForm::MonthFirst : DateForm::DayFirst)];
  const Example& example = month ? tally.month_first : tally.day_first;
  return table::Detection{
      what, month ? "month/day/year" : "day/month/year",
      deciding == 0 ? "day and month are the same in every date"
                    : fmt::format("{} dates can only be read so, such as '{}' in data row {}",
                                  deciding, example.text, example.row + 1)};
}

ColumnValues make_values(Kind kind, std::int64_t rows) {
  switch (kind) {
    case Kind::Boolean: return table::Buffer<std::uint8_t>(rows);
    case Kind::Date:
    case Kind::Codes: return table::Buffer<std::int32_t>(rows);
    case Kind::Real: return table::Buffer<double>(rows);
    case Kind::Views: return table::Buffer<std::string_view>(rows);
    default: return table::Buffer<std::int64_t>(rows);
  }
}

std::int64_t value_bytes(Kind kind) {
  return std::visit([](const auto& values) { return std::int64_t{sizeof(*values.data())}; },
                    make_values(kind, 0));
}

void ColumnReader::set_target(ColumnValues& values, std::int64_t first_row) {
  values_ = std::visit([](auto& buffer) -> void* { return buffer.data(); }, values);
  first_row_ = first_row;
}

void ColumnReader::read(std::span<const std::string_view> cells, std::int64_t row) {
  switch (plan_.kind) {
    case Kind::Boolean: return read_booleans(cells, row);
    case Kind::Integer: return read_integers(cells, row);
    case Kind::Decimal: return read_decimals(cells, row);
    case Kind::Real: return read_reals(cells, row);
    case Kind::Date: return read_dates(cells, row);
    case Kind::Timestamp: return read_timestamps(cells, row);
    case Kind::Codes: return read_codes(cells, row);
    case Kind::Views: return read_views(cells, row);
    case Kind::Hash: return read_hashes(cells, row);
  }
}

Tally ColumnReader::tally() const {
  Tally tally = tally_;
  if (plan_.kind == Kind::Codes && plan_.reading == Reading::Inferred) {
    for (std::size_t code = 0; code < codes_.texts().size(); ++code) {
      count_cell(plan_.reading, trim(codes_.texts()[code]), codes_.first_rows()[code],
                 codes_.counts()[code], *rules_, tally);
    }
  }
  return tally;
}

ColumnReader::Looked ColumnReader::look_at(std::string_view cell, std::int64_t row) {
  Looked looked;
  looked.text = trim(cell);
  if (looked.text.empty()) {
    looked.blank = true;
    return looked;
  }
  const Classified classified = classify(plan_.reading, looked.text, *rules_);
  count(classified, looked.text, row, 1, tally_);
  looked.number = classified.number;
  looked.date = classified.date;
  looked.boolean = classified.truth.has_value();
  looked.truth = classified.truth.value_or(false);
  return looked;
}

void ColumnReader::give_up(const Looked& looked, std::int64_t row) {
  (looked.blank ? missing : unreadable).push_back(row);
}

bool ColumnReader::is_readable_number(NumberForm form) const {
  const bool point = plan_.decimal == '.';
  switch (form) {
    case NumberForm::None: return false;
    case NumberForm::PointNumber:
    case NumberForm::GroupedPoint: return point;
    case NumberForm::CommaNumber:
    case NumberForm::GroupedComma: return !point;
    case NumberForm::PointThree: return point || plan_.grouping;
    case NumberForm::CommaThree: return !point || plan_.grouping;
    default: return true;
  }
}

std::optional<std::int32_t> ColumnReader::day_of(const DateText& date) const {
  if (date.form == DateForm::None) return std::nullopt;
  if (date.form == DateForm::EitherOrder && plan_.order == DateOrder::MonthDay)
    return date.day_if_month_first;
  return date.day;
}

void ColumnReader::read_booleans(std::span<const std::string_view> cells, std::int64_t row) {
  std::uint8_t* out = target<std::uint8_t>(row);
  constexpr std::uint64_t kTrue = 0x65757274;     // "true", first byte lowest
  constexpr std::uint64_t kFalse = 0x65736C6166;  // "false"
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = cells[i];
    const std::uint64_t word = load8(cell.data());
    const bool is_true = cell.size() == 4 && (word & 0xFFFFFFFFU) == kTrue;
    const bool is_false = cell.size() == 5 && (word & 0xFFFFFFFFFFU) == kFalse;
    out[i] = is_true ? 1 : 0;
    plain += is_true || is_false ? 1 : 0;
    if (is_true || is_false) [[likely]]
      continue;
    const Looked looked = look_at(cell, row + static_cast<std::int64_t>(i));
    out[i] = looked.truth ? 1 : 0;
    if (!looked.boolean) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.booleans += plain;
}

void ColumnReader::read_integers(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (read_plain_whole(cells[i], out + i)) [[likely]] {
      ++plain;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const NumberForm form = looked.number.form;
    const bool wanted = plan_.reading == Reading::Identifier ? form == NumberForm::PlainWhole
                                                             : is_readable_number(form);
    const Scaled scaled = wanted ? scale_number(looked.number, 0, plan_.decimal) : Scaled{};
    out[i] = scaled.unscaled;
    if (scaled.fit != Fit::Fits) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.numbers[index(NumberForm::PlainWhole)] += plain;
  tally_.fraction_digits[0] += plain;
}

void ColumnReader::read_decimals(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  const int scale = plan_.scale;
  const std::int64_t power = power_of_ten(scale);
  const bool money = plan_.reading == Reading::Money;
  const char decimal = plan_.decimal;
  std::int64_t plain = 0;
  int needed = 0;
  // Three digits after a mark may be a grouped thousand: those go the long way.
  const bool quick = scale != 3;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (quick && (scale == 0 ? read_plain_whole(cells[i], out + i)
                             : read_scaled(cells[i], scale, power, decimal, out + i))) [[likely]] {
      ++plain;
      if (!money && needed < scale) {
        int digits = scale;
        for (std::int64_t value = out[i]; digits > needed && value % 10 == 0; value /= 10) --digits;
        needed = std::max(needed, digits);
      }
      continue;
    }
    const std::int64_t at = row + static_cast<std::int64_t>(i);
    const Looked looked = look_at(cells[i], at);
    const Scaled scaled = is_readable_number(looked.number.form)
                              ? scale_number(looked.number, scale, decimal)
                              : Scaled{};
    out[i] = scaled.unscaled;
    if (scaled.fit == Fit::TooLarge && money && (tally_.too_large < 0 || at < tally_.too_large))
      tally_.too_large = at;
    if (scaled.fit != Fit::Fits) give_up(looked, at);
  }
  const NumberForm form = scale == 0       ? NumberForm::PlainWhole
                          : decimal == '.' ? NumberForm::PointNumber
                                           : NumberForm::CommaNumber;
  tally_.numbers[index(form)] += plain;
  tally_.fraction_digits[static_cast<std::size_t>(std::min(scale, 7))] += plain;
  tally_.scale_needed = std::max(tally_.scale_needed, std::min(needed, kQuantityScaleMax));
}

void ColumnReader::read_reals(std::span<const std::string_view> cells, std::int64_t row) {
  double* out = target<double>(row);
  const int scale = plan_.scale;
  const bool quick = scale >= 1 && scale != 3 && scale <= 7;
  const std::int64_t power = power_of_ten(quick ? scale : 0);
  const auto divisor = static_cast<double>(power);
  const char decimal = plan_.decimal;
  std::int64_t plain = 0, whole = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    std::int64_t value = 0;
    // At most 8 + 7 digits: both sides of the division are exact, so it is rounded once (Clinger
    // 1990).
    if (quick && read_scaled(cells[i], scale, power, decimal, &value)) [[likely]] {
      out[i] = static_cast<double>(value) / divisor;
      if (value == 0 && cells[i][0] == '-') out[i] = -0.0;
      ++plain;
      continue;
    }
    if (cells[i].size() <= 15 && read_plain_whole(cells[i], &value)) {
      out[i] = static_cast<double>(value);
      ++whole;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const auto real = is_readable_number(looked.number.form)
                          ? real_number(looked.text, looked.number, decimal)
                          : std::nullopt;
    out[i] = real.value_or(0);
    if (!real) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.numbers[index(decimal == '.' ? NumberForm::PointNumber : NumberForm::CommaNumber)] +=
      plain;
  tally_.fraction_digits[static_cast<std::size_t>(quick ? scale : 0)] += plain;
  tally_.numbers[index(NumberForm::PlainWhole)] += whole;
  tally_.fraction_digits[0] += whole;
}

void ColumnReader::read_dates(std::span<const std::string_view> cells, std::int64_t row) {
  std::int32_t* out = target<std::int32_t>(row);
  const bool iso = !rules_->pattern;
  std::int64_t plain = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (iso && read_iso_day(cells[i], out + i)) [[likely]] {
      ++plain;
      continue;
    }
    const Looked looked = look_at(cells[i], row + static_cast<std::int64_t>(i));
    const auto day = day_of(looked.date);
    out[i] = day.value_or(0);
    if (!day) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.dates[index(DateForm::YearFirst)] += plain;
}

void ColumnReader::read_timestamps(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  const bool iso = !rules_->pattern;
  std::int64_t plain = 0, timed = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view cell = cells[i];
    std::int32_t iso_day = 0;
    if (iso && (cell.size() == 19 || cell.size() == 10) &&
        read_iso_day(cell.substr(0, 10), &iso_day)) [[likely]] {
      if (cell.size() == 10) {
        out[i] = iso_day * kDayUs;
        ++plain;
        continue;
      }
      const std::uint64_t time = load8(cell.data() + 11) ^ 0x30303A30303A3030U;  // "00:00:00"
      const auto digit = [&](int at) {
        return static_cast<std::int64_t>((time >> (8 * at)) & 0xFF);
      };
      const std::int64_t hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4),
                         second = digit(6) * 10 + digit(7);
      if (all_digits(time) && digit(2) == 0 && digit(5) == 0 && hour < 24 && minute < 60 &&
          second < 60 && (cell[10] == ' ' || cell[10] == 'T')) [[likely]] {
        out[i] = iso_day * kDayUs + ((hour * 60 + minute) * 60 + second) * 1'000'000;
        ++plain;
        ++timed;
        continue;
      }
    }
    const Looked looked = look_at(cell, row + static_cast<std::int64_t>(i));
    const auto day = day_of(looked.date);
    out[i] = day ? *day * kDayUs + looked.date.time_us : 0;
    if (!day) give_up(looked, row + static_cast<std::int64_t>(i));
  }
  tally_.dates[index(DateForm::YearFirst)] += plain;
  tally_.timed += timed;
}

void ColumnReader::read_codes(std::span<const std::string_view> cells, std::int64_t row) {
  std::int32_t* out = target<std::int32_t>(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (may_be_blank(cells[i]) && trim(cells[i]).empty()) [[unlikely]] {
      out[i] = 0;
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    out[i] = codes_.code_of(cells[i], row + static_cast<std::int64_t>(i));
  }
}

void ColumnReader::read_views(std::span<const std::string_view> cells, std::int64_t row) {
  std::string_view* out = target<std::string_view>(row);
  const bool identifier = plan_.reading == Reading::Identifier;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view text = identifier || may_be_blank(cells[i]) ? trim(cells[i]) : cells[i];
    if (text.empty()) [[unlikely]] {
      out[i] = {};
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    // One text that is no plain whole number settles the type; after it nothing needs to be
    // counted.
    if (identifier) {
      const bool plain = tally_.others == 0 && look_at_number(text).form == NumberForm::PlainWhole;
      ++(plain ? tally_.numbers[index(NumberForm::PlainWhole)] : tally_.others);
    }
    const std::string_view kept = identifier ? text : cells[i];
    out[i] = arena_->keep(kept);
  }
}

void ColumnReader::read_hashes(std::span<const std::string_view> cells, std::int64_t row) {
  std::int64_t* out = target<std::int64_t>(row);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string_view text = trim(cells[i]);
    if (text.empty()) [[unlikely]] {
      out[i] = 0;
      missing.push_back(row + static_cast<std::int64_t>(i));
      continue;
    }
    constexpr std::size_t kShort = 64;
    if (text.size() <= kShort) {
      std::array<char, kShort> folded;
      unsigned char any = 0;
      // Fixed lengths, so that the compiler makes vectors of it; the cell has that many readable
      // bytes after it.
      const auto fold = [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to; ++k) {
          const char c = text.data()[k];
          folded[k] = static_cast<char>(c | (static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0));
        }
      };
      fold(0, 32);
      if (text.size() > 32) fold(32, kShort);
      for (std::size_t k = 0; k < text.size(); ++k) any |= static_cast<unsigned char>(folded[k]);
      if (any < 0x80) {
        out[i] = static_cast<std::int64_t>(XXH3_64bits(folded.data(), text.size()));
        continue;
      }
    }
    const std::string folded = fold_case(text);
    out[i] = static_cast<std::int64_t>(XXH3_64bits(folded.data(), folded.size()));
  }
}

namespace {

table::Buffer<std::uint8_t> make_valid(std::int64_t rows, const std::vector<std::int64_t>& missing,
                                       const std::vector<std::int64_t>& unreadable) {
  if (missing.empty() && unreadable.empty()) return {};
  table::Buffer<std::uint8_t> valid(rows);
  std::ranges::fill(valid, std::uint8_t{1});
  for (const std::int64_t row : missing) valid[row] = 0;
  for (const std::int64_t row : unreadable) valid[row] = 0;
  return valid;
}

/// What must live as long as a column's text.
struct Arenas {
  std::vector<std::shared_ptr<const void>> arenas;
};

table::Column finish_codes(std::string name, table::Buffer<std::int32_t> values,
                           std::span<ColumnReader* const> readers, std::span<const RowRange> ranges,
                           table::Buffer<std::uint8_t> valid) {
  std::vector<const TextCodes*> parts;
  auto arenas = std::make_shared<Arenas>();
  for (const ColumnReader* reader : readers) {
    parts.push_back(&reader->codes());
    arenas->arenas.push_back(reader->codes().arena());
  }
  JoinedCodes joined = join_codes(parts);
  for (const RowRange& range : ranges) {
    const auto& renumbered = joined.renumbered[static_cast<std::size_t>(range.worker)];
    if (renumbered.empty()) continue;
    for (std::int64_t row = range.begin; row < range.end; ++row) {
      values[row] = renumbered[static_cast<std::size_t>(values[row])];
    }
  }
  auto dictionary = std::make_shared<table::Dictionary>();
  dictionary->views = std::move(joined.texts);
  dictionary->owner = std::move(arenas);
  return table::Column::codes(std::move(name), std::move(values), std::move(dictionary),
                              std::move(valid));
}

/// A column of any kind but Codes, whose rows are as they will be.
table::Column make_column(std::string name, const ColumnPlan& plan, ColumnValues values,
                          table::Buffer<std::uint8_t> valid,
                          std::shared_ptr<const void> text_owner) {
  switch (plan.kind) {
    case Kind::Boolean:
      return table::Column::booleans(std::move(name),
                                     std::get<table::Buffer<std::uint8_t>>(std::move(values)),
                                     std::move(valid));
    case Kind::Decimal:
      return table::Column::decimals(std::move(name), plan.scale,
                                     std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                     std::move(valid));
    case Kind::Real:
      return table::Column::reals(
          std::move(name), std::get<table::Buffer<double>>(std::move(values)), std::move(valid));
    case Kind::Date:
      return table::Column::dates(std::move(name),
                                  std::get<table::Buffer<std::int32_t>>(std::move(values)),
                                  std::move(valid));
    case Kind::Timestamp:
      return table::Column::timestamps(std::move(name),
                                       std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                       std::move(valid));
    case Kind::Views:
      return table::Column::texts(std::move(name),
                                  std::get<table::Buffer<std::string_view>>(std::move(values)),
                                  std::move(text_owner), std::move(valid));
    default:
      return table::Column::integers(std::move(name),
                                     std::get<table::Buffer<std::int64_t>>(std::move(values)),
                                     std::move(valid));
  }
}

}  // namespace

table::ReadColumn ColumnReader::take_column(const std::string& name, ColumnValues values,
                                            std::int64_t first_row) {
  table::ReadColumn read;
  for (std::int64_t& row : missing) row -= first_row;
  for (std::int64_t& row : unreadable) row -= first_row;
  read.missing = static_cast<std::int64_t>(missing.size());
  read.unreadable = std::move(unreadable);
  const auto rows = std::visit([](const auto& buffer) { return buffer.size(); }, values);
  auto valid = make_valid(rows, missing, read.unreadable);
  missing.clear();
  unreadable.clear();
  if (plan_.kind == Kind::Codes) {
    if (!dictionary_ || dictionary_->views.size() != codes_.texts().size()) {
      auto dictionary = std::make_shared<table::Dictionary>();
      dictionary->views = codes_.texts();
      dictionary->owner = codes_.arena();
      dictionary_ = std::move(dictionary);
    }
    read.column =
        table::Column::codes(name, std::get<table::Buffer<std::int32_t>>(std::move(values)),
                             dictionary_, std::move(valid));
  } else {
    read.column = make_column(name, plan_, std::move(values), std::move(valid),
                              std::exchange(arena_, std::make_shared<TextArena>()));
  }
  return read;
}

table::ReadColumn finish_column(std::string name, ColumnValues values,
                                std::span<ColumnReader* const> readers,
                                std::span<const RowRange> ranges) {
  QUINTILE_CHECK(!readers.empty());
  table::ReadColumn read;
  std::vector<std::int64_t> missing;
  for (ColumnReader* reader : readers) {
    missing.insert(missing.end(), reader->missing.begin(), reader->missing.end());
    read.unreadable.insert(read.unreadable.end(), reader->unreadable.begin(),
                           reader->unreadable.end());
  }
  std::ranges::sort(read.unreadable);
  read.missing = static_cast<std::int64_t>(missing.size());
  const ColumnPlan& plan = readers.front()->plan();
  const auto rows = std::visit([](const auto& buffer) { return buffer.size(); }, values);
  auto valid = make_valid(rows, missing, read.unreadable);
  if (plan.kind == Kind::Codes) {
    read.column =
        finish_codes(std::move(name), std::get<table::Buffer<std::int32_t>>(std::move(values)),
                     readers, ranges, std::move(valid));
    return read;
  }
  auto arenas = std::make_shared<Arenas>();
  for (const ColumnReader* reader : readers) arenas->arenas.push_back(reader->text_owner());
  read.column =
      make_column(std::move(name), plan, std::move(values), std::move(valid), std::move(arenas));
  return read;
}

}  // namespace quintile::io
