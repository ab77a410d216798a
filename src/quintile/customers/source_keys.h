#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Dense numbers for the keys that stand in files: 0, 1, 2, ... by first sight.
namespace quintile::customers {

/// Distinct integers.
class IntegerIndex {
 public:
  /// The number of `key`, a new one where it has none.
  [[nodiscard]] std::uint32_t find_or_add(std::int64_t key);
  /// Fetches what `find_or_add` will look at.
  void prefetch(std::int64_t key) const;
  [[nodiscard]] std::uint32_t size() const { return size_; }

 private:
  struct Slot {
    std::int64_t key = 0;
    std::uint32_t number = 0;  ///< of the key plus 1; 0: free
  };
  void grow();
  std::vector<Slot> slots_;
  std::uint32_t size_ = 0;
};

/// Distinct texts, copied once each.
class TextIndex {
 public:
  [[nodiscard]] std::uint32_t find_or_add(std::string_view text);
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
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

/// Source customer ids. "12" and the integer 12 are one key, "0012" is another.
class CustomerKeys {
 public:
  [[nodiscard]] std::uint32_t find_or_add(std::int64_t id);
  [[nodiscard]] std::uint32_t find_or_add(std::string_view id);
  void prefetch(std::int64_t id) const { integers_.prefetch(id); }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }

  /// True when every id so far is an integer in its plain form.
  [[nodiscard]] bool all_integers() const { return texts_.size() == 0; }
  [[nodiscard]] bool is_integer(std::uint32_t number) const { return !keys_[number].is_text; }
  [[nodiscard]] std::int64_t integer(std::uint32_t number) const { return keys_[number].key; }
  [[nodiscard]] std::string_view text(std::uint32_t number) const {
    return texts_.text(static_cast<std::uint32_t>(keys_[number].key));
  }

  /// The number that `other`'s key `number` has here.
  [[nodiscard]] std::uint32_t find_or_add(const CustomerKeys& other, std::uint32_t number) {
    return other.is_integer(number) ? find_or_add(other.integer(number))
                                    : find_or_add(other.text(number));
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
