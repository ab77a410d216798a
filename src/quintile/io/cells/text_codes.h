#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "quintile/io/cells/number.h"

namespace quintile::io {

/// Keeps copies of texts at places that never move. Shared by whoever points into it.
class TextArena {
 public:
  /// The copy has `kPadding` readable bytes after its end.
  [[nodiscard]] std::string_view keep(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t left_ = 0;
  char* next_ = nullptr;
};

/// Numbers the distinct texts of a column as they come: 0, 1, 2, ... For one thread.
class TextCodes {
 public:
  TextCodes();

  /// The code of `text`, after which 16 bytes must be readable; `row` is kept for a new one.
  [[nodiscard]] std::int32_t code_of(std::string_view text, std::int64_t row) {
    const Key key = key_of(text);
    for (std::size_t at = key.hash >> shift_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.code >= 0 && slot.low == key.low && slot.high == key.high &&
          slot.size == text.size() &&
          (text.size() <= 16 || texts_[static_cast<std::size_t>(slot.code)] == text)) {
        ++counts_[static_cast<std::size_t>(slot.code)];
        return slot.code;
      }
      if (slot.code < 0) return add(text, key, at, row);
    }
  }

  [[nodiscard]] const std::vector<std::string_view>& texts() const { return texts_; }
  [[nodiscard]] const std::vector<std::int64_t>& counts() const { return counts_; }
  [[nodiscard]] const std::vector<std::int64_t>& first_rows() const { return first_rows_; }
  /// What keeps the texts.
  [[nodiscard]] std::shared_ptr<const TextArena> arena() const { return arena_; }

 private:
  struct Key {
    std::uint64_t low = 0, high = 0, hash = 0;
  };
  struct Slot {
    std::uint64_t low = 0, high = 0;
    std::uint32_t size = 0;
    std::int32_t code = -1;
  };
  [[nodiscard]] static Key key_of(std::string_view text) {
    const std::size_t size = text.size();
    Key key;
    if (size <= 8) {
      key.low = size == 0 ? 0 : load8(text.data()) << (64 - 8 * size);
    } else if (size <= 16) {
      key.low = load8(text.data());
      key.high = load8(text.data() + size - 8);
    } else {
      key.low = long_hash(text);
    }
    key.hash = (key.low * 0x9E3779B97F4A7C15U) ^ (key.high * 0xC2B2AE3D27D4EB4FU) ^ size;
    key.hash = (key.hash ^ (key.hash >> 32)) * 0xD6E8FEB86659FD93U;
    return key;
  }
  [[nodiscard]] static std::uint64_t long_hash(std::string_view text);
  [[nodiscard]] std::int32_t add(std::string_view text, const Key& key, std::size_t at,
                                 std::int64_t row);
  void grow();

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  int shift_ = 0;
  std::vector<std::string_view> texts_;
  std::vector<std::int64_t> counts_, first_rows_;
  std::shared_ptr<TextArena> arena_ = std::make_shared<TextArena>();
};

/// Counts the distinct texts of a sample, as far as `kMost` and one more.
class DistinctTexts {
 public:
  static constexpr std::size_t kMost = 192;
  /// After `text` 16 bytes must be readable.
  void see(std::string_view text) {
    if (codes_.texts().size() <= kMost) static_cast<void>(codes_.code_of(text, 0));
  }
  [[nodiscard]] std::int64_t count() const {
    return static_cast<std::int64_t>(codes_.texts().size());
  }

 private:
  TextCodes codes_;
};

/// Several threads' codes as one: a dictionary in the order of the first rows, and each old code's
/// new one.
struct JoinedCodes {
  std::vector<std::string_view> texts;
  std::vector<std::vector<std::int32_t>> renumbered;  ///< per input, per old code
};
[[nodiscard]] JoinedCodes join_codes(const std::vector<const TextCodes*>& parts);

}  // namespace quintile::io
