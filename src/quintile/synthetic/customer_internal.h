#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/synthetic/identifiers_internal.h"
#include "quintile/synthetic/random_internal.h"

/// The made-up customers: six latent groups with their own habits, and a few traits planted in
/// them.
namespace quintile::synthetic {

/// The day the file looks back from, 2023-11-15: no purchase is later.
inline constexpr std::int32_t kAnalysisDay = 19676;

inline constexpr std::size_t kLatentGroups = 6;

/// "devoted", "newcomers", "builders", "occasional", "slipping", "faded".
[[nodiscard]] std::string_view latent_group_name(std::size_t group);

/// One row of the file before any defect. Texts are borrowed from tables that live as long as the
/// program.
struct Customer {
  std::size_t latent_group = 0;
  std::int64_t customer_id = 0;
  std::string_view given_name, surname_front, surname_back;
  std::int64_t mail_number = 0;  ///< no two rows share one, so no two rows are the same person
  std::string_view mail_domain;
  std::int64_t age = 0;
  std::string_view gender, city, country;
  std::int64_t income_cents = 0;
  std::int64_t credit_score = 0;
  std::int64_t loyalty_points = 0;
  std::int32_t first_purchase_day = 0, last_purchase_day = 0;
  std::int64_t orders =
      0;  ///< not in the file; `total_spent / avg_order_value` rounds to it exactly
  std::int64_t total_spent_cents = 0, avg_order_value_cents = 0;
  std::string_view favorite_category, device_type;
  std::int64_t churn_risk_percent = 0;
  bool subscription = false, marketing_opt_in = false;
  std::int64_t support_tickets = 0;
};

/// What all rows of a file share.
struct Population {
  std::uint64_t seed;
  std::int64_t
      premium_effect_ppm;  ///< how much more a premium order is worth, in parts per million
  Identifiers identifiers;
  Permutation mail_numbers;
};

/// The customer in a row: a function of the population and the row alone.
[[nodiscard]] Customer make_customer(const Population& population, std::int64_t row);

/// The file's columns in order.
inline constexpr std::array<std::string_view, 20> kColumns = {"customer_id",
                                                              "name",
                                                              "email",
                                                              "age",
                                                              "gender",
                                                              "city",
                                                              "country",
                                                              "income",
                                                              "credit_score",
                                                              "loyalty_points",
                                                              "first_purchase_date",
                                                              "last_purchase_date",
                                                              "total_spent",
                                                              "avg_order_value",
                                                              "favorite_category",
                                                              "device_type",
                                                              "churn_risk",
                                                              "subscription",
                                                              "marketing_opt_in",
                                                              "support_tickets"};

/// The texts of a row, in the order of `kColumns`. No text needs quotes in a CSV file.
using Cells = std::array<std::string, kColumns.size()>;
[[nodiscard]] Cells to_cells(const Customer& customer);

/// Appends the row as a CSV line with its line end: the same bytes as the cells joined by commas.
void append_line(const Customer& customer, std::string& out);

/// A habit that a latent group has and the others have less.
struct PlantedTrait {
  std::string_view latent_group;
  std::string_view attribute;
  std::string_view value;            ///< empty for a numeric attribute
  double inside = 0, elsewhere = 0;  ///< expected share with that value, or expected mean
};

/// Computed from the tables that the rows are drawn from.
[[nodiscard]] std::vector<PlantedTrait> planted_traits();

}  // namespace quintile::synthetic
