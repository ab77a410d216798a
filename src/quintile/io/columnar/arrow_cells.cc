#include "quintile/io/columnar/arrow_cells.h"

#define XXH_INLINE_ALL  // texts are short: a call costs as much as the hash
#include <xxhash.h>

#include <bit>
#include <cstring>

#include <arrow/api.h>
#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/base/text.h"
#include "quintile/io/bytes.h"

namespace quintile::io::columnar {

namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kScaleMax = 18;
constexpr char kNothing[kPadding] = {};
constexpr std::string_view kMissing(kNothing, 0);
constexpr std::uint64_t kMissingHash = 0x6E756C6C;

bool is_ascii(std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080U) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
  }
  return true;
}

/// The bytes of `size` texts, which follow each other in most layouts; false where not known.
bool are_ascii(const arrow::Array& array, std::int64_t begin, std::int64_t size) {
  const auto bytes_of = [&]<typename ArrayType>(const ArrayType& texts) {
    const auto first = texts.value_offset(begin);
    const auto* const data = reinterpret_cast<const char*>(texts.raw_data());
    return std::string_view(data + first,
                            static_cast<std::size_t>(texts.value_offset(begin + size) - first));
  };
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return is_ascii(bytes_of(static_cast<const arrow::BinaryArray&>(array)));
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return is_ascii(bytes_of(static_cast<const arrow::LargeBinaryArray&>(array)));
    default: return false;
  }
}

/// Copies fixed-width values of type `From` as `To`.
template <typename From, typename To>
void widen(const arrow::Array& array, std::int64_t begin, std::int64_t size, To* out) {
  const From* const values = array.data()->GetValues<From>(1) + begin;
  for (std::int64_t i = 0; i < size; ++i) out[i] = static_cast<To>(values[i]);
}

/// Microseconds of a time stamp in `unit`; false where one does not fit.
bool to_microseconds(const arrow::Array& array, arrow::TimeUnit::type unit, std::int64_t begin,
                     std::int64_t size, std::int64_t* out, const std::uint8_t* valid) {
  const std::int64_t* const values = array.data()->GetValues<std::int64_t>(1) + begin;
  const std::int64_t factor = unit == arrow::TimeUnit::SECOND  ? 1'000'000
                              : unit == arrow::TimeUnit::MILLI ? 1000
                                                               : 1;
  bool fits = true;
  for (std::int64_t i = 0; i < size; ++i) {
    if (unit == arrow::TimeUnit::NANO) {
      out[i] = values[i] / 1000 - (values[i] % 1000 < 0 ? 1 : 0);
    } else if (__builtin_mul_overflow(values[i], factor, &out[i])) {
      // Beyond year 9999 by far, and told so by its day; missing cells may hold anything.
      out[i] = values[i] < 0 ? INT64_MIN : INT64_MAX;
      fits = fits && valid[i] == 0;
    }
  }
  return fits;
}

/// Decimals of any width that fit into 64 bits.
template <typename ArrayType, typename Value>
bool to_unscaled(const arrow::Array& array, std::int64_t begin, std::int64_t size,
                 std::int64_t* out, const std::uint8_t* valid) {
  const auto& decimals = static_cast<const ArrayType&>(array);
  for (std::int64_t i = 0; i < size; ++i) {
    out[i] = 0;
    if (valid[i] == 0) continue;
    const Value value(decimals.GetValue(begin + i));
    const auto whole = value.template ToInteger<std::int64_t>();
    if (!whole.ok()) return false;
    out[i] = *whole;
  }
  return true;
}

/// Of 256 bits those that fit into 64.
bool to_unscaled_wide(const arrow::Array& array, std::int64_t begin, std::int64_t size,
                      std::int64_t* out, const std::uint8_t* valid) {
  const auto& decimals = static_cast<const arrow::Decimal256Array&>(array);
  for (std::int64_t i = 0; i < size; ++i) {
    out[i] = 0;
    if (valid[i] == 0) continue;
    const auto words = arrow::Decimal256(decimals.GetValue(begin + i)).little_endian_array();
    out[i] = static_cast<std::int64_t>(words[0]);
    const std::uint64_t sign = out[i] < 0 ? ~std::uint64_t{0} : 0;
    if (words[1] != sign || words[2] != sign || words[3] != sign) return false;
  }
  return true;
}

template <typename ArrayType>
std::string_view text_of(const arrow::Array& array, std::int64_t row) {
  return static_cast<const ArrayType&>(array).GetView(row);
}

}  // namespace

bool is_flat(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY)
    return is_flat(*static_cast<const arrow::DictionaryType&>(type).value_type());
  if (type.id() == arrow::Type::EXTENSION) return false;
  return type.num_fields() == 0 && type.id() != arrow::Type::RUN_END_ENCODED;
}

void ArrowCells::set_array(const arrow::Array& array) { array_ = &array; }

std::optional<NativeCells> ArrowCells::native(std::int64_t begin, std::int64_t size) {
  const arrow::Array& array = *array_;
  const bool all_valid = array.null_count() == 0;
  for (std::int64_t i = 0; i < size; ++i)
    valid_[static_cast<std::size_t>(i)] = all_valid || array.IsValid(begin + i) ? 1 : 0;
  const std::uint8_t* const valid = valid_.data();
  NativeCells cells{.valid = all_valid ? nullptr : valid, .size = size};
  const auto as = [&](NativeCells::Type type, const void* values, int scale = 0) {
    cells.type = type;
    cells.values = values;
    cells.scale = scale;
    return cells;
  };
  using Type = NativeCells::Type;
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      for (std::int64_t i = 0; i < size; ++i) {
        booleans_[static_cast<std::size_t>(i)] =
            static_cast<const arrow::BooleanArray&>(array).Value(begin + i) ? 1 : 0;
      }
      return as(Type::Boolean, booleans_.data());
    case arrow::Type::INT8:
      widen<std::int8_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::INT16:
      widen<std::int16_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::INT32:
      widen<std::int32_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::INT64:
      return as(Type::Integer, array.data()->GetValues<std::int64_t>(1) + begin);
    case arrow::Type::UINT8:
      widen<std::uint8_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::UINT16:
      widen<std::uint16_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::UINT32:
      widen<std::uint32_t>(array, begin, size, integers_.data());
      return as(Type::Integer, integers_.data());
    case arrow::Type::UINT64: {
      widen<std::uint64_t>(array, begin, size, integers_.data());
      for (std::int64_t i = 0; i < size; ++i) {
        if (valid[i] != 0 && integers_[static_cast<std::size_t>(i)] < 0) return std::nullopt;
      }
      return as(Type::Integer, integers_.data());
    }
    case arrow::Type::DOUBLE: return as(Type::Real, array.data()->GetValues<double>(1) + begin);
    case arrow::Type::FLOAT: {
      // By its own shortest text: 0.1f is 0.1, not 0.10000000149011612.
      const float* const values = array.data()->GetValues<float>(1) + begin;
      for (std::int64_t i = 0; i < size; ++i) {
        const std::string text = fmt::format("{}", values[i]);
        reals_[static_cast<std::size_t>(i)] =
            real_number(text, look_at_number(text), '.').value_or(static_cast<double>(values[i]));
      }
      return as(Type::Real, reals_.data());
    }
    case arrow::Type::DATE32:
      return as(Type::Date, array.data()->GetValues<std::int32_t>(1) + begin);
    case arrow::Type::DATE64: {
      const std::int64_t* const values = array.data()->GetValues<std::int64_t>(1) + begin;
      for (std::int64_t i = 0; i < size; ++i) {
        const auto day = static_cast<std::int64_t>(divide_floor(values[i], kDayMs));
        days_[static_cast<std::size_t>(i)] =
            day < INT32_MIN || day > INT32_MAX ? INT32_MAX : static_cast<std::int32_t>(day);
      }
      return as(Type::Date, days_.data());
    }
    case arrow::Type::TIMESTAMP:
      to_microseconds(array, static_cast<const arrow::TimestampType&>(*array.type()).unit(), begin,
                      size, integers_.data(), valid);
      return as(Type::Timestamp, integers_.data());
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const int scale = static_cast<const arrow::DecimalType&>(*array.type()).scale();
      if (scale < 0 || scale > kScaleMax) return std::nullopt;
      bool fits = false;
      if (array.type_id() == arrow::Type::DECIMAL128) {
        fits = to_unscaled<arrow::Decimal128Array, arrow::Decimal128>(array, begin, size,
                                                                      integers_.data(), valid);
      } else if (array.type_id() == arrow::Type::DECIMAL64) {
        fits = to_unscaled<arrow::Decimal64Array, arrow::Decimal64>(array, begin, size,
                                                                    integers_.data(), valid);
      } else if (array.type_id() == arrow::Type::DECIMAL32) {
        fits = to_unscaled<arrow::Decimal32Array, arrow::Decimal32>(array, begin, size,
                                                                    integers_.data(), valid);
      } else {
        fits = to_unscaled_wide(array, begin, size, integers_.data(), valid);
      }
      if (!fits) return std::nullopt;
      return as(Type::Decimal, integers_.data(), scale);
    }
    default: return std::nullopt;
  }
}

std::string ArrowCells::other_text(std::int64_t row) const {
  const auto scalar = array_->GetScalar(row);
  return scalar.ok() ? (*scalar)->ToString() : std::string();
}

std::string_view ArrowCells::padded(std::string_view text, const std::uint8_t* memory_end) {
  const bool room =
      reinterpret_cast<const std::uint8_t*>(text.data()) + text.size() + kPadding <= memory_end;
  return room ? text : arena_->keep(text);
}

Result<std::span<const std::string_view>> ArrowCells::texts(std::int64_t begin, std::int64_t size) {
  const arrow::Array& array = *array_;
  const std::span<std::string_view> out = std::span(views_).first(static_cast<std::size_t>(size));
  arena_ = std::make_unique<TextArena>();
  if (array.type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
    // Slices of an array have a dictionary object each, but its data in common.
    if (dictionary_ == nullptr || dictionary_->data() != coded.dictionary()->data()) {
      dictionary_ = coded.dictionary();
      dictionary_arena_ = std::make_unique<TextArena>();
      dictionary_texts_.assign(static_cast<std::size_t>(dictionary_->length()), {});
      ArrowCells inner;
      inner.set_array(*dictionary_);
      for (std::int64_t at = 0; at < dictionary_->length(); at += kBlock) {
        const std::int64_t count = std::min(kBlock, dictionary_->length() - at);
        QUINTILE_TRY(const auto block, inner.texts(at, count));
        for (std::int64_t i = 0; i < count; ++i) {
          dictionary_texts_[static_cast<std::size_t>(at + i)] =
              dictionary_arena_->keep(block[static_cast<std::size_t>(i)]);
        }
      }
    }
    for (std::int64_t i = 0; i < size; ++i) {
      out[static_cast<std::size_t>(i)] =
          coded.IsNull(begin + i)
              ? kMissing
              : dictionary_texts_[static_cast<std::size_t>(coded.GetValueIndex(begin + i))];
    }
    return out;
  }

  const bool all_valid = array.null_count() == 0;
  const bool all_ascii = are_ascii(array, begin, size);
  const auto fill = [&](auto text_at, const std::uint8_t* memory_end) -> Status {
    for (std::int64_t i = 0; i < size; ++i) {
      std::string_view& cell = out[static_cast<std::size_t>(i)];
      cell = kMissing;
      if (!all_valid && array.IsNull(begin + i)) continue;
      const std::string_view text = text_at(begin + i);
      if (!all_ascii && !is_ascii(text) && !is_utf8(text))
        return fail(ErrorCode::Input, "text that is not UTF-8",
                    "write the file with text as UTF-8");
      cell = padded(text, memory_end);
    }
    return {};
  };
  const auto end_of = [&]() -> const std::uint8_t* {
    const auto& data = array.data()->buffers.back();
    return data ? data->data() + data->size() : nullptr;
  };
  Status status;
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      status =
          fill([&](std::int64_t row) { return text_of<arrow::BinaryArray>(array, row); }, end_of());
      break;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      status = fill([&](std::int64_t row) { return text_of<arrow::LargeBinaryArray>(array, row); },
                    end_of());
      break;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      status = fill([&](std::int64_t row) { return text_of<arrow::BinaryViewArray>(array, row); },
                    nullptr);
      break;
    case arrow::Type::FIXED_SIZE_BINARY:
      status =
          fill([&](std::int64_t row) { return text_of<arrow::FixedSizeBinaryArray>(array, row); },
               end_of());
      break;
    case arrow::Type::NA: status = fill([](std::int64_t) { return kMissing; }, nullptr); break;
    default: {
      const auto cells = native(begin, size);
      std::string text;
      status = fill(
          [&](std::int64_t row) {
            text = cells ? cells->text(row - begin) : other_text(row);
            return std::string_view(text);
          },
          nullptr);
    }
  }
  if (!status) return std::unexpected(status.error());
  return out;
}

namespace {

/// A number by its double where that is exact, else by all its digits.
std::uint64_t number_hash(std::int64_t unscaled, int scale) {
  constexpr std::int64_t kExactMax = std::int64_t{1} << 53;
  constexpr double kPowers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  if (unscaled > kExactMax || unscaled < -kExactMax)
    return mix_hash(static_cast<std::uint64_t>(scale), static_cast<std::uint64_t>(unscaled));
  return std::bit_cast<std::uint64_t>(static_cast<double>(unscaled) / kPowers[scale] + 0.0);
}

/// Calls `put(i, hash)` for all cells.
template <typename Put>
void hash_native(const NativeCells& cells, const Put& put) {
  const auto each = [&](const auto& hash_at) {
    for (std::int64_t i = 0; i < cells.size; ++i)
      put(i, cells.is_valid(i) ? hash_at(i) : kMissingHash);
  };
  using Type = NativeCells::Type;
  switch (cells.type) {
    case Type::Boolean:
      return each([&](std::int64_t i) -> std::uint64_t {
        return cells.at<std::uint8_t>(i) != 0 ? 0x74727565 : 0x66616C73;
      });
    case Type::Integer:
    case Type::Decimal:
      return each(
          [&](std::int64_t i) { return number_hash(cells.at<std::int64_t>(i), cells.scale); });
    case Type::Real:
      return each(
          [&](std::int64_t i) { return std::bit_cast<std::uint64_t>(cells.at<double>(i) + 0.0); });
    case Type::Date:
      return each([&](std::int64_t i) {
        return static_cast<std::uint64_t>(cells.at<std::int32_t>(i) * kDayMs * 1000);
      });
    case Type::Timestamp: return each([&](std::int64_t i) { return cells.at<std::uint64_t>(i); });
  }
}

std::uint64_t text_hash(std::string_view text) {
  return text.empty() ? kMissingHash : XXH3_64bits(text.data(), text.size());
}

}  // namespace

/// Numbers of which some do not fit: the others have the hash that they have in any block.
Status ArrowCells::hash_one_by_one(std::int64_t begin, std::span<std::uint64_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::int64_t row = begin + static_cast<std::int64_t>(i);
    if (const auto cell = native(row, 1)) {
      hash_native(*cell, [&](std::int64_t, std::uint64_t hash) { out[i] = hash; });
      continue;
    }
    QUINTILE_TRY(const auto text, texts(row, 1));
    out[i] = text_hash(text[0]);
  }
  return {};
}

Result<std::span<const std::uint64_t>> ArrowCells::hashes(std::int64_t begin, std::int64_t size) {
  const std::span<std::uint64_t> out = std::span(hashes_).first(static_cast<std::size_t>(size));
  if (const auto cells = native(begin, size)) {
    hash_native(*cells, [&](std::int64_t i, std::uint64_t hash) {
      out[static_cast<std::size_t>(i)] = hash;
    });
    return out;
  }
  if (arrow::is_integer(array_->type_id()) || arrow::is_decimal(array_->type_id())) {
    QUINTILE_TRY_STATUS(hash_one_by_one(begin, out));
    return out;
  }
  // The lines of an order follow each other, so many a text is the one before.
  std::string_view before;
  std::uint64_t before_hash = kMissingHash;
  const auto hash_texts = [&](const auto& text_at) {
    for (std::int64_t i = 0; i < size; ++i) {
      const std::string_view text = text_at(i);
      if (text != before) {
        before = text;
        before_hash = text_hash(text);
      }
      out[static_cast<std::size_t>(i)] = before_hash;
    }
  };
  // Texts as `texts` gives them, without the look at their bytes, which reading has had.
  if (array_->type_id() == arrow::Type::STRING || array_->type_id() == arrow::Type::BINARY) {
    hash_texts([&](std::int64_t i) {
      return array_->IsNull(begin + i) ? kMissing : text_of<arrow::BinaryArray>(*array_, begin + i);
    });
    return out;
  }
  QUINTILE_TRY(const auto cells, texts(begin, size));
  hash_texts([&](std::int64_t i) { return cells[static_cast<std::size_t>(i)]; });
  return out;
}

}  // namespace quintile::io::columnar
