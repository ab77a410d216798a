#include "quintile/explore/export.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/mart/json_writer.h"

namespace quintile::explore {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kPieceBytes = 1 << 16;

bool may_be_contacted(const ColumnView& consent, std::int64_t row) {
  return consent.is_valid(row) && consent.integer(row) != 0;
}

}  // namespace

std::string csv_cell(std::string_view text, bool is_text, char separator) {
  constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  const bool is_formula =
      is_text && !text.empty() && kFormulaStarts.find(text[0]) != std::string_view::npos;
  const bool needs_quotes = std::ranges::any_of(
      text, [separator](char c) { return c == separator || c == '"' || c == '\n' || c == '\r'; });
  if (!is_formula && !needs_quotes) return std::string(text);
  std::string cell = needs_quotes ? "\"" : "";
  if (is_formula) cell += '\'';
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  if (needs_quotes) cell += '"';
  return cell;
}

AudienceCount count_audience(const Explorer& explorer, const Selection& selection) {
  AudienceCount count{
      .customers = selection.customers, .contactable = selection.customers, .withheld = 0};
  const auto& consent = explorer.mart().segmentation.customers.consent;
  if (!consent) return count;
  count.contactable = 0;
  for (std::int64_t row = 0; row < explorer.customers(); ++row)
    count.contactable += selection.has(row) && may_be_contacted(consent->view, row);
  count.withheld = count.customers - count.contactable;
  return count;
}

CsvRows::CsvRows(const Explorer& explorer, Selection selection, Table table, char separator)
    : explorer_(explorer), selection_(std::move(selection)), separator_(separator) {
  const std::vector<std::string> names = explorer.column_names();
  const std::string& consent = explorer.mart().consent_name;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_of_audience = names[i] == "customer_id" || names[i] == "source_customer_id" ||
                                names[i] == "segment_id" ||
                                (!consent.empty() && names[i] == consent);
    if (table == Table::Customers || is_of_audience) columns_.push_back(i);
  }
  // The contract's order: consent last.
  if (table == Table::Audience) {
    std::ranges::stable_sort(
        columns_, {}, [&](std::size_t i) { return !consent.empty() && names[i] == consent; });
  }
  needs_consent_ =
      table == Table::Audience && explorer.mart().segmentation.customers.consent.has_value();
  const mart::Manifest& manifest = explorer.mart().manifest;
  for (const std::string_view text :
       {std::string_view(manifest.analysis_date), std::string_view(manifest.rules_digest)}) {
    tail_ += separator_ + csv_cell(text, false, separator_);
  }
  tail_ += separator_ + csv_cell(selection_.text, true, separator_) + "\r\n";
}

std::string CsvRows::next() {
  std::string text;
  if (row_ < 0) {
    text = kByteOrderMark;
    const std::vector<std::string> names = explorer_.column_names();
    for (const std::size_t column : columns_)
      text += csv_cell(names[column], true, separator_) + separator_;
    text += fmt::format("analysis_date{0}rules_digest{0}filters\r\n", separator_);
    row_ = 0;
  }
  const auto& consent = explorer_.mart().segmentation.customers.consent;
  for (; row_ < explorer_.customers() && text.size() < kPieceBytes; ++row_) {
    if (!selection_.has(row_) || (needs_consent_ && !may_be_contacted(consent->view, row_)))
      continue;
    append_row(text, row_);
  }
  return text;
}

void CsvRows::append_row(std::string& text, std::int64_t row) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) text += separator_;
    const Explorer::Cell cell = explorer_.cell(columns_[i], row);
    text += csv_cell(cell.text, cell.is_text, separator_);
  }
  text += tail_;
}

std::string segments_csv(const Explorer& explorer, const Selection& selection, char separator) {
  const summary::Summary summary = explorer.summarise(selection);
  const mart::Manifest& manifest = explorer.mart().manifest;
  const int scale = explorer.mart().segmentation.customers.money_scale;
  std::string text(kByteOrderMark);
  bool is_first = true;
  const auto cell = [&](std::string_view value, bool is_text) {
    if (!is_first) text += separator;
    is_first = false;
    text += csv_cell(value, is_text, separator);
  };
  const auto end_row = [&] { text += "\r\n", is_first = true; };
  for (const std::string_view name :
       {"segment_id", "segment_name", "family", "customers", "customer_share", "monetary",
        "monetary_share", "mean_recency_days", "mean_frequency", "mean_monetary",
        "mean_average_order_value", "median_recency_days", "median_frequency", "median_monetary",
        "overlay_share", "contactable_share", "analysis_date", "rules_digest", "filters"}) {
    cell(name, true);
  }
  end_row();
  for (const summary::SegmentSummary& segment : summary.segments) {
    cell(segment.segment_id, true);
    cell(segment.segment_name, true);
    cell(segment.family, true);
    cell(std::to_string(segment.customers), false);
    cell(mart::shortest(segment.customer_share), false);
    cell(decimal_to_string(segment.monetary, scale), false);
    cell(mart::shortest(segment.monetary_share), false);
    for (const auto& number :
         {segment.mean_recency_days, segment.mean_frequency, segment.mean_monetary,
          segment.mean_average_order_value, segment.median_recency_days, segment.median_frequency,
          segment.median_monetary, segment.overlay_share, segment.contactable_share}) {
      cell(number ? mart::shortest(*number) : "", false);
    }
    cell(manifest.analysis_date, false);
    cell(manifest.rules_digest, false);
    cell(selection.text, true);
    end_row();
  }
  return text;
}

}  // namespace quintile::explore
