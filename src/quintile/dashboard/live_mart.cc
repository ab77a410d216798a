#include <sys/stat.h>

#include "quintile/dashboard/live_mart_internal.h"

namespace quintile::dashboard {
namespace {

constexpr std::size_t kAnswersMax = 200;
constexpr int kTriesMax = 5;

}  // namespace

std::optional<std::string> Served::remembered(const std::string& question) const {
  const std::lock_guard lock(mutex_);
  const auto at = answers_.find(question);
  return at == answers_.end() ? std::nullopt : std::optional(at->second);
}

void Served::remember(const std::string& question, const std::string& answer) {
  const std::lock_guard lock(mutex_);
  if (answers_.size() >= kAnswersMax) answers_.clear();
  answers_.insert_or_assign(question, answer);
}

LiveMart::FileState LiveMart::FileState::of(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size};
}

Result<std::unique_ptr<LiveMart>> LiveMart::open(const std::filesystem::path& folder,
                                                 const std::filesystem::path& previous) {
  std::shared_ptr<const mart::Mart> older;
  if (!previous.empty()) {
    QUINTILE_TRY(mart::Mart opened, mart::open(previous));
    older = std::make_shared<const mart::Mart>(std::move(opened));
  }
  const FileState state = FileState::of(folder / "run.json");
  QUINTILE_TRY(mart::Mart mart, mart::open(folder));
  std::unique_ptr<LiveMart> live(new LiveMart(folder, older));
  live->served_ = std::make_shared<Served>(std::move(mart), std::move(older));
  live->served_state_ = state;
  return live;
}

std::shared_ptr<Served> LiveMart::now() const {
  const std::lock_guard lock(mutex_);
  return served_;
}

std::string LiveMart::notice() const {
  const std::lock_guard lock(mutex_);
  return notice_;
}

void LiveMart::say(std::string notice, const std::function<void(const std::string& line)>& log) {
  const std::lock_guard lock(mutex_);
  if (notice == notice_) return;
  if (log && !notice.empty()) log(notice);
  notice_ = std::move(notice);
}

void LiveMart::look(const std::function<void(const std::string& line)>& log) {
  const FileState state = FileState::of(folder_ / "run.json");
  if (state == FileState{})
    return say("the mart is no longer in its folder; the one that was there is served", log);
  if (state == served_state_) return say("", log);
  if (state != tried_state_) tried_state_ = state, tries_ = 0;
  if (tries_ >= kTriesMax) return;
  ++tries_;
  auto mart = mart::open(folder_);
  if (!mart) {
    if (tries_ < kTriesMax) return;
    return say("a new mart was published that cannot be opened, so the one before is served: " +
                   mart.error().message,
               log);
  }
  auto fresh = std::make_shared<Served>(*std::move(mart), previous_);
  served_state_ = state;
  if (log) log("a new mart is served: " + fresh->explorer.snapshot_id());
  const std::lock_guard lock(mutex_);
  notice_.clear();
  served_ = std::move(fresh);
}

}  // namespace quintile::dashboard
