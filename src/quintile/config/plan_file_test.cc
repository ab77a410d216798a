#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/config/config.h"

namespace quintile::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kRules =
    "version: 1\n"
    "name: Two\n"
    "segments:\n"
    "  - {id: best, name: Best, family: core, when: r_score >= 4}\n"
    "  - {id: others, name: Others, otherwise: true}\n";

/// A folder with a rule file, gone when the test ends.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "quintile-config-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    write("rules.yaml", kRules);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << text;
  }

 private:
  std::string path_;
};

std::string customer_plan(const std::string& input_more = {}, const std::string& more = {}) {
  return "version: 1\n"
         "input:\n"
         "  path: customers.csv\n"
         "  grain: customer\n"
         "  currency: USD\n"
         "  columns: {customer_id: id, last_purchase_date: last, monetary: spent, frequency: "
         "orders}\n" +
         input_more +
         "analysis_date: 2023-11-15\n"
         "segments: rules.yaml\n"
         "output: {mart: mart}\n" +
         more;
}

std::string transaction_plan(const std::string& input_more = {}, const std::string& more = {}) {
  return "version: 1\n"
         "input:\n"
         "  path: [a.csv, b.csv]\n"
         "  grain: transaction\n"
         "  columns: {customer_id: CustomerID, order_id: InvoiceNo, order_date: InvoiceDate, "
         "amount: Amount}\n" +
         input_more +
         "analysis_date: day_after_last_purchase\n"
         "segments: rules.yaml\n"
         "output: {mart: mart, report: out}\n" +
         more;
}

/// The error of a plan, its file's folder left out.
std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const Folder folder;
  folder.write("plan.yaml", text);
  const auto plan = read_plan(folder / "plan.yaml", overrides);
  if (plan) return "no error";
  std::string error = plan.error().to_string();
  const std::string prefix = folder / "";
  for (std::size_t at = error.find(prefix); at != std::string::npos; at = error.find(prefix))
    error.erase(at, prefix.size());
  return error;
}

plan::Plan plan_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const Folder folder;
  folder.write("plan.yaml", text);
  auto plan = read_plan(folder / "plan.yaml", overrides);
  EXPECT_TRUE(plan) << plan.error().to_string();
  return plan ? *std::move(plan) : plan::Plan{};
}

TEST(PlanFile, ReadsTheCustomerGrain) {
  const plan::Plan plan =
      plan_of(customer_plan("  money_scale: 2\n"
                            "  csv: {delimiter: ';', decimal: ',', quote: \"'\"}\n"
                            "  attributes: [age, \"`odd` name\", premium]\n"
                            "  personal: [name]\n"
                            "  overlay: premium\n"
                            "  consent: opt_in\n",
                            "review:\n"
                            "  checks: [{id: age_range, expect: age between 18 and 80, severity: "
                            "error, on_fail: quarantine}]\n"
                            "  ranges: {age: [18, 80.5]}\n"
                            "  duplicate_ids: keep_latest\n"
                            "scoring:\n"
                            "  recency: {method: thresholds, upper_bounds: [30, 60, 90]}\n"
                            "  monetary: {method: rank, bins: 10}\n"));
  EXPECT_EQ(plan.input.grain, plan::Grain::Customer);
  EXPECT_EQ(plan.input.columns.monetary, "spent");
  EXPECT_EQ(plan.input.csv.delimiter, ';');
  EXPECT_EQ(plan.input.csv.decimal, ',');
  EXPECT_EQ(plan.input.csv.quote, '\'');
  EXPECT_EQ(plan.input.money_scale, 2);
  EXPECT_THAT(plan.input.attributes, ElementsAre("age", "`odd` name"));
  EXPECT_EQ(plan.analysis_date, parse_iso_date("2023-11-15"));
  ASSERT_EQ(plan.review.checks.size(), 1U);
  EXPECT_EQ(plan.review.checks[0].on_fail, quality::OnFail::Quarantine);
  EXPECT_EQ(plan.review.ranges[0].high, "80.5");
  EXPECT_EQ(plan.review.duplicate_ids, quality::DuplicateIds::KeepLatest);
  EXPECT_EQ(plan.scoring.metrics[0].bins, 4);
  EXPECT_EQ(plan.scoring.metrics[1].method, rfm::Method::Quantile);
  EXPECT_EQ(plan.scoring.metrics[1].bins, 5);
  EXPECT_EQ(plan.scoring.metrics[2].bins, 10);
  EXPECT_EQ(plan.segments.rules.size(), 2U);
  EXPECT_EQ(plan.segments.file, "rules.yaml");
  EXPECT_EQ(plan.output.report, "mart/report");
}

TEST(PlanFile, ReadsTheTransactionGrain) {
  const plan::Plan plan =
      plan_of(transaction_plan("  keep: not starts_with(order_id, \"C\")\n"
                               "  returns: {when: 'amount < 0', treat: ignore}\n"
                               "  encoding: windows-1252\n"
                               "  date_format: '%d/%m/%Y'\n",
                               "metrics: {frequency: days}\n"));
  EXPECT_THAT(plan.input.path, ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(plan.input.currency, "XXX");
  EXPECT_TRUE(plan.input.keep.has_value());
  EXPECT_EQ(plan.input.returns->treat, plan::Treat::Ignore);
  EXPECT_EQ(plan.input.encoding, plan::Encoding::Windows1252);
  EXPECT_EQ(plan.frequency, plan::FrequencyUnit::Days);
  EXPECT_FALSE(plan.analysis_date.has_value());
  EXPECT_FALSE(plan.review.duplicate_ids.has_value());
  EXPECT_EQ(plan.output.report, "out");
}

TEST(PlanFile, TheShippedPlanIsGood) {
  const auto plan = read_plan("configs/default.yaml");
  ASSERT_TRUE(plan) << plan.error().to_string();
  EXPECT_EQ(plan->resolve(plan->input.path[0]), "configs/../data/raw/synthetic_customers.csv");
}

TEST(PlanFile, AnchorsAndAliasesStandForTheirValues) {
  const plan::Plan plan = plan_of(
      customer_plan("", "scoring:\n  recency: &five {method: rank, bins: 4}\n  monetary: *five\n"));
  EXPECT_EQ(plan.scoring.metrics[2].bins, 4);
}

struct BadPlan {
  std::string text;
  std::string error;  ///< what its message begins with
};

/// The plan with the first `from` replaced.
std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PlanFile, EveryFaultHasItsPlaceAndSaysWhatToDo) {
  const std::string good = customer_plan();
  const BadPlan cases[] = {
      {"", "plan.yaml: the file is empty"},
      {"# only this\n", "plan.yaml: the file is empty"},
      {"- a\n", "plan.yaml:1:1: the file must be a mapping"},
      {with(good, "currency", "curency"),
       "plan.yaml:5:3: unknown key 'curency' in 'input'; did you mean 'currency'?"},
      {good + "overlay: premium\n", "plan.yaml:10:1: unknown key 'overlay'\n  it belongs in input"},
      {good + "zebra: 1\n", "plan.yaml:10:1: unknown key 'zebra'\n  known keys: version, input,"},
      {good + "version: 1\n",
       "plan.yaml:10:1: key 'version' is given twice\n  it stands in line 1 already"},
      {with(good, "version: 1", "version: 2"),
       "plan.yaml:1:10: 'version' must be 1, not a number '2'"},
      {with(good, "version: 1\n", ""), "plan.yaml:1:1: 'version' is missing"},
      {with(good, "  path: customers.csv\n", ""), "plan.yaml:3:3: 'input.path' is missing"},
      {with(good, "path: customers.csv", "path: []"), "plan.yaml:3:9: 'input.path' names no file"},
      {with(good, "path: customers.csv", "path: [a, a]"),
       "plan.yaml:3:13: 'input.path' names 'a' twice"},
      {with(good, "path: customers.csv", "path:"), "plan.yaml:3:3: 'input.path' has no value"},
      {with(good, "grain: customer", "grain: costumer"),
       "plan.yaml:4:10: 'input.grain' must be one of customer, transaction, not 'costumer'; did "
       "you mean 'customer'?"},
      {with(good, "currency: USD", "currency: usd"),
       "plan.yaml:5:13: 'input.currency' must be three capital letters, not 'usd'\n  write USD"},
      {with(good, "currency: USD", "currency: [USD]"),
       "plan.yaml:5:13: 'input.currency' must be text, not a list"},
      {customer_plan("  money_scale: 5\n"),
       "plan.yaml:7:16: 'input.money_scale' must be auto or a whole number from 0 to 4, not a "
       "number '5'"},
      {customer_plan("  csv: {delimiter: ;;}\n"),
       "plan.yaml:7:20: 'input.csv.delimiter' must be one mark or auto, not ';;'"},
      {customer_plan("  csv: {delimiter: ',', decimal: ','}\n"),
       "plan.yaml:7:8: 'input.csv' gives ',' two meanings"},
      {customer_plan("  attributes: age\n"),
       "plan.yaml:7:15: 'input.attributes' must be a list, as in [a, b], not text 'age'"},
      {customer_plan("  attributes: [age, age]\n"),
       "plan.yaml:7:21: 'input.attributes' names 'age' twice"},
      {customer_plan("  attributes: [age, name]\n  personal: [name]\n"),
       "plan.yaml:7:21: 'name' is an attribute and personal"},
      {customer_plan("  personal: [id]\n"),
       "plan.yaml:7:14: 'id' is personal and plays the role customer_id"},
      {customer_plan("  attributes: [segment_id]\n"),
       "plan.yaml:7:16: the mart has a column 'segment_id' of its own"},
      {customer_plan("  keep: spent > 0\n"),
       "plan.yaml:7:9: 'input.keep' is for grain transaction"},
      {with(good, ", monetary: spent", ""),
       "plan.yaml:6:12: 'input.columns' names no column for monetary"},
      {with(good, "customer_id: id, ", ""),
       "plan.yaml:6:12: 'input.columns' names no column for customer_id"},
      {with(good, "last_purchase_date: last, ", ""),
       "plan.yaml:6:12: 'input.columns' names no column for last_purchase_date or recency_days"},
      {with(good, ", frequency: orders", ""),
       "plan.yaml:6:12: 'input.columns' names no column for average_order_value or frequency"},
      {with(good, "frequency: orders", "order_date: day, frequency: orders"),
       "plan.yaml:6:73: role 'order_date' is for grain transaction, but 'input.grain' is customer"},
      {with(good, "frequency: orders", "frequency: spent"),
       "plan.yaml:6:84: column 'spent' plays two roles: monetary and frequency"},
      {with(good, "monetary: spent", "monetery: spent"),
       "plan.yaml:6:56: unknown key 'monetery' in 'input.columns'; did you mean 'monetary'?"},
      {with(transaction_plan(), ", amount: Amount", ""),
       "plan.yaml:5:12: 'input.columns' names no column for amount, or quantity and unit_price"},
      {with(transaction_plan(), "amount: Amount", "quantity: Quantity"),
       "plan.yaml:5:12: 'input.columns' names no column for amount, or quantity and unit_price"},
      {with(transaction_plan(), "amount: Amount", "amount: Amount, quantity: Quantity"),
       "plan.yaml:5:12: 'input.columns' names amount beside quantity"},
      {transaction_plan("  date_format: dmy\n"),
       "plan.yaml:6:16: 'input.date_format' must be auto or a strptime pattern, not 'dmy'"},
      {transaction_plan("  returns: {treat: net}\n"),
       "plan.yaml:6:12: 'input.returns.when' is missing"},
      {with(good, "2023-11-15", "2023-02-29"),
       "plan.yaml:7:16: 'analysis_date': the calendar has no day 2023-02-29"},
      {with(good, "2023-11-15", "15/11/2023"),
       "plan.yaml:7:16: 'analysis_date' must be a day as YYYY-MM-DD, not '15/11/2023'"},
      {with(good, "analysis_date: 2023-11-15\n", ""), "plan.yaml:1:1: 'analysis_date' is missing"},
      {with(with(good, "2023-11-15", "day_after_last_purchase"), "last_purchase_date: last",
            "recency_days: days"),
       "plan.yaml:7:16: 'analysis_date' looks at the last purchase"},
      {customer_plan("", "scoring: {recency: {bins: 1}}\n"),
       "plan.yaml:10:27: 'scoring.recency.bins' must be a whole number from 2 to 10, not a number "
       "'1'"},
      {customer_plan("", "scoring: {recency: {bins: 11}}\n"),
       "plan.yaml:10:27: 'scoring.recency.bins' must be"},
      {customer_plan("", "scoring: {recency: {bins: five}}\n"),
       "plan.yaml:10:27: 'scoring.recency.bins' must be a whole number from 2 to 10, not text "
       "'five'"},
      {customer_plan("", "scoring: {recency: {method: ntile}}\n"),
       "plan.yaml:10:29: 'scoring.recency.method' must be one of quantile, thresholds, rank, not "
       "'ntile'"},
      {customer_plan("", "scoring: {monetary: {method: thresholds, upper_bounds: [10, 9.5]}}\n"),
       "plan.yaml:10:61: 'scoring.monetary.upper_bounds' must ascend, but 9.5 follows 10"},
      {customer_plan("", "scoring: {monetary: {method: thresholds, upper_bounds: [1, 1e15]}}\n"),
       "plan.yaml:10:60: 'scoring.monetary.upper_bounds' is out of range: 1e15"},
      {transaction_plan("", "review: {duplicate_ids: regenerate}\n"),
       "plan.yaml:9:25: 'review.duplicate_ids: regenerate' is for grain customer"},
      {customer_plan("", "scoring: {monetary: {method: thresholds, upper_bounds: []}}\n"),
       "plan.yaml:10:56: 'scoring.monetary.upper_bounds' must hold 1 to 9 bounds, not 0"},
      {customer_plan("", "scoring: {monetary: {method: thresholds}}\n"),
       "plan.yaml:10:21: 'scoring.monetary.upper_bounds' is missing"},
      {customer_plan("", "scoring: {monetary: {method: thresholds, bins: 5, upper_bounds: [1]}}\n"),
       "plan.yaml:10:48: 1 upper bounds make 2 bins, not 5"},
      {customer_plan("", "scoring: {monetary: {upper_bounds: [1]}}\n"),
       "plan.yaml:10:36: 'scoring.monetary.upper_bounds' is for method thresholds"},
      {customer_plan("", "scoring: {cut_points: gone.yaml}\n"),
       "plan.yaml:10:23: there is no scoring model 'gone.yaml'"},
      {customer_plan("", "metrics: {frequency: days}\n"),
       "plan.yaml:10:22: 'metrics.frequency: days' is for grain transaction"},
      {customer_plan("", "review: {ranges: {age: [80, 18]}}\n"),
       "plan.yaml:10:24: 'review.ranges.age' is empty: 80 is more than 18"},
      {customer_plan("", "review: {ranges: {age: [18]}}\n"),
       "plan.yaml:10:24: 'review.ranges.age' must be two numbers"},
      {customer_plan("", "review: {checks: [{id: skewed, expect: age > 1}]}\n"),
       "plan.yaml:10:24: 'skewed' is a built-in check"},
      {customer_plan("",
                     "review: {checks: [{id: a, expect: age > 1}, {id: a, expect: age > 2}]}\n"),
       "plan.yaml:10:50: check 'a' is there twice"},
      {customer_plan("", "review: {checks: [{id: a, expect: 'age > > 1'}]}\n"),
       "plan.yaml:10:42: "},
      {customer_plan("", "review: {checks: [{id: a}]}\n"),
       "plan.yaml:10:19: 'review.checks.0.expect' is missing"},
      {with(good, "rules.yaml", "gone.yaml"), "plan.yaml:8:11: there is no rule file 'gone.yaml'"},
      {with(good, "rules.yaml", "."), "plan.yaml:8:11: the rule file '.' is a directory"},
      {with(good, "{mart: mart}", "{mart: mart, report: mart}"),
       "plan.yaml:9:30: 'output.report' is the mart's folder"},
      {with(good, "output: {mart: mart}\n", ""), "plan.yaml:1:1: 'output' is missing"},
      {good + "---\nversion: 1\n", "plan.yaml:10:1: a second document in one file"},
      {with(good, "  grain", "\tgrain"), "plan.yaml:4:1: not valid YAML: a tab in the indentation"},
      {good + "review: {checks: [\n", "plan.yaml:11:1: not valid YAML"},
      {good + "review: !!python/object {}\n", "plan.yaml:10:9: tags are not read here"},
      {good + "[a, b]: 1\n", "plan.yaml:10:1: a key must be a name"},
      {good + "review: &r {checks: *r}\n", "plan.yaml:10:21: an alias inside the node"},
      {with(good, "spent", "sp\xFFnt"), "plan.yaml:6:68: not UTF-8 text"},
      {with(good, "spent", "sp\x01nt"), "plan.yaml:6:68: not UTF-8 text"},
      {good + "review: " + std::string(50, '[') + std::string(50, ']') + "\n",
       "plan.yaml:10:40: more than 32 levels of nesting"},
  };
  for (const BadPlan& bad : cases)
    EXPECT_THAT(error_of(bad.text), StartsWith(bad.error)) << bad.text;
}

TEST(PlanFile, AliasesCannotMultiplyWithoutEnd) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'k'; ++name) {
    const std::string before = std::string("*") + static_cast<char>(name - 1);
    bomb += std::string(1, name) + ": &" + name + " [" + before;
    for (int i = 0; i < 9; ++i) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(error_of(bomb), HasSubstr("more than 50000 values"));
}

TEST(PlanFile, PlacesCountFromTheFirstByteAfterAByteOrderMark) {
  EXPECT_THAT(error_of("\xEF\xBB\xBF" + with(customer_plan(), "currency: USD", "currency: usd")),
              StartsWith("plan.yaml:5:13: "));
}

TEST(PlanFile, FaultsInsideConditionsHaveThePlaceInTheFile) {
  EXPECT_THAT(error_of(transaction_plan("  keep: amount > \"1\" and ( amount < 5\n")),
              StartsWith("plan.yaml:6:"));
  EXPECT_THAT(error_of(transaction_plan("  keep: |\n    amount > 0\n      and amount >< 5\n")),
              StartsWith("plan.yaml:8:19: "));
  EXPECT_THAT(error_of(transaction_plan("  keep: \"amount >< 5\"\n")),
              StartsWith("plan.yaml:6:18: "));
}

TEST(PlanFile, AMissingFileIsNamed) {
  EXPECT_EQ(read_plan("gone.yaml").error().to_string(),
            "gone.yaml: there is no plan here\n  check the path");
  EXPECT_EQ(exit_status(read_plan("gone.yaml").error().code), 2);
  EXPECT_EQ(read_plan("configs").error().message, "the plan is a directory");
}

TEST(PlanFile, RulesMayNameAttributesAndOverlayAndNothingElse) {
  const Folder folder;
  folder.write("plan.yaml", customer_plan("  attributes: [country]\n  overlay: premium\n"));
  folder.write("rules.yaml",
               "version: 1\nsegments:\n  - {id: a, when: 'premium and country = \"DE\"'}\n");
  EXPECT_TRUE(read_plan(folder / "plan.yaml"));
  folder.write("rules.yaml",
               "version: 1\nsegments:\n  - {id: a, when: r_score > 1 and county = \"DE\"}\n");
  const auto plan = read_plan(folder / "plan.yaml");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message, "unknown field 'county'; did you mean 'country'?");
  EXPECT_EQ(plan.error().place, (Place{folder / "rules.yaml", 3, 35}));
  folder.write("rules.yaml", "version: 1\nsegments:\n  - {id: a, when: tenure_days > 30}\n");
  EXPECT_THAT(read_plan(folder / "plan.yaml").error().message,
              StartsWith("'tenure_days' needs the first purchase date"));
}

/// The error of a plan that scores with the cut points of a run in USD, of days, in five bins.
std::string error_with_frozen_cuts(const std::string& scoring,
                                   const std::vector<std::string>& overrides = {}) {
  const Folder folder;
  folder.write("frozen.yaml",
               "version: 1\n"
               "currency: USD\n"
               "metrics: {frequency: days}\n"
               "recency: {method: quantile, bins: 5, cut_points: [1, 2, 3, 4]}\n"
               "frequency: {method: thresholds, bins: 3, cut_points: [1, 4]}\n"
               "monetary: {method: thresholds, bins: 3, cut_points: [\"9.99\", \"20.00\"]}\n");
  folder.write("plan.yaml",
               transaction_plan("  currency: USD\n", "metrics: {frequency: days}\n" + scoring));
  const auto plan = read_plan(folder / "plan.yaml", overrides);
  if (plan) return "no error";
  std::string error = plan.error().to_string();
  for (std::size_t at = 0; (at = error.find(folder / "")) != std::string::npos;)
    error.erase(at, (folder / "").size());
  return error.substr(0, error.find('\n'));
}

TEST(PlanFile, GivesTheReportAFolderOfItsOwnHoweverThatIsSpelled) {
  for (const char* report : {"mart", "mart/", "./mart", "a/../mart//."}) {
    EXPECT_THAT(error_of(customer_plan(), {std::string("output.report=") + report}),
                HasSubstr("'output.report' is the mart's folder"))
        << report;
  }
  EXPECT_EQ(error_of(customer_plan(), {"output.report=mart/report"}), "no error");
}

TEST(FrozenCutPoints, AgreeWithWhatThePlanSaysOrLeavesUnsaid) {
  const std::string scoring = "scoring:\n  cut_points: frozen.yaml\n";
  for (const char* more : {"", "  recency: {bins: 5}\n", "  recency: {method: quantile, bins: 5}\n",
                           "  frequency: {method: thresholds, upper_bounds: [1, 4.0]}\n",
                           "  monetary: {method: thresholds, upper_bounds: [9.995, 20]}\n"})
    EXPECT_EQ(error_with_frozen_cuts(scoring + more), "no error") << more;
}

TEST(FrozenCutPoints, ThatDisagreeWithThePlanAreRefusedWithBothPlaces) {
  const std::string scoring = "scoring:\n  cut_points: frozen.yaml\n";
  const std::pair<std::string, std::string> cases[] = {
      {"  recency: {bins: 4}\n",
       "plan.yaml:13:19: 'scoring.recency.bins' is 4, but 5 in the cut points (frozen.yaml:4:35)"},
      {"  recency: {method: rank}\n",
       "plan.yaml:13:21: 'scoring.recency.method' is rank, but quantile in the cut points "
       "(frozen.yaml:4:19)"},
      {"  frequency: {method: thresholds, upper_bounds: [1, 5]}\n",
       "plan.yaml:13:53: 'scoring.frequency.upper_bounds' is 5, but 4 in the cut points "
       "(frozen.yaml:5:58)"},
      {"  frequency: {method: thresholds, upper_bounds: [1]}\n",
       "plan.yaml:13:49: 'scoring.frequency.upper_bounds' makes 2 bins, but 3 in the cut "
       "points (frozen.yaml:5:54)"},
      {"  monetary: {method: thresholds, upper_bounds: [10, 20]}\n",
       "plan.yaml:13:49: 'scoring.monetary.upper_bounds' is 10, but 9.99 in the cut points "
       "(frozen.yaml:6:54)"},
  };
  for (const auto& [more, error] : cases) EXPECT_EQ(error_with_frozen_cuts(scoring + more), error);
  EXPECT_EQ(error_with_frozen_cuts(scoring, {"input.currency=EUR"}),
            "--set input.currency=EUR: 'input.currency' is EUR, but USD in the cut points "
            "(frozen.yaml:2:11)");
  EXPECT_EQ(error_with_frozen_cuts(scoring, {"metrics.frequency=lines"}),
            "--set metrics.frequency=lines: 'metrics.frequency' is lines, but days in the cut "
            "points (frozen.yaml:3:22)");
}

TEST(Overrides, ReplaceAddAndRemove) {
  const plan::Plan plan =
      plan_of(customer_plan("  attributes: [age, city]\n  overlay: premium\n"),
              {"analysis_date=2024-02-29", "scoring.recency.bins=4", "input.attributes.1=town",
               "input.attributes.2=country", "input.overlay=", "review.ranges={age: [1, 2]}"});
  EXPECT_EQ(plan.analysis_date, parse_iso_date("2024-02-29"));
  EXPECT_EQ(plan.scoring.metrics[0].bins, 4);
  EXPECT_THAT(plan.input.attributes, ElementsAre("age", "town", "country"));
  EXPECT_EQ(plan.input.overlay, "");
  EXPECT_EQ(plan.review.ranges.size(), 1U);
}

TEST(Overrides, ErrorsNameTheOverride) {
  const std::string good = customer_plan("  attributes: [age]\n");
  EXPECT_THAT(error_of(good, {"scoring.recency.bin=4"}),
              StartsWith("--set scoring.recency.bin=4: unknown key 'bin' in 'scoring.recency'; did "
                         "you mean 'bins'?"));
  EXPECT_THAT(error_of(good, {"scoring.recency.bins=40"}),
              StartsWith("--set scoring.recency.bins=40: 'scoring.recency.bins' must be"));
  EXPECT_THAT(error_of(good, {"analysis_date"}),
              StartsWith("--set analysis_date: not of the form key.path=value"));
  EXPECT_THAT(error_of(good, {"input..path=1"}), StartsWith("--set input..path=1: an empty name"));
  EXPECT_THAT(
      error_of(good, {"input.attributes.7=x"}),
      StartsWith(
          "--set input.attributes.7=x: 'input.attributes' is a list of 1, which has no place '7'"));
  EXPECT_THAT(error_of(good, {"input.path.x=1"}),
              StartsWith("--set input.path.x=1: 'input.path' is text, so it has no 'x'"));
  EXPECT_THAT(error_of(good, {"review.checks=[{id: a"}),
              StartsWith("--set review.checks=[{id: a:1:"));
  for (const char* text : {"%d.%m.%Y", "# day first"}) {
    EXPECT_THAT(error_of(good, {std::string("input.date_format=") + text}),
                HasSubstr(std::string("YAML sees no value in ") + text));
  }
  EXPECT_EQ(error_of(good, {"input.date_format='%d.%m.%Y'"}), "no error");
  EXPECT_THAT(error_of(transaction_plan(), {"input.keep=amount >"}),
              StartsWith("--set input.keep=amount >: "));
}

}  // namespace
}  // namespace quintile::config
