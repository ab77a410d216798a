#include "quintile/engine/local/transactions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/base/date.h"
#include "quintile/engine/local/executor.h"

namespace quintile::engine::local {
namespace {

using customers::CleanedTransactions;
using customers::FrequencyUnit;
using customers::TransactionSpec;
using quality::Finding;
using table::Column;
using testing::ElementsAre;
using testing::IsEmpty;

/// An order line as a test writes it; empty texts and missing numbers are missing cells.
struct Line {
  std::string customer, order;
  std::string moment;                       ///< "2024-01-31" or "2024-01-31 10:30"
  std::optional<std::int64_t> tenths = 10;  ///< quantity, one digit after the point
  std::optional<std::int64_t> price = 100;  ///< minor units
  std::string country = "UK";
};

std::int64_t moment_of(const std::string& text) {
  std::int64_t moment =
      to_day_number(*parse_iso_date(text.substr(0, 10))) * std::int64_t{86'400'000'000};
  if (text.size() > 10)
    moment += (std::stoll(text.substr(11, 2)) * 60 + std::stoll(text.substr(14, 2))) * 60'000'000;
  return moment;
}

/// Lines in memory, handed out in batches by several threads.
class Lines : public table::Source {
 public:
  Lines(std::vector<Line> lines, std::int64_t batch_rows = 3, int workers = 1)
      : lines_(std::move(lines)), batch_rows_(batch_rows), workers_(workers) {}

  [[nodiscard]] const std::vector<std::string>& column_names() const override { return names_; }
  [[nodiscard]] Result<table::Table> read(const table::ReadRequest&) override {
    return fail(ErrorCode::Internal, "not asked for");
  }
  [[nodiscard]] Status scan(const table::ReadRequest&, const Consumer& consume) override {
    ++scans;
    const auto rows = static_cast<std::int64_t>(lines_.size());
    const std::int64_t batches = (rows + batch_rows_ - 1) / batch_rows_;
    std::vector<Status> status(static_cast<std::size_t>(workers_));
    std::vector<std::thread> threads;
    for (int worker = 0; worker < workers_; ++worker) {
      threads.emplace_back([&, worker] {
        // From the last batch to the first: no order is promised.
        for (std::int64_t index = batches - 1 - worker; index >= 0; index -= workers_) {
          auto& own = status[static_cast<std::size_t>(worker)];
          if (own) own = consume(batch(index), worker);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (Status& own : status) {
      if (!own) return own;
    }
    return {};
  }
  [[nodiscard]] int workers() const override { return workers_; }
  [[nodiscard]] bool types_changed() const override { return false; }
  [[nodiscard]] const table::ReadFacts& facts() const override { return facts_; }
  [[nodiscard]] std::vector<std::uint64_t> take_record_hashes() override { return {}; }
  [[nodiscard]] Result<std::vector<std::string>> cells(std::size_t,
                                                       std::span<const std::int64_t>) override {
    return fail(ErrorCode::Internal, "not asked for");
  }

  int scans = 0;

 private:
  [[nodiscard]] table::Batch batch(std::int64_t index) const {
    table::Batch batch;
    batch.index = index;
    batch.first_row = index * batch_rows_;
    batch.rows = std::min(batch_rows_, static_cast<std::int64_t>(lines_.size()) - batch.first_row);
    const auto begin = lines_.begin() + batch.first_row;
    const std::span<const Line> lines(begin, begin + batch.rows);
    for (const Line& line : lines) {
      batch.record_hash.push_back(
          std::hash<std::string>{}(line.customer + "|" + line.order + "|" + line.moment + "|" +
                                   std::to_string(line.tenths.value_or(-1)) + "|" +
                                   std::to_string(line.price.value_or(-1))));
    }
    const auto texts = [&](std::string Line::* member) {
      std::vector<std::string> values;
      table::ReadColumn read;
      table::Buffer<std::uint8_t> valid(batch.rows);
      for (std::int64_t i = 0; i < batch.rows; ++i) {
        values.push_back(lines[static_cast<std::size_t>(i)].*member);
        valid[i] = values.back().empty() ? 0 : 1;
        read.missing += values.back().empty() ? 1 : 0;
      }
      const Column views = Column::of_texts("", values);
      table::Buffer<std::string_view> copies(batch.rows);
      std::ranges::copy(views.view.values<std::string_view>(), copies.begin());
      read.column = Column::texts("", std::move(copies), views.data_owner, std::move(valid));
      return read;
    };
    const auto numbers = [&](int scale, auto value_of) {
      table::ReadColumn read;
      table::Buffer<std::int64_t> values(batch.rows);
      table::Buffer<std::uint8_t> valid(batch.rows);
      for (std::int64_t i = 0; i < batch.rows; ++i) {
        const std::optional<std::int64_t> value = value_of(lines[static_cast<std::size_t>(i)]);
        values[i] = value.value_or(0);
        valid[i] = value ? 1 : 0;
        read.missing += value ? 0 : 1;
      }
      read.column = scale < 0 ? Column::timestamps("", std::move(values), std::move(valid))
                              : Column::decimals("", scale, std::move(values), std::move(valid));
      return read;
    };
    batch.columns.push_back(texts(&Line::customer));
    batch.columns.push_back(texts(&Line::order));
    batch.columns.push_back(numbers(-1, [](const Line& line) {
      return line.moment.empty() ? std::nullopt : std::optional(moment_of(line.moment));
    }));
    batch.columns.push_back(numbers(1, [](const Line& line) { return line.tenths; }));
    batch.columns.push_back(numbers(2, [](const Line& line) { return line.price; }));
    batch.columns.push_back(texts(&Line::country));
    return batch;
  }

  std::vector<Line> lines_;
  std::int64_t batch_rows_;
  int workers_;
  std::vector<std::string> names_ = {"Customer", "Invoice", "Date", "Quantity", "Price", "Country"};
  table::ReadFacts facts_;
};

expression::Expression parsed(std::string_view text) { return *expression::parse(text); }

TransactionSpec a_plan() {
  TransactionSpec spec;
  for (const char* name : {"Customer", "Invoice", "Date", "Quantity", "Price", "Country"})
    spec.columns.push_back({name, table::Reading::Inferred});
  spec.roles.customer_id = 0;
  spec.roles.order_id = 1;
  spec.roles.order_date = 2;
  spec.roles.quantity = 3;
  spec.roles.unit_price = 4;
  spec.roles.attributes = {5};
  spec.analysis_day = to_day_number(*parse_iso_date("2024-02-01"));
  return spec;
}

Result<CleanedTransactions> aggregated(Lines lines, const TransactionSpec& spec,
                                       std::int64_t memory = 0) {
  return aggregate(lines, {}, spec, run_serially, {.memory_max = memory});
}

/// One customer in a line: "id first..last recency orders monetary average country".
std::vector<std::string> shown(const CleanedTransactions& result) {
  const customers::Customers& c = result.cleaned.customers;
  std::vector<std::string> out;
  for (std::int64_t i = 0; i < c.size; ++i) {
    std::string text = c.source_customer_id.cell(i) + " " + c.first_purchase_date->cell(i) + ".." +
                       c.last_purchase_date->cell(i);
    for (const Column* column :
         {&c.recency_days, &c.frequency, &c.monetary, &c.average_order_value})
      text += " " + column->cell(i);
    for (const Column& attribute : c.attributes) text += " " + attribute.cell(i);
    out.push_back(text);
  }
  return out;
}

/// The crosswalk, a published line in a line: "source row, customer_id".
std::vector<std::string> ways(const CleanedTransactions& result) {
  const customers::Crosswalk& crosswalk = result.cleaned.crosswalk;
  std::vector<std::string> out;
  crosswalk.for_each(0, crosswalk.size(),
                     [&](std::int64_t row, std::int64_t rows, std::uint32_t customer_id) {
                       for (const std::int64_t end = row + rows; row < end; ++row)
                         out.push_back(std::to_string(row) + " " + std::to_string(customer_id));
                     });
  return out;
}

std::vector<std::string> waterfall(const CleanedTransactions& result) {
  std::vector<std::string> out;
  for (const auto& step : result.cleaned.review.waterfall)
    out.push_back(step.step + " " + std::to_string(step.rows) + " " +
                  decimal_to_string(step.monetary, 2));
  return out;
}

const Finding* found(const CleanedTransactions& result, std::string_view check) {
  const auto& findings = result.cleaned.review.findings;
  const auto at = std::ranges::find(findings, check, &Finding::check);
  return at == findings.end() ? nullptr : &*at;
}

std::string detail(const Finding* finding, std::string_view key) {
  if (finding == nullptr) return "no finding";
  for (const quality::Detail& entry : finding->details) {
    if (entry.key != key) continue;
    if (const auto* number = std::get_if<std::int64_t>(&entry.value))
      return std::to_string(*number);
    if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  }
  return "no detail";
}

TEST(Transactions, ReduceLinesToCustomersInOrderOfFirstOrder) {
  const auto result = aggregated(Lines({{"b", "1", "2024-01-02", 10, 100},
                                        {"b", "1", "2024-01-02", 15, 200},
                                        {"a", "2", "2024-01-02", 10, 50},
                                        {"b", "3", "2024-01-09", 10, 101},
                                        {"c", "4", "2024-01-01", 10, 7}}),
                                 a_plan());
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_THAT(shown(*result), ElementsAre("c 2024-01-01..2024-01-01 31 1 0.07 0.07 UK",
                                          "a 2024-01-02..2024-01-02 30 1 0.50 0.50 UK",
                                          "b 2024-01-02..2024-01-09 23 2 5.01 2.51 UK"));
  EXPECT_THAT(waterfall(*result), ElementsAre("read 5 5.58", "published 5 5.58"));
  EXPECT_THAT(ways(*result), ElementsAre("0 3", "1 3", "2 2", "3 3", "4 1"));
}

TEST(Transactions, LeadBackFromAnyStretchOfACrosswalkInRuns) {
  std::vector<Line> lines(700, {"a", "1", "2024-01-02"});
  for (int i = 0; i < 5000; ++i) lines.push_back({std::to_string(i), "2", "2024-01-02"});
  const auto result = aggregated(Lines(lines, 1000), a_plan());
  const customers::Crosswalk& crosswalk = result->cleaned.crosswalk;
  ASSERT_EQ(crosswalk.size(), 5700);
  EXPECT_LT(crosswalk.source_row.size(), 5010U) << "several lines are one entry";
  const std::vector<std::string> all = ways(*result);
  for (const std::int64_t begin : {0, 1, 255, 699, 700, 4791, 5699}) {
    std::int64_t at = begin;
    crosswalk.for_each(begin, std::min<std::int64_t>(300, 5700 - begin),
                       [&](std::int64_t row, std::int64_t rows, std::uint32_t customer_id) {
                         for (const std::int64_t end = row + rows; row < end; ++row, ++at) {
                           ASSERT_EQ(std::to_string(row) + " " + std::to_string(customer_id),
                                     all[static_cast<std::size_t>(at)]);
                         }
                       });
    EXPECT_EQ(at, std::min<std::int64_t>(5700, begin + 300));
  }
}

TEST(Transactions, CountOrdersDaysOrLines) {
  const std::vector<Line> lines = {{"a", "1", "2024-01-02 10:00"},
                                   {"a", "2", "2024-01-02 11:00"},
                                   {"a", "1", "2024-01-02 10:00"},
                                   {"a", "3", "2024-01-03"}};
  TransactionSpec spec = a_plan();
  const auto orders = [&](FrequencyUnit unit) {
    spec.frequency = unit;
    return aggregated(Lines(lines, 1), spec)->cleaned.customers.orders()[0];
  };
  EXPECT_EQ(orders(FrequencyUnit::Orders), 3);
  EXPECT_EQ(orders(FrequencyUnit::Days), 2);
  EXPECT_EQ(orders(FrequencyUnit::Lines), 4);
  spec.roles.order_id = -1;
  EXPECT_EQ(orders(FrequencyUnit::Orders), 4) << "without an order id each row is an order";
}

TEST(Transactions, NetReturnsLowerTheValueAndAreNoOrders) {
  TransactionSpec spec = a_plan();
  spec.keep = parsed(R"(not starts_with(order_id, "C") and quantity > 0)");
  spec.returns = parsed(R"(starts_with(order_id, "C") or quantity < 0)");
  const std::vector<Line> lines = {{"a", "1", "2024-01-02", 20, 100},
                                   {"a", "C2", "2024-01-20", -10, 100},
                                   {"b", "C3", "2024-01-03", -10, 500},
                                   {"a", "4", "2024-01-05", 0, 100},
                                   {"a", "C5", "2024-01-06", 10, 10}};
  const auto net = aggregated(Lines(lines), spec);
  ASSERT_TRUE(net) << net.error().to_string();
  EXPECT_THAT(shown(*net), ElementsAre("a 2024-01-02..2024-01-02 30 1 1.10 1.10 UK"));
  EXPECT_THAT(waterfall(*net), ElementsAre("read 5 -3.90", "not_kept 1 0.00",
                                           "returns_only 1 -5.00", "published 3 1.10"));
  EXPECT_THAT(net->gross, ElementsAre(200));
  EXPECT_THAT(net->net, ElementsAre(110));
  EXPECT_EQ(detail(found(*net, "returns"), "customers"), "1");
  EXPECT_EQ(detail(found(*net, "returns"), "orders"), "3");
  EXPECT_EQ(detail(found(*net, "returns"), "net"), "1.10");
  EXPECT_THAT(found(*net, "positive_return")->examples, ElementsAre(5));
  EXPECT_THAT(found(*net, "returns_only")->examples, ElementsAre(3));
  ASSERT_EQ(net->cleaned.quarantine.size(), 2U);
  EXPECT_EQ(net->cleaned.quarantine[0],
            (quality::QuarantinedRow{2, "returns_only", "the customer has nothing but returns"}));
  EXPECT_EQ(net->cleaned.quarantine[1].check, "not_kept");

  spec.net = false;
  const auto gross = aggregated(Lines(lines), spec);
  EXPECT_THAT(shown(*gross), ElementsAre("a 2024-01-02..2024-01-02 30 1 2.00 2.00 UK"));
  EXPECT_THAT(waterfall(*gross), ElementsAre("read 5 -3.90", "returns 2 -0.90", "not_kept 1 0.00",
                                             "returns_only 1 -5.00", "published 1 2.00"));
  EXPECT_THAT(found(*gross, "returns_only")->examples, ElementsAre(3));
  EXPECT_EQ(gross->cleaned.quarantine[1].check, "returns_only");
  EXPECT_EQ(detail(found(*gross, "returns"), "net"), "1.10");
}

TEST(Transactions, QuarantineALineUnderTheFirstCheckItBreaks) {
  TransactionSpec spec = a_plan();
  spec.keep = parsed("quantity > 0");
  spec.review.checks.push_back(
      {"dear", parsed("unit_price < 50"), quality::Severity::Warning, quality::OnFail::Quarantine});
  spec.review.ranges.push_back({"Quantity", "-1000", "10"});
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02"},
                                        {"", "1", "2024-01-02"},
                                        {"", "1", ""},
                                        {"a", "1", "2024-02-02"},
                                        {"a", "1", "2024-02-01"},
                                        {"a", "1", "2024-01-02", std::nullopt},
                                        {"a", "1", "2024-01-02", 110},
                                        {"a", "1", "2024-01-02", 10, 9999},
                                        {"a", "1", "2024-01-02", -10},
                                        {"a", "1", "2024-01-02", 3, 1}}),
                                 spec);
  ASSERT_TRUE(result) << result.error().to_string();
  std::vector<std::string> checks;
  for (const auto& row : result->cleaned.quarantine)
    checks.push_back(std::to_string(row.row + 1) + " " + row.check);
  EXPECT_THAT(checks, ElementsAre("2 missing_customer", "3 missing_value", "4 future_date",
                                  "6 missing_value", "7 out_of_range", "8 dear", "9 not_kept",
                                  "10 invalid_type"));
  EXPECT_TRUE(quality::balances(result->cleaned.review.waterfall));
  EXPECT_EQ(found(*result, "missing_customer")->rows, 2);
  EXPECT_THAT(shown(*result), ElementsAre("a 2024-01-02..2024-02-01 0 1 2.00 2.00 UK"));
}

TEST(Transactions, TakeTheLatestAttributeByTimeThenOrderThenValue) {
  const auto country = [](std::vector<Line> lines) {
    return aggregated(Lines(std::move(lines), 1), a_plan())
        ->cleaned.customers.attributes[0]
        .cell(0);
  };
  const auto line = [](const char* order, const char* moment, const char* value) {
    return Line{"a", order, moment, 10, 100, value};
  };
  EXPECT_EQ(country({line("9", "2024-01-02 10:00", "FR"), line("1", "2024-01-02 10:01", "DE")}),
            "DE");
  EXPECT_EQ(country({line("B", "2024-01-02", "FR"), line("A", "2024-01-02", "UK")}), "FR");
  EXPECT_EQ(country({line("A", "2024-01-02", "FR"), line("A", "2024-01-02", "UK")}), "UK");
  EXPECT_EQ(country({line("A", "2024-01-02", "FR"), line("B", "2024-01-09", "")}), "FR")
      << "missing never replaces";
  const auto result = aggregated(Lines({line("A", "2024-01-02", "FR"),
                                        line("B", "2024-01-03", "FR"),
                                        line("C", "2024-01-02", "UK"),
                                        {"b", "D", "2024-01-02"}}),
                                 a_plan());
  EXPECT_EQ(detail(found(*result, "attribute_conflict"), "customers"), "1");
  EXPECT_THAT(found(*result, "attribute_conflict")->examples, ElementsAre(1, 2, 3));
}

TEST(Transactions, CountNoConflictWhereLinesSpellOneCategoryInSeveralWays) {
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02", 10, 1, "c"},
                                        {"a", "2", "2024-01-03", 10, 1, " C "},
                                        {"b", "3", "2024-01-02", 10, 1, "D"},
                                        {"b", "4", "2024-01-03", 10, 1, " d"},
                                        {"b", "5", "2024-01-04", 10, 1, "c"}}),
                                 a_plan());
  EXPECT_EQ(detail(found(*result, "attribute_conflict"), "customers"), "1");
  EXPECT_THAT(found(*result, "attribute_conflict")->examples, ElementsAre(3, 4, 5));
  EXPECT_EQ(found(*result, "category_variant")->rows, 2);
}

TEST(Transactions, WriteSpellingsOfOneCategoryAlike) {
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02", 10, 1, "uk"},
                                        {"b", "2", "2024-01-02", 10, 1, "UK"},
                                        {"c", "3", "2024-01-02", 10, 1, "UK"}}),
                                 a_plan());
  EXPECT_EQ(result->cleaned.customers.attributes[0].cell(0), "UK");
  EXPECT_THAT(found(*result, "category_variant")->examples, ElementsAre(1));
}

TEST(Transactions, TellOrdersOfSeveralCustomersOrTimes) {
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02"},
                                        {"b", "1", "2024-01-02"},
                                        {"a", "2", "2024-01-02 10:00"},
                                        {"a", "2", "2024-01-02 10:01"},
                                        {"", "3", "2024-01-02"},
                                        {"a", "3", "2024-01-02"}}),
                                 a_plan());
  const Finding* conflict = found(*result, "order_conflict");
  EXPECT_EQ(detail(conflict, "several_customers"), "1");
  EXPECT_EQ(detail(conflict, "several_time_stamps"), "1");
  EXPECT_EQ(conflict->rows, 4);
  EXPECT_THAT(conflict->examples, ElementsAre(1, 3));
  EXPECT_THAT(result->cleaned.customers.orders(), ElementsAre(3, 1))
      << "the shared order counts for both";
}

TEST(Transactions, TellEqualLinesAndKeepThem) {
  const Line twin{"a", "1", "2024-01-02"};
  const auto result = aggregated(Lines({twin, {"b", "2", "2024-01-02"}, twin, twin}), a_plan());
  const Finding* equal = found(*result, "exact_duplicate");
  EXPECT_EQ(detail(equal, "groups"), "1");
  EXPECT_EQ(detail(equal, "rows"), "3");
  EXPECT_EQ(detail(equal, "surplus_rows"), "2");
  EXPECT_THAT(equal->examples, ElementsAre(3, 4));
  EXPECT_THAT(result->cleaned.quarantine, IsEmpty());
  EXPECT_EQ(result->cleaned.customers.value()[0], 300);
}

TEST(Transactions, TellEqualLinesWithoutAnOrderIdToo) {
  const Line twin{"a", "", "2024-01-02"};
  TransactionSpec spec = a_plan();
  const auto examples = [&] {
    return found(*aggregated(Lines({twin, {"a", "7", "2024-01-02"}, twin}, 1, 2), spec),
                 "exact_duplicate")
        ->examples;
  };
  EXPECT_THAT(examples(), ElementsAre(3)) << "quarantined, for its order id is missing";
  spec.roles.order_id = -1;
  EXPECT_THAT(examples(), ElementsAre(3));
}

TEST(Transactions, LookBackFromTheDayAfterTheLastLineThatCounts) {
  TransactionSpec spec = a_plan();
  spec.analysis_day.reset();
  spec.returns = parsed("quantity < 0");
  Lines lines({{"a", "1", "2024-01-02"},
               {"a", "2", "2024-01-04"},
               {"a", "3", "2024-01-05", -10},
               {"a", "4", "2024-01-06", -10}});
  const auto result = aggregate(lines, {}, spec, run_serially);
  ASSERT_TRUE(result);
  EXPECT_EQ(day_to_string(result->cleaned.analysis_day), "2024-01-05");
  EXPECT_THAT(shown(*result), ElementsAre("a 2024-01-02..2024-01-04 1 2 1.00 0.50 UK"));
  EXPECT_THAT(found(*result, "future_date")->examples, ElementsAre(4));
  EXPECT_EQ(lines.scans, 2) << "the return in the future was seen before the day was known";
}

TEST(Transactions, RefuseAmountsBeyondTheLimit) {
  constexpr std::int64_t kHuge = kMoneyLimit - 1;
  const auto line = aggregated(
      Lines({{"a", "1", "2024-01-02", 10, kHuge}, {"a", "2", "2024-01-02", 20, kHuge}}), a_plan());
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code, ErrorCode::Input);
  EXPECT_THAT(line.error().message, testing::HasSubstr("row 2"));
  const auto sum = aggregated(
      Lines({{"a", "1", "2024-01-02", 10, kHuge}, {"a", "2", "2024-01-02", 10, 1}}), a_plan());
  ASSERT_FALSE(sum);
  EXPECT_EQ(sum.error().code, ErrorCode::Input);
  EXPECT_TRUE(aggregated(Lines({{"a", "1", "2024-01-02", 10, kHuge},
                                {"a", "2", "2024-01-02", 10, kHuge},
                                {"a", "3", "2024-01-02", 10, -kHuge}}),
                         a_plan()))
      << "sums are kept in 128 bits on the way";
}

TEST(Transactions, TrustIdsUnlessThePlanSaysOtherwise) {
  TransactionSpec spec = a_plan();
  spec.review.duplicate_ids = quality::DuplicateIds::Regenerate;
  EXPECT_EQ(aggregated(Lines({{"a", "1", "2024-01-02"}}), spec).error().code, ErrorCode::Plan);
  // The price stands for a personal field here: whatever tells lines of one id apart.
  spec.review.duplicate_ids = quality::DuplicateIds::Fail;
  spec.roles.personal = {4};
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02", 10, 7},
                                        {"b", "2", "2024-01-02", 10, 8},
                                        {"a", "3", "2024-01-02", 10, 9}},
                                       1, 2),
                                 spec);
  EXPECT_EQ(detail(found(*result, "duplicate_identifier"), "ids"), "1");
  EXPECT_EQ(result->cleaned.review.failure()->rows, 2);
}

TEST(Transactions, SayWhenNothingCounts) {
  TransactionSpec spec = a_plan();
  spec.keep = parsed("quantity > 1000");
  const auto result = aggregated(Lines({{"a", "1", "2024-01-02"}}), spec);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(),
              testing::HasSubstr("not_kept in records (1 row: the plan keeps: quantity > 1000)"));
  EXPECT_FALSE(aggregated(Lines({}), spec));
}

TEST(Transactions, RefuseAnExpressionThatDoesNotFit) {
  TransactionSpec spec = a_plan();
  spec.keep = parsed("order_id > 5");
  EXPECT_EQ(aggregated(Lines({{"a", "1", "2024-01-02"}}), spec).error().code, ErrorCode::Plan);
  spec.keep = parsed("Kwantity > 5");
  EXPECT_THAT(aggregated(Lines({{"a", "1", "2024-01-02"}}), spec).error().to_string(),
              testing::HasSubstr("did you mean 'quantity'"));
}

/// Many lines of few customers, with faults, ties and copies of every kind.
std::vector<Line> many_lines() {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  std::vector<Line> lines;
  for (int i = 0; i < 400; ++i) {
    Line line;
    if (below(10) > 0)
      line.customer = below(2) == 0 ? std::to_string(below(15)) : "c" + std::to_string(below(15));
    if (below(15) > 0) line.order = (below(6) == 0 ? "C" : "") + std::to_string(below(60));
    line.moment = "2024-01-" + std::to_string(10 + below(20)) + " 10:0" + std::to_string(below(3));
    line.tenths = 10 * (below(12) - 2);
    line.price = below(8) == 0 ? 0 : below(5000);
    line.country =
        std::array<const char*, 5>{"", "UK", "uk ", "FR", "DE"}[static_cast<std::size_t>(below(5))];
    lines.push_back(line);
    if (below(12) == 0) lines.push_back(line);
  }
  return lines;
}

TEST(Transactions, ComeOutAlikeHoweverTheyAreCutSharedOutAndSpilled) {
  TransactionSpec spec = a_plan();
  spec.keep = parsed("quantity > 0 and unit_price > 0");
  spec.returns = parsed(R"(starts_with(order_id, "C"))");
  for (const FrequencyUnit unit : {FrequencyUnit::Orders, FrequencyUnit::Days}) {
    spec.frequency = unit;
    spec.net = unit == FrequencyUnit::Orders;
    Lines whole(many_lines(), 1000, 1);
    const auto expected = aggregate(whole, {}, spec, run_serially);
    ASSERT_TRUE(expected) << expected.error().to_string();
    ASSERT_GT(expected->cleaned.customers.size, 20);
    for (const int workers : {1, 3}) {
      for (const std::int64_t rows : {1, 7, 64}) {
        Lines cut(many_lines(), rows, workers);
        const auto result = aggregate(cut, {}, spec, on_threads(2), {.memory_max = 1});
        ASSERT_TRUE(result);
        EXPECT_EQ(shown(*result), shown(*expected));
        EXPECT_EQ(result->cleaned.review, expected->cleaned.review);
        EXPECT_EQ(result->cleaned.quarantine, expected->cleaned.quarantine);
        EXPECT_EQ(ways(*result), ways(*expected));
      }
    }
    std::vector<Line> shuffled = many_lines();
    std::ranges::shuffle(shuffled, std::mt19937(11));
    EXPECT_EQ(shown(*aggregated(Lines(shuffled, 9, 2), spec)), shown(*expected));
  }
}

}  // namespace
}  // namespace quintile::engine::local
