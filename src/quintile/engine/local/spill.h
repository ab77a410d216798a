#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "quintile/base/result.h"

namespace quintile::engine::local {

/// A temporary file without a name: gone with the process, however that ends. Safe to use from
/// several threads.
class SpillFile {
 public:
  SpillFile() = default;
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  /// Appends and returns where. The file is made at the first call, in TMPDIR's folder by the
  /// system's own rules. Errors: Io, disk full among them.
  [[nodiscard]] Result<std::int64_t> append(const void* data, std::int64_t bytes);
  [[nodiscard]] Status read(std::int64_t offset, void* data, std::int64_t bytes) const;

 private:
  [[nodiscard]] Status open();
  std::mutex mutex_;
  int descriptor_ = -1;
  std::atomic<std::int64_t> size_{0};
};

/// Records of many workers, shared out to partitions by a hash and written to a file when they
/// outgrow the memory that they may take. Each worker adds under its own number; partitions are
/// taken when all are done.
template <typename Record>
class Partitions {
  static_assert(std::is_trivially_copyable_v<Record>);

 public:
  static constexpr int kCount = 64;

  /// `memory_max`: bytes that a worker's records may take before they go to the file.
  Partitions(SpillFile& file, int workers, std::int64_t memory_max)
      : file_(file),
        workers_(static_cast<std::size_t>(workers)),
        records_max_(memory_max / static_cast<std::int64_t>(sizeof(Record))) {}

  /// `hash`: its upper bits choose the partition.
  [[nodiscard]] Status add(int worker, std::uint64_t hash, const Record& record) {
    Worker& own = workers_[static_cast<std::size_t>(worker)];
    own.partitions[hash >> 58].push_back(record);
    if (++own.records <= records_max_) return {};
    return flush(own);
  }

  /// All records of a partition, those of worker 0 first; `begins[w]` is where worker w's start.
  /// Frees their memory.
  struct Taken {
    std::vector<Record> records;
    std::vector<std::size_t> begins;
  };
  [[nodiscard]] Result<Taken> take(std::int64_t partition) {
    Taken taken;
    for (Worker& own : workers_) {
      taken.begins.push_back(taken.records.size());
      for (const Extent& extent : own.extents) {
        if (extent.partition != partition) continue;
        const std::size_t begin = taken.records.size();
        taken.records.resize(begin + static_cast<std::size_t>(extent.records));
        QUINTILE_TRY_STATUS(file_.read(extent.offset, taken.records.data() + begin,
                                       extent.records * static_cast<std::int64_t>(sizeof(Record))));
      }
      auto& left = own.partitions[static_cast<std::size_t>(partition)];
      taken.records.insert(taken.records.end(), left.begin(), left.end());
      left = {};
    }
    taken.begins.push_back(taken.records.size());
    return taken;
  }

 private:
  struct Extent {
    std::int64_t partition = 0, offset = 0, records = 0;
  };
  struct Worker {
    std::array<std::vector<Record>, kCount> partitions;
    std::vector<Extent> extents;
    std::int64_t records = 0;
  };
  [[nodiscard]] Status flush(Worker& own) {
    for (std::size_t p = 0; p < own.partitions.size(); ++p) {
      auto& records = own.partitions[p];
      if (records.empty()) continue;
      const auto count = static_cast<std::int64_t>(records.size());
      QUINTILE_TRY(const std::int64_t offset,
                   file_.append(records.data(), count * static_cast<std::int64_t>(sizeof(Record))));
      own.extents.push_back({static_cast<std::int64_t>(p), offset, count});
      records.clear();
    }
    own.records = 0;
    return {};
  }

  SpillFile& file_;
  std::vector<Worker> workers_;
  std::int64_t records_max_;
};

}  // namespace quintile::engine::local
