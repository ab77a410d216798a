#include "quintile/io/csv/structure.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "quintile/io/csv/dialect.h"

namespace quintile::io::csv {
namespace {

/// `text` with the bytes after it that kernels may read; garbage, so that it shows when it counts.
class Padded {
 public:
  explicit Padded(std::string_view text) : memory_(text), size_(text.size()) {
    memory_.append(64, '"');
  }
  std::string_view view() const { return std::string_view(memory_).substr(0, size_); }

 private:
  std::string memory_;
  std::size_t size_;
};

/// Text made of what matters to the structure, so that every pairing comes up.
rc::Gen<std::string> structural_text() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,,\n\r\"\"")));
}

std::int64_t rows_by_the_rules(std::string_view text, std::vector<std::size_t>* columns = nullptr) {
  RowScanner scanner(text, {}, true);
  std::int64_t rows = 0;
  while (true) {
    const auto next = scanner.next();
    if (next == RowScanner::Next::End) return rows;
    if (next != RowScanner::Next::Row) return -1;
    ++rows;
    if (columns != nullptr) columns->push_back(scanner.cells().size());
  }
}

RC_GTEST_PROP(Kernels, CountAlikeOnAnyText, ()) {
  const Padded text(*structural_text());
  const char before = *rc::gen::elementOf(std::string("a,\n\""));
  const RowCount expected = all_kernels().front().count_rows(text.view(), ',', '"', before);
  for (const Kernels& kernels : all_kernels()) {
    const RowCount count = kernels.count_rows(text.view(), ',', '"', before);
    for (int inside = 0; inside < 2; ++inside) {
      RC_ASSERT(count.rows[inside] == expected.rows[inside]);
      RC_ASSERT(count.first_row[inside] == expected.first_row[inside]);
      RC_ASSERT(count.stray_quotes[inside] == expected.stray_quotes[inside]);
    }
    RC_ASSERT(count.flips_quotes == expected.flips_quotes);
  }
}

RC_GTEST_PROP(Kernels, CountTheRowsThatTheRulesFind, ()) {
  const Padded text(*structural_text());
  for (const Kernels& kernels : all_kernels()) {
    const RowCount count = kernels.count_rows(text.view(), ',', '"', '\n');
    if (count.stray_quotes[0] || count.flips_quotes) continue;
    // A quote that closes at the very end of a stretch is judged with the next one.
    RC_ASSERT(count.rows[0] == rows_by_the_rules(text.view()));
  }
}

RC_GTEST_PROP(Kernels, FindTheCellsThatTheRulesFindOrNone, ()) {
  const Padded text(*structural_text());
  std::vector<std::size_t> columns;
  const std::int64_t rows = rows_by_the_rules(text.view(), &columns);
  const bool even = std::ranges::adjacent_find(columns, std::not_equal_to<>()) == columns.end();
  const auto wanted = static_cast<std::int64_t>(columns.empty() ? 1 : columns.front());
  for (const Kernels& kernels : all_kernels()) {
    CellIndex index;
    const bool found =
        kernels.index_cells(text.view(), ',', '"', wanted, std::max<std::int64_t>(rows, 0), index);
    const RowCount count = kernels.count_rows(text.view(), ',', '"', '\n');
    if (rows < 0 || !even) RC_ASSERT(!found);
    if (rows >= 0 && even && !count.stray_quotes[0]) RC_ASSERT(found);
    if (!found) continue;
    RowScanner scanner(text.view(), {}, true);
    for (std::int64_t row = 0; row < rows; ++row) {
      RC_ASSERT(scanner.next() == RowScanner::Next::Row);
      RC_ASSERT(index.row_begin[static_cast<std::size_t>(row)] == scanner.row_begin());
      for (std::int64_t column = 0; column < wanted; ++column) {
        RC_ASSERT(index.cell_end[static_cast<std::size_t>(row * wanted + column)] ==
                  scanner.cells()[static_cast<std::size_t>(column)].end);
      }
    }
  }
}

TEST(Kernels, FindACellThatSpansBlocks) {
  const std::string cell(200, 'x');
  const Padded text("a," + cell + "\r\n\r\n\"" + cell + "\n,\"\"\"," + cell);
  for (const Kernels& kernels : all_kernels()) {
    CellIndex index;
    ASSERT_TRUE(kernels.index_cells(text.view(), ',', '"', 2, 2, index)) << kernels.name;
    EXPECT_TRUE(index.quoted);
    EXPECT_EQ(index.row_begin[1], 206U);
    EXPECT_EQ(index.cell_end[3], text.view().size());
  }
}

TEST(Kernels, RefuseRowsOfAnotherLength) {
  for (const char* const text : {"a,b\nc\n", "a,b\nc,d,e\n", "a\nb,c\n", "a,b\nc,d\ne,f\n"}) {
    const Padded padded(text);
    for (const Kernels& kernels : all_kernels()) {
      CellIndex index;
      EXPECT_FALSE(kernels.index_cells(padded.view(), ',', '"', 2, 2, index))
          << kernels.name << ": " << text;
    }
  }
}

}  // namespace
}  // namespace quintile::io::csv
