#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/explore/explorer.h"

/// Customers as a file for other programs: UTF-8 with a byte order mark, CRLF, RFC 4180 quotes,
/// plain numbers, ISO dates.
namespace quintile::explore {

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
[[nodiscard]] AudienceCount count_audience(const Explorer& explorer, const Selection& selection);

/// Writes the customers of a selection as CSV, some rows at a time. `analysis_date`, `rules_digest`
/// and `filters` end every row, so that they survive a copy. Borrows the explorer; owns the
/// selection.
class CsvRows {
 public:
  CsvRows(const Explorer& explorer, Selection selection, Table table, char separator = ',');

  /// The next rows, about 64 KiB; the first text begins with the mark and the header. Empty when
  /// all are out.
  [[nodiscard]] std::string next();

 private:
  void append_row(std::string& text, std::int64_t row) const;

  const Explorer& explorer_;
  Selection selection_;
  char separator_;
  std::vector<std::size_t> columns_;
  bool needs_consent_ = false;
  std::string tail_;       ///< the cells that are alike in every row
  std::int64_t row_ = -1;  ///< the next; -1: the header is not out yet
};

/// The segment summary of a selection as CSV, a row a segment, in the same form.
[[nodiscard]] std::string segments_csv(const Explorer& explorer, const Selection& selection,
                                       char separator = ',');

/// A cell of CSV. A text that a spreadsheet would run gets an apostrophe before it.
[[nodiscard]] std::string csv_cell(std::string_view text, bool is_text, char separator = ',');

}  // namespace quintile::explore
