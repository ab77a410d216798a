#include "quintile/pipeline/reproduce.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "quintile/config/config.h"

namespace quintile::pipeline {

namespace {

namespace fs = std::filesystem;

/// Where the plan file may have lain: in a folder above the mart or the current one, or in a folder
/// beside such a one, whose name does not matter for paths that begin with "..".
std::vector<fs::path> plan_folders(const fs::path& mart_folder) {
  std::vector<fs::path> folders;
  for (const fs::path& start : {fs::absolute(mart_folder).lexically_normal(), fs::current_path()}) {
    for (fs::path folder = start;; folder = folder.parent_path()) {
      folders.push_back(folder);
      folders.push_back(folder / "plan");
      if (folder == folder.parent_path()) break;
    }
  }
  return folders;
}

bool has_inputs(const fs::path& folder, const std::vector<mart::InputFile>& inputs) {
  return !inputs.empty() && std::ranges::all_of(inputs, [&](const mart::InputFile& input) {
    std::error_code error;
    const fs::path file = (folder / input.name).lexically_normal();
    return fs::is_regular_file(file, error) &&
           static_cast<std::int64_t>(fs::file_size(file, error)) == input.bytes &&
           mart::sha256_of_file(file).value_or("") == input.sha256;
  });
}

}  // namespace

Result<Reproduction> reproduce(const mart::Mart& mart, const Options& options) {
  const auto folders = plan_folders(mart.folder);
  const auto found = std::ranges::find_if(
      folders, [&](const fs::path& folder) { return has_inputs(folder, mart.manifest.inputs); });
  if (found == folders.end()) {
    return Reproduction{
        .explanation =
            "the inputs are not at hand as they were read, so only what is published was checked"};
  }
  // What a mart leaves out of its plan: where the files lie.
  std::vector<std::string> overrides = {"output={mart: mart}", "input.path=inputs"};
  if (mart.manifest.plan_json.find("\"cut_points\"") != std::string::npos) {
    overrides.push_back("scoring.cut_points=" +
                        (fs::absolute(mart.folder) / "cut_points.yaml").string());
  }
  // The folder may stand for one that is gone: normalised, its name drops out of every path that
  // leaves it.
  QUINTILE_TRY(plan::Plan plan, config::parse_plan(mart.manifest.plan_json,
                                                   (*found / mart.manifest.plan_file).string(),
                                                   overrides, &mart.rules));
  plan.input.path.clear();
  for (const mart::InputFile& input : mart.manifest.inputs)
    plan.input.path.push_back((*found / input.name).lexically_normal().string());
  QUINTILE_TRY(const mart::Contents contents, compute(plan, options));
  return Reproduction{
      .at_hand = true,
      .explanation = fmt::format("{} customers from {} input files", contents.manifest.customers,
                                 mart.manifest.inputs.size()),
      .fingerprint = mart::fingerprint(contents.segmentation, contents.rules)};
}

}  // namespace quintile::pipeline
