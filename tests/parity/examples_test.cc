// The shipped examples, run on the reference data beside the checkout, against the numbers that
// their pages print.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/config/config.h"
#include "quintile/engine/local/segment.h"
#include "quintile/pipeline/pipeline.h"
#include "quintile/rfm/presets.h"

namespace quintile {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::string shared_data() {
  const char* folder = std::getenv("QUINTILE_SHARED_DATA");
  return std::filesystem::absolute(folder != nullptr ? folder : "../shared/data").string();
}

class Examples : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared_data())) {
      GTEST_SKIP()
          << "no reference data at ../shared/data; name their folder in QUINTILE_SHARED_DATA";
    }
  }

  /// Runs configs/examples/`name`.yaml on `file` of the reference data, without publishing.
  static Result<mart::Contents> run(const std::string& name, const std::string& file,
                                    std::vector<std::string> overrides = {}, int threads = 2,
                                    std::int64_t memory_max = 0) {
    // A list of absolute paths stands as it is.
    overrides.push_back("input.path=" +
                        (file.starts_with('[') ? file : shared_data() + "/" + file));
    QUINTILE_TRY(const plan::Plan plan,
                 config::read_plan("configs/examples/" + name + ".yaml", overrides));
    pipeline::Options options;
    options.threads = threads;
    options.memory_max = memory_max;
    return pipeline::compute(plan, options);
  }
};

/// A step as "read 541909 9747747.934".
std::vector<std::string> waterfall(const mart::Contents& contents) {
  std::vector<std::string> steps;
  for (const auto& step : contents.review.waterfall) {
    steps.push_back(step.step + " " + std::to_string(step.rows) + " " +
                    decimal_to_string(step.monetary, contents.manifest.money_scale));
  }
  return steps;
}

std::map<std::string, std::int64_t> customers_by_segment(const mart::Contents& contents) {
  std::map<std::string, std::int64_t> counts;
  for (const std::int16_t segment : contents.segmentation.segment.span())
    ++counts[contents.rules.rules[static_cast<std::size_t>(segment)].id];
  return counts;
}

const std::vector<std::int64_t>& per_score(const mart::Contents& contents, rfm::Metric metric) {
  return contents.manifest.ties[static_cast<std::size_t>(metric)].customers;
}

const quality::Finding* found(const mart::Contents& contents, std::string_view check) {
  for (const auto& finding : contents.review.findings) {
    if (finding.check == check) return &finding;
  }
  return nullptr;
}

std::string detail(const quality::Finding* finding, std::string_view key) {
  if (finding == nullptr) return "no finding";
  for (const auto& entry : finding->details) {
    if (entry.key != key) continue;
    if (const auto* number = std::get_if<std::int64_t>(&entry.value))
      return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  }
  return "no detail";
}

/// One "?" for each character beyond ASCII, whether of UTF-8 or of a single byte: the published
/// table is in Mac-Roman.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) out += c;
    if (byte >= 0x80 && (out.empty() || out.back() != '?')) out += '?';
  }
  return out;
}

/// The cells of a CSV file without quoted commas, by the text of its first column.
std::map<std::string, std::vector<std::string>> rows_of(const std::string& file) {
  std::ifstream stream(shared_data() + "/" + file);
  std::map<std::string, std::vector<std::string>> rows;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');)
      row.push_back(cell.starts_with('"') ? cell.substr(1, cell.size() - 2) : cell);
    rows[plain(row[0])] = row;
  }
  return rows;
}

TEST_F(Examples, OnlineRetailGivesTheKnownTotals) {
  const auto result = run("online_retail", "online_retail/online_retail_lines.csv.xz");
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->manifest.customers, 4338);
  EXPECT_EQ(result->review.rows, 541'909);
  EXPECT_THAT(waterfall(*result).back(), "published 397884 8911407.904");
  std::int64_t orders = 0;
  for (const std::int64_t count : result->segmentation.customers.orders()) orders += count;
  EXPECT_EQ(orders, 18'532);
  EXPECT_EQ(result->quarantine.size(), 541'909U - 397'884U);
  EXPECT_THAT(per_score(*result, rfm::Metric::Frequency), ElementsAre(1493, 835, 508, 802, 700));
  EXPECT_THAT(result->segmentation.model.metrics[0].cuts, ElementsAre(13, 33, 72, 180));
  EXPECT_THAT(result->segmentation.model.metrics[1].cuts, ElementsAre(1, 2, 3, 6));
  EXPECT_THAT(result->segmentation.model.metrics[2].cuts,
              ElementsAre(250'194, 490'096, 942'276, 2'058'426));
  EXPECT_EQ(found(*result, "missing_customer")->rows, 135'080);
}

TEST_F(Examples, OnlineRetailNetOfReturnsTellsBothSides) {
  const auto result =
      run("online_retail", "online_retail/online_retail_lines.csv.xz",
          {"input.returns={when: 'starts_with(order_id, \"C\") or quantity < 0', treat: net}"});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->manifest.customers, 4338);
  const auto* returns = found(*result, "returns");
  EXPECT_EQ(detail(returns, "gross"), "8911407.904");
  const auto& customers = result->segmentation.customers;
  for (std::int64_t i = 0; i < customers.size; ++i) {
    if (customers.source_customer_id.cell(i) != "16446") continue;
    EXPECT_EQ(customers.monetary.cell(i), "2.900");
  }
  EXPECT_EQ(waterfall(*result).back(),
            "published " +
                std::to_string(397'884 + returns->rows - found(*result, "returns_only")->rows) +
                " " + detail(returns, "net"));
}

/// field.md's table of tie rules: customers per frequency score, and the share in the same segment.
TEST_F(Examples, OnlineRetailShowsWhatTieRulesDo) {
  const auto safe = run("online_retail", "online_retail/online_retail_lines.csv.xz");
  const auto ntile =
      run("online_retail", "online_retail/online_retail_lines.csv.xz", {"scoring={preset: ntile}"});
  const auto r =
      run("online_retail", "online_retail/online_retail_lines.csv.xz", {"scoring={preset: r-rfm}"});
  ASSERT_TRUE(safe && ntile && r);
  const auto share = [&](const mart::Contents& other) {
    std::int64_t same = 0;
    for (std::int64_t i = 0; i < safe->segmentation.size(); ++i)
      same += safe->segmentation.segment[i] == other.segmentation.segment[i] ? 1 : 0;
    return std::round(1000.0 * static_cast<double>(same) /
                      static_cast<double>(safe->segmentation.size())) /
           10;
  };
  EXPECT_THAT(per_score(*ntile, rfm::Metric::Frequency), ElementsAre(868, 868, 868, 867, 867));
  EXPECT_EQ(share(*ntile), 84.0);
  EXPECT_THAT(per_score(*r, rfm::Metric::Frequency), ElementsAre(1493, 835, 508, 802, 700));
  EXPECT_EQ(share(*r), 100.0);
}

TEST_F(Examples, OnlineRetailComesOutAlikeOnAnyThreadsAndMemory) {
  const auto one = run("online_retail", "online_retail/online_retail_lines.csv.xz", {}, 1);
  const auto many = run("online_retail", "online_retail/online_retail_lines.csv.xz", {}, 3,
                        std::int64_t{64} << 20);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(mart::review_json(one->review, 3), mart::review_json(many->review, 3));
  EXPECT_EQ(mart::fingerprint(one->segmentation, one->rules),
            mart::fingerprint(many->segmentation, many->rules));
  EXPECT_EQ(one->quarantine, many->quarantine);
  EXPECT_EQ(one->crosswalk.customer_id, many->crosswalk.customer_id);
}

/// "345" and the segment of each customer, as R has them.
void expect_rs_own(const mart::Contents& contents, const std::string& file, std::size_t code_column,
                   std::size_t segment_column) {
  const auto expected = rows_of(file);
  ASSERT_EQ(static_cast<std::int64_t>(expected.size()), contents.segmentation.size());
  std::int64_t codes = 0;
  std::int64_t segments = 0;
  for (std::int64_t i = 0; i < contents.segmentation.size(); ++i) {
    const auto& s = contents.segmentation;
    const auto& row = expected.at(s.customers.source_customer_id.cell(i));
    codes += row[code_column] == rfm::rfm_code(s.r_score[i], s.f_score[i], s.m_score[i], 5) ? 1 : 0;
    segments +=
        row[segment_column] == contents.rules.rules[static_cast<std::size_t>(s.segment[i])].name
            ? 1
            : 0;
  }
  EXPECT_EQ(codes, contents.segmentation.size());
  EXPECT_EQ(segments, contents.segmentation.size());
}

TEST_F(Examples, ROrdersGiveRsOwnScoresAndSegments) {
  const auto result = run("r_rfm_orders", "r_rfm/rfm_data_orders.csv");
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_THAT(waterfall(*result), ElementsAre("read 4906 464158", "published 4906 464158"));
  EXPECT_THAT(per_score(*result, rfm::Metric::Recency), ElementsAre(197, 200, 199, 199, 200));
  EXPECT_THAT(per_score(*result, rfm::Metric::Frequency), ElementsAre(268, 187, 176, 244, 120));
  EXPECT_THAT(per_score(*result, rfm::Metric::Monetary), ElementsAre(200, 200, 198, 202, 195));
  expect_rs_own(*result, "r_rfm/expected_orders.csv", 7, 8);
}

TEST_F(Examples, ROrdersComeOutAlikeShuffledAndSplit) {
  const auto whole = run("r_rfm_orders", "r_rfm/rfm_data_orders.csv");
  std::ifstream source(shared_data() + "/r_rfm/rfm_data_orders.csv");
  std::string header;
  std::getline(source, header);
  std::vector<std::string> lines;
  for (std::string line; std::getline(source, line);) lines.push_back(line);
  std::ranges::shuffle(lines, std::mt19937(5));
  const std::string folder = testing::TempDir() + "/quintile_split";
  std::filesystem::create_directories(folder);
  for (int part = 0; part < 2; ++part) {
    std::ofstream file(folder + "/" + std::to_string(part) + ".csv");
    file << header << "\n";
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if ((i < 1000) == (part == 0)) file << lines[i] << "\n";
    }
  }
  const auto split = run("r_rfm_orders", "[" + folder + "/0.csv, " + folder + "/1.csv]");
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(whole && split) << split.error().to_string();
  EXPECT_EQ(mart::fingerprint(split->segmentation, split->rules),
            mart::fingerprint(whole->segmentation, whole->rules));
  EXPECT_EQ(waterfall(*split), waterfall(*whole));
}

TEST_F(Examples, RCustomersGiveRsOwnScoresAndSegments) {
  const auto result = run("r_rfm_customers", "r_rfm/rfm_data_customer.csv");
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->manifest.customers, 39'999);
  EXPECT_THAT(per_score(*result, rfm::Metric::Frequency),
              ElementsAre(9427, 9764, 4945, 8204, 7659));
  expect_rs_own(*result, "r_rfm/expected_customer.csv", 4, 6);
}

TEST_F(Examples, CdnowLeavesABinEmpty) {
  const auto result = run("cdnow", "cdnow/CDNOW_sample.txt");
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_THAT(waterfall(*result), ElementsAre("read 6919 244091.94", "published 6919 244091.94"));
  EXPECT_EQ(result->manifest.customers, 2357);
  EXPECT_THAT(per_score(*result, rfm::Metric::Recency), ElementsAre(459, 478, 475, 471, 474));
  EXPECT_THAT(per_score(*result, rfm::Metric::Frequency), ElementsAre(1205, 0, 406, 358, 388));
  EXPECT_THAT(per_score(*result, rfm::Metric::Monetary), ElementsAre(481, 462, 472, 470, 472));
  EXPECT_THAT(customers_by_segment(*result),
              UnorderedElementsAre(
                  testing::Pair("hibernating", 846), testing::Pair("at_risk", 89),
                  testing::Pair("cant_lose", 2), testing::Pair("about_to_sleep", 359),
                  testing::Pair("need_attention", 84), testing::Pair("loyal_customers", 316),
                  testing::Pair("potential_loyalists", 246), testing::Pair("champions", 415)));
  EXPECT_EQ(detail(found(*result, "exact_duplicate"), "surplus_rows"), "21");
  EXPECT_EQ(found(*result, "zero_amount")->rows, 8);
  const auto days = run("cdnow", "cdnow/CDNOW_sample.txt", {"metrics.frequency=days"});
  EXPECT_THAT(per_score(*days, rfm::Metric::Frequency), ElementsAre(1218, 0, 403, 358, 378));
}

TEST_F(Examples, CdnowGivesPymcsOwnScoresAndSegments) {
  const auto result = run("cdnow", "cdnow/CDNOW_sample.txt",
                          {"metrics.frequency=days", "analysis_date=1998-06-30",
                           "scoring={preset: pymc}", "segments=../segments/pymc_default.yaml"});
  ASSERT_TRUE(result) << result.error().to_string();
  const auto expected = rows_of("cdnow/expected_pymc_rfm_segments_sample.csv");
  const auto& s = result->segmentation;
  ASSERT_EQ(s.size(), static_cast<std::int64_t>(expected.size()));
  for (std::int64_t i = 0; i < s.size(); ++i) {
    const auto& row =
        expected.at(std::to_string(std::stoi(s.customers.source_customer_id.cell(i))));
    ASSERT_EQ(rfm::rfm_code(s.r_score[i], s.f_score[i], s.m_score[i], 4), row[4]) << row[0];
    // Ours are named "At Risk" where pymc-marketing says "At Risk Customer".
    ASSERT_THAT(row[5], testing::StartsWith(
                            result->rules.rules[static_cast<std::size_t>(s.segment[i])].name))
        << row[0];
  }
}

TEST_F(Examples, CdnowsMasterIsReadInFull) {
  const auto result =
      run("cdnow", "cdnow/CDNOW_master.txt",
          {"input.columns={customer_id: customer_id, order_date: date, amount: dollar_value}"});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_THAT(waterfall(*result).back(), "published 69659 2500315.63");
  EXPECT_EQ(result->manifest.customers, 23'570);
  EXPECT_EQ(detail(found(*result, "exact_duplicate"), "surplus_rows"), "255");
  EXPECT_EQ(found(*result, "zero_amount")->rows, 80);
}

TEST_F(Examples, SuperstoreGivesThePublishedTable) {
  const auto result = run("superstore", "superstore_orders/sample-orders.csv");
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_THAT(waterfall(*result), ElementsAre("read 5009 2297261", "published 5009 2297261"));
  EXPECT_THAT(per_score(*result, rfm::Metric::Recency), ElementsAre(159, 157, 159, 156, 162));
  EXPECT_THAT(per_score(*result, rfm::Metric::Frequency), ElementsAre(195, 134, 223, 82, 159));
  EXPECT_THAT(per_score(*result, rfm::Metric::Monetary), ElementsAre(159, 158, 159, 158, 159));
  EXPECT_EQ(customers_by_segment(*result)["champions"], 68);
  EXPECT_EQ(customers_by_segment(*result)["hibernating"], 181);

  // Recency, frequency, value and quartiles (1 = best there) of all 793 customers.
  const auto expected = rows_of("superstore_orders/rfm-table.csv");
  const auto& customers = result->segmentation.customers;
  ASSERT_EQ(customers.size, 793);
  std::array<rfm::ScoredMetric, 3> quartiles;
  const std::array views = {customers.recency_days.view, customers.frequency.view,
                            customers.monetary.view};
  for (std::size_t m = 0; m < 3; ++m) {
    quartiles[m] = *rfm::score_metric(
        rfm::kMetrics[m], views[m],
        {.method = rfm::Method::Quantile, .bins = 4, .upper_bounds = {}}, 0, [](auto&) {});
  }
  for (std::int64_t i = 0; i < customers.size; ++i) {
    const auto& row = expected.at(plain(customers.source_customer_id.cell(i)));
    ASSERT_EQ(customers.frequency.cell(i), row[1]) << row[0];
    ASSERT_EQ(customers.recency_days.cell(i), row[2]) << row[0];
    ASSERT_EQ(customers.monetary.cell(i), row[3]) << row[0];
    std::string quartile;
    for (const auto& metric : quartiles) quartile += std::to_string(5 - metric.scores[i]);
    ASSERT_EQ(quartile, row[7]) << row[0];
  }
}

TEST_F(Examples, SuperstoreIsTheSameFromUtf8) {
  const auto published = run("superstore", "superstore_orders/sample-orders.csv");
  const auto clean = run("superstore", "superstore_orders/sample-orders.utf8-lf.csv");
  ASSERT_TRUE(published && clean);
  EXPECT_EQ(mart::fingerprint(published->segmentation, published->rules),
            mart::fingerprint(clean->segmentation, clean->rules));
}

}  // namespace
}  // namespace quintile
