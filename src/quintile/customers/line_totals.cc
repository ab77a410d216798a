#include "quintile/customers/line_totals.h"

#include <algorithm>

#include "quintile/base/check.h"

namespace quintile::customers {

namespace {

bool is_more_extreme(const LineTotals::Extreme& a, const LineTotals::Extreme& b) {
  return a.amount != b.amount ? a.amount > b.amount : a.row < b.row;
}

}  // namespace

std::uint32_t LineColumn::number_of(std::string_view text) {
  const std::uint32_t number = texts.find_or_add(text);
  if (number < text_rows.size()) return number;
  text_rows.push_back(0);
  text_first_row.push_back(std::numeric_limits<std::int64_t>::max());
  if (number < quality::kCategoriesMax)
    category_of_text.push_back(categories.find_or_add(quality::category_key(text)));
  return number;
}

bool LineColumn::is_same_category(std::int64_t a, std::int64_t b) const {
  if (a == b) return true;
  if (type != Type::Text) return false;
  const auto last = static_cast<std::size_t>(std::max(a, b));
  return last < category_of_text.size() && category_of_text[static_cast<std::size_t>(a)] ==
                                               category_of_text[static_cast<std::size_t>(b)];
}

bool LineColumn::is_conflict(const LatestValue& latest) const {
  return texts.size() > quality::kCategoriesMax ? latest.differs : latest.differs_in_category;
}

void LineTotals::take_extreme(const Extreme& line) {
  if (largest.size() == quality::kExamplesMax && !is_more_extreme(line, largest.back())) return;
  largest.insert(std::ranges::upper_bound(largest, line, is_more_extreme), line);
  if (largest.size() > quality::kExamplesMax) largest.pop_back();
}

namespace {

/// Customers whose memory is asked for before they are merged: they lie anywhere.
constexpr std::size_t kAhead = 16;

/// The numbers that `into` gives the customers of `from`.
std::vector<std::uint32_t> merge_keys(LineTotals& into, const LineTotals& from) {
  std::vector<std::uint32_t> numbers(from.customers.size());
  for (std::uint32_t i = 0; i < numbers.size(); ++i) {
    if (const auto ahead = static_cast<std::uint32_t>(i + kAhead);
        ahead < numbers.size() && from.keys.is_integer(ahead))
      into.keys.prefetch(from.keys.integer(ahead));
    numbers[i] = into.keys.find_or_add(from.keys, i);
  }
  into.customers.resize(into.keys.size());
  return numbers;
}

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
    const std::uint32_t number = into.number_of(from.texts.text(text));
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
  const bool differs_in_category =
      into.differs_in_category || from.differs_in_category ||
      (into.is_there && !column.is_same_category(into.value, from.value));
  const auto greater = [&] {
    if (column.type != Type::Text) return from.value > into.value;
    return column.texts.text(static_cast<std::uint32_t>(from.value)) >
           column.texts.text(static_cast<std::uint32_t>(into.value));
  };
  if (into.is_before(from.moment, from.order, greater)) into = std::move(from);
  into.differs = differs;
  into.differs_in_category = differs_in_category;
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
  const std::vector<std::uint32_t> numbers = merge_keys(into, from);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i + kAhead < numbers.size()) __builtin_prefetch(&into.customers[numbers[i + kAhead]], 1);
    CustomerTotals& totals = into.customers[numbers[i]];
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
        if (i + kAhead < numbers.size())
          __builtin_prefetch(&into.attributes[d][numbers[i + kAhead]], 1);
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
  for (const LineTotals::Extreme& line : from.largest) into.take_extreme(line);
  for (std::size_t i = 0; i < into.days_with_orders.size(); ++i)
    into.days_with_orders[i] |= from.days_with_orders[i];
  into.last_counted_day = std::max(into.last_counted_day, from.last_counted_day);
  into.last_usable_day = std::max(into.last_usable_day, from.last_usable_day);
  return numbers;
}

}  // namespace quintile::customers
