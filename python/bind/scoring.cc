#include "scoring.h"

#include <algorithm>

#include <arrow/api.h>
#include <fmt/format.h>

#include "quintile/engine/local/executor.h"

namespace quintile::bind {

namespace {

using table::Reading;

constexpr std::array kReadings = {Reading::Count, Reading::Count, Reading::Money};
constexpr std::array kScoreNames = {"r_score", "f_score", "m_score"};

/// Every row needs a value: a score without one would be made up.
Status check_whole(const table::ReadColumn& column, rfm::Metric metric) {
  const std::int64_t unreadable = static_cast<std::int64_t>(column.unreadable.size());
  if (column.missing == 0 && unreadable == 0) return {};
  const std::string what = rfm::Metric::Monetary == metric ? "amounts" : "whole numbers";
  return fail(ErrorCode::Input,
              fmt::format("column {}: {} rows without a value, {} that are no {}",
                          column.column.name, column.missing, unreadable, what),
              "fill them or take the rows out before scoring", {.file = "frame"});
}

std::shared_ptr<arrow::Array> bytes_array(const table::Buffer<rfm::Score>& scores) {
  auto bytes = arrow::Buffer::FromString(std::string(reinterpret_cast<const char*>(scores.data()),
                                                     static_cast<std::size_t>(scores.size())));
  return std::make_shared<arrow::Int8Array>(scores.size(), std::move(bytes));
}

/// rfm_code and rfm_total.
void add_codes(const std::array<std::optional<rfm::ScoredMetric>, 3>& scored,
               arrow::FieldVector& fields, arrow::ArrayVector& arrays) {
  const auto& r = scored[0]->scores;
  const auto& f = scored[1]->scores;
  const auto& m = scored[2]->scores;
  int bins_max = 0;
  for (const auto& metric : scored) bins_max = std::max(bins_max, metric->cut_points.bins);
  arrow::StringBuilder codes;
  table::Buffer<rfm::Score> totals(r.size());
  for (std::int64_t i = 0; i < r.size(); ++i) {
    if (!codes.Append(rfm::rfm_code(r[i], f[i], m[i], bins_max)).ok()) throw std::bad_alloc();
    totals[i] = static_cast<rfm::Score>(r[i] + f[i] + m[i]);
  }
  fields.push_back(arrow::field("rfm_code", arrow::utf8(), false));
  std::shared_ptr<arrow::Array> code_array;
  if (!codes.Finish(&code_array).ok()) throw std::bad_alloc();
  arrays.push_back(std::move(code_array));
  fields.push_back(arrow::field("rfm_total", arrow::int8(), false));
  arrays.push_back(bytes_array(totals));
}

}  // namespace

Result<ScoredFrame> score_frame(table::Source& source, const ScoreRequest& request, int threads) {
  table::ReadRequest reading;
  for (std::size_t i = 0; i < kReadings.size(); ++i) {
    if (request.columns[i]) reading.columns.push_back({*request.columns[i], kReadings[i]});
  }
  QUINTILE_TRY(const table::Table table, source.read(reading));
  const Executor executor = engine::local::on_threads(threads);
  const rfm::RankOrder by_row = [](std::vector<std::int64_t>& rows) { std::ranges::sort(rows); };
  ScoredFrame result{.money_scale = source.facts().money_scale};
  std::array<std::optional<rfm::ScoredMetric>, 3> scored;
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  std::size_t next = 0;
  for (std::size_t i = 0; i < kReadings.size(); ++i) {
    if (!request.columns[i]) continue;
    const table::ReadColumn& column = table.columns[next++];
    QUINTILE_TRY_STATUS(check_whole(column, rfm::kMetrics[i]));
    QUINTILE_TRY(scored[i],
                 rfm::score_metric(rfm::kMetrics[i], column.column.view, request.specs[i],
                                   result.money_scale, by_row, executor));
    result.cut_points.push_back(scored[i]->cut_points);
    fields.push_back(arrow::field(kScoreNames[i], arrow::int8(), false));
    arrays.push_back(bytes_array(scored[i]->scores));
  }
  if (std::ranges::all_of(scored, [](const auto& metric) { return metric.has_value(); }))
    add_codes(scored, fields, arrays);
  result.table =
      arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays), table.rows);
  return result;
}

}  // namespace quintile::bind
