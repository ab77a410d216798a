#include "quintile/io/open.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "quintile/io/csv/csv_source.h"
#include "quintile/io/parquet/parquet_source.h"

namespace quintile::io {

namespace {

/// A file that two entries of a list lead to would count twice.
Status check_distinct(const std::vector<InputPath>& files) {
  std::map<std::filesystem::path, const InputPath*> by_place;
  for (const InputPath& file : files) {
    std::error_code error;
    const auto place = std::filesystem::canonical(file.path, error);
    if (error) continue;  // opening it will say more
    const auto [known, fresh] = by_place.try_emplace(place, &file);
    if (fresh) continue;
    return fail(ErrorCode::Input,
                known->second->name == file.name
                    ? fmt::format("{} is named twice", file.name)
                    : fmt::format("{} and {} are one file", known->second->name, file.name),
                "input.path leads to it twice, and its rows would count twice",
                {.file = file.name});
  }
  return {};
}

/// `folder` as a pattern that means itself.
std::string without_patterns(const std::string& folder) {
  std::string escaped;
  for (const char c : folder) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

Result<std::vector<InputPath>> expand(const std::vector<std::string>& paths,
                                      const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<InputPath> files;
  for (const std::string& path : paths) {
    const bool pattern = path.find_first_of("*?[") != std::string::npos;
    const std::string full = (fs::path(folder) / path).string();
    std::error_code ignored;
    if (!pattern || fs::exists(full, ignored)) {
      files.push_back({.name = path, .path = full});
      continue;
    }
    glob_t found{};
    const std::string sought = (fs::path(without_patterns(folder)) / path).string();
    const int status = ::glob(sought.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> matches;
    for (std::size_t i = 0; status == 0 && i < found.gl_pathc; ++i)
      matches.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    std::erase_if(matches,
                  [&](const std::string& match) { return fs::is_directory(match, ignored); });
    if (matches.empty()) {
      return fail(ErrorCode::Input, fmt::format("no file matches {}", path),
                  "check input.path; it is relative to the plan file", {.file = path});
    }
    std::ranges::sort(matches);
    for (const std::string& match : matches) {
      // Named as the plan spells its folder: what the pattern's own folder was joined to is taken
      // off again.
      const std::string name =
          fs::path(path).is_absolute()
              ? match
              : fs::path(match).lexically_relative(folder.empty() ? "." : folder).string();
      files.push_back({.name = folder.empty() ? match : name, .path = match});
    }
  }
  if (files.empty())
    return fail(ErrorCode::Input, "no input file is named", "set input.path in the plan");
  QUINTILE_TRY_STATUS(check_distinct(files));
  return files;
}

Result<std::unique_ptr<table::Source>> open_source(const std::vector<InputPath>& files,
                                                   const OpenOptions& options) {
  std::vector<std::unique_ptr<File>> opened;
  std::optional<bool> columnar;
  Block block;
  for (const InputPath& path : files) {
    QUINTILE_TRY(auto file, File::open(path));
    QUINTILE_TRY(const std::string_view head,
                 file->read(0, std::min<std::int64_t>(4, file->size()), block));
    const bool here = parquet::is_parquet(head);
    if (columnar.value_or(here) != here) {
      return fail(ErrorCode::Input,
                  fmt::format("one of {} and {} is Parquet, the other is not", files.front().name,
                              path.name),
                  "files of one table must be of one kind", {.file = path.name});
    }
    columnar = here;
    opened.push_back(std::move(file));
  }
  if (opened.empty())
    return fail(ErrorCode::Input, "no input file is named", "set input.path in the plan");
  return *columnar ? parquet::open_parquet(std::move(opened), options)
                   : csv::open_csv(std::move(opened), options);
}

}  // namespace quintile::io
