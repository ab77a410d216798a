#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace quintile::io {

/// How much of a scan is done, for who wants to be told. Safe from several threads.
class ScanShare {
 public:
  ScanShare(std::int64_t rows, const std::function<void(double done)>& tell)
      : rows_(rows), tell_(tell) {}

  void add(std::int64_t rows) {
    if (!tell_ || rows == 0) return;
    const std::int64_t before = done_.fetch_add(rows);
    if (100 * before / rows_ == 100 * (before + rows) / rows_) return;
    tell_(static_cast<double>(before + rows) / static_cast<double>(rows_));
  }

 private:
  std::int64_t rows_;
  const std::function<void(double done)>& tell_;
  std::atomic<std::int64_t> done_{0};
};

}  // namespace quintile::io
