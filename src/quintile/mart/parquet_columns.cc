#include <charconv>
#include <cstring>

#include <arrow/api.h>

#include "quintile/base/check.h"
#include "quintile/mart/parquet_internal.h"

namespace quintile::mart {

namespace {

// More texts than this are written as they are.
constexpr std::int64_t kDictionaryMax = 1 << 15;

template <typename T>
std::shared_ptr<T> good(arrow::Result<std::shared_ptr<T>> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *std::move(result);
}

void check(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// Borrows memory that its owner keeps for as long as the file is written.
std::shared_ptr<arrow::Buffer> borrow(const void* data, std::int64_t begin, std::int64_t count,
                                      std::int64_t width) {
  return std::make_shared<arrow::Buffer>(static_cast<const std::uint8_t*>(data) + begin * width,
                                         count * width);
}

std::shared_ptr<arrow::Buffer> allocate(std::int64_t bytes) {
  return good(arrow::AllocateBuffer(bytes).Map(
      [](auto buffer) { return std::shared_ptr<arrow::Buffer>(std::move(buffer)); }));
}

std::shared_ptr<arrow::Buffer> bits_of(const std::uint8_t* bytes, std::int64_t count) {
  const std::shared_ptr<arrow::Buffer> bits = allocate((count + 7) / 8);
  std::uint8_t* out = bits->mutable_data();
  for (std::int64_t byte = 0; byte < (count + 7) / 8; ++byte) {
    unsigned packed = 0;
    const std::int64_t end = std::min<std::int64_t>(8, count - byte * 8);
    for (std::int64_t bit = 0; bit < end; ++bit)
      packed |= static_cast<unsigned>(bytes[byte * 8 + bit] != 0) << bit;
    out[byte] = static_cast<std::uint8_t>(packed);
  }
  return bits;
}

std::shared_ptr<arrow::Buffer> validity(const ColumnView& view, std::int64_t begin,
                                        std::int64_t count) {
  return view.valid == nullptr ? nullptr : bits_of(view.valid + begin, count);
}

// Text of rows begin to begin + count; `append(row, out)` adds the text of one.
template <typename Append>
std::shared_ptr<arrow::Array> text_array(std::int64_t begin, std::int64_t count,
                                         std::shared_ptr<arrow::Buffer> valid,
                                         std::int64_t bytes_a_row, Append append) {
  arrow::TypedBufferBuilder<std::int32_t> offsets;
  check(offsets.Reserve(count + 1));
  auto text = std::make_shared<std::string>();
  text->reserve(static_cast<std::size_t>(count * bytes_a_row));
  offsets.UnsafeAppend(0);
  for (std::int64_t row = begin; row < begin + count; ++row) {
    append(row, *text);
    offsets.UnsafeAppend(static_cast<std::int32_t>(text->size()));
  }
  QUINTILE_CHECK(text->size() <= INT32_MAX);
  std::shared_ptr<arrow::Buffer> starts = good(offsets.FinishWithLength(count + 1));
  auto bytes = arrow::Buffer::FromString(std::move(*text));
  return std::make_shared<arrow::StringArray>(count, std::move(starts), std::move(bytes),
                                              std::move(valid));
}

// The whole numbers of rows begin to begin + count, copied where they are narrower than T.
template <typename T>
std::shared_ptr<arrow::Buffer> widened(const ColumnView& view, std::int64_t begin,
                                       std::int64_t count) {
  return with_integers(view, [&](auto values) {
    if constexpr (sizeof values[0] == sizeof(T))
      return borrow(values.data(), begin, count, sizeof(T));
    std::shared_ptr<arrow::Buffer> wide = allocate(count * static_cast<std::int64_t>(sizeof(T)));
    std::copy_n(values.data() + begin, count, reinterpret_cast<T*>(wide->mutable_data()));
    return wide;
  });
}

std::shared_ptr<arrow::Array> dictionary_of(const std::vector<std::string_view>& texts) {
  arrow::StringBuilder builder;
  for (const std::string_view text : texts) check(builder.Append(text));
  return good(builder.Finish());
}

struct Lie {
  std::shared_ptr<arrow::DataType> type, declared;
  std::int64_t width;
};

Lie lie_of(const ColumnView& view) {
  switch (view.type) {
    case Type::Boolean: return {arrow::boolean(), arrow::boolean(), 1};
    case Type::Decimal:
      return {arrow::decimal64(18, view.scale), arrow::decimal128(18, view.scale), 8};
    case Type::Real: return {arrow::float64(), arrow::float64(), 8};
    case Type::Date: return {arrow::date32(), arrow::date32(), 4};
    case Type::Timestamp:
      return {arrow::timestamp(arrow::TimeUnit::MICRO), arrow::timestamp(arrow::TimeUnit::MICRO),
              8};
    case Type::Integer: return {arrow::int64(), arrow::int64(), 8};
    case Type::Text: break;
  }
  return {arrow::utf8(), arrow::utf8(), 0};
}

}  // namespace

ParquetColumn parquet_text_column(const table::Column& column) {
  ParquetColumn out{column.name, arrow::utf8(), arrow::utf8(), column.view.valid != nullptr, {}};
  const ColumnView view = column.view;
  if (view.type == Type::Integer) {
    out.slice = [view](std::int64_t begin, std::int64_t count) {
      return text_array(begin, count, validity(view, begin, count), 8,
                        [&view](std::int64_t row, std::string& text) {
                          char digits[24];
                          text.append(
                              digits,
                              std::to_chars(digits, digits + sizeof digits, view.integer(row)).ptr);
                        });
    };
  } else if (view.type == Type::Text) {
    out.slice = [view](std::int64_t begin, std::int64_t count) {
      return text_array(begin, count, validity(view, begin, count), 12,
                        [&view](std::int64_t row, std::string& text) {
                          if (view.is_valid(row)) text += view.text(row);
                        });
    };
  } else {
    out.slice = [&column](std::int64_t begin, std::int64_t count) {
      return text_array(
          begin, count, validity(column.view, begin, count), 12,
          [&column](std::int64_t row, std::string& text) { text += column.cell(row); });
    };
  }
  return out;
}

ParquetColumn parquet_column(const table::Column& column) {
  const ColumnView view = column.view;
  const bool nullable = view.valid != nullptr;
  if (view.type == Type::Text) {
    const auto texts = static_cast<std::int64_t>(view.dictionary.size());
    if (!view.is_coded() || texts == 0 || texts > kDictionaryMax)
      return parquet_text_column(column);
    const auto dictionary = dictionary_of({view.dictionary.begin(), view.dictionary.end()});
    const auto type = arrow::dictionary(arrow::int32(), arrow::utf8());
    return {column.name, type, arrow::utf8(), nullable,
            [view, dictionary, type](std::int64_t begin,
                                     std::int64_t count) -> std::shared_ptr<arrow::Array> {
              auto codes = std::make_shared<arrow::Int32Array>(
                  count, widened<std::int32_t>(view, begin, count), validity(view, begin, count));
              return std::make_shared<arrow::DictionaryArray>(type, std::move(codes), dictionary);
            }};
  }
  Lie lie = lie_of(view);
  return {column.name, lie.type, lie.declared, nullable,
          [view, lie](std::int64_t begin, std::int64_t count) {
            auto values = view.type == Type::Boolean
                              ? bits_of(static_cast<const std::uint8_t*>(view.data) + begin, count)
                          : view.type == Type::Integer ? widened<std::int64_t>(view, begin, count)
                                                       : borrow(view.data, begin, count, lie.width);
            return arrow::MakeArray(arrow::ArrayData::Make(
                lie.type, count, {validity(view, begin, count), std::move(values)}));
          }};
}

ParquetColumn parquet_int32_column(const table::Column& column) {
  QUINTILE_CHECK(column.view.layout == Layout::Int32);
  ParquetColumn out = parquet_column(column);
  out.type = out.declared = arrow::int32();
  out.slice = [view = column.view](std::int64_t begin, std::int64_t count) {
    return std::make_shared<arrow::Int32Array>(count, borrow(view.data, begin, count, 4),
                                               validity(view, begin, count));
  };
  return out;
}

ParquetColumn parquet_row_ids(std::string name) {
  return {std::move(name), arrow::int64(), arrow::int64(), false,
          [](std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
            arrow::TypedBufferBuilder<std::int64_t> ids;
            check(ids.Reserve(count));
            for (std::int64_t row = begin; row < begin + count; ++row) ids.UnsafeAppend(row + 1);
            return std::make_shared<arrow::Int64Array>(count, good(ids.FinishWithLength(count)));
          }};
}

ParquetColumn parquet_codes(std::string name, CodesOf codes_of, std::vector<std::string> texts,
                            bool declared_dictionary) {
  // Parquet's dictionaries hold each text once, so equal texts share a code.
  std::vector<std::string_view> distinct;
  std::vector<std::int32_t> shared;
  for (const std::string& text : texts) {
    const auto at = std::find(distinct.begin(), distinct.end(), text);
    shared.push_back(static_cast<std::int32_t>(at - distinct.begin()));
    if (at == distinct.end()) distinct.push_back(text);
  }
  const auto dictionary = dictionary_of(distinct);
  const auto type = arrow::dictionary(arrow::int32(), arrow::utf8());
  return {std::move(name), type, declared_dictionary ? type : arrow::utf8(), false,
          [codes_of = std::move(codes_of), dictionary, shared = std::move(shared), type](
              std::int64_t begin, std::int64_t count) -> std::shared_ptr<arrow::Array> {
            std::shared_ptr<arrow::Buffer> buffer = allocate(count * 4);
            const std::span codes(reinterpret_cast<std::int32_t*>(buffer->mutable_data()),
                                  static_cast<std::size_t>(count));
            codes_of(begin, codes);
            for (std::int32_t& code : codes) code = shared[static_cast<std::size_t>(code)];
            auto indices = std::make_shared<arrow::Int32Array>(count, std::move(buffer));
            return std::make_shared<arrow::DictionaryArray>(type, std::move(indices), dictionary);
          }};
}

}  // namespace quintile::mart
