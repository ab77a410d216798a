#include "quintile/engine/local/spill.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace quintile::engine::local {

namespace {

std::unexpected<Error> spill_failed(const char* action, int error) {
  return fail(ErrorCode::Io,
              std::string("the temporary file of a large input cannot be ") + action + ": " +
                  std::strerror(error),
              "free some disk, or point TMPDIR to a folder with more room");
}

}  // namespace

SpillFile::~SpillFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status SpillFile::open() {
  const std::lock_guard lock(mutex_);
  if (descriptor_ >= 0) return {};
  const char* folder = std::getenv("TMPDIR");
  std::string name =
      std::string(folder != nullptr && *folder != '\0' ? folder : "/tmp") + "/quintile-XXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) return spill_failed("made", errno);
  ::unlink(name.c_str());
  descriptor_ = descriptor;
  return {};
}

Result<std::int64_t> SpillFile::append(const void* data, std::int64_t bytes) {
  QUINTILE_TRY_STATUS(open());
  const std::int64_t offset = size_.fetch_add(bytes);
  const char* from = static_cast<const char*>(data);
  for (std::int64_t done = 0; done < bytes;) {
    const ssize_t written =
        ::pwrite(descriptor_, from + done, static_cast<std::size_t>(bytes - done), offset + done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return spill_failed("written", written < 0 ? errno : ENOSPC);
    done += written;
  }
  return offset;
}

Status SpillFile::read(std::int64_t offset, void* data, std::int64_t bytes) const {
  char* to = static_cast<char*>(data);
  for (std::int64_t done = 0; done < bytes;) {
    const ssize_t got =
        ::pread(descriptor_, to + done, static_cast<std::size_t>(bytes - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return spill_failed("read", got < 0 ? errno : EIO);
    done += got;
  }
  return {};
}

}  // namespace quintile::engine::local
