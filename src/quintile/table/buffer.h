#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace quintile::table {

/// A fixed number of plain values that are not set at first, so that the threads that fill them are
/// the first to touch their pages. Moves, never copies.
template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(std::int64_t size)
      : data_(std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(size))), size_(size) {}

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T& operator[](std::int64_t i) { return data_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] const T& operator[](std::int64_t i) const {
    return data_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size_; }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size_; }
  [[nodiscard]] std::span<T> span() { return {data(), static_cast<std::size_t>(size_)}; }
  [[nodiscard]] std::span<const T> span() const {
    return {data(), static_cast<std::size_t>(size_)};
  }

  /// Keeps the first `size` values.
  void truncate(std::int64_t size) { size_ = size; }

  /// Hands the memory over; the buffer is empty afterwards.
  [[nodiscard]] std::shared_ptr<const T[]> share() {
    size_ = 0;
    return std::shared_ptr<const T[]>(std::move(data_));
  }

 private:
  std::unique_ptr<T[]> data_;
  std::int64_t size_ = 0;
};

/// As `std::allocator`, but what a vector's `resize` adds is not set, for the same reason.
template <typename T>
struct UnsetAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };
  template <typename U>
  void construct(U* place) noexcept(noexcept(::new(static_cast<void*>(place)) U)) {
    ::new (static_cast<void*>(place)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    std::construct_at(place, std::forward<Arguments>(arguments)...);
  }
};
template <typename T>
using UnsetVector = std::vector<T, UnsetAllocator<T>>;

}  // namespace quintile::table
