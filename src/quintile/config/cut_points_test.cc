#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/config/config.h"

namespace quintile::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<rfm::Model> model_of(const std::string& text, int money_scale) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("quintile-cuts-" + std::to_string(::getpid())))
          .string();
  std::ofstream(path) << text;
  auto model = read_cut_points(path, money_scale);
  std::filesystem::remove(path);
  return model;
}

std::string model_text(const std::string& monetary) {
  return "version: 1\n"
         "analysis_date: 2023-11-15\n"
         "currency: USD\n"
         "recency: {method: quantile, bins: 3, cut_points: [30, 30], minimum: 0, maximum: 400}\n"
         "frequency: {method: thresholds, bins: 2, cut_points: [1]}\n"
         "monetary: " +
         monetary + "\n";
}

TEST(CutPointsFile, MoneyComesToTheRunsScaleAndIsRoundedDown) {
  const std::string text = model_text(
      "{method: rank, bins: 4, cut_points: [\"-0.01\", 19.99, 20.00], minimum: \"-5.55\", maximum: "
      "\"99.99\"}");
  const auto same = model_of(text, 2);
  ASSERT_TRUE(same) << same.error().to_string();
  EXPECT_THAT(same->metrics[2].cuts, ElementsAre(-1, 1999, 2000));
  EXPECT_EQ(same->metrics[2].method, rfm::Method::Rank);
  EXPECT_THAT(same->metrics[0].cuts, ElementsAre(30, 30));
  EXPECT_EQ(same->metrics[0].maximum, 400);
  EXPECT_THAT(model_of(text, 0)->metrics[2].cuts, ElementsAre(-1, 19, 20));
  EXPECT_THAT(model_of(text, 4)->metrics[2].cuts, ElementsAre(-100, 199900, 200000));
}

TEST(CutPointsFile, FaultsHaveTheirPlace) {
  const auto error_of = [](const std::string& monetary) {
    return model_of(model_text(monetary), 2).error().to_string();
  };
  EXPECT_THAT(error_of("{method: rank, bins: 4, cut_points: [1, 2]}"),
              HasSubstr(":6:47: 'monetary.cut_points' must hold 3 values for 4 bins, not 2"));
  EXPECT_THAT(error_of("{method: rank, bins: 3, cut_points: [2, 1]}"),
              HasSubstr(":6:51: 'monetary.cut_points' must not descend, but 1 follows"));
  EXPECT_THAT(error_of("{method: rank, bins: 3, cut_points: [2, x]}"),
              HasSubstr(":6:51: 'monetary.cut_points' must be a decimal number, not text 'x'"));
  EXPECT_THAT(error_of("{method: rank, bins: 3, cut_points: [2, 99999999999999999]}"),
              HasSubstr("is out of range"));
  EXPECT_THAT(error_of("{bins: 3}"), HasSubstr("'monetary.method' is missing"));
}

}  // namespace
}  // namespace quintile::config
