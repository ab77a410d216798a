#include "quintile/io/cells/column_plan.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/io/cells/tally_internal.h"
#include "quintile/io/cells/text_codes.h"

namespace quintile::io {

using table::Reading;

namespace {

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

int narrow_bytes(Kind kind, const Tally& sample) {
  if (kind == Kind::Codes)
    return sample.distinct <= static_cast<std::int64_t>(DistinctTexts::kMost) ? 1 : 0;
  if (kind != Kind::Integer) return 0;
  for (const int bytes : {1, 2, 4}) {
    // Other rows may have numbers four times as large.
    if (sample.magnitude >> (8 * bytes - 3) == 0) return bytes;
  }
  return 0;
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

}  // namespace quintile::io
