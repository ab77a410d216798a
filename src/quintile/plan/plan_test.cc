#include "quintile/plan/plan.h"

#include <gtest/gtest.h>

namespace quintile::plan {
namespace {

std::string resolved(std::string file, std::string_view path) {
  Plan plan;
  plan.file = std::move(file);
  return plan.resolve(path);
}

TEST(Plan, PathsStartFromThePlansFolder) {
  EXPECT_EQ(resolved("configs/plan.yaml", "../data/mart"), "configs/../data/mart");
  EXPECT_EQ(resolved("/srv/plan.yaml", "in.csv"), "/srv/in.csv");
  EXPECT_EQ(resolved("/plan.yaml", "in.csv"), "/in.csv");
  EXPECT_EQ(resolved("plan.yaml", "in.csv"), "in.csv");
}

TEST(Plan, AbsolutePathsAndUrisStayAsTheyAre) {
  EXPECT_EQ(resolved("configs/plan.yaml", "/data/in.csv"), "/data/in.csv");
  EXPECT_EQ(resolved("configs/plan.yaml", "duckdb:///shop.db"), "duckdb:///shop.db");
}

}  // namespace
}  // namespace quintile::plan
