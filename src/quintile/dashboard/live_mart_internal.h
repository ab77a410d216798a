#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "quintile/base/result.h"
#include "quintile/explore/explorer.h"

/// The mart that is served, and how a newer one takes its place.
namespace quintile::dashboard {

/// A mart in memory and the answers that were asked of it lately. Any thread may call.
class Served {
 public:
  Served(mart::Mart mart, std::shared_ptr<const mart::Mart> previous)
      : explorer(std::move(mart), std::move(previous)) {}

  const explore::Explorer explorer;

  [[nodiscard]] std::optional<std::string> remembered(const std::string& question) const;
  void remember(const std::string& question, const std::string& answer);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> answers_;
};

/// The folder of a mart, watched for a newer one. A request holds the `Served` it began with, so no
/// answer mixes two.
class LiveMart {
 public:
  /// `previous` empty: no older mart. Errors: those of mart::open.
  [[nodiscard]] static Result<std::unique_ptr<LiveMart>> open(
      const std::filesystem::path& folder, const std::filesystem::path& previous);

  [[nodiscard]] std::shared_ptr<Served> now() const;

  /// Why what lies in the folder is not served; empty where it is.
  [[nodiscard]] std::string notice() const;

  /// Takes in what was published since. A mart that cannot be opened is tried a few times, as it
  /// may be half-way copied; then the old one stays, and `notice` says so. One thread calls.
  void look(const std::function<void(const std::string& line)>& log);

 private:
  /// What a file looked like, to see that it was replaced. All 0: it is not there.
  struct FileState {
    std::uint64_t inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0, size = 0;
    friend bool operator==(const FileState&, const FileState&) = default;
    [[nodiscard]] static FileState of(const std::filesystem::path& file);
  };

  LiveMart(std::filesystem::path folder, std::shared_ptr<const mart::Mart> previous)
      : folder_(std::move(folder)), previous_(std::move(previous)) {}
  void say(std::string notice, const std::function<void(const std::string& line)>& log);

  const std::filesystem::path folder_;
  const std::shared_ptr<const mart::Mart> previous_;
  mutable std::mutex mutex_;
  std::shared_ptr<Served> served_;
  std::string notice_;
  FileState served_state_, tried_state_;
  int tries_ = 0;
};

}  // namespace quintile::dashboard
