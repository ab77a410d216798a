#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "quintile/base/result.h"

namespace quintile::io {

/// A file that appears whole or not at all: written beside its place as ".NAME.partial", then moved
/// there. Until `publish` the old file stays as it was; an object that goes away unpublished
/// removes what it wrote, and what a killed process left behind is overwritten by the next. Not
/// shared between threads.
class OutputFile {
 public:
  /// Begins to write a file that will replace `path`; its folder is made where it is missing. A
  /// symbolic link stays, and the file that it points to is replaced. Errors: Io where `path` is a
  /// folder or no regular file, is write-protected, its folder cannot be written, or another
  /// process is writing the same file.
  [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// Appends. Errors: Io, for example a full disk; the object is then of no further use.
  [[nodiscard]] Status write(std::string_view bytes);

  /// Brings what was written to the disk. Errors: Io. Call it on every file of a set before
  /// publishing the first.
  [[nodiscard]] Status finish();

  /// Moves the finished file into its place. Errors: Io.
  [[nodiscard]] Status publish();

 private:
  OutputFile(std::filesystem::path path, std::filesystem::path partial, int descriptor)
      : path_(std::move(path)), partial_(std::move(partial)), descriptor_(descriptor) {}
  [[nodiscard]] std::unexpected<Error> failure(const char* what, int error_number) const;

  std::filesystem::path path_, partial_;
  int descriptor_;
};

}  // namespace quintile::io
