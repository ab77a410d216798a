#include <array>

#include <arrow/type.h>
#include <fmt/format.h>

#include "quintile/mart/documents_internal.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/mart_files_internal.h"
#include "quintile/mart/rehearse_internal.h"
#include "quintile/mart/tables_internal.h"

namespace quintile::mart {

namespace fs = std::filesystem;

namespace {

std::string compact_model(const rfm::Model& model) {
  JsonWriter json(false);
  write_model(json, model);
  return json.take();
}

/// Makes the files of a mart one after the other and remembers their digests.
class Writer {
 public:
  /// `folder` stands for the staged one in messages.
  Writer(StagedFolder& staged, const fs::path& folder, int threads)
      : staged_(&staged), folder_(folder), threads_(threads) {}
  /// Keeps nothing but the digests.
  explicit Writer(int threads) : threads_(threads) {}

  Status parquet(std::string_view name, const std::vector<ParquetColumn>& columns,
                 std::int64_t rows,
                 const std::vector<std::pair<std::string, std::string>>& metadata) {
    QUINTILE_TRY(StagedFile file, create(name));
    QUINTILE_TRY_STATUS(write_parquet(file, columns, rows, metadata, threads_));
    return finish(name, file);
  }

  Status text(std::string_view name, const std::string& bytes) {
    QUINTILE_TRY(StagedFile file, create(name));
    QUINTILE_TRY_STATUS(file.write(bytes));
    return finish(name, file);
  }

  std::map<std::string, std::string> files;

 private:
  Result<StagedFile> create(std::string_view name) const {
    if (testing::on_publish_step != nullptr) testing::on_publish_step(name);
    if (staged_ == nullptr) return StagedFile::nowhere();
    return StagedFile::create(staged_->path() / name, (folder_ / name).string());
  }
  Status finish(std::string_view name, StagedFile& file) {
    QUINTILE_TRY(files[std::string(name)],
                 staged_ == nullptr ? file.finish() : file.finish_later(*staged_));
    return {};
  }

  StagedFolder* staged_ = nullptr;
  fs::path folder_;
  int threads_;
};

Result<std::vector<ParquetColumn>> plain_columns(const Contents& contents) {
  QUINTILE_TRY(auto columns, customers_columns(contents.segmentation, contents.rules));
  std::vector<ParquetColumn> plain;
  for (CustomersColumn& column : columns) plain.push_back(std::move(column.column));
  return plain;
}

/// `quintile review` writes the same bytes as `quintile run` does, so it says no more than a review
/// knows.
std::vector<std::pair<std::string, std::string>> quarantine_metadata(const Manifest& manifest) {
  return {{"version", manifest.version}};
}

/// The result is the text of run.json.
Result<std::string> write_all(Contents& contents, Writer& writer) {
  Manifest& manifest = contents.manifest;
  const int scale = manifest.money_scale;
  QUINTILE_TRY(const auto columns, plain_columns(contents));
  const std::vector<std::pair<std::string, std::string>> common = {
      {"version", manifest.version},
      {"format", std::to_string(manifest.format)},
      {"analysis_date", manifest.analysis_date},
      {"plan_digest", manifest.plan_digest},
      {"rules_digest", manifest.rules_digest},
      {"fingerprint", manifest.fingerprint}};
  auto metadata = common;
  metadata.insert(metadata.begin() + 3, {"currency", manifest.currency});
  metadata.emplace_back("cut_points", compact_model(contents.segmentation.model));
  if (!manifest.customers_at)
    QUINTILE_TRY_STATUS(
        writer.parquet(kCustomersFile, columns, contents.segmentation.size(), metadata));
  QUINTILE_TRY_STATUS(writer.parquet(kCrosswalkFile, crosswalk_columns(contents),
                                     contents.crosswalk.size(), common));
  QUINTILE_TRY_STATUS(writer.parquet(kQuarantineFile, quarantine_columns(contents),
                                     static_cast<std::int64_t>(contents.quarantine.size()),
                                     quarantine_metadata(manifest)));
  QUINTILE_TRY_STATUS(
      writer.parquet(kSummaryFile, summary_columns(contents.summary, scale),
                     static_cast<std::int64_t>(contents.summary.segments.size()) + 1, common));
  QUINTILE_TRY_STATUS(writer.text(kSummaryCsvFile, summary_csv(contents.summary, scale)));
  QUINTILE_TRY_STATUS(writer.text(kSummaryJsonFile, summary_json(contents.summary, scale)));
  QUINTILE_TRY_STATUS(writer.text(kInsightsFile, insights_json(contents.insights)));
  QUINTILE_TRY_STATUS(writer.text(kReviewFile, review_json(contents.review, scale)));
  QUINTILE_TRY_STATUS(
      writer.text(kCutPointsFile, cut_points_yaml(contents.segmentation.model, manifest)));
  manifest.files = writer.files;
  std::string run_json = manifest_json(manifest, contents.rules, contents.segmentation.model,
                                       contents.recommendations);
  QUINTILE_TRY_STATUS(writer.text(kManifestFile, run_json));
  return run_json;
}

}  // namespace

bool belongs_to_mart(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  std::error_code error;
  // What a report that is being written into the mart leaves when it is killed.
  if (name.starts_with(".report.") || name.starts_with(".figures.quintile-")) return true;
  if (entry.is_directory(error)) return name == "report" || name == "figures";
  return name == kReportFile ||
         std::find(kMartFiles.begin(), kMartFiles.end(), name) != kMartFiles.end();
}

Status complete(Contents& contents, int threads) {
  Manifest& manifest = contents.manifest;
  QUINTILE_TRY(const auto columns, customers_columns(contents.segmentation, contents.rules));
  manifest.columns.clear();
  for (const CustomersColumn& column : columns) {
    manifest.columns.push_back(
        {column.column.name, column.role, type_name(*column.column.declared)});
  }
  manifest.plan_digest = sha256(manifest.plan_json);
  if (!manifest.customers_at)
    manifest.fingerprint = fingerprint(contents.segmentation, contents.rules, threads);
  std::vector<std::string> paths;
  for (const InputFile& input : manifest.inputs) paths.push_back(input.name);
  const std::vector<std::string> names = published_names(paths);
  for (std::size_t i = 0; i < names.size(); ++i) manifest.inputs[i].name = names[i];
  contents.rules.file = published_name(contents.rules.file);
  return {};
}

Result<StagedFolder> stage(Contents& contents, const fs::path& folder, int threads) {
  QUINTILE_TRY(StagedFolder staged, StagedFolder::begin(folder, belongs_to_mart));
  QUINTILE_TRY_STATUS(complete(contents, threads));
  Writer writer(staged, folder, threads);
  QUINTILE_TRY_STATUS(write_all(contents, writer));
  return staged;
}

Result<std::string> rehearse(Contents& contents, int threads) {
  QUINTILE_TRY_STATUS(complete(contents, threads));
  Writer writer(threads);
  return write_all(contents, writer);
}

Status publish(Contents& contents, const fs::path& folder, int threads) {
  QUINTILE_TRY(StagedFolder staged, stage(contents, folder, threads));
  return staged.commit();
}

namespace {

Status write_review(const Contents& contents, Writer& writer) {
  QUINTILE_TRY_STATUS(writer.parquet(kQuarantineFile, quarantine_columns(contents),
                                     static_cast<std::int64_t>(contents.quarantine.size()),
                                     quarantine_metadata(contents.manifest)));
  return writer.text(kReviewFile, review_json(contents.review, contents.manifest.money_scale));
}

bool holds(const fs::path& folder, const std::map<std::string, std::string>& digests) {
  return std::ranges::all_of(digests, [&](const auto& file) {
    const auto digest = sha256_of_file(folder / file.first);
    return digest && *digest == file.second;
  });
}

bool is_review_file(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  return entry.is_regular_file() && (name == kQuarantineFile || name == kReviewFile);
}

/// "data/mart_review" of "data/mart".
fs::path beside(const fs::path& folder) {
  const fs::path plain = folder.has_filename() ? folder : folder.parent_path();
  return plain.parent_path() / (plain.filename().string() + "_review");
}

}  // namespace

void remove_review_beside(const fs::path& folder) {
  const fs::path review_folder = beside(folder);
  std::error_code error;
  const fs::directory_iterator entries(review_folder, error);
  if (!error && std::all_of(begin(entries), end(entries), is_review_file))
    fs::remove_all(review_folder, error);
}

Result<fs::path> publish_review(const Contents& contents, const fs::path& folder) {
  {
    QUINTILE_TRY(StagedFolder staged, StagedFolder::begin(folder, belongs_to_mart));
    Writer writer(staged, folder, 1);
    QUINTILE_TRY_STATUS(write_review(contents, writer));
    if (holds(folder, writer.files)) {
      remove_review_beside(folder);
      return folder;
    }
    std::error_code error;
    if (!fs::exists(folder / kManifestFile, error)) {
      QUINTILE_TRY_STATUS(staged.prepare());
      for (const std::string_view name : {kQuarantineFile, kReviewFile}) {
        fs::create_directories(folder, error);
        if (!error) fs::rename(staged.path() / name, folder / name, error);
        if (error)
          return io_failure("cannot be put in place", (folder / name).string(), error.value());
      }
      QUINTILE_TRY_STATUS(sync_folder(folder, folder.string()));
      return folder;
    }
  }
  fs::path review_folder = beside(folder);
  QUINTILE_TRY(StagedFolder staged, StagedFolder::begin(review_folder, is_review_file));
  Writer writer(staged, review_folder, 1);
  QUINTILE_TRY_STATUS(write_review(contents, writer));
  QUINTILE_TRY_STATUS(staged.commit());
  return review_folder;
}

Mart to_mart(Contents&& contents, const fs::path& folder) {
  Mart mart;
  mart.folder = folder;
  mart.manifest = std::move(contents.manifest);
  mart.rules = std::move(contents.rules);
  mart.segmentation = std::move(contents.segmentation);
  mart.review = std::move(contents.review);
  mart.summary = std::move(contents.summary);
  mart.insights = std::move(contents.insights);
  mart.recommendations = std::move(contents.recommendations);
  const customers::Customers& customers = mart.segmentation.customers;
  if (customers.overlay) mart.overlay_name = customers.overlay->name;
  if (customers.consent) mart.consent_name = customers.consent->name;
  return mart;
}

void give_back(Mart&& mart, Contents& contents) {
  contents.manifest = std::move(mart.manifest);
  contents.rules = std::move(mart.rules);
  contents.segmentation = std::move(mart.segmentation);
  contents.review = std::move(mart.review);
  contents.summary = std::move(mart.summary);
  contents.insights = std::move(mart.insights);
  contents.recommendations = std::move(mart.recommendations);
}

}  // namespace quintile::mart
