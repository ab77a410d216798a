#include "quintile/synthetic/generator.h"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <sys/resource.h>

#include "quintile/base/date.h"
#include "quintile/base/money.h"
#include "quintile/base/text.h"

namespace quintile::synthetic {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Row = std::map<std::string, std::string>;

class GeneratorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ("generator_" +
               std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

  std::string csv(const GeneratorOptions& options) {
    const auto report = generate(options, file());
    EXPECT_TRUE(report) << report.error().to_string();
    return read(file());
  }
  json metadata() const { return json::parse(read(folder_ / "customers_metadata.json")); }
  fs::path file() const { return folder_ / "customers.csv"; }

  static std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::stringstream in(line + ",");
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    return cells;
  }
  static std::vector<Row> parse(const std::string& text) {
    std::stringstream in(text);
    std::string line;
    std::getline(in, line);
    const auto header = split(line);
    std::vector<Row> rows;
    while (std::getline(in, line)) {
      const auto cells = split(line);
      EXPECT_EQ(cells.size(), header.size());
      Row& row = rows.emplace_back();
      for (std::size_t i = 0; i < cells.size(); ++i) row[header[i]] = cells[i];
    }
    return rows;
  }

  fs::path folder_;
};

std::string sha256(const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

TEST_F(GeneratorTest, GivesTheSameBytesWhateverTheThreads) {
  GeneratorOptions options{.customers = 30'000, .dirt = Dirt::Realistic, .threads = 1};
  const std::string one = csv(options);
  const std::string one_metadata = read(folder_ / "customers_metadata.json");
  for (const int threads : {2, 5}) {
    options.threads = threads;
    EXPECT_TRUE(csv(options) == one) << threads << " threads";
    EXPECT_EQ(read(folder_ / "customers_metadata.json"), one_metadata);
  }
  options.seed = 1;
  EXPECT_FALSE(csv(options) == one);
}

// Any change of these is a change of the file that everybody has: a new version of the generator.
TEST_F(GeneratorTest, GivesTheSameBytesAsEver) {
  EXPECT_EQ(sha256(csv({.customers = 1000})),
            "a6c8be3fee39b406ea413f70ce89e49e9fc7771af3677e425f725929990213a4");
  EXPECT_EQ(sha256(csv({.customers = 1000, .seed = 1, .dirt = Dirt::Realistic})),
            "f15ec1a26feb222000d6f7fd239f1d3a1530d96eed84c1ac78a5bd7e7779c6de");
}

TEST_F(GeneratorTest, RepeatsExactly27490IdsByDefaultAmongDifferentPeople) {
  const auto rows = parse(csv({}));
  ASSERT_EQ(rows.size(), 100'000);
  std::map<std::string, std::set<std::string>> people;
  std::map<std::string, int> times;
  for (const Row& row : rows) {
    EXPECT_EQ(row.at("customer_id").size(), 5);
    ++times[row.at("customer_id")];
    people[row.at("customer_id")].insert(fold_case(trim(row.at("name"))) + '\n' +
                                         fold_case(trim(row.at("email"))));
  }
  int repeated = 0;
  for (const auto& [id, count] : times) {
    repeated += count > 1;
    EXPECT_EQ(static_cast<int>(people[id].size()), count);
  }
  EXPECT_EQ(repeated, 27'490);
}

TEST_F(GeneratorTest, MakesTheSmallestFiles) {
  for (const std::int64_t customers : {1, 2, 3, 10}) {
    EXPECT_EQ(static_cast<std::int64_t>(parse(csv({.customers = customers})).size()), customers);
    EXPECT_EQ(metadata()["truth"]["duplicated_ids"], (2749 * customers + 5000) / 10'000);
  }
}

TEST_F(GeneratorTest, DescribesEveryFieldAndTheTruth) {
  const std::string text =
      csv({.customers = 2000, .seed = 9, .duplicated_ids = 321, .premium_effect = 0.3});
  const json data = metadata();
  const auto header = split(text.substr(0, text.find('\n')));
  ASSERT_EQ(data["fields"].size(), header.size());
  for (std::size_t i = 0; i < header.size(); ++i) {
    EXPECT_EQ(data["fields"][i]["name"], header[i]);
    for (const char* key : {"type", "meaning", "intended_uses"})
      EXPECT_FALSE(data["fields"][i][key].empty());
  }
  const json& truth = data["truth"];
  EXPECT_EQ(truth["seed"], 9);
  EXPECT_EQ(truth["customers"], 2000);
  EXPECT_EQ(truth["duplicated_ids"], 321);
  EXPECT_EQ(truth["premium_effect"], 0.3);
  EXPECT_TRUE(truth["defects"].empty());
  std::int64_t sum = 0;
  for (const auto& [name, size] : truth["latent_groups"].items()) sum += size.get<std::int64_t>();
  EXPECT_EQ(sum, 2000);
  EXPECT_GE(truth["planted_traits"].size(), 3);
}

// What the review is to find, counted with the plainest code there is.
std::map<std::pair<std::string, std::string>, std::int64_t> count_defects(
    const std::vector<Row>& rows) {
  std::map<std::pair<std::string, std::string>, std::int64_t> found;
  std::set<Row> seen;
  std::map<std::string, std::map<std::string, std::map<std::string, int>>> spellings;
  const auto integer = [](const std::string& text) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
  };
  for (const Row& row : rows) {
    if (!seen.insert(row).second) {
      ++found[{"exact_duplicate", ""}];
      continue;
    }
    for (const auto& [column, text] : row) {
      if (trim(text).empty()) ++found[{"missing_value", column}];
    }
    for (const auto& [column, low, high] :
         {std::tuple{"age", 18, 80}, {"credit_score", 300, 850}}) {
      if (trim(row.at(column)).empty()) continue;
      const auto value = integer(row.at(column));
      if (!value)
        ++found[{"invalid_type", column}];
      else if (*value < low || *value > high)
        ++found[{"out_of_range", column}];
    }
    const auto first = parse_iso_date(row.at("first_purchase_date")),
               last = parse_iso_date(row.at("last_purchase_date"));
    const auto analysis_date = *parse_iso_date("2023-11-15");
    if (!last && !trim(row.at("last_purchase_date")).empty())
      ++found[{"invalid_type", "last_purchase_date"}];
    if (last && *last > analysis_date) ++found[{"future_date", "last_purchase_date"}];
    if (first && last && *first > *last) ++found[{"date_order", "first_purchase_date"}];
    const auto total = parse_decimal(row.at("total_spent")),
               average = parse_decimal(row.at("avg_order_value"));
    if (!total && !trim(row.at("total_spent")).empty()) ++found[{"invalid_type", "total_spent"}];
    if (total && total->unscaled < 0) ++found[{"inconsistent_order_value", "total_spent"}];
    if (average && average->unscaled <= 0) ++found[{"inconsistent_order_value", "avg_order_value"}];
    for (const char* column : {"gender", "city", "country", "favorite_category", "device_type"}) {
      if (!trim(row.at(column)).empty())
        ++spellings[column][fold_case(trim(row.at(column)))][row.at(column)];
    }
  }
  for (const auto& [column, levels] : spellings) {
    for (const auto& [level, texts] : levels) {
      int sum = 0, most = 0;
      for (const auto& [text, count] : texts) {
        sum += count;
        most = std::max(most, count);
      }
      if (sum > most) found[{"category_variant", column}] += sum - most;
    }
  }
  return found;
}

TEST_F(GeneratorTest, PlantsExactlyTheDefectsThatItReports) {
  for (const std::int64_t customers : {100, 1000, 20'000}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      const auto rows = parse(csv({.customers = customers, .seed = seed, .dirt = Dirt::Realistic}));
      ASSERT_EQ(static_cast<std::int64_t>(rows.size()), customers);
      std::map<std::pair<std::string, std::string>, std::int64_t> told;
      std::set<std::string> kinds;
      const json data = metadata();
      for (const json& defect : data["truth"]["defects"]) {
        told[{defect["check"], defect["column"]}] = defect["rows"];
        kinds.insert(defect["check"]);
      }
      EXPECT_GE(kinds.size(), 8);
      EXPECT_EQ(count_defects(rows), told) << customers << " customers, seed " << seed;

      std::map<std::string, std::set<Row>> by_id;  // copies fall together
      for (const Row& row : rows) {
        if (!trim(row.at("customer_id")).empty()) by_id[row.at("customer_id")].insert(row);
      }
      const auto repeated =
          std::ranges::count_if(by_id, [](const auto& id) { return id.second.size() > 1; });
      EXPECT_EQ(repeated, data["truth"]["duplicated_ids"].get<std::int64_t>());
    }
  }
}

TEST_F(GeneratorTest, RefusesImpossibleOptionsAndKeepsTheOldFile) {
  write(file(), "old");
  const std::vector<GeneratorOptions> impossible = {
      {.customers = 0},
      {.customers = -5},
      {.customers = 2'000'000'000},
      {.customers = 10, .duplicated_ids = 6},
      {.customers = 10, .duplicated_ids = -1},
      {.customers = 10, .premium_effect = -1},
      {.customers = 10, .premium_effect = std::numeric_limits<double>::quiet_NaN()},
      {.customers = 10, .premium_effect = std::numeric_limits<double>::infinity()},
      {.customers = 99, .dirt = Dirt::Realistic}};
  for (const GeneratorOptions& options : impossible) {
    const auto report = generate(options, file());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Usage);
    EXPECT_FALSE(report.error().advice.empty());
  }
  EXPECT_EQ(read(file()), "old");
}

TEST_F(GeneratorTest, MakesTheFolderAndLeavesNothingElseInIt) {
  const auto report = generate({.customers = 10}, folder_ / "a" / "b" / "shop.csv");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->metadata_file, folder_ / "a" / "b" / "shop_metadata.json");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_ / "a" / "b"))
    names.insert(entry.path().filename());
  EXPECT_THAT(names, ::testing::ElementsAre("shop.csv", "shop_metadata.json"));
  EXPECT_EQ(report->bytes, static_cast<std::int64_t>(fs::file_size(report->file)));
}

TEST_F(GeneratorTest, RefusesAFolderInPlaceOfEitherFile) {
  fs::create_directory(folder_ / "taken.csv");
  fs::create_directory(folder_ / "other_metadata.json");
  write(folder_ / "other.csv", "old");
  for (const char* name : {"taken.csv", "other.csv"}) {
    const auto report = generate({.customers = 10}, folder_ / name);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::Io);
  }
  EXPECT_EQ(read(folder_ / "other.csv"), "old");
}

TEST_F(GeneratorTest, KeepsTheOldFileWhenTheDiskIsFull) {
  write(file(), "old");
  ::rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const ::rlimit small{100'000, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto report = generate({.customers = 100'000, .threads = 3}, file());
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Io);
  EXPECT_EQ(read(file()), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace quintile::synthetic
