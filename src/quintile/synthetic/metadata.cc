#include <string_view>

#include <nlohmann/json.hpp>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/synthetic/customer_internal.h"
#include "quintile/synthetic/metadata_internal.h"

namespace quintile::synthetic {

namespace {

using Json = nlohmann::ordered_json;
using std::string_view;

struct Field {
  string_view name, type, meaning;
  std::vector<string_view> intended_uses;
};

const std::vector<Field>& fields() {
  static const std::vector<Field> kFields = {
      {"customer_id",
       "string",
       "Identifier that a till assigned. Not unique: some are shared by customers who have nothing "
       "else in common",
       {"trace a record to its source", "review of identifiers; not a key"}},
      {"name", "string", "Full name, made up", {"tell people apart; personal, never published"}},
      {"email",
       "string",
       "E-mail address at a reserved example domain, unique to the row",
       {"tell people apart; personal, never published"}},
      {"age", "integer", "Age in years, 18 to 80", {"profile of a segment"}},
      {"gender",
       "string",
       "Gender as the customer states it: Female, Male, Non-binary",
       {"profile of a segment"}},
      {"city",
       "string",
       "City of residence, one of twenty",
       {"profile of a segment", "choice of a branch or region"}},
      {"country",
       "string",
       "Country of residence; follows from the city",
       {"profile of a segment", "choice of a market"}},
      {"income",
       "decimal",
       "Yearly income in USD, two decimals; unrelated to purchases here",
       {"profile of a segment", "check that a method finds no effect where there is none"}},
      {"credit_score",
       "integer",
       "Credit score, 300 to 850; unrelated to purchases here",
       {"profile of a segment", "check that a method finds no effect where there is none"}},
      {"loyalty_points",
       "integer",
       "Points in the loyalty programme; unrelated to purchases here",
       {"profile of a segment", "check that a method finds no effect where there is none"}},
      {"first_purchase_date",
       "date",
       "Day of the first purchase, YYYY-MM-DD",
       {"new customer ids by chronology", "tenure"}},
      {"last_purchase_date",
       "date",
       "Day of the latest purchase, YYYY-MM-DD; no later than the analysis date",
       {"recency: days up to the analysis date"}},
      {"total_spent", "decimal", "Sum of all orders in USD, two decimals", {"monetary value"}},
      {"avg_order_value",
       "decimal",
       "Mean value of an order in USD, rounded to two decimals",
       {"frequency: total_spent / avg_order_value, rounded, gives the exact number of orders",
        "profile of a segment"}},
      {"favorite_category",
       "string",
       "Category bought most often",
       {"profile of a segment", "content of a campaign"}},
      {"device_type",
       "string",
       "Device used most often: Desktop, Mobile, Tablet",
       {"profile of a segment", "choice of a channel"}},
      {"churn_risk",
       "decimal",
       "A churn score from 0 to 1 of unknown origin, two decimals; unrelated to purchases here",
       {"check that a score is worth acting on"}},
      {"subscription",
       "boolean",
       "True for premium customers, whose orders are worth more by the premium effect",
       {"overlay across segments; never a segment of its own"}},
      {"marketing_opt_in",
       "boolean",
       "True where the customer may be contacted",
       {"consent: who belongs to an audience"}},
      {"support_tickets",
       "integer",
       "Support requests in the last year",
       {"profile of a segment", "service recovery"}},
  };
  return kFields;
}

Json fields_json() {
  QUINTILE_CHECK(fields().size() == kColumns.size());
  Json list = Json::array();
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const Field& field = fields()[i];
    QUINTILE_CHECK(field.name == kColumns[i]);
    list.push_back({{"name", field.name},
                    {"type", field.type},
                    {"meaning", field.meaning},
                    {"intended_uses", field.intended_uses}});
  }
  return list;
}

Json traits_json() {
  Json list = Json::array();
  for (const PlantedTrait& trait : planted_traits()) {
    Json entry = {{"latent_group", trait.latent_group}, {"attribute", trait.attribute}};
    const bool numeric = trait.value.empty();
    entry["value"] = numeric ? Json() : Json(trait.value);
    entry[numeric ? "mean" : "share"] = trait.inside;
    entry[numeric ? "mean_elsewhere" : "share_elsewhere"] = trait.elsewhere;
    list.push_back(std::move(entry));
  }
  return list;
}

Json truth_json(const GeneratorOptions& options, const GeneratorReport& report) {
  Json groups = Json::object();
  for (const auto& group : report.latent_groups) groups[group.name] = group.customers;
  Json defects = Json::array();
  for (const auto& defect : report.defects) {
    defects.push_back({{"check", defect.check}, {"column", defect.column}, {"rows", defect.rows}});
  }
  return {{"seed", options.seed},
          {"customers", options.customers},
          {"duplicated_ids", report.duplicated_ids},
          {"duplicate_identifier",
           {{"ids", report.duplicated_ids},
            {"rows", report.duplicated_rows},
            {"surplus_rows", report.surplus_rows},
            {"largest_group", report.largest_group}}},
          {"latent_groups", std::move(groups)},
          {"premium_effect", options.premium_effect},
          {"planted_traits", traits_json()},
          {"dirt", options.dirt == Dirt::None ? "none" : "realistic"},
          {"defects", std::move(defects)}};
}

}  // namespace

std::string metadata_json(const GeneratorOptions& options, const GeneratorReport& report) {
  const Json metadata = {
      {"dataset_name", "Synthetic customers"},
      {"description",
       "Customers of a department store that does not exist, one row a customer, made by `quintile "
       "generate`. "
       "Every person, name and address is made up. Duplicated identifiers are counted before the "
       "defects; a copy "
       "(exact_duplicate) takes the place of another customer, so the number of rows stays."},
      {"num_rows", report.rows},
      {"grain", "customer"},
      {"currency", "USD"},
      {"analysis_date", day_to_string(kAnalysisDay)},
      {"fields", fields_json()},
      {"truth", truth_json(options, report)}};
  return metadata.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quintile::synthetic
