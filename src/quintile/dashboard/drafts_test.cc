#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/dashboard/drafts_internal.h"

namespace quintile::dashboard {
namespace {

using ::testing::HasSubstr;

constexpr const char* kDraft =
    R"({"rules":{"version":1,"name":"Mine: \"#1\"","segments":[
        {"id":"a","name":"A","family":"core","when":"r_score >= 4","actions":["- x","y: z"]},
        {"id":"b","name":"B","family":"dormant","otherwise":true}]},"base_digest":"abc123"})";

TEST(DraftJson, BecomesARuleFile) {
  const auto draft = parse_draft(kDraft);
  ASSERT_TRUE(draft) << draft.error().to_string();
  EXPECT_EQ(draft->rules.rules.size(), 2U);
  EXPECT_EQ(draft->rules.name, "Mine: \"#1\"");
  EXPECT_EQ(draft->rules.digest.size(), 64U);
  EXPECT_THAT(draft->yaml, HasSubstr("when: r_score >= 4"));
}

TEST(DraftJson, FaultsInRulesNameTheSegmentAndThePlaceInItsCondition) {
  const auto draft = parse_draft(
      R"({"rules":{"version":1,"name":"x","segments":[{"id":"a","name":"A","family":"core","when":"r_score >="}]}})");
  ASSERT_FALSE(draft);
  EXPECT_EQ(draft.error().code, ErrorCode::Rules);
  EXPECT_EQ(draft.error().place.file, "a");
  EXPECT_EQ(draft.error().place.line, 1);
}

TEST(DraftJson, WhatIsNoDraftIsRefused) {
  const std::string deep(100'000, '[');
  const std::string cases[] = {
      "",
      "[]",
      "{",
      "null",
      deep,
      R"({"rules":{}})",
      R"({"rules":{"version":2,"name":"x","segments":[]}})",
      R"({"rules":{"version":1,"name":"x","segments":[]}})",
      R"({"rules":{"version":1,"name":"x","segments":[1]}})",
      R"({"rules":{"version":1,"name":5,"segments":[]}})",
      R"({"rules":{"version":1,"name":"x","segments":[{"id":"a","name":"A","family":"core","when":"r_score = 1","zip":1}]}})",
      R"({"rules":{"version":1,"name":"x","segments":[{"id":"A B","name":"A","family":"core","when":"r_score = 1"}]}})",
      R"({"rules":{"version":1,"name":"x","segments":[{"id":"a","name":"A","family":"cool","when":"r_score = 1"}]}})"};
  for (const std::string& body : cases) EXPECT_FALSE(parse_draft(body)) << body.substr(0, 80);
}

TEST(DraftFiles, AreSavedListedReadAndReplaced) {
  std::string name = (std::filesystem::temp_directory_path() / "quintile-drafts-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const Drafts drafts(folder / "new");
  EXPECT_TRUE(drafts.list().empty());
  const Draft draft = parse_draft(kDraft).value();
  std::string yaml;
  EXPECT_EQ(drafts.save("mine", draft, yaml), false);
  EXPECT_EQ(drafts.save("mine", draft, yaml), true);
  ASSERT_EQ(drafts.list().size(), 1U);
  EXPECT_EQ(drafts.list()[0].rules_digest, draft.rules.digest);
  EXPECT_EQ(drafts.list()[0].base_digest, "abc123");
  EXPECT_EQ(drafts.read("mine"), yaml);
  EXPECT_FALSE(drafts.read("other"));
  std::filesystem::remove_all(folder);
}

TEST(DraftFiles, NamesCannotLeaveTheFolder) {
  for (const char* id : {"", "..", "../x", "a/b", "A", ".x", "a.yaml", "a%2f"})
    EXPECT_FALSE(Drafts::is_id(id)) << id;
  EXPECT_FALSE(Drafts::is_id(std::string(65, 'a')));
  EXPECT_TRUE(Drafts::is_id("spring_2024-b"));
}

}  // namespace
}  // namespace quintile::dashboard
