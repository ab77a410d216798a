#include "quintile/io/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/file.h>
#include <sys/stat.h>

namespace quintile::io {

namespace fs = std::filesystem;

namespace {

std::unexpected<Error> io_error(const fs::path& path, const char* what, int error_number) {
  std::string advice;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      advice = "make room or choose another folder; the old file, if there was one, is as it was";
      break;
    case EACCES:
    case EPERM:
    case EROFS: advice = "choose a folder that you may write to"; break;
    case ENOTDIR: advice = "a part of the path is a file; choose another folder"; break;
    default: break;
  }
  return fail(ErrorCode::Io,
              std::string(what) + ": " + std::generic_category().message(error_number),
              std::move(advice), Place{.file = path.string()});
}

// True while the path still names the file that is open: nobody has moved it away since.
bool is_still_there(int descriptor, const fs::path& path) {
  struct stat open_file{};
  struct stat named_file{};
  return ::fstat(descriptor, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

Status check_target(const fs::path& path) {
  const Place place{.file = path.string()};
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) {
    return fail(ErrorCode::Io, "is a folder, not a file", "give the name of a file in it", place);
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return fail(ErrorCode::Io, "is not a regular file and cannot be replaced",
                "give the name of an ordinary file", place);
  }
  if (fs::exists(status) && ::access(path.c_str(), W_OK) != 0) {
    return io_error(path, "cannot be replaced", errno);
  }
  if (!path.has_filename()) {
    return fail(ErrorCode::Io, "names no file", "give the name of a file", place);
  }
  return {};
}

}  // namespace

Result<OutputFile> OutputFile::create(const fs::path& wanted) {
  QUINTILE_TRY_STATUS(check_target(wanted));
  std::error_code error;
  const fs::path path =
      fs::is_symlink(wanted, error) ? fs::weakly_canonical(wanted, error) : wanted;
  const fs::path folder = path.parent_path();
  if (!folder.empty()) {
    fs::create_directories(folder, error);
    if (error) return io_error(folder, "cannot make this folder", error.value());
  }
  fs::path partial = folder / ("." + path.filename().string() + ".partial");
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return io_error(path, "cannot be written", errno);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 || !is_still_there(descriptor, partial)) {
    ::close(descriptor);
    return fail(ErrorCode::Io, "another process is writing this file",
                "wait until it has ended, or choose another name", Place{.file = path.string()});
  }
  OutputFile file(path, std::move(partial), descriptor);
  if (::ftruncate(descriptor, 0) != 0) return file.failure("cannot be written", errno);
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      partial_(std::move(other.partial_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::unlink(partial_.c_str());
  ::close(descriptor_);
}

Status OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ::ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failure("cannot be written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status OutputFile::finish() {
  // Some file systems cannot be told to; what they accepted counts as written.
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != ENOTSUP) {
    return failure("cannot be written", errno);
  }
  return {};
}

Status OutputFile::publish() {
  if (::rename(partial_.c_str(), path_.c_str()) != 0) return failure("cannot be replaced", errno);
  ::close(std::exchange(descriptor_, -1));
  return {};
}

std::unexpected<Error> OutputFile::failure(const char* what, int error_number) const {
  return io_error(path_, what, error_number);
}

}  // namespace quintile::io
