#include "quintile/explore/export.h"

#include <algorithm>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/mart/json_writer.h"

namespace quintile::explore {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kPieceBytes = 1 << 16;

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

bool is_in_audience(const Explorer& explorer, const Selection& selection, std::int64_t row) {
  if (!selection.has(row)) return false;
  const auto& consent = explorer.mart().segmentation.customers.consent;
  return !consent || (consent->is_valid(row) && consent->view.integer(row) != 0);
}

AudienceCount count_audience(const Explorer& explorer, const Selection& selection) {
  AudienceCount count{.customers = selection.customers};
  for (std::int64_t row = 0; row < explorer.customers(); ++row)
    count.contactable += is_in_audience(explorer, selection, row);
  count.withheld = count.customers - count.contactable;
  return count;
}

std::optional<char> separator_of(std::string_view name) {
  if (name == "comma") return ',';
  if (name == "semicolon") return ';';
  if (name == "tab") return '\t';
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> provenance(const Explorer& explorer,
                                                            const Selection& selection) {
  const mart::Manifest& manifest = explorer.mart().manifest;
  return {{"analysis_date", manifest.analysis_date},
          {"rules_digest", manifest.rules_digest},
          {"filters", selection.text}};
}

CsvRows::CsvRows(const Explorer& explorer, Selection selection, Table table, CsvStyle style)
    : explorer_(explorer), selection_(std::move(selection)), style_(style) {
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
  is_audience_ = table == Table::Audience;
  for (const auto& [name, value] : provenance(explorer, selection_))
    tail_ += style_.separator + csv_cell(value, name == "filters", style_.separator);
  tail_ += style_.line_end;
}

std::string CsvRows::header() const {
  std::string text(style_.byte_order_mark ? kByteOrderMark : "");
  const std::vector<std::string> names = explorer_.column_names();
  for (const std::size_t column : columns_)
    text += csv_cell(names[column], true, style_.separator) + style_.separator;
  return text + fmt::format("analysis_date{0}rules_digest{0}filters{1}", style_.separator,
                            style_.line_end);
}

std::string CsvRows::next() {
  if (row_ < 0) {
    row_ = 0;
    return header();
  }
  std::string text;
  for (; row_ < explorer_.customers() && text.size() < kPieceBytes; ++row_) {
    const bool is_wanted =
        is_audience_ ? is_in_audience(explorer_, selection_, row_) : selection_.has(row_);
    if (is_wanted) append_row(text, row_);
  }
  return text;
}

void CsvRows::append_row(std::string& text, std::int64_t row) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) text += style_.separator;
    const Explorer::Cell cell = explorer_.cell(columns_[i], row);
    text += csv_cell(cell.text, cell.is_text, style_.separator);
  }
  text += tail_;
}

std::string segments_csv(const Explorer& explorer, const Selection& selection, CsvStyle style) {
  const summary::Summary summary = explorer.summarise(selection);
  const int scale = explorer.mart().segmentation.customers.money_scale;
  std::string text(style.byte_order_mark ? kByteOrderMark : "");
  bool is_first = true;
  const auto cell = [&](std::string_view value, bool is_text) {
    if (!is_first) text += style.separator;
    is_first = false;
    text += csv_cell(value, is_text, style.separator);
  };
  const auto end_row = [&] { text += style.line_end, is_first = true; };
  const auto tail = provenance(explorer, selection);
  for (const std::string_view name :
       {"segment_id", "segment_name", "family", "customers", "customer_share", "monetary",
        "monetary_share", "mean_recency_days", "mean_frequency", "mean_monetary",
        "mean_average_order_value", "median_recency_days", "median_frequency", "median_monetary",
        "overlay_share", "contactable_share"}) {
    cell(name, true);
  }
  for (const auto& [name, value] : tail) cell(name, true);
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
    for (const auto& [name, value] : tail) cell(value, name == "filters");
    end_row();
  }
  return text;
}

}  // namespace quintile::explore
