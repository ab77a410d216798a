#include "quintile/customers/customer_rows.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quintile::customers {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

/// One row of a customer file; what is not said is ordinary.
struct Row {
  std::string id = "1";
  std::int64_t person = 1;  ///< stands for the hash of the personal fields
  std::optional<std::int32_t> first = 100;
  std::optional<std::int32_t> last = 200;
  std::optional<std::int64_t> total = 3000;
  std::optional<std::int64_t> average = 1000;
  std::optional<std::int64_t> age = 40;
  auto operator<=>(const Row&) const = default;
};

template <typename T, typename U>
table::ReadColumn read_column(const std::vector<Row>& rows, std::optional<U> Row::* field,
                              auto make) {
  table::Buffer<T> values(static_cast<std::int64_t>(rows.size()));
  table::Buffer<std::uint8_t> valid(static_cast<std::int64_t>(rows.size()));
  std::int64_t missing = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& value = rows[i].*field;
    values[static_cast<std::int64_t>(i)] = value.value_or(0);
    valid[static_cast<std::int64_t>(i)] = value.has_value();
    missing += value ? 0 : 1;
  }
  return {make(std::move(values), std::move(valid)), missing, {}};
}

class Cleaned {
 public:
  Cleaned(std::vector<Row> rows, quality::ReviewSpec review = {},
          std::optional<std::int32_t> analysis_day = 250)
      : rows_(std::move(rows)) {
    using table::Column;
    const auto dates = [](const char* name) {
      return [name](auto v, auto ok) { return Column::dates(name, std::move(v), std::move(ok)); };
    };
    const auto money = [](const char* name) {
      return [name](auto v, auto ok) {
        return Column::decimals(name, 2, std::move(v), std::move(ok));
      };
    };
    table_.rows = static_cast<std::int64_t>(rows_.size());
    std::vector<std::string> ids;
    table::Buffer<std::int64_t> persons(table_.rows);
    table::Buffer<std::uint8_t> has_id(table_.rows);
    std::int64_t without_id = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      ids.push_back(rows_[i].id);
      persons[static_cast<std::int64_t>(i)] = rows_[i].person;
      has_id[static_cast<std::int64_t>(i)] = !rows_[i].id.empty();
      without_id += rows_[i].id.empty() ? 1 : 0;
      hashes_.push_back(std::hash<std::string>{}(cells(i)));
    }
    Column id_column = Column::of_texts("id", ids);
    auto valid = has_id.share();
    id_column.view.valid = valid.get();
    id_column.valid_owner = valid;
    table_.columns.push_back({id_column, without_id, {}});
    table_.columns.push_back({Column::integers("name", std::move(persons)), 0, {}});
    table_.columns.push_back(read_column<std::int32_t>(rows_, &Row::first, dates("first")));
    table_.columns.push_back(read_column<std::int32_t>(rows_, &Row::last, dates("last")));
    table_.columns.push_back(read_column<std::int64_t>(rows_, &Row::total, money("total")));
    table_.columns.push_back(read_column<std::int64_t>(rows_, &Row::average, money("average")));
    table_.columns.push_back(read_column<std::int64_t>(rows_, &Row::age, [](auto v, auto ok) {
      return Column::integers("age", std::move(v), std::move(ok));
    }));
    CustomerRoles roles;
    roles.customer_id = 0;
    roles.personal = {1};
    roles.first_purchase_date = 2;
    roles.last_purchase_date = 3;
    roles.monetary = 4;
    roles.average_order_value = 5;
    roles.attributes = {6};
    const CustomerRows input{
        .table = table_,
        .roles = roles,
        .record_hashes = hashes_,
        .records = {.is_number = {false},
                    .cells = [this](std::size_t, std::span<const std::int64_t> wanted)
                        -> Result<std::vector<std::string>> {
                      std::vector<std::string> texts;
                      for (const std::int64_t row : wanted)
                        texts.push_back(cells(static_cast<std::size_t>(row)));
                      return texts;
                    }},
        .analysis_day = analysis_day,
        .review = review};
    result_ = clean(input);
  }
  const CleanedCustomers& operator*() const { return *result_; }
  const CleanedCustomers* operator->() const { return &*result_; }
  [[nodiscard]] const Error& error() const { return result_.error(); }

  [[nodiscard]] const quality::Finding* finding(std::string_view check) const {
    const auto found = std::ranges::find(result_->review.findings, check, &quality::Finding::check);
    return found == result_->review.findings.end() ? nullptr : &*found;
  }
  /// Source row of each customer, in customer_id order.
  [[nodiscard]] std::vector<std::int64_t> rows_of_customers() const {
    std::map<std::int64_t, std::int64_t> row_of;
    for (std::size_t i = 0; i < result_->crosswalk.source_row.size(); ++i)
      row_of[result_->crosswalk.customer_id[i]] = result_->crosswalk.source_row[i];
    std::vector<std::int64_t> rows;
    for (const auto& [id, row] : row_of) rows.push_back(row);
    return rows;
  }
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::string>> quarantined() const {
    std::vector<std::pair<std::int64_t, std::string>> rows;
    for (const auto& row : result_->quarantine) rows.emplace_back(row.row, row.check);
    return rows;
  }

 private:
  [[nodiscard]] std::string cells(std::size_t i) const {
    const Row& r = rows_[i];
    return r.id + "|" + std::to_string(r.person) + "|" + std::to_string(r.first.value_or(-1)) +
           "|" + std::to_string(r.last.value_or(-1)) + "|" + std::to_string(r.total.value_or(-1)) +
           "|" + std::to_string(r.average.value_or(-1)) + "|" + std::to_string(r.age.value_or(-1));
  }
  std::vector<Row> rows_;
  table::Table table_;
  std::vector<std::uint64_t> hashes_;
  Result<CleanedCustomers> result_;
};

std::int64_t detail(const std::vector<quality::Detail>& details, std::string_view key) {
  return std::get<std::int64_t>(std::ranges::find(details, key, &quality::Detail::key)->value);
}
std::vector<quality::Detail> group_kinds(const quality::Finding& finding) {
  return std::get<std::vector<quality::Detail>>(
      std::ranges::find(finding.details, "groups", &quality::Detail::key)->value);
}

TEST(Orders, AreTotalByAverageRoundedHalfUpAndAtLeastOne) {
  EXPECT_EQ(orders_implied(1050, 300), 4);
  EXPECT_EQ(orders_implied(1049, 300), 3);
  EXPECT_EQ(orders_implied(0, 300), 1);
  EXPECT_EQ(orders_implied(999'999'999'999'999'999, 1), 999'999'999'999'999'999);
}

TEST(Chronology, NumbersCustomersByFirstPurchaseThenSourceId) {
  const Cleaned cleaned(
      {{.id = "2", .first = 90}, {.id = "10", .first = 50}, {.id = "9", .first = 50}});
  EXPECT_THAT(cleaned.rows_of_customers(), ElementsAre(2, 1, 0));
  EXPECT_THAT(cleaned->customers.recency(), ElementsAre(50, 50, 50));
  EXPECT_THAT(cleaned->customers.orders(), ElementsAre(3, 3, 3));
  EXPECT_EQ(cleaned->customers.source_customer_id.cell(0), "9");
}

TEST(Chronology, IsTheSameAfterAnyShuffle) {
  std::vector<Row> rows = {{.id = "5", .person = 1, .first = 10},
                           {.id = "5", .person = 2, .first = 10},
                           {.id = "5", .person = 3, .first = 10},
                           {.id = "4", .person = 4, .first = 10},
                           {.id = "4", .person = 4, .first = 10}};
  std::ranges::sort(rows);
  const auto customers_of = [](const Cleaned& cleaned, const std::vector<Row>& from) {
    std::vector<Row> ordered;
    for (const std::int64_t row : cleaned.rows_of_customers())
      ordered.push_back(from[static_cast<std::size_t>(row)]);
    return ordered;
  };
  const auto expected = customers_of(Cleaned(rows), rows);
  ASSERT_EQ(expected.size(), 4);
  do {
    EXPECT_EQ(customers_of(Cleaned(rows), rows), expected);
  } while (std::ranges::next_permutation(rows).found);
}

TEST(DuplicateIds, AreJudgedGroupByGroup) {
  const Cleaned cleaned({{.id = "copy"},
                         {.id = "copy"},
                         {.id = "profile", .age = 40},
                         {.id = "profile", .age = 41},
                         {.id = "history", .last = 150},
                         {.id = "history", .last = 160},
                         {.id = "people", .person = 1},
                         {.id = "people", .person = 2},
                         {.id = "people", .person = 1, .age = 3},
                         {.id = "alone"}});
  const quality::Finding& finding = *cleaned.finding("duplicate_identifier");
  EXPECT_EQ(finding.decision, quality::Decision::Regenerated);
  EXPECT_EQ(detail(finding.details, "ids"), 4);
  EXPECT_EQ(detail(finding.details, "rows"), 9);
  EXPECT_EQ(detail(finding.details, "surplus_rows"), 5);
  EXPECT_EQ(detail(finding.details, "largest_group"), 3);
  const auto kinds = group_kinds(finding);
  EXPECT_EQ(detail(kinds, "exact_copy"), 1);
  EXPECT_EQ(detail(kinds, "profile_change"), 1);
  EXPECT_EQ(detail(kinds, "longitudinal"), 1);
  EXPECT_EQ(detail(kinds, "collision"), 1) << "a mixed group counts as collision";
  EXPECT_THAT(cleaned.quarantined(), ElementsAre(Pair(1, "exact_duplicate")));
  EXPECT_EQ(cleaned->customers.size, 9);
}

TEST(DuplicateIds, CanStopTheRun) {
  quality::ReviewSpec review;
  review.duplicate_ids = quality::DuplicateIds::Fail;
  EXPECT_EQ(Cleaned({{.id = "1"}, {.id = "1", .person = 2}}, review)->review.failure()->check,
            "duplicate_identifier");
  EXPECT_EQ(Cleaned({{.id = "1"}, {.id = "2"}}, review)->review.failure(), nullptr);
}

TEST(DuplicateIds, CanKeepTheLatestUsableRecord) {
  quality::ReviewSpec review;
  review.duplicate_ids = quality::DuplicateIds::KeepLatest;
  const Cleaned cleaned(
      {{.id = "1", .last = 150}, {.id = "1", .last = 180}, {.id = "1", .last = 260}, {.id = "2"}},
      review);
  EXPECT_THAT(cleaned.quarantined(),
              ElementsAre(Pair(0, "duplicate_identifier"), Pair(2, "future_date")));
}

TEST(Quarantine, TakesARowUnderItsFirstFault) {
  const Cleaned cleaned({{.id = "ok"},
                         {.id = ""},
                         {.id = "a", .last = std::nullopt, .average = -1},
                         {.id = "b", .last = 251},
                         {.id = "c", .first = 201, .last = 200},
                         {.id = "d", .total = -1},
                         {.id = "e", .average = 0},
                         {.id = "f", .first = 300, .last = 299}});
  EXPECT_THAT(
      cleaned.quarantined(),
      ElementsAre(Pair(1, "missing_value"), Pair(2, "missing_value"), Pair(3, "future_date"),
                  Pair(4, "date_order"), Pair(5, "inconsistent_order_value"),
                  Pair(6, "inconsistent_order_value"), Pair(7, "future_date")));
  EXPECT_TRUE(quality::balances(cleaned->review.waterfall));
  EXPECT_EQ(cleaned->review.waterfall.front().monetary, 7 * 3000 - 1);
  EXPECT_EQ(cleaned->review.waterfall.back().rows, 1);
}

TEST(Quarantine, ComesToIdentityAfterValuesAndCopies) {
  const Row no_value{.id = "a", .average = 0};
  const Row nobody{.id = ""};
  const Cleaned cleaned({{.id = "ok"},
                         no_value,
                         no_value,
                         nobody,
                         nobody,
                         {.id = "", .last = 251},
                         {.id = "b", .first = std::nullopt, .total = -1}});
  EXPECT_THAT(cleaned.quarantined(),
              ElementsAre(Pair(1, "inconsistent_order_value"), Pair(2, "inconsistent_order_value"),
                          Pair(3, "missing_value"), Pair(4, "exact_duplicate"),
                          Pair(5, "future_date"), Pair(6, "inconsistent_order_value")));
  EXPECT_EQ(cleaned.finding("exact_duplicate")->rows, 2);
}

TEST(Quarantine, SparesCustomersWithAFaultyAttribute) {
  quality::ReviewSpec review;
  review.ranges = {{"age", "18", "80"}};
  const Cleaned cleaned(
      {{.id = "1", .age = 17}, {.id = "2", .age = std::nullopt}, {.id = "3", .age = 18}}, review);
  EXPECT_THAT(cleaned->quarantine, IsEmpty());
  EXPECT_EQ(cleaned.finding("out_of_range")->decision, quality::Decision::Removed);
  EXPECT_THAT(cleaned.finding("out_of_range")->examples, ElementsAre(1));
  EXPECT_EQ(cleaned->customers.attributes[0].cell(0), "");
  EXPECT_EQ(cleaned->customers.attributes[0].cell(2), "18");
}

TEST(OrderValues, BelowOneOrderAreAWarning) {
  const Cleaned cleaned({{.id = "1", .total = 500, .average = 1000}});
  EXPECT_EQ(cleaned.finding("inconsistent_order_value")->severity, quality::Severity::Warning);
  EXPECT_EQ(cleaned->customers.orders()[0], 1);
}

TEST(AnalysisDates, FollowTheLastPurchaseOfRowsThatCount) {
  const Cleaned cleaned({{.id = "1", .last = 180}, {.id = "2", .last = 400, .total = -5}}, {},
                        std::nullopt);
  EXPECT_EQ(cleaned->analysis_day, 181);
  EXPECT_THAT(cleaned->customers.recency(), ElementsAre(1));
}

TEST(PlanChecks, SeeValuesThatARangeTakesOut) {
  quality::ReviewSpec review;
  review.ranges = {{"age", "18", "80"}};
  review.checks.push_back({"grown_up", expression::parse("age >= 18").value(),
                           quality::Severity::Warning, quality::OnFail::Keep});
  const Cleaned cleaned({{.id = "1", .age = 17}, {.id = "2", .age = 18}}, review);
  EXPECT_THAT(cleaned.finding("grown_up")->examples, ElementsAre(1));
  EXPECT_EQ(cleaned->customers.attributes[0].cell(0), "");
}

TEST(PlanChecks, FindTheRowsWhereTheyAreFalse) {
  quality::ReviewSpec review;
  review.checks.push_back({"grown_up", expression::parse("age >= 18").value(),
                           quality::Severity::Warning, quality::OnFail::Quarantine});
  review.checks.push_back({"by_role", expression::parse("monetary > average_order_value").value(),
                           quality::Severity::Info, quality::OnFail::Keep});
  const Cleaned cleaned(
      {{.id = "1", .age = 17}, {.id = "2", .age = std::nullopt}, {.id = "3", .total = 1000}},
      review);
  EXPECT_THAT(cleaned.quarantined(), ElementsAre(Pair(0, "grown_up")))
      << "a missing value is not false";
  EXPECT_THAT(cleaned.finding("by_role")->examples, ElementsAre(3));
  EXPECT_EQ(cleaned->review.waterfall[1].step, "grown_up");
}

TEST(PlanChecks, CannotSeePersonalColumns) {
  quality::ReviewSpec review;
  review.checks.push_back({"spy", expression::parse("name = \"x\"").value(),
                           quality::Severity::Info, quality::OnFail::Keep});
  EXPECT_EQ(Cleaned(std::vector{Row{}}, review).error().code, ErrorCode::Plan);
}

TEST(Cleaning, RefusesInputWithoutUsableRows) {
  EXPECT_EQ(Cleaned(std::vector<Row>{}).error().code, ErrorCode::Input);
  EXPECT_EQ(Cleaned(std::vector{Row{.total = -1}}).error().code, ErrorCode::Input);
}

TEST(Cleaning, ServesOneCustomer) {
  const Cleaned cleaned(std::vector{Row{}});
  EXPECT_EQ(cleaned->customers.size, 1);
  EXPECT_EQ(cleaned->review.waterfall.size(), 2);
}

}  // namespace
}  // namespace quintile::customers
