#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/date.h"
#include "quintile/base/result.h"
#include "quintile/expression/expression.h"
#include "quintile/quality/review.h"
#include "quintile/rfm/scoring.h"
#include "quintile/segments/rule_set.h"

/// What to compute, as one value, never how. Product contract, section 4. Field names are the YAML
/// keys.
namespace quintile::plan {

enum class Grain : std::uint8_t { Customer, Transaction };
enum class Encoding : std::uint8_t { Auto, Utf8, Windows1252, Macintosh };
enum class FrequencyUnit : std::uint8_t { Orders, Days, Lines };
enum class Treat : std::uint8_t { Net, Ignore };

struct Csv {
  std::optional<char> delimiter;  ///< none: auto. ' ' stands for runs of blanks
  std::optional<char> decimal;    ///< none: auto; '.' or ','
  char quote = '"';
};

/// Source columns by role; empty where the plan names none.
struct Columns {
  std::string customer_id;
  // customer grain
  std::string first_purchase_date, last_purchase_date, recency_days, monetary, average_order_value,
      frequency;
  // transaction grain
  std::string order_id, order_date, quantity, unit_price, amount;
};

struct Returns {
  expression::Expression when;
  Treat treat = Treat::Net;
};

struct Input {
  std::vector<std::string>
      path;  ///< as spelled: files and globs, relative to the plan file, or a URI
  Grain grain = Grain::Customer;
  std::string currency;
  std::optional<int> money_scale;  ///< none: auto
  Csv csv;
  Columns columns;
  std::string date_format = "auto";
  Encoding encoding = Encoding::Auto;
  std::vector<std::string> attributes, personal;
  std::string overlay, consent;  ///< empty: none
  std::optional<expression::Expression> keep;
  std::optional<Returns> returns;
};

/// Where the customers of an engine go: into the mart, or nowhere (`write_to` keeps them there).
enum class OutputRows : std::uint8_t { Fetch, Stay };

struct Output {
  std::string mart,
      report;  ///< as spelled, relative to the plan file; report may be empty: mart/report
  OutputRows rows = OutputRows::Fetch;
};

struct Plan {
  int version = 1;
  std::string file;  ///< as given on the command line; paths are relative to its folder
  Input input;
  std::optional<Date> analysis_date;  ///< none: day_after_last_purchase
  quality::ReviewSpec review;
  rfm::ScoringSpec scoring;
  FrequencyUnit frequency = FrequencyUnit::Orders;  ///< metrics.frequency
  segments::RuleSet segments;
  Output output;

  /// `path` as a path of this process: relative ones start from the plan file's folder.
  [[nodiscard]] std::string resolve(std::string_view path) const;
};

}  // namespace quintile::plan
