#include "quintile/rfm/presets.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/table/column.h"

namespace quintile::rfm {
namespace {

using table::Column;
using testing::ElementsAre;

Column column_of(const std::vector<std::int64_t>& values) {
  table::Buffer<std::int64_t> buffer(static_cast<std::int64_t>(values.size()));
  std::ranges::copy(values, buffer.begin());
  return Column::integers("", std::move(buffer));
}

/// Customers in the order of their ids.
struct Population {
  Column recency, frequency, monetary;
  int money_scale = 2;
  Population(const std::vector<std::int64_t>& r, const std::vector<std::int64_t>& f,
             const std::vector<std::int64_t>& m, int scale = 2)
      : recency(column_of(r)),
        frequency(column_of(f)),
        monetary(column_of(m)),
        money_scale(scale) {}
  [[nodiscard]] MetricValues values() const {
    return {.recency = recency.view,
            .frequency = frequency.view,
            .monetary = monetary.view,
            .money_scale = money_scale,
            .rank_order = [](std::vector<std::int64_t>& rows) { std::ranges::sort(rows); }};
  }
};

/// Scores of all customers as text, a digit each: "155...", one text a metric.
std::vector<std::string> digits(Preset preset, const Population& population) {
  const auto scored = score_by_preset(preset, population.values());
  std::vector<std::string> out;
  if (!scored) return {scored.error().to_string()};
  for (const ScoredMetric& metric : *scored) {
    std::string text;
    for (const Score score : metric.scores) text += std::to_string(score);
    out.push_back(text);
  }
  return out;
}

const Population& thirty_seven_customers() {
  static const Population population(
      {324, 35,  72,  95,  73,  320, 347, 233, 16,  38, 133, 173, 248, 192, 106, 64,  276, 294, 14,
       46,  181, 157, 355, 207, 168, 172, 266, 235, 69, 295, 302, 382, 314, 114, 128, 259, 260},
      {1, 1, 7, 1, 1, 4, 2, 2, 3, 1, 3, 1, 1, 2, 5, 1, 2, 1, 3,
       3, 1, 3, 2, 2, 3, 1, 3, 4, 1, 4, 1, 2, 1, 3, 1, 4, 1},
      {6417,  4955,  36925, 3885,  3897, 6384,  11418, 16836, 6513, 7277,  6096,  874,  6848,
       4082,  34465, 3312,  10638, 8493, 24987, 13647, 2249,  7893, 15464, 11008, 5808, 8031,
       26091, 34944, 5801,  35168, 5658, 9514,  8749,  16923, 7189, 13532, 7214});
  return population;
}

// Made by pandas 3.1 and DuckDB from the same table.
TEST(Presets, GiveThePublishedToolsScores) {
  EXPECT_THAT(
      digits(Preset::PandasQcut, thirty_seven_customers()),
      ElementsAre("1554411355432345225534133322511114422", "1131131121211131112212112123131112131",
                  "2151124523212151435413442355251435343"));
  EXPECT_THAT(
      digits(Preset::PandasRankFirst, thirty_seven_customers()),
      ElementsAre("1554411355432345225534133322511114422", "1151153341411351324424334255252425253",
                  "2151124523212151435413442355251435343"));
  EXPECT_THAT(
      digits(Preset::Ntile, thirty_seven_customers()),
      ElementsAre("1544411255432345225533133322511114422", "1151153341411351324424334245252325252",
                  "2151124423212151435413442355251335243"));
  EXPECT_THAT(
      digits(Preset::Pymc, thirty_seven_customers()),
      ElementsAre("1444411244332234214433123322411113322", "1131131121211131112212112123131112131",
                  "3222213413113131244211421444343242313"));
}

TEST(Presets, AddOneToRsQuantiles) {
  // R: bins(mtcars, "mpg", 5) = 16.20 18.92 22.00 25.08, and x belongs to the upper bin from the
  // bound on.
  const std::vector<std::int64_t> mpg = {210, 210, 228, 214, 187, 181, 143, 244, 228, 192, 178,
                                         164, 173, 152, 104, 104, 147, 324, 304, 339, 215, 155,
                                         152, 133, 192, 273, 260, 304, 158, 197, 150, 214};
  const std::vector<std::int64_t> ones(mpg.size(), 1);
  const auto scored = score_by_preset(Preset::RRfm, Population(ones, ones, mpg, 1).values());
  ASSERT_TRUE(scored);
  EXPECT_THAT((*scored)[2].cut_points.cuts, ElementsAre(161, 189, 219, 250));
  EXPECT_THAT((*scored)[2].scores.span()[2], 4) << "22.8 lies above 22.00";
}

TEST(Presets, CollapseSmallAmountsAsRDoes) {
  const std::vector<std::int64_t> cents = {10, 20, 30, 40, 50};
  EXPECT_EQ(digits(Preset::RRfm, Population(cents, cents, cents))[2], "11111");
}

TEST(Presets, UseKlaviyosFixedDays) {
  const std::vector<std::int64_t> days = {0, 180, 181, 365, 366, 900};
  EXPECT_THAT(digits(Preset::Klaviyo, Population(days, {1, 1, 1, 2, 3, 9}, days)),
              ElementsAre("332211", "111233", "112233"));
}

TEST(Presets, FailWhereTheToolFails) {
  const std::vector<std::int64_t> alike = {5, 5, 5};
  EXPECT_THAT(
      score_by_preset(Preset::PandasQcut, Population(alike, alike, alike).values()).error().message,
      testing::HasSubstr("pandas.qcut"));
  EXPECT_FALSE(score_by_preset(Preset::Ntile, Population({}, {}, {}).values()));
  EXPECT_EQ(digits(Preset::Ntile, Population(alike, alike, alike))[0], "123")
      << "fewer customers than buckets";
}

TEST(Presets, NamesReadBack) {
  for (const Preset preset : {Preset::RRfm, Preset::PandasQcut, Preset::PandasRankFirst,
                              Preset::Ntile, Preset::Pymc, Preset::Klaviyo}) {
    EXPECT_EQ(preset_of(to_string(preset)), preset);
  }
  EXPECT_EQ(preset_of("qcut"), Preset::None);
}

TEST(PresetComparisons, CountWhoIsScoredOtherwiseAndWhy) {
  const auto comparison = compare_preset(Preset::Ntile, thirty_seven_customers().values());
  ASSERT_TRUE(comparison);
  const MetricDifference& frequency = comparison->metrics[1];
  EXPECT_THAT(frequency.customers, ElementsAre(8, 8, 7, 7, 7));
  EXPECT_THAT(frequency.customers_safe, ElementsAre(16, 0, 7, 8, 6));
  std::int64_t shifted = 0;
  for (const auto& shift : frequency.shifts) shifted += shift.customers;
  EXPECT_EQ(shifted, frequency.different);
  EXPECT_EQ(frequency.reasons.front().id, "ties_split");

  const auto qcut = compare_preset(Preset::PandasQcut, thirty_seven_customers().values());
  EXPECT_EQ(qcut->metrics[1].bins_used, 3);
  EXPECT_EQ(qcut->metrics[1].reasons.front().id, "edges_dropped");
  EXPECT_EQ(qcut->metrics[0].different, 0) << "without ties qcut is the safe method";
  EXPECT_THAT(describe(*qcut)[0], testing::HasSubstr("of 37 customers"));
}

// Below: the reference data beside the checkout.

std::string shared_data() {
  const char* folder = std::getenv("QUINTILE_SHARED_DATA");
  return folder != nullptr ? folder : "../shared/data";
}

/// The cells of a CSV file without quotes, by column name.
using Cells = std::map<std::string, std::vector<std::string>>;
Cells cells_of(const std::string& name) {
  std::ifstream file(shared_data() + "/" + name);
  Cells cells;
  std::string line;
  const auto split = [&line] {
    std::vector<std::string> parts;
    std::istringstream stream(line);
    for (std::string part; std::getline(stream, part, ',');)
      parts.push_back(part.starts_with('"') ? part.substr(1, part.size() - 2) : part);
    return parts;
  };
  if (!std::getline(file, line)) return cells;
  const auto names = split();
  while (std::getline(file, line)) {
    const auto parts = split();
    for (std::size_t i = 0; i < parts.size(); ++i) cells[names[i]].push_back(parts[i]);
  }
  return cells;
}

std::vector<std::int64_t> numbers(const std::vector<std::string>& cells) {
  std::vector<std::int64_t> out;
  for (const std::string& cell : cells) out.push_back(std::stoll(cell));
  return out;
}

std::string joined(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) text += cell;
  return text;
}

TEST(PresetsOnSharedData, GiveRsOwnScoresOfItsOrders) {
  Cells expected = cells_of("r_rfm/expected_orders.csv");
  if (expected.empty())
    GTEST_SKIP()
        << "no reference data beside the checkout; name their folder in QUINTILE_SHARED_DATA";
  const Population population(numbers(expected["recency_days"]),
                              numbers(expected["transaction_count"]), numbers(expected["amount"]),
                              0);
  EXPECT_EQ(digits(Preset::RRfm, population),
            (std::vector{joined(expected["recency_score"]), joined(expected["frequency_score"]),
                         joined(expected["monetary_score"])}));
}

TEST(PresetsOnSharedData, GiveRsOwnScoresOfItsCustomers) {
  Cells expected = cells_of("r_rfm/expected_customer.csv");
  Cells customers = cells_of("r_rfm/rfm_data_customer.csv");
  if (expected.empty())
    GTEST_SKIP()
        << "no reference data beside the checkout; name their folder in QUINTILE_SHARED_DATA";
  std::map<std::int64_t, std::size_t> row_of_id;
  for (std::size_t i = 0; i < customers["customer_id"].size(); ++i)
    row_of_id[std::stoll(customers["customer_id"][i])] = i;
  std::vector<std::int64_t> r, f, m;
  for (const std::int64_t id : numbers(expected["customer_id"])) {
    const std::size_t row = row_of_id.at(id);
    r.push_back(std::stoll(customers["recency_days"][row]));
    f.push_back(std::stoll(customers["number_of_orders"][row]));
    m.push_back(std::stoll(customers["revenue"][row]));
  }
  ASSERT_EQ(r.size(), 39'999U);
  EXPECT_EQ(digits(Preset::RRfm, Population(r, f, m, 0)),
            (std::vector{joined(expected["recency_score"]), joined(expected["frequency_score"]),
                         joined(expected["monetary_score"])}));
}

TEST(PresetsOnSharedData, GivePymcsScoresOfTheCdnowSample) {
  Cells expected = cells_of("cdnow/expected_pymc_rfm_segments_sample.csv");
  if (expected.empty())
    GTEST_SKIP()
        << "no reference data beside the checkout; name their folder in QUINTILE_SHARED_DATA";
  std::vector<std::int64_t> r, f, m;
  std::vector<std::string> codes(3);
  for (std::size_t i = 0; i < expected["id"].size(); ++i) {
    r.push_back(std::llround(std::stod(expected["recency"][i])));
    f.push_back(std::llround(std::stod(expected["frequency"][i])));
    m.push_back(std::llround(std::stod(expected["monetary_value"][i]) *
                             static_cast<double>(f.back()) * 100));
    for (std::size_t digit = 0; digit < 3; ++digit) codes[digit] += expected["rfm_score"][i][digit];
  }
  ASSERT_EQ(r.size(), 2357U);
  EXPECT_EQ(digits(Preset::Pymc, Population(r, f, m)), codes);
}

}  // namespace
}  // namespace quintile::rfm
