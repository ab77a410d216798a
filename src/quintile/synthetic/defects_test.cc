#include <set>

#include <gmock/gmock.h>

#include "quintile/synthetic/defects_internal.h"

namespace quintile::synthetic {
namespace {

Population a_population(std::int64_t rows, std::int64_t duplicated_ids, std::uint64_t seed = 7) {
  return {seed, 150'000, *Identifiers::plan(rows, duplicated_ids, seed),
          Permutation(static_cast<std::uint64_t>(rows), seed, Stream::MailNumber)};
}

TEST(Defects, SpoilEachRowAtMostOnce) {
  const auto population = a_population(5000, 1200);
  const auto defects = Defects::plan(population, 5000);
  ASSERT_TRUE(defects);
  std::set<std::int64_t> rows;
  std::int64_t planted = 0;
  for (const PlantedDefect& defect : defects->planted()) planted += defect.rows;
  for (const auto& edit : defects->edits(0, 5000)) {
    EXPECT_TRUE(rows.insert(edit.row).second) << edit.row;
    if (edit.source_row == edit.row) continue;
    EXPECT_TRUE(rows.insert(edit.source_row).second) << edit.source_row;
  }
  EXPECT_EQ(static_cast<std::int64_t>(defects->edits(0, 5000).size()), planted);
}

TEST(Defects, AreOfEightKindsHoweverSmallTheFile) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto population = a_population(100, 27, seed);
    const auto defects = Defects::plan(population, 100);
    ASSERT_TRUE(defects);
    std::set<std::string_view> checks;
    for (const PlantedDefect& defect : defects->planted()) {
      EXPECT_GE(defect.rows, 1);
      checks.insert(defect.check);
    }
    EXPECT_THAT(checks,
                ::testing::UnorderedElementsAre("missing_value", "invalid_type", "out_of_range",
                                                "future_date", "date_order", "exact_duplicate",
                                                "category_variant", "inconsistent_order_value"));
  }
}

TEST(Defects, AreCutOutOfTheFileInOrder) {
  const auto population = a_population(1000, 200);
  const auto defects = Defects::plan(population, 1000);
  ASSERT_TRUE(defects);
  std::size_t found = 0;
  for (std::int64_t first = 0; first < 1000; first += 7) {
    for (const auto& edit : defects->edits(first, first + 7)) {
      EXPECT_GE(edit.row, first);
      EXPECT_LT(edit.row, first + 7);
      ++found;
    }
  }
  EXPECT_EQ(found, defects->edits(0, 1000).size());
  EXPECT_TRUE(defects->edits(1000, 2000).empty());
}

TEST(Defects, AreRefusedWhereTheRowsDoNotSuffice) {
  for (const auto& [rows, duplicated_ids] : {std::pair{99, 0}, {100, 50}}) {
    const auto defects = Defects::plan(a_population(rows, duplicated_ids), rows);
    ASSERT_FALSE(defects);
    EXPECT_EQ(defects.error().code, ErrorCode::Usage);
  }
}

}  // namespace
}  // namespace quintile::synthetic
