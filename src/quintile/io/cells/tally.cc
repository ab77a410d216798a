#include "quintile/io/cells/tally.h"

#include <algorithm>

#include "quintile/base/text.h"
#include "quintile/io/cells/tally_internal.h"

namespace quintile::io {

using table::Reading;

namespace {

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

}  // namespace

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
    tally.magnitude |= cell.number.too_long || cell.number.form == NumberForm::Exponent
                           ? ~std::uint64_t{0}
                           : cell.number.digits;
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
  magnitude |= other.magnitude;
  distinct += other.distinct;
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

}  // namespace quintile::io
