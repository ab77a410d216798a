#pragma once

#include <string_view>
#include <utility>

#include "quintile/plan/plan.h"

/// Every key and every word that plans, rule files and scoring models know, in one place: the
/// reader refuses others and the schemas in docs/schema are tested against these tables.
namespace quintile::config {

inline constexpr std::string_view kPlanKeys[] = {"version", "input",   "analysis_date", "review",
                                                 "scoring", "metrics", "segments",      "output"};
inline constexpr std::string_view kInputKeys[] = {
    "path",     "grain",   "currency", "money_scale", "csv",      "columns", "attributes",
    "personal", "overlay", "consent",  "date_format", "encoding", "keep",    "returns"};
inline constexpr std::string_view kCsvKeys[] = {"delimiter", "decimal", "quote"};
inline constexpr std::string_view kReturnsKeys[] = {"when", "treat"};
inline constexpr std::string_view kReviewKeys[] = {"checks", "ranges", "duplicate_ids"};
inline constexpr std::string_view kCheckKeys[] = {"id", "expect", "severity", "on_fail"};
inline constexpr std::string_view kScoringKeys[] = {"recency", "frequency", "monetary",
                                                    "cut_points", "preset"};
inline constexpr std::string_view kMetricKeys[] = {"method", "bins", "upper_bounds"};
inline constexpr std::string_view kMetricsKeys[] = {"frequency"};
inline constexpr std::string_view kOutputKeys[] = {"mart", "report", "rows"};

inline constexpr std::string_view kRulesKeys[] = {"version", "name", "segments"};
inline constexpr std::string_view kRuleKeys[] = {
    "id", "name", "family", "when", "otherwise", "description", "actions", "watchouts"};

inline constexpr std::string_view kModelKeys[] = {"version", "analysis_date", "currency", "metrics",
                                                  "recency", "frequency",     "monetary"};
inline constexpr std::string_view kModelMetricKeys[] = {"method", "bins", "cut_points", "minimum",
                                                        "maximum"};

/// A role of `input.columns`, where its column goes, and the grain that it belongs to.
struct Role {
  std::string_view name;
  std::string plan::Columns::* column;
  bool at_customer_grain, at_transaction_grain;
};
inline constexpr Role kRoles[] = {
    {"customer_id", &plan::Columns::customer_id, true, true},
    {"first_purchase_date", &plan::Columns::first_purchase_date, true, false},
    {"last_purchase_date", &plan::Columns::last_purchase_date, true, false},
    {"recency_days", &plan::Columns::recency_days, true, false},
    {"monetary", &plan::Columns::monetary, true, false},
    {"average_order_value", &plan::Columns::average_order_value, true, false},
    {"frequency", &plan::Columns::frequency, true, false},
    {"order_id", &plan::Columns::order_id, false, true},
    {"order_date", &plan::Columns::order_date, false, true},
    {"quantity", &plan::Columns::quantity, false, true},
    {"unit_price", &plan::Columns::unit_price, false, true},
    {"amount", &plan::Columns::amount, false, true},
};

template <typename T>
using Choice = std::pair<std::string_view, T>;

inline constexpr Choice<plan::Grain> kGrains[] = {{"customer", plan::Grain::Customer},
                                                  {"transaction", plan::Grain::Transaction}};
inline constexpr Choice<plan::Encoding> kEncodings[] = {
    {"auto", plan::Encoding::Auto},
    {"utf-8", plan::Encoding::Utf8},
    {"windows-1252", plan::Encoding::Windows1252},
    {"macintosh", plan::Encoding::Macintosh}};
inline constexpr Choice<plan::Treat> kTreats[] = {{"net", plan::Treat::Net},
                                                  {"ignore", plan::Treat::Ignore}};
inline constexpr Choice<plan::FrequencyUnit> kFrequencyUnits[] = {
    {"orders", plan::FrequencyUnit::Orders},
    {"days", plan::FrequencyUnit::Days},
    {"lines", plan::FrequencyUnit::Lines}};
inline constexpr Choice<quality::Severity> kSeverities[] = {{"info", quality::Severity::Info},
                                                            {"warning", quality::Severity::Warning},
                                                            {"error", quality::Severity::Error}};
inline constexpr Choice<quality::OnFail> kOnFails[] = {{"keep", quality::OnFail::Keep},
                                                       {"quarantine", quality::OnFail::Quarantine},
                                                       {"fail", quality::OnFail::Fail}};
inline constexpr Choice<plan::OutputRows> kOutputRows[] = {
    {"fetch", plan::OutputRows::Fetch},
    {"stay", plan::OutputRows::Stay},
};
inline constexpr Choice<quality::DuplicateIds> kDuplicateIds[] = {
    {"regenerate", quality::DuplicateIds::Regenerate},
    {"fail", quality::DuplicateIds::Fail},
    {"keep_latest", quality::DuplicateIds::KeepLatest}};
inline constexpr Choice<rfm::Method> kMethods[] = {{"quantile", rfm::Method::Quantile},
                                                   {"thresholds", rfm::Method::Thresholds},
                                                   {"rank", rfm::Method::Rank}};
inline constexpr Choice<rfm::Preset> kPresets[] = {
    {"r-rfm", rfm::Preset::RRfm},
    {"pandas-qcut", rfm::Preset::PandasQcut},
    {"pandas-rank-first", rfm::Preset::PandasRankFirst},
    {"ntile", rfm::Preset::Ntile},
    {"pymc", rfm::Preset::Pymc},
    {"klaviyo", rfm::Preset::Klaviyo}};
inline constexpr Choice<segments::Family> kFamilies[] = {{"core", segments::Family::Core},
                                                         {"growing", segments::Family::Growing},
                                                         {"slipping", segments::Family::Slipping},
                                                         {"dormant", segments::Family::Dormant}};

/// What a plan that states no currency is in: ISO 4217 for none.
inline constexpr std::string_view kNoCurrency = "XXX";

inline constexpr int kBinsMin = 2;
inline constexpr int kBinsMax = 10;

/// The columns of `customer_segments.parquet` that every mart may have: an attribute cannot be
/// called like one.
inline constexpr std::string_view kMartColumns[] = {"customer_id",
                                                    "source_customer_id",
                                                    "first_purchase_date",
                                                    "last_purchase_date",
                                                    "recency_days",
                                                    "frequency",
                                                    "monetary",
                                                    "average_order_value",
                                                    "r_score",
                                                    "f_score",
                                                    "m_score",
                                                    "rfm_code",
                                                    "rfm_total",
                                                    "segment_id",
                                                    "segment_name",
                                                    "tenure_days"};

}  // namespace quintile::config
