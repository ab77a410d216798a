#include "quintile/config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/config/keys_internal.h"
#include "quintile/config/yaml_internal.h"

/// The schemas that editors use say what the reader does.
namespace quintile::config {
namespace {

using ::testing::UnorderedElementsAreArray;

class Schema {
 public:
  explicit Schema(std::string_view text)
      : root_(parse_yaml(std::string(text), "schema", ErrorCode::Io).value()) {}

  /// The node under a path of keys, such as {"properties", "input"}.
  [[nodiscard]] const Node& at(std::initializer_list<std::string_view> path) const {
    const Node* node = &root_;
    for (const std::string_view key : path) {
      node = node->find(key);
      if (node == nullptr) throw std::runtime_error("the schema has no " + std::string(key));
    }
    return *node;
  }

  /// The keys of the properties of the mapping at `path`; it must allow no others.
  [[nodiscard]] std::vector<std::string> keys(std::initializer_list<std::string_view> path) const {
    const Node& mapping = at(path);
    EXPECT_EQ(mapping.find("additionalProperties")->text, "false");
    std::vector<std::string> keys;
    for (const Node& key : mapping.find("properties")->keys) keys.push_back(key.text);
    return keys;
  }

  [[nodiscard]] std::vector<std::string> words(std::initializer_list<std::string_view> path) const {
    std::vector<std::string> words;
    for (const Node& word : at(path).find("enum")->items) words.push_back(word.text);
    return words;
  }

 private:
  Node root_;
};

template <typename T, std::size_t N>
std::vector<std::string> words_of(const Choice<T> (&choices)[N]) {
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) words.emplace_back(word);
  return words;
}

constexpr std::string_view p = "properties";

TEST(Schemas, PlanHasTheKeysThatAreRead) {
  const Schema schema(plan_schema());
  EXPECT_THAT(schema.keys({}), UnorderedElementsAreArray(kPlanKeys));
  EXPECT_THAT(schema.keys({p, "input"}), UnorderedElementsAreArray(kInputKeys));
  EXPECT_THAT(schema.keys({p, "input", p, "csv"}), UnorderedElementsAreArray(kCsvKeys));
  EXPECT_THAT(schema.keys({p, "input", p, "returns"}), UnorderedElementsAreArray(kReturnsKeys));
  EXPECT_THAT(schema.keys({p, "review"}), UnorderedElementsAreArray(kReviewKeys));
  EXPECT_THAT(schema.keys({p, "review", p, "checks", "items"}),
              UnorderedElementsAreArray(kCheckKeys));
  EXPECT_THAT(schema.keys({p, "scoring"}), UnorderedElementsAreArray(kScoringKeys));
  EXPECT_THAT(schema.keys({"$defs", "metric"}), UnorderedElementsAreArray(kMetricKeys));
  EXPECT_THAT(schema.keys({p, "metrics"}), UnorderedElementsAreArray(kMetricsKeys));
  EXPECT_THAT(schema.keys({p, "output"}), UnorderedElementsAreArray(kOutputKeys));
  std::vector<std::string_view> roles;
  for (const Role& role : kRoles) roles.push_back(role.name);
  EXPECT_THAT(schema.keys({p, "input", p, "columns"}), UnorderedElementsAreArray(roles));
}

TEST(Schemas, PlanHasTheWordsThatAreRead) {
  const Schema schema(plan_schema());
  EXPECT_EQ(schema.words({p, "input", p, "grain"}), words_of(kGrains));
  EXPECT_EQ(schema.words({p, "input", p, "encoding"}), words_of(kEncodings));
  EXPECT_EQ(schema.words({p, "input", p, "returns", p, "treat"}), words_of(kTreats));
  EXPECT_EQ(schema.words({p, "review", p, "checks", "items", p, "severity"}),
            words_of(kSeverities));
  EXPECT_EQ(schema.words({p, "review", p, "checks", "items", p, "on_fail"}), words_of(kOnFails));
  EXPECT_EQ(schema.words({p, "review", p, "duplicate_ids"}), words_of(kDuplicateIds));
  EXPECT_EQ(schema.words({p, "output", p, "rows"}), words_of(kOutputRows));
  EXPECT_EQ(schema.words({p, "metrics", p, "frequency"}), words_of(kFrequencyUnits));
  EXPECT_EQ(schema.words({"$defs", "metric", p, "method"}), words_of(kMethods));
  EXPECT_EQ(schema.words({p, "scoring", p, "preset"}), words_of(kPresets));
}

TEST(Schemas, RulesHaveTheKeysAndWordsThatAreRead) {
  const Schema schema(rules_schema());
  EXPECT_THAT(schema.keys({}), UnorderedElementsAreArray(kRulesKeys));
  EXPECT_THAT(schema.keys({p, "segments", "items"}), UnorderedElementsAreArray(kRuleKeys));
  EXPECT_EQ(schema.words({p, "segments", "items", p, "family"}), words_of(kFamilies));
}

}  // namespace
}  // namespace quintile::config
