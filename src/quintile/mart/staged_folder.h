#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quintile/base/result.h"

namespace quintile::mart {

/// A folder that is replaced as one: everything is written into a hidden sibling, then the two
/// change places in a single step of the file system. Until `commit` the old folder stays as it
/// was, whatever happens; an object that goes away uncommitted removes what it wrote, and what a
/// killed process left behind is removed by the next.
///
/// Where the file system cannot exchange folders (some network file systems) the old one is moved
/// aside first: a process killed between the two steps leaves the old one beside its place, and the
/// next `begin` puts it back. Not shared between threads.
class StagedFolder {
 public:
  /// True for what may be replaced.
  using Known = std::function<bool(const std::filesystem::directory_entry& entry)>;

  /// Takes the folder's lock and makes the empty hidden sibling; missing parents of `folder` are
  /// made. While another process publishes into the same folder, waits up to `wait_seconds`.
  /// Errors: Io for a file in place of the folder, an entry that is not `known` (nothing is touched
  /// then), no permission, a read-only or full file system, another run that does not end.
  [[nodiscard]] static Result<StagedFolder> begin(const std::filesystem::path& folder,
                                                  const Known& known, double wait_seconds = 10);

  StagedFolder(StagedFolder&& other) noexcept;
  StagedFolder& operator=(StagedFolder&&) = delete;
  ~StagedFolder();

  /// Could `begin` and `commit` replace this folder, or make it? False also where it is a mount
  /// point or the folder that holds it may not be written. Changes nothing.
  [[nodiscard]] static bool can_replace(const std::filesystem::path& folder, const Known& known);

  /// Where to write.
  [[nodiscard]] const std::filesystem::path& path() const { return staging_; }

  /// Takes over an open file in it, to be brought to the disk and closed by `prepare`; `shown`
  /// stands for it in messages.
  void sync_later(int descriptor, std::string shown);

  /// Brings everything to the disk, so that the two folders have nothing to do but change places.
  /// Files not left to `sync_later` must be there already. Errors: Io.
  [[nodiscard]] Status prepare();

  /// After it: puts the new folder in place of the old one. Errors: Io; the old folder is then
  /// still in place.
  [[nodiscard]] Status put_in_place();

  /// After that: brings the change to the disk and removes the old folder. Errors: Io.
  [[nodiscard]] Status settle();

  /// The three of them.
  [[nodiscard]] Status commit();

 private:
  [[nodiscard]] Status sync_files();
  StagedFolder(std::filesystem::path target, std::string shown, int lock);
  [[nodiscard]] Status swap();
  void release();

  std::filesystem::path target_, staging_, aside_, lock_path_;
  std::string shown_;
  int lock_;
  std::vector<std::pair<int, std::string>> unsynced_;  // open files, as messages call them
};

namespace testing {
/// Tests set it to stop the process at a step of publishing; null otherwise.
extern void (*on_publish_step)(std::string_view step);
}  // namespace testing

}  // namespace quintile::mart
