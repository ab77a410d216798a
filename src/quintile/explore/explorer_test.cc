#include "quintile/explore/explorer.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quintile/explore/export.h"
#include "quintile/explore/sample_mart_test.h"

namespace quintile::explore {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Explore : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { mart_ = std::make_unique<testing::SampleMart>(); }
  static void TearDownTestSuite() { mart_.reset(); }

  [[nodiscard]] Selection select(const std::vector<Parameter>& parameters) const {
    auto selection = explorer.select(parameters);
    EXPECT_TRUE(selection) << selection.error().to_string();
    return selection ? *std::move(selection) : Selection{};
  }
  [[nodiscard]] std::string refusal(const std::vector<Parameter>& parameters) const {
    const auto selection = explorer.select(parameters);
    return selection ? "none" : selection.error().to_string();
  }
  template <typename Match>
  [[nodiscard]] std::int64_t count(const Match& match) const {
    std::int64_t customers = 0;
    for (std::int64_t row = 0; row < explorer.customers(); ++row) customers += match(row);
    return customers;
  }

  static inline std::unique_ptr<testing::SampleMart> mart_;
  Explorer explorer{mart_->open()};
  const segments::Segmentation& s = explorer.mart().segmentation;
  const customers::Customers& c = s.customers;
};

TEST_F(Explore, ParametersAreJoinedByAndItemsByOr) {
  const Selection selection = select({{"city", "Oslo,<script>alert(1)</script>"},
                                      {"subscription", "true"},
                                      {"cells", "55,11,5-4"}});
  const auto city = c.find("city")->view;
  EXPECT_EQ(selection.customers, count([&](std::int64_t row) {
              const auto name = city.text(row);
              const int cell = s.r_score[row] * 10 + s.f_score[row];
              return (name == "Oslo" || name == "<script>alert(1)</script>") &&
                     c.overlay->view.integer(row) == 1 && (cell == 55 || cell == 11 || cell == 54);
            }));
  EXPECT_GT(selection.customers, 0);
}

TEST_F(Explore, RangesHoldBothEndsAndMissingIsAnItem) {
  const auto age = c.find("age")->view;
  EXPECT_EQ(select({{"age", "25..34,~"}}).customers, count([&](std::int64_t row) {
              return !age.is_valid(row) || (age.integer(row) >= 25 && age.integer(row) <= 34);
            }));
  EXPECT_EQ(select({{"monetary", "100.005..250"}}).customers, count([&](std::int64_t row) {
              return c.value()[static_cast<std::size_t>(row)] >= 10'001 &&
                     c.value()[static_cast<std::size_t>(row)] <= 25'000;
            }));
  EXPECT_EQ(
      select({{"last_purchase_date", "2023-01-01.."}}).customers,
      count([&](std::int64_t row) { return c.recency()[static_cast<std::size_t>(row)] <= 318; }));
  EXPECT_EQ(select({{"customer_id", "1..3"}}).customers, 3);
  EXPECT_EQ(select({{"frequency", "1.5"}}).customers, 0);
  EXPECT_EQ(select({{"monetary", "99999999999999999999999"}}).customers, 0);
}

TEST_F(Explore, DerivedColumnsFilterToo) {
  EXPECT_EQ(select({{"segment", "champions,at_risk"}}).customers,
            count([&](std::int64_t row) { return s.segment[row] == 0 || s.segment[row] == 2; }));
  EXPECT_EQ(select({{"segment_name", "At risk"}}).customers,
            count([&](std::int64_t row) { return s.segment[row] == 2; }));
  EXPECT_EQ(select({{"rfm_code", "555"}}).customers, count([&](std::int64_t row) {
              return s.r_score[row] == 5 && s.f_score[row] == 5 && s.m_score[row] == 5;
            }));
  EXPECT_EQ(select({{"rfm_total", "14.."}}).customers, count([&](std::int64_t row) {
              return s.r_score[row] + s.f_score[row] + s.m_score[row] >= 14;
            }));
  EXPECT_EQ(select({{"column.city", "Oslo"}}).customers, select({{"city", "Oslo"}}).customers);
}

TEST_F(Explore, WhatCannotBeMeantIsRefusedByName) {
  EXPECT_THAT(refusal({{"citty", "Oslo"}}),
              StartsWith("citty: the mart has no column 'citty'; did you mean 'city'?"));
  EXPECT_THAT(refusal({{"segment", "champion"}}),
              StartsWith("segment: there is no segment 'champion'; did you mean 'champions'?"));
  EXPECT_THAT(refusal({{"age", "34..25"}}),
              StartsWith("age: 'age' has a range that ends before it begins"));
  EXPECT_THAT(refusal({{"age", ".."}}), HasSubstr("without ends"));
  EXPECT_THAT(refusal({{"age", "old"}}), StartsWith("age: 'old' is no number"));
  EXPECT_THAT(refusal({{"cells", "65"}}), StartsWith("cells: the grid has no cell '65'"));
  EXPECT_THAT(refusal({{"city", "a"}, {"city", "b"}}), StartsWith("city: 'city' is given twice"));
  EXPECT_THAT(refusal({{"subscription", "yes"}}),
              StartsWith("subscription: 'yes' is neither true nor false"));
  EXPECT_THAT(refusal({{"last_purchase_date", "2023-02-30"}}), HasSubstr("is no day"));
  EXPECT_THAT(refusal({{"sort", "x"}}), HasSubstr("the mart has no column 'sort'"));
  EXPECT_THAT(refusal({{"previous_segment", "champions"}}), HasSubstr("no older mart"));
}

TEST_F(Explore, TheCubeAddsUpToTheSummary) {
  for (const auto& parameters : {std::vector<Parameter>{}, {{"city", "Oslo"}}, {{"age", "200"}}}) {
    const Selection selection = select(parameters);
    const summary::Summary summary = explorer.summarise(selection);
    std::vector<std::int64_t> customers(explorer.mart().rules.rules.size());
    Int128 money = 0;
    for (const CubeCell& cell : explorer.cube(selection, true)) {
      customers[cell.segment] += cell.customers;
      money += cell.monetary;
    }
    for (std::size_t i = 0; i < customers.size(); ++i)
      EXPECT_EQ(customers[i], summary.segments[i].customers);
    EXPECT_EQ(money, summary.filtered->monetary);
    std::int64_t by_cell = 0;
    for (const CubeCell& cell : explorer.cube(selection, false)) by_cell += cell.customers;
    EXPECT_EQ(by_cell, selection.customers);
  }
}

TEST_F(Explore, HistogramsHoldEveryoneOnceAndKeepTheirBins) {
  const Distributions all = explorer.distributions(select({}));
  const Distributions some = explorer.distributions(select({{"city", "Oslo"}}));
  for (std::size_t metric = 0; metric < 3; ++metric) {
    std::int64_t population = 0, customers = 0;
    ASSERT_EQ(all.histograms[metric].size(), some.histograms[metric].size());
    for (std::size_t i = 0; i < some.histograms[metric].size(); ++i) {
      EXPECT_EQ(some.histograms[metric][i].from, all.histograms[metric][i].from);
      EXPECT_EQ(some.histograms[metric][i].population, all.histograms[metric][i].customers);
      population += some.histograms[metric][i].population;
      customers += some.histograms[metric][i].customers;
    }
    EXPECT_EQ(population, explorer.customers());
    EXPECT_EQ(customers, select({{"city", "Oslo"}}).customers);
  }
  EXPECT_EQ(all.lorenz.points.front(), (std::array<double, 2>{0, 0}));
  EXPECT_EQ(all.lorenz.points.back(), (std::array<double, 2>{1, 1}));
  EXPECT_LE(all.lorenz.points.size(), 101U);
  // The mean absolute difference is the definition; the formula by ranks must agree.
  double differences = 0, total = 0;
  for (const auto x : c.value()) {
    total += static_cast<double>(x);
    for (const auto y : c.value())
      differences += std::abs(static_cast<double>(x) - static_cast<double>(y));
  }
  EXPECT_NEAR(*all.lorenz.gini,
              differences / (2 * static_cast<double>(explorer.customers()) * total), 1e-12);
}

TEST_F(Explore, PagesCoverTheSelectionInOrderBothWays) {
  for (const SortKey key :
       {SortKey::Monetary, SortKey::Frequency, SortKey::SourceCustomerId, SortKey::RfmTotal}) {
    for (const bool descending : {false, true}) {
      const Selection selection = select({{"subscription", "false"}});
      PageQuery query{
          .sort = key, .descending = descending, .limit = 37, .search = {}, .after_row = {}};
      std::vector<std::int64_t> seen;
      std::vector<std::optional<std::int64_t>> cursors = {std::nullopt};
      while (true) {
        const Page page = explorer.page(selection, query);
        EXPECT_EQ(page.total, selection.customers);
        EXPECT_EQ(page.first, static_cast<std::int64_t>(seen.size()));
        EXPECT_EQ(page.has_previous, !seen.empty());
        if (cursors.size() > 1) {
          EXPECT_EQ(page.previous_after, cursors[cursors.size() - 2]);
        }
        seen.insert(seen.end(), page.rows.begin(), page.rows.end());
        if (!page.next_after) break;
        query.after_row = page.next_after;
        cursors.push_back(page.next_after);
      }
      EXPECT_EQ(static_cast<std::int64_t>(seen.size()), selection.customers);
      std::ranges::sort(seen);
      EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
    }
  }
}

TEST_F(Explore, SearchFindsTheStartOfASourceIdAndAWholeCustomerId) {
  const PageQuery query{.sort = SortKey::CustomerId,
                        .descending = false,
                        .limit = 500,
                        .search = "8999",
                        .after_row = {}};
  const Page page = explorer.page(select({}), query);
  ASSERT_FALSE(page.rows.empty());
  for (const std::int64_t row : page.rows) EXPECT_THAT(explorer.source_id(row), StartsWith("8999"));
  EXPECT_THAT(explorer
                  .page(select({}), {.sort = SortKey::CustomerId,
                                     .descending = false,
                                     .limit = 5,
                                     .search = " 17 ",
                                     .after_row = {}})
                  .rows,
              ElementsAre(16));
}

TEST_F(Explore, APreviewOfThePresentRulesMovesNobody) {
  const auto same = explorer.preview(explorer.mart().rules, select({}));
  ASSERT_TRUE(same) << same.error().to_string();
  EXPECT_EQ(same->movers, 0);
  segments::RuleSet swapped = explorer.mart().rules;
  std::swap(swapped.rules[0], swapped.rules[1]);
  const Preview preview = explorer.preview(swapped, select({})).value();
  // "promising" now takes all that "champions" took.
  EXPECT_EQ(preview.movers, count([&](std::int64_t row) { return s.segment[row] == 0; }));
  ASSERT_EQ(preview.flows.size(), 1U);
  EXPECT_EQ(preview.flows[0].customers, preview.movers);
  EXPECT_EQ(preview.segments[1].first, 0);
  segments::RuleSet open_ended = explorer.mart().rules;
  open_ended.rules.pop_back();
  EXPECT_EQ(explorer.preview(open_ended, select({})).value().segments.back().first,
            count([&](std::int64_t row) { return s.segment[row] == 4; }));
}

TEST_F(Explore, MigrationFromItselfStays) {
  const Explorer compared(mart_->open(), std::make_shared<const mart::Mart>(mart_->open()));
  const Migration migration = *compared.migration(
      Selection{.everyone = true, .rows = {}, .customers = compared.customers(), .text = {}});
  std::int64_t customers = 0;
  for (const Migration::Flow& flow : migration.flows) {
    EXPECT_EQ(flow.from, flow.to);
    customers += flow.customers;
  }
  EXPECT_EQ(customers, compared.customers());
  EXPECT_EQ(compared.select(std::vector<Parameter>{{"previous_segment", "~"}})->customers, 0);
}

TEST_F(Explore, AnAudienceHoldsConsentAlone) {
  const AudienceCount count_all = count_audience(explorer, select({}));
  EXPECT_EQ(count_all.contactable, count([&](std::int64_t row) {
              return c.consent->is_valid(row) && c.consent->view.integer(row) == 1;
            }));
  CsvRows rows(explorer, select({}), Table::Audience, {.separator = ';'});
  std::string text, piece;
  while (!(piece = rows.next()).empty()) text += piece;
  EXPECT_THAT(text, StartsWith("\xEF\xBB\xBF"
                               "customer_id;source_customer_id;segment_id;marketing_opt_in;"
                               "analysis_date;rules_digest;filters\r\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), count_all.contactable + 1);
  EXPECT_THAT(text, ::testing::Not(HasSubstr(";false;")));
}

TEST(CsvCells, WhatASpreadsheetWouldRunIsText) {
  EXPECT_EQ(csv_cell("=1+1", true), "'=1+1");
  EXPECT_EQ(csv_cell("-5", true), "'-5");
  EXPECT_EQ(csv_cell("-5", false), "-5");
  EXPECT_EQ(csv_cell("@a,\"b\"", true), "\"'@a,\"\"b\"\"\"");
  EXPECT_EQ(csv_cell("a;b", true, ','), "a;b");
  EXPECT_EQ(csv_cell("a;b", true, ';'), "\"a;b\"");
  EXPECT_EQ(csv_cell("line\r\nend", true), "\"line\r\nend\"");
}

TEST(ExploreSmall, OneCustomerWithoutAnythingOptional) {
  const testing::SampleMart mart({.customers = 6,
                                  .with_overlay = false,
                                  .with_consent = false,
                                  .with_attributes = false,
                                  .with_dates = false,
                                  .text_ids = true});
  const Explorer explorer(mart.open());
  const Selection everyone = explorer.select({}).value();
  EXPECT_TRUE(explorer.dimensions().empty());
  EXPECT_TRUE(explorer.distributions(everyone).overlay_cells.empty());
  EXPECT_EQ(count_audience(explorer, everyone).withheld, 0);
  const Selection one = explorer.select(std::vector<Parameter>{{"customer_id", "2"}}).value();
  EXPECT_EQ(one.customers, 1);
  EXPECT_EQ(explorer.cube(one, false).size(), 1U);
  EXPECT_EQ(explorer.distributions(one).lorenz.points.size(), 2U);
  EXPECT_EQ(explorer.select(std::vector<Parameter>{{"source_customer_id", "001|x"}})->customers, 1);
}

}  // namespace
}  // namespace quintile::explore
