#include "quintile/report/report.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "quintile/io/parallel.h"

namespace quintile::report {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPageName = "report.html";
constexpr std::string_view kFiguresName = "figures";

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

/// `name`, or what a killed process has left of it.
bool is_file(const fs::directory_entry& entry, std::string_view name) {
  const std::string found = entry.path().filename().string();
  std::error_code error;
  return entry.is_regular_file(error) && !entry.is_symlink(error) &&
         (found == name || found == "." + std::string(name) + ".partial");
}

bool is_figure(const fs::directory_entry& entry) {
  return std::ranges::any_of(kFigureNames,
                             [&](std::string_view name) { return is_file(entry, name); });
}

bool is_report(const fs::directory_entry& entry) {
  if (is_file(entry, kPageName)) return true;
  const std::string name = entry.path().filename().string();
  if (name.starts_with(".figures.quintile-")) return true;
  std::error_code error;
  if (name != kFiguresName || entry.is_symlink(error)) return false;
  const fs::directory_iterator entries(entry.path(), error);
  return !error && std::all_of(begin(entries), end(entries), is_figure);
}

}  // namespace

Status StagedReport::prepare() {
  std::vector<io::OutputFile*> files;
  for (io::OutputFile& file : inside_) files.push_back(&file);
  for (io::OutputFile& file : alone_) files.push_back(&file);
  std::vector<Status> finished(files.size());
  io::at_once(files.size(), [&](std::size_t i) { finished[i] = files[i]->finish(); });
  for (Status& status : finished) QUINTILE_TRY_STATUS(std::move(status));
  for (io::OutputFile& file : inside_) QUINTILE_TRY_STATUS(file.publish());
  if (exchange_) QUINTILE_TRY_STATUS(exchange_->prepare());
  return {};
}

Status StagedReport::put_in_place() {
  for (io::OutputFile& file : alone_) QUINTILE_TRY_STATUS(file.publish());
  if (exchange_) QUINTILE_TRY_STATUS(exchange_->put_in_place());
  return {};
}

Status StagedReport::settle() {
  if (exchange_) return exchange_->settle();
  for (const std::string_view name : kFigureNames) {
    std::error_code ignored;  // a figure too many is no fault of this report
    if (std::find(names_.begin(), names_.end(), name) == names_.end())
      fs::remove(folder_ / kFiguresName / name, ignored);
  }
  return {};
}

Result<StagedReport> stage(const mart::Mart& mart, const fs::path& folder) {
  const fs::path figures_folder = folder / kFiguresName;
  StagedReport staged;
  staged.folder_ = folder;
  fs::path page_place = folder, figures_place = figures_folder;  // where they are written
  if (mart::StagedFolder::can_replace(folder, is_report)) {
    QUINTILE_TRY(mart::StagedFolder begun, mart::StagedFolder::begin(folder, is_report));
    page_place = staged.exchange_.emplace(std::move(begun)).path();
    figures_place = page_place / kFiguresName;
  } else if (mart::StagedFolder::can_replace(figures_folder, is_figure)) {
    QUINTILE_TRY(mart::StagedFolder begun, mart::StagedFolder::begin(figures_folder, is_figure));
    figures_place = staged.exchange_.emplace(std::move(begun)).path();
  }
  const auto add = [](const fs::path& path, const std::string& bytes,
                      std::vector<io::OutputFile>& files) -> Status {
    QUINTILE_TRY(io::OutputFile file, io::OutputFile::create(path));
    QUINTILE_TRY_STATUS(file.write(bytes));
    files.push_back(std::move(file));
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
    QUINTILE_TRY_STATUS(add(figures_place / figure.name, figure.svg,
                            figures_place == figures_folder ? staged.alone_ : staged.inside_));
    staged.names_.push_back(figure.name);
  }
  QUINTILE_TRY_STATUS(
      add(page_place / kPageName, page, page_place == folder ? staged.alone_ : staged.inside_));
  return staged;
}

Status write(const mart::Mart& mart, const fs::path& folder) {
  QUINTILE_TRY(StagedReport staged, stage(mart, folder));
  QUINTILE_TRY_STATUS(staged.prepare());
  QUINTILE_TRY_STATUS(staged.put_in_place());
  return staged.settle();
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
  std::array<Status, 2> prepared;
  io::at_once(2,
              [&](std::size_t i) { prepared[i] = i == 0 ? report.prepare() : staged.prepare(); });
  for (Status& status : prepared) QUINTILE_TRY_STATUS(std::move(status));
  QUINTILE_TRY_STATUS(staged.put_in_place());
  QUINTILE_TRY_STATUS(report.put_in_place());
  QUINTILE_TRY_STATUS(staged.settle());
  return report.settle();
}

}  // namespace quintile::report
