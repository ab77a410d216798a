#include "quintile/cli/large_memory.h"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>

namespace quintile::cli {

void LargeMemory::Stretches::add(std::size_t first, std::size_t pages) {
  pages_ += pages;
  const auto after = stretches_.lower_bound(first);
  if (after != stretches_.end() && first + pages == after->first) {
    pages += after->second;
    stretches_.erase(after);
  }
  const auto next = stretches_.lower_bound(first);
  if (next != stretches_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == first) {
      before->second += pages;
      return;
    }
  }
  stretches_.emplace_hint(next, first, pages);
}

std::optional<std::size_t> LargeMemory::Stretches::take(std::size_t pages) {
  const auto found =
      std::ranges::find_if(stretches_, [&](const auto& entry) { return entry.second >= pages; });
  if (found == stretches_.end()) return std::nullopt;
  const auto [first, length] = *found;
  stretches_.erase(found);
  if (length > pages) stretches_.emplace(first + pages, length - pages);
  pages_ -= pages;
  return first;
}

LargeMemory::Stretches::Stretch LargeMemory::Stretches::take_last(std::size_t pages) {
  const auto last = std::prev(stretches_.end());
  pages = std::min(pages, last->second);
  last->second -= pages;
  pages_ -= pages;
  const Stretch taken{last->first + last->second, pages};
  if (last->second == 0) stretches_.erase(last);
  return taken;
}

LargeMemory::LargeMemory(std::size_t addresses) noexcept {
  // One page more, so that the first whole one can begin at a multiple.
  void* const reserved = ::mmap(nullptr, addresses + kPage, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return;
  const std::size_t odd = reinterpret_cast<std::uintptr_t>(reserved) % kPage;
  begin_ = static_cast<std::byte*>(reserved) + (kPage - odd) % kPage;
  ::munmap(reserved, (kPage - odd) % kPage);
  ::munmap(begin_ + addresses, odd == 0 ? kPage : odd);
  pages_ = addresses / kPage;
  // Where the system has no huge pages, this changes nothing.
  ::madvise(begin_, addresses, MADV_HUGEPAGE);
}

LargeMemory::~LargeMemory() {
  if (begin_ != nullptr) ::munmap(begin_, pages_ * kPage);
}

void* LargeMemory::take(std::size_t size) {
  const std::size_t pages = size / kPage + (size % kPage == 0 ? 0 : 1);
  const std::lock_guard lock(mutex_);
  auto first = kept_.take(pages);
  if (!first) {
    release(pages);
    first = released_.take(pages);
  }
  if (!first) {
    if (pages > pages_ - touched_) return nullptr;
    first = touched_;
    touched_ += pages;
  }
  in_use_.emplace(*first, pages);
  pages_in_use_ += pages;
  return begin_ + *first * kPage;
}

void LargeMemory::give_back(void* piece) {
  constexpr std::size_t kKeptAlways = (std::size_t{64} << 20) / kPage;
  const std::lock_guard lock(mutex_);
  const auto found =
      in_use_.find(static_cast<std::size_t>(static_cast<std::byte*>(piece) - begin_) / kPage);
  kept_.add(found->first, found->second);
  pages_in_use_ -= found->second;
  in_use_.erase(found);
  const std::size_t most = pages_in_use_ / 4 + kKeptAlways;
  if (kept_.pages() > most) release(kept_.pages() - most);
}

/// Gives the system back as many pages, or all that are kept.
void LargeMemory::release(std::size_t pages) {
  while (pages > 0 && kept_.pages() > 0) {
    const auto [first, count] = kept_.take_last(pages);
    ::madvise(begin_ + first * kPage, count * kPage, MADV_DONTNEED);
    released_.add(first, count);
    pages -= count;
  }
}

}  // namespace quintile::cli
