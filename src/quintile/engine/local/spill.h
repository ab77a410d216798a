#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
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

  Partitions(SpillFile& file, int workers)
      : file_(file), workers_(static_cast<std::size_t>(workers)) {}

  /// `hash`: its upper bits choose the partition. Records of one hash keep their order.
  void add(int worker, std::uint64_t hash, std::span<const Record> records) {
    Worker& own = workers_[static_cast<std::size_t>(worker)];
    Part& part = own.parts[hash >> 58];
    own.records += static_cast<std::int64_t>(records.size());
    while (!records.empty()) {
      if (part.blocks.empty() || part.last_size == kBlock) open_block(own, part);
      const std::size_t count = std::min(records.size(), kBlock - part.last_size);
      std::ranges::copy(records.first(count), part.blocks.back().get() + part.last_size);
      part.last_size += count;
      records = records.subspan(count);
    }
  }

  /// Writes the worker's records to the file where they take more than `memory_max` bytes.
  [[nodiscard]] Status fit(int worker, std::int64_t memory_max) {
    Worker& own = workers_[static_cast<std::size_t>(worker)];
    if (own.records * kBytes <= memory_max) return {};
    for (Part& part : own.parts) {
      for (std::size_t b = 0; b < part.blocks.size(); ++b) {
        const auto count = static_cast<std::int64_t>(part.size_of(b));
        QUINTILE_TRY(const std::int64_t offset, file_.append(part.blocks[b].get(), count * kBytes));
        part.extents.push_back({offset, count});
        own.spare.push_back(std::move(part.blocks[b]));
      }
      part.blocks.clear();
    }
    own.records = 0;
    return {};
  }

  /// All records of a partition, those of worker 0 first. Frees their memory.
  [[nodiscard]] Result<std::vector<Record>> take(std::int64_t partition) {
    std::size_t size = 0;
    for (const Worker& own : workers_)
      size += own.parts[static_cast<std::size_t>(partition)].size();
    std::vector<Record> taken(size);
    Record* out = taken.data();
    for (Worker& own : workers_) {
      Part part = std::move(own.parts[static_cast<std::size_t>(partition)]);
      for (const Extent& extent : part.extents) {
        QUINTILE_TRY_STATUS(file_.read(extent.offset, out, extent.records * kBytes));
        out += extent.records;
      }
      for (std::size_t b = 0; b < part.blocks.size(); ++b)
        out = std::copy_n(part.blocks[b].get(), part.size_of(b), out);
    }
    return taken;
  }

 private:
  static constexpr std::int64_t kBytes = sizeof(Record);
  static constexpr std::size_t kBlock = (std::size_t{32} << 10) / sizeof(Record);
  using Block = std::unique_ptr<Record[]>;
  struct Extent {
    std::int64_t offset = 0, records = 0;
  };
  struct Part {
    std::vector<Extent> extents;
    std::vector<Block> blocks;  ///< all full but the last
    std::size_t last_size = 0;

    [[nodiscard]] std::size_t size_of(std::size_t block) const {
      return block + 1 < blocks.size() ? kBlock : last_size;
    }
    [[nodiscard]] std::size_t size() const {
      std::size_t records = blocks.empty() ? 0 : (blocks.size() - 1) * kBlock + last_size;
      for (const Extent& extent : extents) records += static_cast<std::size_t>(extent.records);
      return records;
    }
  };
  struct Worker {
    std::array<Part, kCount> parts;
    std::vector<Block> spare;  ///< blocks to be used again
    std::int64_t records = 0;  ///< in blocks
  };

  static void open_block(Worker& own, Part& part) {
    if (own.spare.empty()) own.spare.push_back(std::make_unique_for_overwrite<Record[]>(kBlock));
    part.blocks.push_back(std::move(own.spare.back()));
    own.spare.pop_back();
    part.last_size = 0;
  }

  SpillFile& file_;
  std::vector<Worker> workers_;
};

}  // namespace quintile::engine::local
