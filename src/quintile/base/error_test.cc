#include "quintile/base/error.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/base/result.h"

namespace quintile {
namespace {

TEST(Errors, SayWhereWhatAndWhatToDo) {
  const Error error{ErrorCode::Rules,
                    "unknown field 'recency_dayz'",
                    "did you mean 'recency_days'?",
                    {"segments.yaml", 14, 7}};
  EXPECT_EQ(error.to_string(),
            "segments.yaml:14:7: unknown field 'recency_dayz'\n  did you mean 'recency_days'?");
}

TEST(Errors, LeaveUnknownPartsOfThePlaceOut) {
  EXPECT_EQ((Place{"a.csv", 0, 7}).to_string(), "a.csv");
  EXPECT_EQ((Place{"a.csv", 3, 0}).to_string(), "a.csv:3");
  EXPECT_EQ((Error{ErrorCode::Io, "disk full", "", {}}).to_string(), "disk full");
}

TEST(Errors, PickTheExitStatusOfTheContract) {
  EXPECT_EQ(exit_status(ErrorCode::CheckFailed), 1);
  EXPECT_EQ(exit_status(ErrorCode::Usage), 2);
  EXPECT_EQ(exit_status(ErrorCode::Plan), 2);
  EXPECT_EQ(exit_status(ErrorCode::Rules), 2);
  EXPECT_EQ(exit_status(ErrorCode::Input), 3);
  EXPECT_EQ(exit_status(ErrorCode::Io), 4);
  EXPECT_EQ(exit_status(ErrorCode::Memory), 4);
  EXPECT_EQ(exit_status(ErrorCode::Engine), 4);
  EXPECT_EQ(exit_status(ErrorCode::Internal), 70);
}

TEST(Suggestions, NameTheNearestWord) {
  constexpr std::array<std::string_view, 3> kWords = {"recency_days", "frequency", "f"};
  EXPECT_EQ(nearest("recency_dayz", kWords), "recency_days");
  EXPECT_EQ(nearest("frequenzy", kWords), "frequency");
  EXPECT_EQ(nearest("colour", kWords), "");
  EXPECT_EQ(nearest("g", kWords), "") << "a word of one letter resembles every other";
  EXPECT_EQ(nearest("", kWords), "");
}

Result<int> doubled(Result<int> number) {
  QUINTILE_TRY(const int value, std::move(number));
  return 2 * value;
}

TEST(Results, CarryValuesAndErrorsThroughTry) {
  EXPECT_EQ(doubled(21), 42);
  EXPECT_EQ(doubled(fail(ErrorCode::Io, "no")).error().message, "no");
}

}  // namespace
}  // namespace quintile
