// The kernels of structure.h, written once for blocks of 64 bytes and compiled once per instruction
// set: the file that includes this defines `masks_of` and `prefix_xor` first, all in an unnamed
// namespace.
//
// struct Masks { std::uint64_t delimiters, line_ends, quotes, high, zero; };

inline std::uint64_t low_bits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

/// Where cells, lines and quotes begin and end in a block, and what of it the next block needs to
/// know.
struct Quoting {
  std::uint64_t boundary = 0;  // the byte before is a delimiter or line end outside quotes
  std::uint64_t closing = 0;   // the byte before is a quote that closes

  /// True when a quote opens elsewhere than at the start of a cell or right after one that closed
  /// (the two are one quote as text), or when something else follows a closing one.
  bool is_stray(std::uint64_t quotes, std::uint64_t quoted, std::uint64_t boundaries,
                std::uint64_t here) {
    const std::uint64_t opens = quotes & quoted, closes = quotes & ~quoted;
    const std::uint64_t after_closing = ((closes << 1) | closing) & here;
    const bool stray = (opens & ~((boundaries << 1) | boundary | after_closing)) != 0 ||
                       (after_closing & ~(boundaries | opens)) != 0;
    boundary = boundaries >> 63;
    closing = closes >> 63;
    return stray;
  }
};

RowCount count_rows(std::string_view chunk, char delimiter, char quote, char before) {
  RowCount result;
  const bool after_line_end = before == '\n' || before == '\r';
  std::uint64_t previous_end[2] = {after_line_end ? 1U : 0U, 0};
  Quoting quoting[2] = {{.boundary = after_line_end || before == delimiter ? 1U : 0U,
                         .closing = before == quote ? 1U : 0U},
                        {}};
  std::uint64_t inside = 0;
  std::uint64_t high = 0, zero = 0, any_quotes = 0;
  for (std::size_t at = 0; at < chunk.size(); at += 64) {
    const std::uint64_t here = low_bits(chunk.size() - at);
    const Masks masks = masks_of(chunk.data() + at, delimiter, quote);
    high |= masks.high & here;
    zero |= masks.zero & here;
    const std::uint64_t line_ends = masks.line_ends & here;
    const std::uint64_t quotes = masks.quotes & here;
    any_quotes |= quotes;
    const std::uint64_t quoted = quotes == 0 ? inside : prefix_xor(quotes) ^ inside;
    inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(quoted) >> 63);
    for (int assumed = 0; assumed < 2; ++assumed) {
      const std::uint64_t outside = assumed == 0 ? ~quoted : quoted;
      const std::uint64_t ends = line_ends & outside;
      const std::uint64_t starts = ~ends & ((ends << 1) | previous_end[assumed]) & here;
      previous_end[assumed] = ends >> 63;
      const std::uint64_t boundaries = (masks.delimiters | masks.line_ends) & here & outside;
      if ((quotes | quoting[assumed].closing) == 0) {
        quoting[assumed].boundary = boundaries >> 63;
      } else if (quoting[assumed].is_stray(quotes, ~outside, boundaries, here)) {
        result.stray_quotes[assumed] = true;
      }
      if (starts == 0) continue;
      if (result.rows[assumed] == 0)
        result.first_row[assumed] = static_cast<std::int64_t>(at) + std::countr_zero(starts);
      result.rows[assumed] += std::popcount(starts);
    }
  }
  result.flips_quotes = inside != 0;
  result.has_quotes = any_quotes != 0;
  result.has_high_bytes = high != 0;
  result.has_zero_bytes = zero != 0;
  return result;
}

/// Appends the places of the bits of `bits`, eight at a time: writing a few too many is cheaper
/// than asking.
inline std::uint32_t* put_places(std::uint32_t* out, std::uint64_t bits, std::uint32_t base) {
  std::uint32_t* const end = out + std::popcount(bits);
  while (bits != 0) {
    for (int i = 0; i < 8; ++i) {
      out[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
    out += 8;
  }
  return end;
}

bool index_cells(std::string_view chunk, char delimiter, char quote, std::int64_t columns,
                 std::int64_t rows, CellIndex& index) {
  const auto cells = static_cast<std::size_t>(rows * columns);
  constexpr std::size_t kSlack = 72;  // of what put_places writes beyond its end
  if (index.cell_end.size() < cells + kSlack) index.cell_end.resize(cells + kSlack);
  if (index.row_begin.size() < static_cast<std::size_t>(rows) + kSlack)
    index.row_begin.resize(static_cast<std::size_t>(rows) + kSlack);
  index.quoted = false;
  std::uint32_t* end = index.cell_end.data();
  std::uint32_t* const end_max = end + cells;
  std::uint32_t* begin = index.row_begin.data();
  std::uint32_t* const begin_max = begin + rows;
  const std::uint32_t* row_full = end + columns;  // where `end` must be when the row ends

  std::uint64_t previous_line_end = 1, inside = 0;
  Quoting quoting{.boundary = 1};
  for (std::size_t at = 0; at < chunk.size(); at += 64) {
    const std::uint64_t here = low_bits(chunk.size() - at);
    const Masks masks = masks_of(chunk.data() + at, delimiter, quote);
    std::uint64_t line_ends = masks.line_ends & here;
    std::uint64_t delimiters = masks.delimiters & here;
    const std::uint64_t quotes = masks.quotes & here;
    if ((quotes | inside | quoting.closing) != 0) [[unlikely]] {
      index.quoted = true;
      const std::uint64_t quoted = prefix_xor(quotes) ^ inside;
      inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(quoted) >> 63);
      line_ends &= ~quoted;
      delimiters &= ~quoted;
      if (quoting.is_stray(quotes, quoted, delimiters | line_ends, here)) return false;
    } else {
      quoting.boundary = (delimiters | line_ends) >> 63;
    }

    const std::uint64_t row_ends = line_ends & ~((line_ends << 1) | previous_line_end);
    std::uint64_t row_begins = ~line_ends & ((line_ends << 1) | previous_line_end) & here;
    previous_line_end = (line_ends >> (std::min<std::size_t>(64, chunk.size() - at) - 1)) & 1;
    const std::uint64_t ends = delimiters | row_ends;
    const auto base = static_cast<std::uint32_t>(at);
    for (; row_begins != 0; row_begins &= row_begins - 1) {
      if (begin == begin_max) return false;
      *begin++ = base + static_cast<std::uint32_t>(std::countr_zero(row_begins));
    }
    for (std::uint64_t left = row_ends; left != 0; left &= left - 1) {
      const std::uint64_t up_to = left ^ (left - 1);  // this end and all below
      if (end + std::popcount(ends & up_to) != row_full) return false;
      row_full += columns;
    }
    if (end + std::popcount(ends) > end_max) return false;
    end = put_places(end, ends, base);
  }
  if (inside != 0 || begin != begin_max) return false;
  if (previous_line_end == 0) {  // a last row without a line end
    if (end == end_max) return false;
    *end++ = static_cast<std::uint32_t>(chunk.size());
  }
  return end == end_max;
}
