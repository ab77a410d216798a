#include "quintile/pipeline/reproduce.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "quintile/config/config.h"
#include "quintile/pipeline/at_engine_internal.h"

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

/// The mart's own plan, as if it lay in `folder`. What a mart leaves out: where the files lie.
Result<plan::Plan> plan_of(const mart::Mart& mart, const fs::path& folder) {
  std::vector<std::string> overrides = {"output={mart: mart}", "input.path=inputs"};
  if (mart.manifest.plan_json.find("\"cut_points\"") != std::string::npos) {
    overrides.push_back("scoring.cut_points=" +
                        (fs::absolute(mart.folder) / "cut_points.yaml").string());
  }
  // The folder may stand for one that is gone: normalised, its name drops out of every path that
  // leaves it.
  return config::parse_plan(mart.manifest.plan_json, (folder / mart.manifest.plan_file).string(),
                            overrides, &mart.rules);
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
  QUINTILE_TRY(plan::Plan plan, plan_of(mart, *found));
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

Result<Reproduction> reproduce_at_engine(const mart::Mart& mart, const std::string& uri,
                                         const Options& options) {
  QUINTILE_TRY(plan::Plan plan, plan_of(mart, fs::absolute(mart.folder)));
  plan.input.path = {uri};
  QUINTILE_TRY(std::string fingerprint, fingerprint_at_engine(plan, options));
  return Reproduction{.at_hand = true,
                      .explanation = "the engine adds up the same fingerprint",
                      .fingerprint = std::move(fingerprint)};
}

}  // namespace quintile::pipeline
