#include "quintile/customers/source_keys.h"

#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "quintile/base/check.h"

namespace quintile::customers {

namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kBlockBytes = 1 << 16;
constexpr std::uint32_t kKeysMax = 0xFFFF'FFF0U;

std::uint64_t mixed(std::int64_t key) {
  auto hash = static_cast<std::uint64_t>(key);
  hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

/// Half full at most: `slots` is a power of two.
bool is_crowded(std::size_t entries, std::size_t slots) { return entries * 2 >= slots; }

/// "12" and "-3", but not "012", "+12" or "-0".
std::optional<std::int64_t> plain_integer(std::string_view text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  const std::size_t digits = text.size() - sign;
  if (digits == 0 || digits > 18) return std::nullopt;
  if (text[sign] == '0' && text.size() > 1) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

CustomerKey CustomerKey::of(std::int64_t id) {
  return {.hash = mixed(id), .integer = id, .text = {}, .is_text = false};
}

CustomerKey CustomerKey::of(std::string_view id) {
  if (const auto integer = plain_integer(id)) return of(*integer);
  return {.hash = XXH3_64bits(id.data(), id.size()), .integer = 0, .text = id, .is_text = true};
}

std::uint32_t IntegerIndex::find_or_add(std::int64_t key, std::uint64_t hash) {
  if (is_crowded(size_, slots_.size())) grow();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number == 0) {
      QUINTILE_CHECK(size_ < kKeysMax);
      slot = {key, ++size_, static_cast<std::uint32_t>(hash)};
      return size_ - 1;
    }
    if (slot.key == key) return slot.number - 1;
  }
}

void IntegerIndex::grow() {
  std::vector<Slot> old(std::max(kFirstSlots, slots_.size() * 2));
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  QUINTILE_CHECK(mask <= 0xFFFF'FFFFU);
  for (const Slot& slot : old) {
    if (slot.number == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

std::uint32_t TextIndex::find_or_add(std::string_view text) {
  return find_or_add(text, XXH3_64bits(text.data(), text.size()));
}

std::uint32_t TextIndex::find_or_add(std::string_view text, std::uint64_t hash) {
  if (is_crowded(texts_.size(), slots_.size())) grow();
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number == 0) {
      QUINTILE_CHECK(texts_.size() < kKeysMax);
      texts_.push_back(keep(text));
      slot = {hash, size()};
      return slot.number - 1;
    }
    if (slot.hash == hash && texts_[slot.number - 1] == text) return slot.number - 1;
  }
}

void TextIndex::grow() {
  std::vector<Slot> old(std::max(kFirstSlots, slots_.size() * 2));
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.number == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

std::string_view TextIndex::keep(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() > block_left_) {
    block_left_ = std::max(kBlockBytes, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    next_ = blocks_.back().get();
  }
  std::ranges::copy(text, next_);
  const std::string_view kept(next_, text.size());
  next_ += text.size();
  block_left_ -= text.size();
  return kept;
}

std::uint32_t CustomerKeys::add(Key key, std::vector<std::uint32_t>& numbers,
                                std::uint32_t number) {
  if (number < numbers.size()) return numbers[number];
  numbers.push_back(static_cast<std::uint32_t>(keys_.size()));
  keys_.push_back(key);
  return numbers.back();
}

std::uint32_t CustomerKeys::find_or_add(const CustomerKey& key) {
  if (key.is_text) {
    const std::uint32_t text = texts_.find_or_add(key.text, key.hash);
    return add({text, true}, number_of_text_, text);
  }
  const std::uint32_t integer = integers_.find_or_add(key.integer, key.hash);
  // Without texts both are counted alike, and one look into memory is saved.
  if (all_integers() && integer < keys_.size()) return integer;
  return add({key.integer, false}, number_of_integer_, integer);
}

}  // namespace quintile::customers
