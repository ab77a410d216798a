#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "quintile/base/result.h"

using EVP_MD_CTX = struct evp_md_ctx_st;  // OpenSSL's digest

namespace quintile::mart {

class StagedFolder;

/// A new file that is hashed while it is written.
class StagedFile {
 public:
  /// Makes `path`, which must not exist. `shown` stands for it in messages.
  [[nodiscard]] static Result<StagedFile> create(const std::filesystem::path& path,
                                                 std::string shown);

  /// Is hashed, but not kept.
  [[nodiscard]] static Result<StagedFile> nowhere();

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  /// Errors: Io, for example a full disk.
  [[nodiscard]] Status write(std::string_view bytes);

  /// Brings the bytes to the disk and closes; the result is their SHA-256. Errors: Io.
  [[nodiscard]] Result<std::string> finish();

  /// Leaves both to `folder`, when it is committed: a disk that is told to keep twenty files waits
  /// once, not twenty times. The result is the SHA-256.
  [[nodiscard]] std::string finish_later(StagedFolder& folder);

  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  StagedFile(int descriptor, std::string shown);

  struct DigestDeleter {
    void operator()(EVP_MD_CTX* context) const;
  };
  int descriptor_;
  std::string shown_;
  std::int64_t size_ = 0;
  std::int64_t on_its_way_ = 0;  // bytes that the system has been asked to write
  std::unique_ptr<EVP_MD_CTX, DigestDeleter> digest_;
};

/// An Io error that says what failed, the system's reason and what to do about it.
[[nodiscard]] std::unexpected<Error> io_failure(const std::string& what, const std::string& shown,
                                                int error_number);

/// Brings the entries of a folder to the disk. Errors: Io.
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder, const std::string& shown);

}  // namespace quintile::mart
