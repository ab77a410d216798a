#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "quintile/mart/documents_internal.h"

namespace quintile::mart {

namespace {

namespace fs = std::filesystem;

bool is_absolute(const std::string& path) { return path.starts_with('/'); }

/// The deepest folder that holds all of `files`, which are absolute and in normal form.
fs::path shared_folder(std::span<const fs::path> files) {
  fs::path shared = files.front().parent_path();
  for (const fs::path& file : files) {
    const auto end = std::ranges::mismatch(shared, file).in1;
    fs::path common;
    for (auto part = shared.begin(); part != end; ++part) common /= *part;
    shared = std::move(common);
  }
  return shared;
}

}  // namespace

std::string published_name(const std::string& path) {
  return is_absolute(path) ? fs::path(path).filename().string() : path;
}

std::vector<std::string> published_names(std::span<const std::string> paths) {
  std::vector<std::string> names(paths.begin(), paths.end());
  std::set<std::string> spelled;  // by the plan, relative to its folder: these stay
  std::map<std::string, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (is_absolute(paths[i])) {
      alike[published_name(paths[i])].push_back(i);
    } else {
      spelled.insert(paths[i]);
    }
  }
  for (const auto& [end, group] : alike) {
    std::vector<fs::path> files;
    for (const std::size_t i : group) files.push_back(fs::path(paths[i]).lexically_normal());
    const auto name_below = [&](const fs::path& folder) {
      bool are_new = true;
      for (std::size_t i = 0; i < group.size(); ++i) {
        names[group[i]] = files[i].lexically_relative(folder).string();
        are_new = are_new && !spelled.contains(names[group[i]]);
      }
      return are_new;
    };
    fs::path folder = shared_folder(files);
    while (!name_below(folder) && folder != folder.root_path()) folder = folder.parent_path();
  }
  return names;
}

}  // namespace quintile::mart
