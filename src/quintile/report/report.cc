#include "quintile/report/report.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "quintile/io/parallel.h"

namespace quintile::report {

namespace fs = std::filesystem;

namespace {

// Every figure that a version of ours has written.
constexpr std::array<std::string_view, 11> kFigureNames = {
    "treemap_customers.svg",  "treemap_value.svg",     "lorenz.svg",
    "recent_split.svg",       "at_risk_value.svg",     "overlay_effect.svg",
    "recency_frequency.svg",  "histogram_recency.svg", "histogram_frequency.svg",
    "histogram_monetary.svg", "waterfall.svg"};

fs::path plain(const fs::path& path) {
  std::error_code error;
  fs::path whole = fs::weakly_canonical(fs::absolute(path), error);
  if (error) whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace

Status StagedReport::commit() {
  for (io::OutputFile& file : files_) QUINTILE_TRY_STATUS(file.publish());
  for (const std::string_view name : kFigureNames) {
    std::error_code ignored;  // a figure too many is no fault of this report
    if (std::find(names_.begin(), names_.end(), name) == names_.end())
      fs::remove(folder_ / "figures" / name, ignored);
  }
  return {};
}

Result<StagedReport> stage(const mart::Mart& mart, const fs::path& folder) {
  StagedReport staged;
  staged.folder_ = folder;
  const auto add = [&staged](const fs::path& path, const std::string& bytes) -> Status {
    QUINTILE_TRY(io::OutputFile file, io::OutputFile::create(path));
    QUINTILE_TRY_STATUS(file.write(bytes));
    staged.files_.push_back(std::move(file));
    return {};
  };
  std::vector<Figure> drawn;
  std::string page;
  io::parallel_for(2, 2, [&](std::int64_t i, int) {
    if (i == 0) {
      page = html(mart);
    } else {
      drawn = figures(mart);
    }
    return true;
  });
  for (const Figure& figure : drawn) {
    QUINTILE_TRY_STATUS(add(folder / "figures" / figure.name, figure.svg));
    staged.names_.push_back(figure.name);
  }
  QUINTILE_TRY_STATUS(add(folder / "report.html", page));
  return staged;
}

Status StagedReport::sync() {
  std::vector<Status> synced(files_.size());
  io::at_once(files_.size(), [&](std::size_t i) { synced[i] = files_[i].finish(); });
  for (Status& status : synced) QUINTILE_TRY_STATUS(std::move(status));
  return {};
}

Status write(const mart::Mart& mart, const fs::path& folder) {
  QUINTILE_TRY(StagedReport staged, stage(mart, folder));
  QUINTILE_TRY_STATUS(staged.sync());
  return staged.commit();
}

Status publish(mart::StagedFolder staged, const mart::Mart& mart, const fs::path& mart_folder,
               const fs::path& report_folder) {
  const fs::path inside = plain(report_folder).lexically_relative(plain(mart_folder));
  if (!inside.empty() && *inside.begin() != "..") {
    QUINTILE_TRY_STATUS(write(mart, inside == "." ? staged.path() : staged.path() / inside));
    return staged.commit();
  }
  QUINTILE_TRY(StagedReport report, stage(mart, report_folder));
  // Both sets of files at once, since the disk is waited for once for all of them.
  std::array<Status, 2> synced;
  io::at_once(2, [&](std::size_t i) { synced[i] = i == 0 ? report.sync() : staged.sync_files(); });
  for (Status& status : synced) QUINTILE_TRY_STATUS(std::move(status));
  QUINTILE_TRY_STATUS(staged.commit());
  return report.commit();
}

}  // namespace quintile::report
