#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/customers/customers.h"
#include "quintile/insights/insight.h"
#include "quintile/mart/staged_folder.h"
#include "quintile/plan/plan.h"
#include "quintile/quality/review.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/segmentation.h"
#include "quintile/summary/summary.h"
#include "quintile/table/source.h"

/// The published tables: what is written, how it is published as one, and how it is read back.
/// Product contract, section 7; columns and keys are described in docs/formats/.
namespace quintile::mart {

/// An input file as read, by the name that the plan gave it.
struct InputFile {
  std::string name;
  std::string sha256;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  friend bool operator==(const InputFile&, const InputFile&) = default;
};

/// A column of customer_segments.parquet.
struct PublishedColumn {
  std::string name;
  std::string role;  ///< "customer_id", "attribute", "overlay", "consent", "metric", "score",
                     ///< "segment", ...
  std::string type;  ///< "int64", "string", "decimal(18, 2)", ...
  friend bool operator==(const PublishedColumn&, const PublishedColumn&) = default;
};

/// Where the customers are that a mart without customer_segments.parquet tells of.
struct CustomersAt {
  std::string engine;  ///< "duckdb", "spark", ...
  std::string kept;    ///< "table main.segments", "Parquet segments"; empty: not kept
  friend bool operator==(const CustomersAt&, const CustomersAt&) = default;
};

/// The version of the published files; a changed column raises it.
inline constexpr int kFormat = 1;

/// What `run.json` says. No clock, host, user or absolute path: a file that the plan names by an
/// absolute path stands with its name alone, and where the mart lies is no part of it.
struct Manifest {
  int format = kFormat;
  std::string version;  ///< of the program
  std::string analysis_date;
  std::string currency;
  int money_scale = 2;
  std::vector<InputFile> inputs;
  std::vector<table::Detection> detections;
  std::string plan_file;    ///< file name of the plan, without folders
  std::string plan_json;    ///< the plan as applied, canonical JSON
  std::string plan_digest;  ///< SHA-256 of `plan_json`
  std::string rules_digest;
  std::string fingerprint;  ///< order-free, of the customers table: see `fingerprint`
  std::int64_t rows_read = 0, rows_quarantined = 0, customers = 0;
  std::vector<rfm::TieReport> ties;
  std::vector<std::string> warnings;
  std::vector<PublishedColumn> columns;  ///< of customer_segments.parquet, in order
  /// Set where the customers stayed at an engine: `segmentation` then has columns without rows,
  /// `customers` says how many there are, and `fingerprint` is the engine's.
  std::optional<CustomersAt> customers_at;
  std::map<std::string, std::string>
      files;  ///< published file name to SHA-256, run.json itself excepted
};

/// Everything that a run has worked out and a mart holds.
struct Contents {
  Manifest manifest;  ///< `publish` fills in `files`, `columns`, `fingerprint`, `plan_digest`
  segments::RuleSet rules;
  segments::Segmentation segmentation;
  quality::Review review;
  quality::Quarantine quarantine;  ///< rows of `origin`
  customers::Crosswalk crosswalk;
  table::Origin origin;
  std::vector<std::string> source_ids;  ///< unused where `crosswalk_source_ids` is given
  table::Column
      crosswalk_source_ids;  ///< one a crosswalk row: the file's text; empty: its customer's
  summary::Summary summary;
  std::vector<insights::Insight> insights;
  std::vector<insights::Recommendation> recommendations;
};

/// A published mart, read back. `origin`, `quarantine` and `crosswalk` stay on disk.
struct Mart {
  std::filesystem::path folder;
  Manifest manifest;
  segments::RuleSet rules;
  segments::Segmentation segmentation;
  quality::Review review;
  summary::Summary summary;
  std::vector<insights::Insight> insights;
  std::vector<insights::Recommendation> recommendations;
  std::string overlay_name, consent_name;  ///< their column names; empty: none
  std::string run_json;                    ///< the text of its manifest, where it was read
};

/// What `open` would give of a mart that has just been published from `contents`.
[[nodiscard]] Mart to_mart(Contents&& contents, const std::filesystem::path& folder);

/// Puts what `mart` was made of back into the `contents` that `to_mart` left.
void give_back(Mart&& mart, Contents& contents);

/// Fills in what the manifest says of the results and not of the files: `columns`, `fingerprint`,
/// `plan_digest`, published names. `stage` does it too. Errors: Plan where two
/// published columns have one name.
[[nodiscard]] Status complete(Contents& contents, int threads);

/// Publishes `contents` into `folder` as one: a reader, a crash or a full disk leaves the old set
/// or the new, never a mixture. Removes what a killed run left behind. Two runs at once: the later
/// one waits or fails clearly. Errors: Io for no permission, disk full, a file in place of the
/// folder, a folder that holds files which are not a mart's (nothing is touched then).
[[nodiscard]] Status publish(Contents& contents, const std::filesystem::path& folder, int threads);

/// The first half of `publish`: everything is written and on the disk, but `commit` of the result
/// alone puts it in place. In between a report can be staged beside it (report::stage), so that
/// both change or neither does.
[[nodiscard]] Result<StagedFolder> stage(Contents& contents, const std::filesystem::path& folder,
                                         int threads);

/// Writes review.json and quarantine.parquet alone (`quintile review`), each atomically, and
/// returns the folder that holds them: `folder`, or where a mart is published there whose two files
/// differ, the one beside it with "_review" at its name's end. A published mart is never changed.
/// Errors: as `publish`.
[[nodiscard]] Result<std::filesystem::path> publish_review(const Contents& contents,
                                                           const std::filesystem::path& folder);

/// Removes the folder that `publish_review` made beside the mart in `folder`: once the mart has a
/// review that is as new, it is out of date. A folder that holds anything else stays.
void remove_review_beside(const std::filesystem::path& folder);

/// Whether a reader can do without the customers themselves.
enum class Rows : std::uint8_t { Needed, Optional };

/// Reads a published mart, anew where a run puts another one in place meanwhile. Errors: NotFound
/// where there is none; Io; CheckFailed where a file does not belong; as `customers_are_here` where
/// they are needed.
[[nodiscard]] Result<Mart> open(const std::filesystem::path& folder, Rows rows = Rows::Needed);

/// The error where the customers stayed at an engine (`customers_at`): Unsupported, with where to
/// ask for them.
[[nodiscard]] Status customers_are_here(const Manifest& manifest);

/// The scoring model as cut_points.yaml: money in currency units as decimal text.
[[nodiscard]] std::string cut_points_yaml(const rfm::Model& model, const Manifest& manifest);

/// JSON texts as published; keys in a fixed order, numbers in their shortest form, one line end at
/// the end.
[[nodiscard]] std::string review_json(const quality::Review& review, int money_scale);
[[nodiscard]] std::string summary_json(const summary::Summary& summary, int money_scale);
[[nodiscard]] std::string insights_json(const std::vector<insights::Insight>& insights);
[[nodiscard]] std::string manifest_json(
    const Manifest& manifest, const segments::RuleSet& rules, const rfm::Model& model,
    const std::vector<insights::Recommendation>& recommendations);

/// The plan as applied, canonical JSON with paths as spelled (absolute ones by their last part).
/// Where the output goes is left out: it changes nothing that is computed.
[[nodiscard]] std::string plan_json(const plan::Plan& plan);

/// Lower-case hex SHA-256.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& file);

/// Order-free fingerprint of the customers: over all of them, the sum of the first 32 bits of the
/// MD5 of the line
/// "customer_id|recency_days|frequency|monetary|rfm_code|segment_id|source_customer_id" and the sum
/// of the next 32, each as 16 hexadecimal digits, first sum first. `monetary` in minor units; the
/// source id comes last, so that a separator in it cannot be mistaken. An SQL engine can compute it
/// (docs/formats/fingerprint.md).
[[nodiscard]] std::string fingerprint(const segments::Segmentation& segmentation,
                                      const segments::RuleSet& rules, int threads = 1);

enum class Verdict : std::uint8_t {
  Ok,
  Mismatch,
  NotDone,  ///< what the check needs is not at hand
};

/// One thing that `verify` looked at.
struct Verification {
  std::string check;
  Verdict verdict = Verdict::NotDone;
  std::string detail;
};

/// How a published mart differs from `again`, which its run came to when it was worked out anew:
/// the files that would have other bytes by name, and the keys of run.json that would be others as
/// "run.json: KEY". Nothing is written; `again` is completed as by `stage`. Errors: as `complete`.
[[nodiscard]] Result<std::vector<std::string>> differences(const Mart& published, Contents& again,
                                                           int threads);

/// Digests of files, schema, invariants: each customer once, scores in range, codes match scores,
/// scores match the cut points, segments equal the rules applied to the row, sums equal the
/// summary, waterfall balances, quarantine and crosswalk add up to the rows read. Reads, as `open`
/// does, one mart alone. Errors: NotFound; Io.
[[nodiscard]] Result<std::vector<Verification>> verify(const std::filesystem::path& folder);

}  // namespace quintile::mart
