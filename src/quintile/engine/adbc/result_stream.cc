#include "quintile/engine/adbc/result_stream.h"

#include <algorithm>
#include <concepts>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::engine::adbc {

namespace {

using abi::ArrowArray;

template <typename T>
const T* buffer(const ArrowArray& array, std::size_t index) {
  return static_cast<const T*>(array.buffers[index]);
}

bool bit(const std::uint8_t* bits, std::int64_t i) { return ((bits[i >> 3] >> (i & 7)) & 1) != 0; }

bool is_decimal_without_fraction(std::string_view format) {
  // "d:38,0"; a third number is the width where it is not 128 bits.
  return format.starts_with("d:") && format.ends_with(",0");
}

bool reads_as_integer(std::string_view format) {
  return (format.size() == 1 && std::string_view("cCsSiIlLn").contains(format[0])) ||
         is_decimal_without_fraction(format);
}

bool reads_as_text(std::string_view format) {
  return format == "u" || format == "U" || format == "vu" || format == "n";
}

std::unexpected<Error> past_64_bits() {
  return fail(ErrorCode::Engine, "the engine gave a number past 64 bits");
}

template <std::integral T>
Status widen(const T* values, std::int64_t begin, std::vector<std::int64_t>& out,
             const std::vector<std::uint8_t>& valid) {
  for (std::size_t row = 0; row < out.size(); ++row) {
    const T value = values[begin + static_cast<std::int64_t>(row)];
    if (!std::in_range<std::int64_t>(value)) {
      if (valid.empty() || valid[row] != 0) return past_64_bits();
      continue;
    }
    out[row] = static_cast<std::int64_t>(value);
  }
  return {};
}

/// Little-endian two's complement of 128 bits.
Status narrow(const std::int64_t* halves, std::int64_t begin, std::vector<std::int64_t>& out,
              const std::vector<std::uint8_t>& valid) {
  for (std::size_t row = 0; row < out.size(); ++row) {
    const std::int64_t* value = halves + 2 * (begin + static_cast<std::int64_t>(row));
    if (value[1] != (value[0] < 0 ? -1 : 0) && (valid.empty() || valid[row] != 0))
      return past_64_bits();
    out[row] = value[0];
  }
  return {};
}

template <typename Offset>
void view_texts(const ArrowArray& array, std::int64_t begin, std::vector<std::string_view>& out) {
  const auto* offsets = buffer<Offset>(array, 1) + begin;
  const char* bytes = buffer<char>(array, 2);
  for (std::size_t row = 0; row < out.size(); ++row) {
    const auto length = static_cast<std::size_t>(offsets[row + 1] - offsets[row]);
    out[row] = length == 0 ? std::string_view() : std::string_view(bytes + offsets[row], length);
  }
}

/// Arrow's string views: sixteen bytes each, length first; to 12 bytes the text itself follows,
/// else four bytes of it, the number of a buffer and the place in it.
void view_string_views(const ArrowArray& array, std::int64_t begin,
                       std::vector<std::string_view>& out, const std::vector<std::uint8_t>& valid) {
  const auto* views = buffer<std::int32_t>(array, 1) + 4 * begin;
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (!valid.empty() && valid[row] == 0) continue;  // what stands there may be anything
    const std::int32_t* view = views + 4 * row;
    const auto length = static_cast<std::size_t>(view[0]);
    if (length <= 12) {
      out[row] = {reinterpret_cast<const char*>(view + 1), length};
    } else {
      out[row] = {buffer<char>(array, static_cast<std::size_t>(2 + view[2])) + view[3], length};
    }
  }
}

Status read_integers(std::string_view format, const ArrowArray& array, std::int64_t begin,
                     std::vector<std::int64_t>& out, const std::vector<std::uint8_t>& valid) {
  if (is_decimal_without_fraction(format))
    return narrow(buffer<std::int64_t>(array, 1), begin, out, valid);
  switch (format[0]) {
    case 'c': return widen(buffer<std::int8_t>(array, 1), begin, out, valid);
    case 'C': return widen(buffer<std::uint8_t>(array, 1), begin, out, valid);
    case 's': return widen(buffer<std::int16_t>(array, 1), begin, out, valid);
    case 'S': return widen(buffer<std::uint16_t>(array, 1), begin, out, valid);
    case 'i': return widen(buffer<std::int32_t>(array, 1), begin, out, valid);
    case 'I': return widen(buffer<std::uint32_t>(array, 1), begin, out, valid);
    default: return widen(buffer<std::uint64_t>(array, 1), begin, out, valid);
  }
}

Status read_texts(std::string_view format, const ArrowArray& array, std::int64_t begin,
                  std::vector<std::string_view>& out, const std::vector<std::uint8_t>& valid) {
  if (format == "u") view_texts<std::int32_t>(array, begin, out);
  if (format == "U") view_texts<std::int64_t>(array, begin, out);
  if (format == "vu") view_string_views(array, begin, out, valid);
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (!valid.empty() && valid[row] == 0) out[row] = {};
    if (!is_utf8(out[row])) return fail(ErrorCode::Engine, "the engine gave text that is no UTF-8");
  }
  return {};
}

/// One byte a row in `valid`, or nothing in it where no value is missing.
void read_valid(std::string_view format, const ArrowArray& array, std::int64_t begin,
                std::int64_t size, std::vector<std::uint8_t>& valid) {
  valid.clear();
  if (format == "n") {
    valid.assign(static_cast<std::size_t>(size), 0);
    return;
  }
  const auto* bits = buffer<std::uint8_t>(array, 0);
  if (array.null_count == 0 || bits == nullptr) return;
  valid.resize(static_cast<std::size_t>(size));
  for (std::int64_t row = 0; row < size; ++row)
    valid[static_cast<std::size_t>(row)] = bit(bits, begin + row) ? 1 : 0;
}

}  // namespace

Result<BatchReader> BatchReader::of(const abi::ArrowSchema& schema, std::span<const Type> types) {
  if (schema.n_children != static_cast<std::int64_t>(types.size())) {
    return fail(ErrorCode::Engine, fmt::format("the engine gave {} columns where {} were asked for",
                                               schema.n_children, types.size()));
  }
  BatchReader reader;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string format = schema.children[i]->format;
    const bool fits = types[i] == Type::Integer ? reads_as_integer(format) : reads_as_text(format);
    if (!fits || schema.children[i]->dictionary != nullptr) {
      return fail(ErrorCode::Engine,
                  fmt::format("column {} comes from the engine as Arrow's '{}', not as {}", i + 1,
                              format, types[i] == Type::Integer ? "a whole number" : "text"));
    }
    reader.columns_.push_back({.format = format, .type = types[i]});
  }
  return reader;
}

Status BatchReader::read_column(const ArrowArray& array, std::int64_t begin, std::int64_t size,
                                Column& column, ColumnView& view) {
  read_valid(column.format, array, begin, size, column.valid);
  view = {.type = column.type,
          .layout = column.type == Type::Integer ? Layout::Int64 : Layout::Views,
          .size = size,
          .valid = column.valid.empty() ? nullptr : column.valid.data()};
  if (column.type == Type::Text) {
    column.texts.assign(static_cast<std::size_t>(size), {});
    view.data = column.texts.data();
    return column.format == "n"
               ? Status()
               : read_texts(column.format, array, begin, column.texts, column.valid);
  }
  if (column.format == "l") {
    view.data = buffer<std::int64_t>(array, 1) + begin;
    return {};
  }
  column.integers.assign(static_cast<std::size_t>(size), 0);
  view.data = column.integers.data();
  return column.format == "n"
             ? Status()
             : read_integers(column.format, array, begin, column.integers, column.valid);
}

Result<sql::Rows> BatchReader::read(const ArrowArray& batch) {
  sql::Rows rows{.size = batch.length, .columns = std::vector<ColumnView>(columns_.size())};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const ArrowArray& array = *batch.children[i];
    QUINTILE_TRY_STATUS(read_column(array, array.offset + batch.offset, batch.length, columns_[i],
                                    rows.columns[i]));
  }
  return rows;
}

void read_names(const ArrowArray& batch, Names& names) {
  // Two columns: a code, and a dense union whose first member is text.
  if (batch.n_children != 2 || batch.children[1]->n_children < 1) return;
  const auto* codes = buffer<std::uint32_t>(*batch.children[0], 1);
  const ArrowArray& values = *batch.children[1];
  const auto* kinds = buffer<std::int8_t>(values, 0);
  const auto* places = buffer<std::int32_t>(values, 1);
  const ArrowArray& member = *values.children[0];
  std::vector<std::string_view> texts(static_cast<std::size_t>(member.length));
  view_texts<std::int32_t>(member, member.offset, texts);
  for (std::int64_t row = 0; row < batch.length; ++row) {
    const auto place = static_cast<std::size_t>(places[row]);
    if (kinds[row] != 0 || place >= texts.size()) continue;
    switch (codes[row]) {
      case 1: names.vendor_version = texts[place]; break;
      case 100: names.driver_name = texts[place]; break;
      case 101: names.driver_version = texts[place]; break;
      default: break;
    }
  }
}

}  // namespace quintile::engine::adbc
