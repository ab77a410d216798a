#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "quintile/base/result.h"
#include "quintile/io/cells/column_reader.h"
#include "quintile/io/cells/text_codes.h"

namespace quintile::io::columnar {

/// Cells taken out of one Arrow array after the other, a block at a time. For one thread.
class ArrowCells {
 public:
  /// At most this many cells a block.
  static constexpr std::int64_t kBlock = 1024;

  /// Turns to `array`, which must live until the next call.
  void set_array(const arrow::Array& array);

  /// The cells as native values where Arrow holds them so; nothing for texts. Valid until the next
  /// call.
  [[nodiscard]] std::optional<NativeCells> native(std::int64_t begin, std::int64_t size);

  /// The cells as texts, empty where missing, each with `kPadding` readable bytes after it. Valid
  /// until the next call. Errors: Input for text that is not UTF-8.
  [[nodiscard]] Result<std::span<const std::string_view>> texts(std::int64_t begin,
                                                                std::int64_t size);

  /// Hashes of the values: equal numbers, texts or moments have equal ones, whatever type holds
  /// them. Their bits are not spread evenly. Valid until the next call.
  [[nodiscard]] Result<std::span<const std::uint64_t>> hashes(std::int64_t begin,
                                                              std::int64_t size);

 private:
  [[nodiscard]] Status hash_one_by_one(std::int64_t begin, std::span<std::uint64_t> out);
  [[nodiscard]] std::string other_text(std::int64_t row) const;
  [[nodiscard]] std::string_view padded(std::string_view text, const std::uint8_t* memory_end);

  const arrow::Array* array_ = nullptr;
  std::vector<std::uint8_t> valid_ = std::vector<std::uint8_t>(kBlock);
  std::vector<std::uint8_t> booleans_ = std::vector<std::uint8_t>(kBlock);
  std::vector<std::int32_t> days_ = std::vector<std::int32_t>(kBlock);
  std::vector<std::int64_t> integers_ = std::vector<std::int64_t>(kBlock);
  std::vector<double> reals_ = std::vector<double>(kBlock);
  std::vector<std::string_view> views_ = std::vector<std::string_view>(kBlock);
  std::vector<std::uint64_t> hashes_ = std::vector<std::uint64_t>(kBlock);
  std::unique_ptr<TextArena> arena_;             ///< texts of this block
  std::unique_ptr<TextArena> dictionary_arena_;  ///< texts of the dictionary
  std::shared_ptr<arrow::Array> dictionary_;
  std::vector<std::string_view> dictionary_texts_;
};

/// Calls `take(at, size)`, which returns a Status, for the blocks of an array, until one fails.
template <typename Take>
[[nodiscard]] Status in_blocks(std::int64_t length, const Take& take) {
  for (std::int64_t at = 0; at < length; at += ArrowCells::kBlock)
    QUINTILE_TRY_STATUS(take(at, std::min(ArrowCells::kBlock, length - at)));
  return {};
}

/// The hash of a sequence that had `hash` and to which `value` is added.
[[nodiscard]] constexpr std::uint64_t mix_hash(std::uint64_t hash, std::uint64_t value) {
  hash ^= value + 0x9E3779B97F4A7C15U + (hash << 6) + (hash >> 2);
  hash *= 0xBF58476D1CE4E5B9U;
  return hash ^ (hash >> 29);
}

/// True when the cells of such a column can be read: it holds no lists, maps, structures or the
/// like.
[[nodiscard]] bool is_flat(const arrow::DataType& type);

}  // namespace quintile::io::columnar
