#include "quintile/customers/transaction_spec.h"

#include <algorithm>
#include <array>

namespace quintile::customers {

namespace {

constexpr std::array<std::string_view, kLineFaults> kChecks = {
    "missing_value", "invalid_type", "out_of_range", "future_date", "missing_customer", "",
    "returns",       "not_kept",     "returns_only"};
constexpr std::array<std::string_view, kLineFaults> kReasons = {
    "a value that the line needs is missing",
    "a value that the line needs cannot be read",
    "a value that the line needs lies outside the plan's range",
    "the order lies after the analysis date",
    "the line names no customer",
    "",
    "the plan takes returns out",
    "the plan's keep does not hold",
    "the customer has nothing but returns"};

}  // namespace

std::vector<int> TransactionRoles::describing() const {
  std::vector<int> indexes = attributes;
  if (overlay >= 0) indexes.push_back(overlay);
  if (consent >= 0) indexes.push_back(consent);
  return indexes;
}

std::vector<std::pair<int, std::string>> TransactionRoles::named() const {
  std::vector<std::pair<int, std::string>> named;
  const auto put = [&](int index, std::string role) {
    if (index >= 0) named.emplace_back(index, std::move(role));
  };
  put(customer_id, "customer_id");
  put(order_id, "order_id");
  put(order_date, "order_date");
  put(quantity, "quantity");
  put(unit_price, "unit_price");
  put(amount, "amount");
  for (const int index : attributes) put(index, "attribute");
  for (const int index : personal) put(index, "personal");
  put(overlay, "overlay");
  put(consent, "consent");
  for (const int index : others) put(index, "named");
  return named;
}

std::vector<int> TransactionRoles::needed(FrequencyUnit frequency) const {
  std::vector<int> indexes = {order_date, quantity, unit_price, amount};
  if (frequency == FrequencyUnit::Orders) indexes.push_back(order_id);
  std::erase_if(indexes, [](int index) { return index < 0; });
  return indexes;
}

std::string_view check_of(LineFault fault) { return kChecks[static_cast<std::size_t>(fault)]; }
std::string_view reason_of(LineFault fault) { return kReasons[static_cast<std::size_t>(fault)]; }

}  // namespace quintile::customers
