#include "quintile/customers/line_totals.h"

#include <algorithm>

#include "quintile/base/check.h"

namespace quintile::customers {

namespace {

bool is_more_extreme(const LineTotals::Extreme& a, const LineTotals::Extreme& b) {
  return a.amount != b.amount ? a.amount > b.amount : a.row < b.row;
}

}  // namespace

void LineTotals::keep_extreme(const Extreme& line) {
  if (largest.size() == quality::kExamplesMax && !is_more_extreme(line, largest.back())) return;
  largest.insert(std::ranges::upper_bound(largest, line, is_more_extreme), line);
  if (largest.size() > quality::kExamplesMax) largest.pop_back();
}

const AttributeText& AttributeTexts::find_or_add(std::string_view text) {
  const std::uint32_t number = texts_.find_or_add(text);
  if (number < entries_.size()) return entries_[number];
  // Others are no categories, and each is one of its own.
  const bool is_category = number < quality::kCategoriesMax;
  return entries_.emplace_back(AttributeText{
      .text = texts_.text(number),
      .number = number,
      .category = is_category ? categories_.find_or_add(quality::category_key(text)) : number});
}

bool LineColumn::is_conflict(const LatestValue& latest) const {
  return texts != nullptr && texts->size() > quality::kCategoriesMax ? latest.differs
                                                                     : latest.differs_in_category;
}

void LineColumn::add_text(std::uint32_t text, std::int64_t rows_with, std::int64_t first_row) {
  if (text >= text_rows.size()) {
    text_rows.resize(text + 1);
    text_first_row.resize(text + 1, std::numeric_limits<std::int64_t>::max());
  }
  text_rows[text] += rows_with;
  text_first_row[text] = std::min(text_first_row[text], first_row);
}

namespace {

void merge_column(LineColumn& into, const LineColumn& from) {
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
  for (std::uint32_t text = 0; text < from.text_rows.size(); ++text) {
    if (from.text_rows[text] > 0)
      into.add_text(text, from.text_rows[text], from.text_first_row[text]);
  }
}

void merge_all(std::vector<quality::RowCollector>& into,
               const std::vector<quality::RowCollector>& from) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i].merge(from[i]);
}

}  // namespace

void merge(LineTotals& into, const LineTotals& from) {
  if (from.is_scaled) {
    QUINTILE_CHECK(!into.is_scaled || into.money_scale == from.money_scale);
    into.money_scale = from.money_scale;
    into.is_scaled = true;
  }
  into.rows += from.rows;
  for (std::size_t c = 0; c < into.columns.size(); ++c)
    merge_column(into.columns[c], from.columns[c]);
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
}

}  // namespace quintile::customers
