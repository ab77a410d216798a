#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/open.h"

namespace quintile::io {

/// Bytes past the end of every text handed out that may be read (their values mean nothing), so
/// that kernels load whole vectors.
inline constexpr std::int64_t kPadding = 64;

/// Memory for one stretch of a file; grows as needed and is used again.
class Block {
 public:
  /// At least `size + kPadding` bytes; contents are lost.
  [[nodiscard]] char* reserve(std::int64_t size);

 private:
  std::unique_ptr<char[]> memory_;
  std::int64_t capacity_ = 0;
};

/// Bytes that can be read at any place, by several threads at once: a file or what was made of one.
class Bytes {
 public:
  virtual ~Bytes() = default;
  [[nodiscard]] virtual std::int64_t size() const = 0;

  /// `size` bytes from `offset` on, in `block` or in memory that lives as long as this, with
  /// `kPadding` after them. Errors: Io; Input where the file has become shorter.
  [[nodiscard]] virtual Result<std::string_view> read(std::int64_t offset, std::int64_t size,
                                                      Block& block) const = 0;
};

/// An open file as it lies on disk.
class File : public Bytes {
 public:
  /// Errors: Io where it cannot be opened, Input where it is a folder.
  [[nodiscard]] static Result<std::unique_ptr<File>> open(const InputPath& path);
  ~File() override;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] std::int64_t size() const override { return size_; }
  [[nodiscard]] Result<std::string_view> read(std::int64_t offset, std::int64_t size,
                                              Block& block) const override;

  /// The same into memory of the caller's, without padding.
  [[nodiscard]] Status read_into(std::int64_t offset, std::int64_t size, char* out) const;

  /// Error Input where size or time of change are no longer those that it was opened with.
  [[nodiscard]] Status check_unchanged() const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  File() = default;
  std::string name_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
  std::int64_t changed_ns_ = 0;
};

/// Bytes written once, front to back, then read: in memory up to `memory_max`, beyond it in a file
/// without a name.
class Spool : public Bytes {
 public:
  Spool(std::string name, std::string folder, std::int64_t memory_max);
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] Status append(std::string_view text);
  [[nodiscard]] std::int64_t size() const override { return size_; }
  [[nodiscard]] Result<std::string_view> read(std::int64_t offset, std::int64_t size,
                                              Block& block) const override;

 private:
  [[nodiscard]] Status move_to_file();
  std::string name_, folder_;
  std::int64_t memory_max_;
  std::string memory_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

/// SHA-256 of each of `files` as lower case hex, worked out by at most four threads of its own from
/// the start. What it reads must outlive it; destroying it early stops the work.
class Digests {
 public:
  explicit Digests(std::vector<const Bytes*> files);
  /// Waits for the end. Errors: Io.
  [[nodiscard]] Result<std::vector<std::string>> wait();

 private:
  void work(const std::stop_token& stop);

  std::vector<const Bytes*> files_;
  std::vector<Result<std::string>> results_;
  std::atomic<std::size_t> next_{0};
  std::vector<std::jthread> threads_;  // last, so that they end before what they write to
};

}  // namespace quintile::io
