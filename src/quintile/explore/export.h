#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/explore/explorer.h"

/// Customers and segments as files for other programs: UTF-8, RFC 4180 quotes, plain numbers, ISO
/// dates; a text that a spreadsheet would run is neutralised. Every row ends with the analysis
/// date, the rules' digest and the filters, so that they survive a copy.
namespace quintile::explore {

/// As spreadsheets like it.
struct CsvStyle {
  char separator = ',';
  bool byte_order_mark = true;
  std::string_view line_end = "\r\n";
};

/// The character behind "comma", "semicolon" (for spreadsheets whose decimal mark is a comma) or
/// "tab"; nothing for another name.
[[nodiscard]] std::optional<char> separator_of(std::string_view name);

/// Which columns, and which customers of a selection.
enum class Table : std::uint8_t {
  Customers,  ///< every column of the mart; all that match
  Audience,   ///< customer_id, source_customer_id, segment_id, the consent flag; only those with
              ///< consent, where the mart has it
};

/// How many an audience would hold.
struct AudienceCount {
  std::int64_t customers = 0, contactable = 0, withheld = 0;
};
/// Whether a customer of the selection may be contacted; everyone where the mart has no consent.
[[nodiscard]] bool is_in_audience(const Explorer& explorer, const Selection& selection,
                                  std::int64_t row);
[[nodiscard]] AudienceCount count_audience(const Explorer& explorer, const Selection& selection);

/// `analysis_date`, `rules_digest` and `filters` with their values.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(
    const Explorer& explorer, const Selection& selection);

/// Writes the customers of a selection as CSV, some rows at a time. Borrows the explorer; owns the
/// selection.
class CsvRows {
 public:
  CsvRows(const Explorer& explorer, Selection selection, Table table, CsvStyle style = {});

  /// The next rows, about 64 KiB; the first text is the header alone, so that it comes early. Empty
  /// when all are out.
  [[nodiscard]] std::string next();

 private:
  [[nodiscard]] std::string header() const;
  void append_row(std::string& text, std::int64_t row) const;

  const Explorer& explorer_;
  Selection selection_;
  CsvStyle style_;
  std::vector<std::size_t> columns_;
  bool is_audience_ = false;
  std::string tail_;       ///< the cells that are alike in every row
  std::int64_t row_ = -1;  ///< the next; -1: the header is not out yet
};

/// The segment summary of a selection as CSV, a row a segment.
[[nodiscard]] std::string segments_csv(const Explorer& explorer, const Selection& selection,
                                       CsvStyle style = {});

/// A cell of CSV. A text that a spreadsheet would run gets an apostrophe before it.
[[nodiscard]] std::string csv_cell(std::string_view text, bool is_text, char separator = ',');

}  // namespace quintile::explore
