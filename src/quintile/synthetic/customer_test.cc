#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>

#include "quintile/synthetic/customer_internal.h"

namespace quintile::synthetic {
namespace {

constexpr std::int64_t kRows = 20'000;

Population a_population(double premium_effect = 0.15, std::int64_t rows = kRows) {
  return {7, std::llround(premium_effect * 1e6), *Identifiers::plan(rows, rows / 4, 7),
          Permutation(static_cast<std::uint64_t>(rows), 7, Stream::MailNumber)};
}

TEST(Customers, GiveBackTheirOrdersFromTotalAndAverage) {
  for (const double effect : {-0.9, 0.0, 0.15, 10.0}) {
    const Population population = a_population(effect);
    for (std::int64_t row = 0; row < kRows; ++row) {
      const Customer c = make_customer(population, row);
      const std::int64_t frequency = std::max<std::int64_t>(
          1, (2 * c.total_spent_cents + c.avg_order_value_cents) / (2 * c.avg_order_value_cents));
      ASSERT_EQ(frequency, c.orders) << "row " << row;
      ASSERT_GE(c.total_spent_cents, c.avg_order_value_cents);
    }
  }
}

TEST(Customers, StayInTheirRanges) {
  const Population population = a_population();
  for (std::int64_t row = 0; row < kRows; ++row) {
    const Customer c = make_customer(population, row);
    ASSERT_GE(c.age, 18);
    ASSERT_LE(c.age, 80);
    ASSERT_GE(c.credit_score, 300);
    ASSERT_LE(c.credit_score, 850);
    ASSERT_GE(c.churn_risk_percent, 0);
    ASSERT_LE(c.churn_risk_percent, 100);
    ASSERT_LE(c.first_purchase_day, c.last_purchase_day);
    ASSERT_LE(c.last_purchase_day, kAnalysisDay);
    ASSERT_EQ(c.orders == 1, c.first_purchase_day == c.last_purchase_day);
  }
}

TEST(Customers, AreAllDifferentPeople) {
  const Population population = a_population();
  std::set<std::string> mails;
  for (std::int64_t row = 0; row < kRows; ++row) {
    const std::string mail = to_cells(make_customer(population, row))[2];
    EXPECT_THAT(mail, ::testing::ContainsRegex("^[a-z]+[.][a-z]+[0-9]+@example[.](com|org|net)$"));
    EXPECT_TRUE(mails.insert(mail).second) << "row " << row;
  }
}

TEST(Customers, WithPremiumSpendMoreByTheEffectAndNothingElseChanges) {
  const Population without = a_population(0), with = a_population(0.15);
  for (std::int64_t row = 0; row < 2000; ++row) {
    const Customer a = make_customer(without, row), b = make_customer(with, row);
    ASSERT_EQ(a.orders, b.orders);
    ASSERT_EQ(a.last_purchase_day, b.last_purchase_day);
    ASSERT_EQ(a.subscription, b.subscription);
    const double ratio =
        static_cast<double>(b.avg_order_value_cents) / static_cast<double>(a.avg_order_value_cents);
    if (a.avg_order_value_cents > 1000) {
      ASSERT_NEAR(ratio, a.subscription ? 1.15 : 1, 0.002);
    }
  }
}

TEST(Customers, HaveThePlantedTraits) {
  const Population population = a_population();
  for (const PlantedTrait& trait : planted_traits()) {
    const auto column =
        static_cast<std::size_t>(std::ranges::find(kColumns, trait.attribute) - kColumns.begin());
    double inside = 0, elsewhere = 0, n_inside = 0, n_elsewhere = 0;
    for (std::int64_t row = 0; row < kRows; ++row) {
      const Customer customer = make_customer(population, row);
      const std::string cell = to_cells(customer)[column];
      const double value = trait.value.empty() ? std::stod(cell) : cell == trait.value;
      const bool is_inside = latent_group_name(customer.latent_group) == trait.latent_group;
      (is_inside ? inside : elsewhere) += value;
      (is_inside ? n_inside : n_elsewhere) += 1;
    }
    const double tolerance = trait.attribute == "age" ? 1 : trait.value.empty() ? 0.1 : 0.03;
    EXPECT_NEAR(inside / n_inside, trait.inside, tolerance) << trait.attribute;
    EXPECT_NEAR(elsewhere / n_elsewhere, trait.elsewhere, tolerance) << trait.attribute;
  }
}

TEST(Customers, ReadTheSameAsCellsAndAsALine) {
  const Population population = a_population();
  for (std::int64_t row = 0; row < 100; ++row) {
    const Customer customer = make_customer(population, row);
    std::string line, joined;
    append_line(customer, line);
    for (const std::string& cell : to_cells(customer)) {
      EXPECT_THAT(cell, ::testing::Not(::testing::HasSubstr(",")));
      joined += (joined.empty() ? "" : ",") + cell;
    }
    EXPECT_EQ(line, joined + "\n");
  }
}

}  // namespace
}  // namespace quintile::synthetic
