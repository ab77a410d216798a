#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace quintile::cli {

/// Pieces of memory of 2 MiB and more that are used again. They come out of one stretch of
/// addresses, in multiples of the system's huge pages; what is given back stays with the process
/// and is handed out again as it is, so that the system need not clear as much new memory. May be
/// called from several threads.
///
/// The process never grows while it keeps memory that nobody uses, and keeps a quarter of what is
/// in use and 64 MiB at most.
class LargeMemory {
 public:
  static constexpr std::size_t kPage = std::size_t{2} << 20;

  /// Reserves addresses, no memory. Where there are none to be had (a limit on them, or a system
  /// that promises no more memory than it has), nothing is ever handed out.
  explicit LargeMemory(std::size_t addresses) noexcept;
  ~LargeMemory();
  LargeMemory(const LargeMemory&) = delete;
  LargeMemory& operator=(const LargeMemory&) = delete;

  /// `size` bytes at a multiple of 2 MiB, whose values mean nothing; null where the addresses do
  /// not suffice.
  [[nodiscard]] void* take(std::size_t size);
  [[nodiscard]] bool owns(const void* piece) const {
    return piece >= begin_ && piece < begin_ + pages_ * kPage;
  }
  void give_back(void* piece);

  /// Bytes that nobody uses and the system does not have back.
  [[nodiscard]] std::size_t kept() const { return kept_.pages() * kPage; }

 private:
  /// Stretches of pages; those that touch are one.
  class Stretches {
   public:
    void add(std::size_t first, std::size_t pages);
    /// The first that is long enough, shortened by what is taken.
    [[nodiscard]] std::optional<std::size_t> take(std::size_t pages);
    /// The end of the last one, `pages` long or shorter.
    struct Stretch {
      std::size_t first = 0, pages = 0;
    };
    [[nodiscard]] Stretch take_last(std::size_t pages);
    [[nodiscard]] std::size_t pages() const { return pages_; }

   private:
    std::map<std::size_t, std::size_t> stretches_;  // first page to number of pages
    std::size_t pages_ = 0;
  };

  void release(std::size_t pages);

  std::byte* begin_ = nullptr;
  std::size_t pages_ = 0;
  std::mutex mutex_;
  std::size_t touched_ = 0;                    // pages before it have been handed out before
  std::map<std::size_t, std::size_t> in_use_;  // first page to number of pages
  std::size_t pages_in_use_ = 0;
  Stretches kept_;      // given back, with the memory behind them
  Stretches released_;  // given back, without
};

}  // namespace quintile::cli
