#include "quintile/mart/staged_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "quintile/io/parallel.h"
#include "quintile/mart/staged_file_internal.h"

namespace quintile::mart {

namespace fs = std::filesystem;

namespace testing {
void (*on_publish_step)(std::string_view step) = nullptr;
}  // namespace testing

namespace {

// Files that version control or a desktop keeps in any folder; they move along.
constexpr std::array<std::string_view, 4> kCarried = {".gitkeep", ".gitignore", ".gitattributes",
                                                      ".DS_Store"};

bool carried(const fs::directory_entry& entry) {
  return std::find(kCarried.begin(), kCarried.end(), entry.path().filename().string()) !=
         kCarried.end();
}

void step(std::string_view name) {
  if (testing::on_publish_step != nullptr) testing::on_publish_step(name);
}

// Where the folder really is: links are followed, so a link stays a link.
fs::path real_place(const fs::path& folder) {
  std::error_code error;
  fs::path place = fs::weakly_canonical(fs::absolute(folder), error);
  if (error) place = fs::absolute(folder).lexically_normal();
  return place.has_filename() ? place : place.parent_path();
}

Status check_entries(const fs::path& target, const std::string& shown,
                     const StagedFolder::Known& known) {
  std::error_code error;
  const fs::file_status status = fs::status(target, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (error) return io_failure("cannot be looked at", shown, error.value());
  if (!fs::is_directory(status)) {
    return fail(ErrorCode::Io, "is a file, not a folder",
                "Name another folder, or move the file away.", {shown, 0, 0});
  }
  if (::access(target.c_str(), W_OK) != 0) return io_failure("cannot be written", shown, errno);
  fs::directory_iterator entries(target, error);
  if (error) return io_failure("cannot be read", shown, error.value());
  std::string foreign;
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (!known(entry) && !carried(entry) && (foreign.empty() || name < foreign)) foreign = name;
  }
  if (foreign.empty()) return {};
  return fail(ErrorCode::Io,
              fmt::format("holds something that is not ours and was left alone: {}", foreign),
              "Name a folder of its own for what is published, or move the other files away.",
              {shown, 0, 0});
}

// An exclusive lock on a file that goes away with its holder: whoever gets the lock of a file that
// has been removed meanwhile starts again.
Result<int> take_lock(const fs::path& path, const std::string& shown, double wait_seconds) {
  constexpr useconds_t kPause = 20'000;
  for (double waited = 0;;) {
    const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0) return io_failure("cannot be written", shown, errno);
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) {
      struct stat held{}, named{};
      if (::fstat(lock, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
          held.st_ino == named.st_ino)
        return lock;
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      const int failed = errno;
      ::close(lock);
      return io_failure("cannot be locked", shown, failed);
    }
    ::close(lock);
    if (waited >= wait_seconds) {
      return fail(ErrorCode::Io, "another run is publishing into this folder",
                  "Wait for it to end, or give each run a folder of its own.", {shown, 0, 0});
    }
    ::usleep(kPause);
    waited += kPause * 1e-6;
  }
}

}  // namespace

StagedFolder::StagedFolder(fs::path target, std::string shown, int lock)
    : target_(std::move(target)), shown_(std::move(shown)), lock_(lock) {
  const auto sibling = [this](const char* what) {
    return target_.parent_path() /
           fmt::format(".{}.quintile-{}", target_.filename().string(), what);
  };
  staging_ = sibling("new");
  aside_ = sibling("old");
  lock_path_ = sibling("lock");
}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : target_(std::move(other.target_)),
      staging_(std::move(other.staging_)),
      aside_(std::move(other.aside_)),
      lock_path_(std::move(other.lock_path_)),
      shown_(std::move(other.shown_)),
      lock_(std::exchange(other.lock_, -1)),
      unsynced_(std::exchange(other.unsynced_, {})) {}

StagedFolder::~StagedFolder() { release(); }

void StagedFolder::sync_later(int descriptor, std::string shown) {
  unsynced_.emplace_back(descriptor, std::move(shown));
}

Status StagedFolder::sync_files() {
  std::vector<int> failed(unsynced_.size());
  io::at_once(unsynced_.size(), [&](std::size_t i) {
    const int file = std::exchange(unsynced_[i].first, -1);
    failed[i] = ::fsync(file) != 0 && errno != EINVAL ? errno : 0;
    if (::close(file) != 0 && failed[i] == 0) failed[i] = errno;
  });
  const auto shown = std::exchange(unsynced_, {});
  for (std::size_t i = 0; i < failed.size(); ++i) {
    if (failed[i] != 0) return io_failure("cannot be written", shown[i].second, failed[i]);
  }
  return {};
}

void StagedFolder::release() {
  for (const auto& [descriptor, shown] : unsynced_) {
    if (descriptor >= 0) ::close(descriptor);
  }
  unsynced_.clear();
  if (lock_ < 0) return;
  std::error_code ignored;  // what stays is removed by the next run
  fs::remove_all(staging_, ignored);
  ::unlink(lock_path_.c_str());
  ::close(std::exchange(lock_, -1));
}

bool StagedFolder::can_replace(const fs::path& folder, const Known& known) {
  const fs::path target = real_place(folder);
  if (!check_entries(target, folder.string(), known)) return false;
  std::error_code error;
  if (!fs::exists(target, error)) return true;
  struct statx attributes{};
  if (::statx(AT_FDCWD, target.c_str(), 0, STATX_TYPE, &attributes) != 0 ||
      (attributes.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0)
    return false;
  return ::access(target.parent_path().c_str(), W_OK | X_OK) == 0;
}

Result<StagedFolder> StagedFolder::begin(const fs::path& folder, const Known& known,
                                         double wait_seconds) {
  const fs::path target = real_place(folder);
  const std::string shown = folder.string();
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) return io_failure("its parent folder cannot be made", shown, error.value());
  QUINTILE_TRY_STATUS(check_entries(target, shown, known));

  StagedFolder staged(target, shown, -1);
  QUINTILE_TRY(staged.lock_, take_lock(staged.lock_path_, shown, wait_seconds));
  step("locked");
  if (!fs::exists(target, error) && fs::exists(staged.aside_, error))
    fs::rename(staged.aside_, target, error);
  QUINTILE_TRY_STATUS(
      check_entries(target, shown, known));  // the run that we waited for may have changed it
  for (const fs::path& leftover : {staged.staging_, staged.aside_}) {
    fs::remove_all(leftover, error);
    if (error)
      return io_failure("what an earlier run left beside it cannot be removed", shown,
                        error.value());
  }
  if (::mkdir(staged.staging_.c_str(), 0777) != 0)
    return io_failure("cannot be written", shown, errno);
  step("staging");
  return staged;
}

Status StagedFolder::swap() {
  if (::renameat2(AT_FDCWD, staging_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0)
    return {};
  const int failed = errno;
  if (failed == EBUSY || failed == EXDEV) {
    return fail(ErrorCode::Io, "cannot be replaced as one: a file system is mounted here",
                "Name a folder inside the mounted one.", {shown_, 0, 0});
  }
  if (failed != EINVAL && failed != ENOSYS && failed != EOPNOTSUPP) {
    return io_failure("cannot be replaced", shown_, failed);
  }
  if (::rename(target_.c_str(), aside_.c_str()) != 0)
    return io_failure("cannot be replaced", shown_, errno);
  step("aside");
  if (::rename(staging_.c_str(), target_.c_str()) != 0) {
    const int reason = errno;
    ::rename(aside_.c_str(), target_.c_str());
    return io_failure("cannot be replaced", shown_, reason);
  }
  std::error_code ignored;
  fs::remove_all(aside_, ignored);
  return {};
}

Status StagedFolder::prepare() {
  std::error_code error;
  if (fs::exists(target_, error)) {
    fs::permissions(staging_, fs::status(target_, error).permissions(), error);
    for (const fs::directory_entry& entry : fs::directory_iterator(target_, error)) {
      if (carried(entry)) fs::copy_file(entry.path(), staging_ / entry.path().filename(), error);
    }
  }
  QUINTILE_TRY_STATUS(sync_files());
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(staging_, error)) {
    if (entry.is_directory(error)) QUINTILE_TRY_STATUS(sync_folder(entry.path(), shown_));
  }
  QUINTILE_TRY_STATUS(sync_folder(staging_, shown_));
  step("written");
  return {};
}

Status StagedFolder::put_in_place() {
  std::error_code error;
  if (fs::exists(target_, error)) {
    QUINTILE_TRY_STATUS(swap());
  } else if (::rename(staging_.c_str(), target_.c_str()) != 0) {
    return io_failure("cannot be put in place", shown_, errno);
  }
  step("swapped");
  return {};
}

Status StagedFolder::settle() {
  QUINTILE_TRY_STATUS(sync_folder(target_.parent_path(), shown_));
  release();
  return {};
}

Status StagedFolder::commit() {
  QUINTILE_TRY_STATUS(prepare());
  QUINTILE_TRY_STATUS(put_in_place());
  return settle();
}

}  // namespace quintile::mart
