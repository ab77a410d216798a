#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Dense numbers for the keys that stand in files: 0, 1, 2, ... by first sight.
namespace quintile::customers {

/// A source customer id as it is looked up. "12" and the integer 12 are one key, "0012" is another.
struct CustomerKey {
  std::uint64_t hash = 0;  ///< spread over all its bits
  std::int64_t integer = 0;
  std::string_view text;  ///< where `is_text`
  bool is_text = false;

  [[nodiscard]] static CustomerKey of(std::int64_t id);
  [[nodiscard]] static CustomerKey of(std::string_view id);
};

/// Distinct integers.
class IntegerIndex {
 public:
  /// The number of `key`, a new one where it has none. `hash`: the same for the same key.
  [[nodiscard]] std::uint32_t find_or_add(std::int64_t key, std::uint64_t hash);
  /// Fetches what `find_or_add` will look at.
  void prefetch(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  struct Slot {
    std::int64_t key = 0;
    std::uint32_t number = 0;  ///< of the key plus 1; 0: free
    std::uint32_t hash = 0;    ///< its lower half, for growing
  };
  void grow();
  std::vector<Slot> slots_;
  std::uint32_t size_ = 0;
};

/// Distinct texts, copied once each.
class TextIndex {
 public:
  [[nodiscard]] std::uint32_t find_or_add(std::string_view text, std::uint64_t hash);
  [[nodiscard]] std::uint32_t find_or_add(std::string_view text);
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  /// It stays where it is, whatever is added later.
  [[nodiscard]] std::string_view text(std::uint32_t number) const { return texts_[number]; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = 0;  ///< of the text plus 1; 0: free
  };
  void grow();
  [[nodiscard]] std::string_view keep(std::string_view text);
  std::vector<Slot> slots_;
  std::vector<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> blocks_;  ///< the bytes of `texts_`, never moved
  std::size_t block_left_ = 0;
  char* next_ = nullptr;
};

/// Source customer ids.
class CustomerKeys {
 public:
  [[nodiscard]] std::uint32_t find_or_add(const CustomerKey& key);
  /// Fetches what `find_or_add` will look at, where the key is an integer.
  void prefetch(const CustomerKey& key) const { integers_.prefetch(key.hash); }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }

  /// True when every id so far is an integer in its plain form.
  [[nodiscard]] bool all_integers() const { return texts_.size() == 0; }
  [[nodiscard]] bool is_integer(std::uint32_t number) const { return !keys_[number].is_text; }
  [[nodiscard]] std::int64_t integer(std::uint32_t number) const { return keys_[number].key; }
  [[nodiscard]] std::string_view text(std::uint32_t number) const {
    return texts_.text(static_cast<std::uint32_t>(keys_[number].key));
  }

 private:
  struct Key {
    std::int64_t key = 0;  ///< the integer, or the number in `texts_`
    bool is_text = false;
  };
  std::uint32_t add(Key key, std::vector<std::uint32_t>& numbers, std::uint32_t number);
  IntegerIndex integers_;
  TextIndex texts_;
  std::vector<std::uint32_t> number_of_integer_, number_of_text_;
  std::vector<Key> keys_;
};

}  // namespace quintile::customers
