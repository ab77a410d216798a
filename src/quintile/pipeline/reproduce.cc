#include "quintile/pipeline/reproduce.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/config/config.h"
#include "quintile/io/open.h"
#include "quintile/pipeline/at_engine_internal.h"
#include "quintile/pipeline/version.h"

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

/// Which of the inputs is missing or another one, looked at where most of them lie.
std::string what_is_missing(const std::vector<fs::path>& folders,
                            const std::vector<mart::InputFile>& inputs) {
  if (inputs.empty()) return "no; the input lies at an engine: name it with --engine";
  const auto place = [](const fs::path& folder, const mart::InputFile& input) {
    return (folder / input.name).lexically_normal();
  };
  const auto found_in = [&](const fs::path& folder) {
    return std::ranges::count_if(inputs, [&](const mart::InputFile& input) {
      std::error_code error;
      return fs::is_regular_file(place(folder, input), error);
    });
  };
  const fs::path folder = *std::ranges::max_element(folders, {}, found_in);
  for (const mart::InputFile& input : inputs) {
    const auto digest = mart::sha256_of_file(place(folder, input));
    if (!digest) return fmt::format("no; {} is not there", input.name);
    if (*digest != input.sha256)
      return fmt::format("no; {} has changed since (its SHA-256 differs)", input.name);
  }
  return "no; the inputs changed while they were read";
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

/// The mart worked out from the inputs in `folder`, under the names that they are published by.
Result<mart::Contents> compute_again(const mart::Mart& mart, const fs::path& folder,
                                     Options options) {
  QUINTILE_TRY(const plan::Plan plan, plan_of(mart, folder));
  options.open = [&](const io::OpenOptions& how) {
    std::vector<io::InputPath> files;
    for (const mart::InputFile& input : mart.manifest.inputs)
      files.push_back({input.name, (folder / input.name).lexically_normal().string()});
    return io::open_source(files, how);
  };
  QUINTILE_TRY(mart::Contents contents, compute(plan, options));
  // The plan is what all this started from; read from the mart, it names files of the mart.
  contents.manifest.plan_json = mart.manifest.plan_json;
  return contents;
}

/// True of an error that says that no mart comes of these inputs and this plan.
bool is_about_the_mart(const Error& error) { return exit_status(error.code) < 4; }

std::string other_fingerprint(const std::string& now, const std::string& published) {
  if (now == published) return {};
  return fmt::format("the inputs now give fingerprint {}, the mart has {}", now, published);
}

}  // namespace

Result<Reproduction> reproduce(const mart::Mart& mart, const Options& options) {
  const mart::Manifest& manifest = mart.manifest;
  const auto folders = plan_folders(mart.folder);
  const auto found = std::ranges::find_if(
      folders, [&](const fs::path& folder) { return has_inputs(folder, manifest.inputs); });
  if (found == folders.end())
    return Reproduction{.explanation = what_is_missing(folders, manifest.inputs)};
  const bool is_ours = manifest.version == version();
  const std::string versions =
      is_ours ? ""
              : fmt::format("the mart is of version {}, this is {}", manifest.version, version());
  auto computed = compute_again(mart, *found, options);
  if (!computed && !is_about_the_mart(computed.error()))
    return std::unexpected(std::move(computed).error());
  if (!computed && !is_ours) return Reproduction{.explanation = fmt::format("no; {}", versions)};
  if (!computed) {
    return Reproduction{.at_hand = true,
                        .difference = "the inputs now give none: " + computed.error().to_string()};
  }
  mart::Contents& contents = *computed;
  Reproduction again{
      .at_hand = true,
      .explanation = fmt::format("{} from {}", counted(contents.manifest.customers, "customer"),
                                 counted(std::ssize(manifest.inputs), "input file"))};
  if (!is_ours) {
    again.explanation += fmt::format(", which alone were compared: {}", versions);
    again.difference =
        other_fingerprint(mart::fingerprint(contents.segmentation, contents.rules, options.threads),
                          manifest.fingerprint);
    return again;
  }
  QUINTILE_TRY(const auto others, mart::differences(mart, contents, options.threads));
  if (!others.empty())
    again.difference = fmt::format("the inputs now give another {}", fmt::join(others, ", "));
  return again;
}

Result<Reproduction> reproduce_at_engine(const mart::Mart& mart, const std::string& uri,
                                         const Options& options) {
  QUINTILE_TRY(plan::Plan plan, plan_of(mart, fs::absolute(mart.folder)));
  plan.input.path = {uri};
  QUINTILE_TRY(const std::string fingerprint, fingerprint_at_engine(plan, options));
  return Reproduction{.at_hand = true,
                      .explanation = "the engine adds up the same fingerprint",
                      .difference = other_fingerprint(fingerprint, mart.manifest.fingerprint)};
}

}  // namespace quintile::pipeline
