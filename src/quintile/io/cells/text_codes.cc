#include "quintile/io/cells/text_codes.h"

#include <xxhash.h>

#include <algorithm>
#include <unordered_map>

#include "quintile/io/bytes.h"

namespace quintile::io {

namespace {
constexpr std::size_t kSlotsFirst = 256;
constexpr std::size_t kArenaBlock = 64 * 1024;
constexpr std::size_t kArenaPadding = kPadding;
}  // namespace

std::string_view TextArena::keep(std::string_view text) {
  const std::size_t needed = text.size() + kArenaPadding;
  if (needed > left_) {
    const std::size_t size = std::max(needed, kArenaBlock);
    blocks_.push_back(std::make_unique<char[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
  }
  std::memcpy(next_, text.data(), text.size());
  const std::string_view kept(next_, text.size());
  // The next text may overwrite the padding; it stays readable.
  next_ += text.size();
  left_ -= text.size();
  return kept;
}

TextCodes::TextCodes() : slots_(kSlotsFirst), mask_(kSlotsFirst - 1), shift_(64 - 8) {}

std::uint64_t TextCodes::long_hash(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

std::int32_t TextCodes::add(std::string_view text, const Key& key, std::size_t at,
                            std::int64_t row) {
  const auto code = static_cast<std::int32_t>(texts_.size());
  slots_[at] = {.low = key.low,
                .high = key.high,
                .size = static_cast<std::uint32_t>(text.size()),
                .code = code};
  texts_.push_back(arena_->keep(text));
  counts_.push_back(1);
  first_rows_.push_back(row);
  if (texts_.size() * 2 > slots_.size()) grow();
  return code;
}

void TextCodes::grow() {
  std::vector<Slot> old(slots_.size() * 4);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  shift_ -= 2;
  for (const Slot& slot : old) {
    if (slot.code < 0) continue;
    std::size_t at = key_of(texts_[static_cast<std::size_t>(slot.code)]).hash >> shift_;
    while (slots_[at].code >= 0) at = (at + 1) & mask_;
    slots_[at] = slot;
  }
}

JoinedCodes join_codes(const std::vector<const TextCodes*>& parts) {
  struct Entry {
    std::int64_t row;
    std::size_t part, code;
  };
  std::vector<Entry> entries;
  JoinedCodes joined;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const auto& rows = parts[part]->first_rows();
    joined.renumbered.emplace_back(rows.size());
    for (std::size_t code = 0; code < rows.size(); ++code)
      entries.push_back({rows[code], part, code});
  }
  std::ranges::sort(entries, {}, &Entry::row);
  std::unordered_map<std::string_view, std::int32_t> code_of;
  code_of.reserve(entries.size());
  for (const Entry& entry : entries) {
    const std::string_view text = parts[entry.part]->texts()[entry.code];
    const auto [place, added] =
        code_of.emplace(text, static_cast<std::int32_t>(joined.texts.size()));
    if (added) joined.texts.push_back(text);
    joined.renumbered[entry.part][entry.code] = place->second;
  }
  return joined;
}

}  // namespace quintile::io
