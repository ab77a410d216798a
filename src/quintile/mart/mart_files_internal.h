#pragma once

#include <array>
#include <filesystem>
#include <string_view>

/// The files of a mart by name.
namespace quintile::mart {

inline constexpr std::string_view kCustomersFile = "customer_segments.parquet";
inline constexpr std::string_view kSummaryFile = "segment_summary.parquet";
inline constexpr std::string_view kSummaryCsvFile = "segment_summary.csv";
inline constexpr std::string_view kSummaryJsonFile = "summary.json";
inline constexpr std::string_view kInsightsFile = "insights.json";
inline constexpr std::string_view kReviewFile = "review.json";
inline constexpr std::string_view kQuarantineFile = "quarantine.parquet";
inline constexpr std::string_view kCrosswalkFile = "crosswalk.parquet";
inline constexpr std::string_view kCutPointsFile = "cut_points.yaml";
inline constexpr std::string_view kManifestFile = "run.json";
inline constexpr std::array kMartFiles = {
    kCustomersFile, kSummaryFile,    kSummaryCsvFile, kSummaryJsonFile, kInsightsFile,
    kReviewFile,    kQuarantineFile, kCrosswalkFile,  kCutPointsFile,   kManifestFile};

/// Of the report, which may stand inside the mart folder.
inline constexpr std::string_view kReportFile = "report.html";

/// True for what a run may replace in a mart folder.
[[nodiscard]] bool belongs_to_mart(const std::filesystem::directory_entry& entry);

}  // namespace quintile::mart
