#include <algorithm>
#include <charconv>
#include <chrono>

#include "quintile/base/date.h"
#include "quintile/synthetic/customer_internal.h"
#include "quintile/synthetic/distributions_internal.h"

namespace quintile::synthetic {

namespace {

using std::string_view;
using Weights = std::span<const std::uint16_t>;
using Knots = std::span<const std::int32_t>;

constexpr string_view kGivenNames[] = {
    "Abelino", "Adelmar", "Aldrica", "Alvino",  "Amberly", "Anselma", "Arlenda",  "Astor",
    "Belisa",  "Bertilo", "Brindle", "Caldora", "Carmino", "Cassian", "Celdwin",  "Corbina",
    "Dalmar",  "Delphia", "Dorwin",  "Edlyn",   "Elmira",  "Emberto", "Esmond",   "Evandra",
    "Fabrice", "Feldon",  "Fiorel",  "Galinda", "Garrick", "Gildana", "Hadwin",   "Helmina",
    "Idalia",  "Ilario",  "Isolde",  "Jarvik",  "Jocelda", "Kelmar",  "Kirsta",   "Lamberta",
    "Leandra", "Lorimer", "Lucinda", "Maldon",  "Marenka", "Melvar",  "Nadira",   "Nestor",
    "Odalys",  "Orlina",  "Pascal",  "Perdita", "Quentin", "Quillan", "Ramona",   "Rosalba",
    "Selwyn",  "Sidonie", "Tamsin",  "Tobren",  "Ulrika",  "Valmira", "Wendelin", "Zephyra"};
constexpr string_view kSurnameFronts[] = {
    "Amber",  "Apple",  "Birch",  "Bramble", "Brass",  "Candle",  "Cedar",   "Clover",
    "Copper", "Fern",   "Flint",  "Ginger",  "Hazel",  "Heather", "Juniper", "Lantern",
    "Maple",  "Marble", "Nettle", "Pebble",  "Pepper", "Quill",   "Saffron", "Thistle"};
constexpr string_view kSurnameBacks[] = {
    "bottom", "bridge", "brook", "bury", "dale", "feather", "field", "ford", "gate",    "hollow",
    "kettle", "ley",    "loft",  "mere", "more", "pocket",  "stead", "wick", "whistle", "worth"};
constexpr string_view kMailDomains[] = {"example.com", "example.org", "example.net"};

constexpr string_view kGenders[] = {"Female", "Male", "Non-binary"};
constexpr std::uint16_t kGenderWeights[] = {520, 455, 25};

struct City {
  string_view name, country;
};
constexpr City kCities[] = {
    {"New York", "United States"}, {"Chicago", "United States"}, {"Houston", "United States"},
    {"Seattle", "United States"},  {"Toronto", "Canada"},        {"Montreal", "Canada"},
    {"Vancouver", "Canada"},       {"London", "United Kingdom"}, {"Leeds", "United Kingdom"},
    {"Bristol", "United Kingdom"}, {"Berlin", "Germany"},        {"Hamburg", "Germany"},
    {"Munich", "Germany"},         {"Paris", "France"},          {"Lyon", "France"},
    {"Madrid", "Spain"},           {"Porto", "Portugal"},        {"Dublin", "Ireland"},
    {"Sydney", "Australia"},       {"Melbourne", "Australia"}};
constexpr std::uint16_t kCityWeights[] = {105, 80, 65, 50, 55, 40, 35, 90, 40, 35,
                                          60,  40, 40, 65, 35, 45, 25, 25, 40, 30};
// A new branch in Porto: newcomers are four times as often from there.
constexpr std::uint16_t kNewcomerCityWeights[] = {94, 72, 58, 45, 50, 36, 32,  81, 36, 32,
                                                  54, 36, 36, 58, 32, 41, 123, 22, 36, 26};

constexpr string_view kCategories[] = {"Beauty", "Books",  "Electronics", "Fashion",
                                       "Home",   "Sports", "Toys"};
constexpr std::uint16_t kCategoryWeights[] = {150, 120, 140, 190, 160, 130, 110};
constexpr std::uint16_t kDevotedCategoryWeights[] = {120, 95, 110, 150, 335, 105, 85};

constexpr string_view kDevices[] = {"Desktop", "Mobile", "Tablet"};
constexpr std::uint16_t kDeviceWeights[] = {400, 480, 120};
constexpr std::uint16_t kNewcomerDeviceWeights[] = {180, 740, 80};

// Quantiles at 0, 10, ..., 100 %.
constexpr std::int32_t kAge[] = {18, 23, 28, 33, 38, 42, 47, 52, 58, 66, 81};
constexpr std::int32_t kFadedAge[] = {20, 29, 36, 42, 47, 52, 57, 62, 67, 73, 81};
constexpr std::int32_t kCreditScore[] = {300, 540, 590, 625, 655, 685, 712, 738, 765, 798, 851};
constexpr std::int32_t kLoyaltyPoints[] = {0,    120,  310,  560,  900,  1340,
                                           1900, 2650, 3700, 5500, 12001};
constexpr std::int32_t kChurnPercent[] = {0, 8, 15, 22, 29, 36, 44, 52, 62, 75, 101};

constexpr std::uint16_t kTicketWeights[] = {400, 280, 170, 90, 40, 20};
constexpr std::uint16_t kSlippingTicketWeights[] = {200, 230, 230, 160, 100, 50, 30};

// Orders: few-order groups by weights for 1, 2, 3, ...; the others by quantiles at 0, 10, ..., 100
// %.
constexpr std::uint16_t kNewcomerOrders[] = {690, 230, 80};
constexpr std::uint16_t kOccasionalOrders[] = {360, 215, 150, 110, 75, 50, 25, 15};
constexpr std::uint16_t kFadedOrders[] = {560, 240, 120, 55, 25};
constexpr std::int32_t kDevotedOrders[] = {7, 9, 11, 13, 15, 18, 21, 25, 31, 40, 66};
constexpr std::int32_t kBuilderOrders[] = {3, 4, 4, 5, 5, 6, 7, 8, 9, 10, 14};
constexpr std::int32_t kSlippingOrders[] = {5, 7, 9, 11, 13, 15, 18, 21, 26, 33, 56};

// Days since the last purchase, quantiles at 0, 10, ..., 100 %.
constexpr std::int32_t kDevotedRecency[] = {0, 2, 5, 9, 14, 20, 27, 36, 49, 70, 131};
constexpr std::int32_t kNewcomerRecency[] = {0, 2, 4, 7, 10, 14, 19, 26, 36, 50, 91};
constexpr std::int32_t kBuilderRecency[] = {4, 19, 28, 37, 46, 56, 67, 79, 95, 116, 181};
constexpr std::int32_t kOccasionalRecency[] = {20, 54, 80, 104, 128, 152, 178, 207, 242, 290, 421};
constexpr std::int32_t kSlippingRecency[] = {95, 136, 164, 190, 216, 244, 275, 311, 357, 422, 601};
constexpr std::int32_t kFadedRecency[] = {120, 196, 246, 290, 332, 375, 421, 472, 533, 610, 731};

constexpr std::int64_t kOctaveQ16 = 65536;

struct LatentGroup {
  string_view name;
  Knots recency_days;
  Weights few_orders;  // or, where empty,
  Knots many_orders;
  std::int64_t order_value_cents;   // median
  std::int64_t order_value_spread;  // octaves, Q16
  Knots days_between_orders;
  std::uint32_t premium_permille, opt_in_permille;
  Knots age;
  Weights cities, categories, devices, tickets;
};

constexpr std::int32_t kQuickRhythm[] = {4, 9, 14, 21, 32};
constexpr std::int32_t kUsualRhythm[] = {12, 24, 36, 52, 90};
constexpr std::int32_t kSlowRhythm[] = {20, 48, 80, 130, 240};

constexpr std::uint16_t kGroupWeights[kLatentGroups] = {170, 120, 140, 180, 150, 240};
constexpr LatentGroup kGroups[kLatentGroups] = {
    {"devoted",
     kDevotedRecency,
     {},
     kDevotedOrders,
     7200,
     kOctaveQ16 * 50 / 100,
     kUsualRhythm,
     340,
     680,
     kAge,
     kCityWeights,
     kDevotedCategoryWeights,
     kDeviceWeights,
     kTicketWeights},
    {"newcomers",
     kNewcomerRecency,
     kNewcomerOrders,
     {},
     5200,
     kOctaveQ16 * 50 / 100,
     kQuickRhythm,
     220,
     640,
     kAge,
     kNewcomerCityWeights,
     kCategoryWeights,
     kNewcomerDeviceWeights,
     kTicketWeights},
    {"builders",
     kBuilderRecency,
     {},
     kBuilderOrders,
     6400,
     kOctaveQ16 * 50 / 100,
     kUsualRhythm,
     280,
     620,
     kAge,
     kCityWeights,
     kCategoryWeights,
     kDeviceWeights,
     kTicketWeights},
    {"occasional",
     kOccasionalRecency,
     kOccasionalOrders,
     {},
     5600,
     kOctaveQ16 * 75 / 100,
     kSlowRhythm,
     240,
     560,
     kAge,
     kCityWeights,
     kCategoryWeights,
     kDeviceWeights,
     kTicketWeights},
    {"slipping",
     kSlippingRecency,
     {},
     kSlippingOrders,
     8400,
     kOctaveQ16 * 50 / 100,
     kUsualRhythm,
     310,
     570,
     kAge,
     kCityWeights,
     kCategoryWeights,
     kDeviceWeights,
     kSlippingTicketWeights},
    {"faded",
     kFadedRecency,
     kFadedOrders,
     {},
     4600,
     kOctaveQ16 * 55 / 100,
     kSlowRhythm,
     220,
     420,
     kFadedAge,
     kCityWeights,
     kCategoryWeights,
     kDeviceWeights,
     kTicketWeights},
};

// Orders below this would make `total / average` ambiguous at a hundred orders.
constexpr std::int64_t kOrderValueMinCents = 500;
constexpr std::int64_t kHistoryDaysMax = 2190;

template <std::size_t N>
const auto& pick(const string_view (&from)[N], std::uint32_t draw) {
  return from[(std::uint64_t{draw} * N) >> 32];
}

void draw_purchases(const LatentGroup& group, const Population& population, std::int64_t row,
                    Customer& customer) {
  const auto index = static_cast<std::uint64_t>(row);
  const Block when = draw(population.seed, Stream::Customer, index, 1);
  const Block value = draw(population.seed, Stream::Customer, index, 2);
  customer.orders = group.few_orders.empty()
                        ? from_quantiles(group.many_orders, when[0])
                        : 1 + static_cast<std::int64_t>(weighted(group.few_orders, when[0]));
  customer.last_purchase_day =
      kAnalysisDay - static_cast<std::int32_t>(from_quantiles(group.recency_days, when[1]));
  const std::int64_t history =
      (customer.orders - 1) * from_quantiles(group.days_between_orders, when[2]);
  customer.first_purchase_day =
      customer.last_purchase_day -
      static_cast<std::int32_t>(std::min(history, kHistoryDaysMax - (when[3] & 127)));

  customer.subscription = chance(group.premium_permille, value[0]);
  std::int64_t order_value =
      log_normal(group.order_value_cents, group.order_value_spread, value[1]);
  if (customer.subscription) {
    order_value = order_value * (1'000'000 + population.premium_effect_ppm) / 1'000'000;
  }
  order_value = std::max(order_value, kOrderValueMinCents);
  const auto odd_cents =
      static_cast<std::int64_t>(value[2] % static_cast<std::uint64_t>(customer.orders));
  customer.total_spent_cents = customer.orders * order_value + odd_cents;
  customer.avg_order_value_cents =
      (2 * customer.total_spent_cents + customer.orders) / (2 * customer.orders);
}

void draw_person(const LatentGroup& group, const Population& population, std::int64_t row,
                 Customer& customer) {
  const auto index = static_cast<std::uint64_t>(row);
  const Block name = draw(population.seed, Stream::Customer, index, 3);
  const Block person = draw(population.seed, Stream::Customer, index, 4);
  const Block money = draw(population.seed, Stream::Customer, index, 5);
  const Block habit = draw(population.seed, Stream::Customer, index, 6);
  customer.customer_id = population.identifiers.at(row);
  customer.given_name = pick(kGivenNames, name[0]);
  customer.surname_front = pick(kSurnameFronts, name[1]);
  customer.surname_back = pick(kSurnameBacks, name[2]);
  customer.mail_domain = pick(kMailDomains, name[3]);
  customer.mail_number = 1 + static_cast<std::int64_t>(population.mail_numbers.at(index));

  customer.age = from_quantiles(group.age, person[0]);
  customer.gender = kGenders[weighted(kGenderWeights, person[1])];
  const City& city = kCities[weighted(group.cities, person[2])];
  customer.city = city.name;
  customer.country = city.country;
  customer.marketing_opt_in = chance(group.opt_in_permille, person[3]);

  customer.income_cents = log_normal(5'200'000, kOctaveQ16 * 65 / 100, money[0]);
  customer.credit_score = from_quantiles(kCreditScore, money[1]);
  customer.loyalty_points = from_quantiles(kLoyaltyPoints, money[2]);
  customer.churn_risk_percent = from_quantiles(kChurnPercent, money[3]);

  customer.favorite_category = kCategories[weighted(group.categories, habit[0])];
  customer.device_type = kDevices[weighted(group.devices, habit[1])];
  customer.support_tickets = static_cast<std::int64_t>(weighted(group.tickets, habit[2]));
}

}  // namespace

std::string_view latent_group_name(std::size_t group) { return kGroups[group].name; }

Customer make_customer(const Population& population, std::int64_t row) {
  Customer customer;
  const Block numbers = draw(population.seed, Stream::Customer, static_cast<std::uint64_t>(row), 0);
  customer.latent_group = weighted(kGroupWeights, numbers[0]);
  const LatentGroup& group = kGroups[customer.latent_group];
  draw_purchases(group, population, row, customer);
  draw_person(group, population, row, customer);
  return customer;
}

namespace {

// Writes the cells of a row one after another into a fixed buffer.
class LineWriter {
 public:
  void text(string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
  void lower(string_view text) {
    for (const char c : text) *at_++ = (c >= 'A' && c <= 'Z') ? static_cast<char>(c + 32) : c;
  }
  void mark(char c) { *at_++ = c; }
  void number(std::int64_t number) {
    at_ = std::to_chars(at_, buffer_ + sizeof buffer_, number).ptr;
  }
  void two_digits(std::int64_t number) {
    *at_++ = static_cast<char>('0' + number / 10);
    *at_++ = static_cast<char>('0' + number % 10);
  }
  void hundredths(std::int64_t value) {
    number(value / 100);
    mark('.');
    two_digits(value % 100);
  }
  void day(std::int32_t day_number) {
    const std::chrono::year_month_day date{from_day_number(day_number)};
    number(static_cast<int>(date.year()));
    mark('-');
    two_digits(static_cast<unsigned>(date.month()));
    mark('-');
    two_digits(static_cast<unsigned>(date.day()));
  }
  [[nodiscard]] string_view written() const {
    return {buffer_, static_cast<std::size_t>(at_ - buffer_)};
  }

 private:
  char buffer_[512];
  char* at_ = buffer_;
};

// `next()` stands between two cells.
template <typename Next>
void write_cells(const Customer& customer, LineWriter& line, Next next) {
  line.number(customer.customer_id);
  next();
  line.text(customer.given_name);
  line.mark(' ');
  line.text(customer.surname_front);
  line.text(customer.surname_back);
  next();
  line.lower(customer.given_name);
  line.mark('.');
  line.lower(customer.surname_front);
  line.text(customer.surname_back);
  line.number(customer.mail_number);
  line.mark('@');
  line.text(customer.mail_domain);
  next();
  line.number(customer.age);
  next();
  line.text(customer.gender);
  next();
  line.text(customer.city);
  next();
  line.text(customer.country);
  next();
  line.hundredths(customer.income_cents);
  next();
  line.number(customer.credit_score);
  next();
  line.number(customer.loyalty_points);
  next();
  line.day(customer.first_purchase_day);
  next();
  line.day(customer.last_purchase_day);
  next();
  line.hundredths(customer.total_spent_cents);
  next();
  line.hundredths(customer.avg_order_value_cents);
  next();
  line.text(customer.favorite_category);
  next();
  line.text(customer.device_type);
  next();
  line.hundredths(customer.churn_risk_percent);
  next();
  line.text(customer.subscription ? "true" : "false");
  next();
  line.text(customer.marketing_opt_in ? "true" : "false");
  next();
  line.number(customer.support_tickets);
}

}  // namespace

void append_line(const Customer& customer, std::string& out) {
  LineWriter line;
  write_cells(customer, line, [&] { line.mark(','); });
  line.mark('\n');
  out.append(line.written());
}

Cells to_cells(const Customer& customer) {
  LineWriter line;
  std::array<std::size_t, kColumns.size() + 1> starts{};
  std::size_t column = 0;
  write_cells(customer, line, [&] { starts[++column] = line.written().size(); });
  starts[++column] = line.written().size();
  Cells cells;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = line.written().substr(starts[i], starts[i + 1] - starts[i]);
  }
  return cells;
}

namespace {

double share_of(Weights weights, std::size_t level) {
  double sum = 0;
  for (const std::uint16_t weight : weights) sum += weight;
  return weights[level] / sum;
}

double mean_of(Weights weights) {
  double sum = 0, weighted_sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    weighted_sum += static_cast<double>(i) * weights[i];
  }
  return weighted_sum / sum;
}

// Mean of the whole numbers that `from_quantiles` yields: half a unit below the continuous one.
double mean_of(Knots knots) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < knots.size(); ++i) sum += (knots[i] + knots[i + 1] - 1) / 2.0;
  return sum / static_cast<double>(knots.size() - 1);
}

}  // namespace

std::vector<PlantedTrait> planted_traits() {
  const auto rounded = [](double value) {
    return static_cast<double>(static_cast<std::int64_t>(value * 10'000 + 0.5)) / 10'000;
  };
  return {
      {"devoted", "favorite_category", "Home", rounded(share_of(kDevotedCategoryWeights, 4)),
       rounded(share_of(kCategoryWeights, 4))},
      {"newcomers", "device_type", "Mobile", rounded(share_of(kNewcomerDeviceWeights, 1)),
       rounded(share_of(kDeviceWeights, 1))},
      {"newcomers", "city", "Porto", rounded(share_of(kNewcomerCityWeights, 16)),
       rounded(share_of(kCityWeights, 16))},
      {"newcomers", "country", "Portugal", rounded(share_of(kNewcomerCityWeights, 16)),
       rounded(share_of(kCityWeights, 16))},
      {"slipping",
       "support_tickets",
       {},
       rounded(mean_of(Weights(kSlippingTicketWeights))),
       rounded(mean_of(Weights(kTicketWeights)))},
      {"faded", "age", {}, rounded(mean_of(Knots(kFadedAge))), rounded(mean_of(Knots(kAge)))},
  };
}

}  // namespace quintile::synthetic
