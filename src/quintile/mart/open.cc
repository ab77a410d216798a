#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <fstream>

#include <fmt/format.h>
#include <sys/stat.h>

#include "quintile/mart/json_fields_internal.h"
#include "quintile/mart/manifest_reader_internal.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/mart_files_internal.h"
#include "quintile/mart/open_internal.h"
#include "quintile/mart/parquet_internal.h"
#include "quintile/mart/staged_file_internal.h"

namespace quintile::mart {

namespace fs = std::filesystem;

namespace {

// Ids that are all whole numbers in their plain form were integers before they were published as
// text.
table::Column as_integers_where_plain(table::Column column) {
  const auto texts = column.view.values<std::string_view>();
  table::Buffer<std::int64_t> numbers(column.size());
  for (std::int64_t row = 0; row < column.size(); ++row) {
    const std::string_view text = texts[static_cast<std::size_t>(row)];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[row]);
    const bool plain = error == std::errc{} && end == text.data() + text.size() &&
                       !(text.size() > 1 && text[0] == '0') && !text.starts_with("-0");
    if (!plain) return column;
  }
  return table::Column::integers(column.name, std::move(numbers));
}

std::unexpected<Error> not_ours(const std::string& what,
                                const std::string& file = std::string(kCustomersFile)) {
  return fail(ErrorCode::CheckFailed, what, "Publish the mart again with `quintile run`.",
              {file, 0, 0});
}

table::Buffer<rfm::Score> scores_of(const table::Column& column) {
  table::Buffer<rfm::Score> scores(column.size());
  for (std::int64_t row = 0; row < column.size(); ++row)
    scores[row] = static_cast<rfm::Score>(column.view.integer(row));
  return scores;
}

Result<table::Buffer<segments::SegmentIndex>> segments_of(const table::Column& ids,
                                                          const segments::RuleSet& rules) {
  std::vector<segments::SegmentIndex> index_of;
  for (const std::string_view id : ids.view.dictionary) {
    const auto at = std::find_if(rules.rules.begin(), rules.rules.end(),
                                 [id](const segments::Rule& rule) { return rule.id == id; });
    if (at == rules.rules.end()) {
      return fail(
          ErrorCode::CheckFailed, fmt::format("has a segment that run.json does not know: {}", id),
          "Publish the mart again with `quintile run`.", {std::string(kCustomersFile), 0, 0});
    }
    index_of.push_back(static_cast<segments::SegmentIndex>(at - rules.rules.begin()));
  }
  if (ids.missing() > 0) {
    return fail(ErrorCode::CheckFailed, "has a customer without a segment",
                "Publish the mart again with `quintile run`.", {std::string(kCustomersFile), 0, 0});
  }
  const auto codes = ids.view.values<std::int32_t>();
  table::Buffer<segments::SegmentIndex> out(ids.size());
  for (std::int64_t row = 0; row < ids.size(); ++row) {
    out[row] = index_of[static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])];
  }
  return out;
}

// Puts a column where its role says.
void place(table::Column column, const std::string& role, segments::Segmentation& s) {
  customers::Customers& c = s.customers;
  const std::string& name = column.name;
  if (role == "attribute")
    c.attributes.push_back(std::move(column));
  else if (role == "overlay")
    c.overlay = std::move(column);
  else if (role == "consent")
    c.consent = std::move(column);
  else if (name == "source_customer_id")
    c.source_customer_id = as_integers_where_plain(std::move(column));
  else if (name == "first_purchase_date")
    c.first_purchase_date = std::move(column);
  else if (name == "last_purchase_date")
    c.last_purchase_date = std::move(column);
  else if (name == "recency_days")
    c.recency_days = std::move(column);
  else if (name == "frequency")
    c.frequency = std::move(column);
  else if (name == "monetary")
    c.monetary = std::move(column);
  else if (name == "average_order_value")
    c.average_order_value = std::move(column);
  else if (name == "r_score")
    s.r_score = scores_of(column);
  else if (name == "f_score")
    s.f_score = scores_of(column);
  else if (name == "m_score")
    s.m_score = scores_of(column);
}

bool has(const table::Column& column, Type type, Layout layout) {
  return column.view.type == type && column.view.layout == layout && column.missing() == 0;
}

bool in_range(const table::Buffer<rfm::Score>& scores, int bins) {
  return std::all_of(scores.begin(), scores.end(),
                     [bins](rfm::Score score) { return score >= 1 && score <= bins; });
}

// What later views rely on: every column there, of its type, and scores that the model can give.
Status check_shape(const segments::Segmentation& s) {
  const customers::Customers& c = s.customers;
  const std::int64_t n = c.size;
  const auto money = [&](const table::Column& column) {
    return column.view.type == Type::Decimal && column.view.scale == c.money_scale;
  };
  const auto flag = [](const std::optional<table::Column>& column) {
    return !column || column->view.type == Type::Boolean;
  };
  const auto date = [](const std::optional<table::Column>& column) {
    return !column || column->view.type == Type::Date;
  };
  for (const table::Column* column : {&c.source_customer_id, &c.recency_days, &c.frequency,
                                      &c.monetary, &c.average_order_value}) {
    if (column->size() != n) return not_ours("a column that every mart has is missing or short");
  }
  if (!has(c.recency_days, Type::Integer, Layout::Int32) ||
      !has(c.frequency, Type::Integer, Layout::Int64) ||
      !has(c.monetary, Type::Decimal, Layout::Int64) || !money(c.monetary) ||
      !money(c.average_order_value) || !flag(c.overlay) || !flag(c.consent) ||
      !date(c.first_purchase_date) || !date(c.last_purchase_date)) {
    return not_ours("a column has another type than this version writes");
  }
  if (s.r_score.size() != n || s.f_score.size() != n || s.m_score.size() != n ||
      s.segment.size() != n) {
    return not_ours("the scores or segments of customers are missing");
  }
  const auto& metrics = s.model.metrics;
  if (!in_range(s.r_score, metrics[0].bins) || !in_range(s.f_score, metrics[1].bins) ||
      !in_range(s.m_score, metrics[2].bins)) {
    return not_ours("a score is out of the range of its bins");
  }
  return {};
}

Result<segments::Segmentation> read_segmentation(const fs::path& file, const ManifestFile& run) {
  constexpr std::string_view kDerived[] = {"customer_id", "rfm_code", "rfm_total", "segment_name"};
  std::vector<std::string> names, roles;
  for (const PublishedColumn& column : run.manifest.columns) {
    if (std::find(std::begin(kDerived), std::end(kDerived), column.name) != std::end(kDerived))
      continue;
    names.push_back(column.name);
    roles.push_back(column.role);
  }
  QUINTILE_TRY(auto columns, read_parquet(file, file.string(), names, {"source_customer_id"}, 0));
  segments::Segmentation s;
  s.customers.size = run.manifest.customers;
  s.customers.money_scale = run.manifest.money_scale;
  s.model = run.model;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].size() != run.manifest.customers) {
      return fail(ErrorCode::CheckFailed,
                  fmt::format("has {} rows where run.json says {}", columns[i].size(),
                              run.manifest.customers),
                  "Publish the mart again with `quintile run`.", {file.string(), 0, 0});
    }
    if (names[i] == "segment_id") {
      QUINTILE_TRY(s.segment, segments_of(columns[i], run.rules));
    } else {
      place(std::move(columns[i]), roles[i], s);
    }
  }
  QUINTILE_TRY_STATUS(check_shape(s));
  const auto day = parse_iso_date(run.manifest.analysis_date);
  if (!day) {
    return fail(ErrorCode::CheckFailed, "analysis_date is no date",
                "Publish the mart again with `quintile run`.", {std::string(kManifestFile), 0, 0});
  }
  s.analysis_day = to_day_number(*day);
  return s;
}

template <typename T>
Status read_document(const fs::path& file, int money_scale, T& value) {
  QUINTILE_TRY(const std::string text, read_text(file));
  QUINTILE_TRY(const JsonValue json, parse_json(text, file.filename().string()));
  QUINTILE_TRY(value, from_json<T>(json, money_scale, file.filename().string()));
  return {};
}

}  // namespace

Result<Mart> open_with(const fs::path& folder, const std::string& manifest_text, Rows rows) {
  QUINTILE_TRY(ManifestFile run, read_manifest(manifest_text));
  Mart mart;
  mart.folder = folder;
  mart.run_json = manifest_text;
  if (rows == Rows::Needed) QUINTILE_TRY_STATUS(customers_are_here(run.manifest));
  if (run.manifest.customers_at) {
    mart.segmentation.customers.money_scale = run.manifest.money_scale;
    mart.segmentation.model = run.model;
  } else {
    QUINTILE_TRY(mart.segmentation, read_segmentation(folder / kCustomersFile, run));
  }
  const int scale = run.manifest.money_scale;
  QUINTILE_TRY_STATUS(read_document(folder / kReviewFile, scale, mart.review));
  QUINTILE_TRY_STATUS(read_document(folder / kSummaryJsonFile, scale, mart.summary));
  QUINTILE_TRY_STATUS(read_document(folder / kInsightsFile, scale, mart.insights));
  const bool same = std::equal(
      mart.summary.segments.begin(), mart.summary.segments.end(), run.rules.rules.begin(),
      run.rules.rules.end(),
      [](const auto& entry, const segments::Rule& rule) { return entry.segment_id == rule.id; });
  if (!same)
    return not_ours("its segments are not those of run.json", std::string(kSummaryJsonFile));
  mart.manifest = std::move(run.manifest);
  mart.rules = std::move(run.rules);
  mart.recommendations = std::move(run.recommendations);
  for (const PublishedColumn& column : mart.manifest.columns) {
    if (column.role == "overlay") mart.overlay_name = column.name;
    if (column.role == "consent") mart.consent_name = column.name;
  }
  return mart;
}

Result<std::string> read_text(const fs::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream && (errno == ENOENT || errno == ENOTDIR)) {
    return fail(ErrorCode::NotFound, "there is no such file",
                "Publish the mart with `quintile run`.", {file.string(), 0, 0});
  }
  std::string text((std::istreambuf_iterator<char>(stream)), {});
  if (!stream) return io_failure("cannot be read", file.string(), errno);
  return text;
}

Result<std::string> manifest_text(const fs::path& folder) {
  auto text = read_text(folder / kManifestFile);
  if (text || text.error().code != ErrorCode::NotFound) return text;
  return fail(ErrorCode::NotFound, "there is no mart here",
              "Publish one with `quintile run PLAN.yaml`.", {folder.string(), 0, 0});
}

HeldManifest::HeldManifest(const fs::path& folder)
    : file_((folder / kManifestFile).string()),
      descriptor_(::open(file_.c_str(), O_RDONLY | O_CLOEXEC)) {}

HeldManifest::~HeldManifest() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool HeldManifest::is_in_place() const {
  struct stat held{};
  struct stat there{};
  return descriptor_ >= 0 && ::fstat(descriptor_, &held) == 0 &&
         ::stat(file_.c_str(), &there) == 0 && held.st_dev == there.st_dev &&
         held.st_ino == there.st_ino;
}

Status customers_are_here(const Manifest& manifest) {
  if (!manifest.customers_at) return {};
  const auto& [engine, kept] = *manifest.customers_at;
  const std::string_view table =
      kept.starts_with("table ") ? std::string_view(kept).substr(6) : std::string_view(kept);
  return fail(
      ErrorCode::Unsupported,
      fmt::format("the customers of this mart stayed at {}, {}", engine,
                  kept.empty() ? "where they are not kept" : kept),
      kept.empty()
          ? "publish with output.rows: fetch to have them here, or keep them there with "
            "write_to"
          : fmt::format("ask for them there: SELECT * FROM {} WHERE customer_id = ...; or publish "
                        "with output.rows: fetch to have them here",
                        table));
}

Result<Mart> open(const fs::path& folder, Rows rows) {
  return read_as_one(folder,
                     [&](const std::string& text) { return open_with(folder, text, rows); });
}

}  // namespace quintile::mart
