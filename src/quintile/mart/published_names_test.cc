#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/mart/documents_internal.h"

namespace quintile::mart {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> named(const std::vector<std::string>& paths) {
  return published_names(paths);
}

TEST(PublishedNames, AreThoseOfThePlanUnlessItNamesAPlaceOfTheMachine) {
  EXPECT_THAT(named({"a/x.csv", "../x.csv", "/data/y.csv"}),
              ElementsAre("a/x.csv", "../x.csv", "y.csv"));
}

TEST(PublishedNames, OfFilesThatEndAlikeBeginAtTheFolderTheyShare) {
  EXPECT_THAT(named({"/data/2023/x.csv", "/data/2024/x.csv", "/data/2024/y.csv"}),
              ElementsAre("2023/x.csv", "2024/x.csv", "y.csv"));
  EXPECT_THAT(named({"/data/x.csv", "/data/a/b/x.csv", "/data/a/../b/x.csv"}),
              ElementsAre("x.csv", "a/b/x.csv", "b/x.csv"));
  EXPECT_THAT(named({"/data/10/x.csv", "/data/1/x.csv"}), ElementsAre("10/x.csv", "1/x.csv"));
}

TEST(PublishedNames, AreTheSameWhereverTheFolderLies) {
  EXPECT_EQ(named({"/home/ada/s/x.csv", "/home/ada/s/old/x.csv"}),
            named({"/srv/s/x.csv", "/srv/s/old/x.csv"}));
}

TEST(PublishedNames, AreNotThoseOfTheFilesBesideThePlan) {
  EXPECT_THAT(named({"x.csv", "/data/old/x.csv"}), ElementsAre("x.csv", "old/x.csv"));
}

}  // namespace
}  // namespace quintile::mart
