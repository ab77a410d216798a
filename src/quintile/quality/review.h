#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "quintile/base/identifier.h"
#include "quintile/base/money.h"
#include "quintile/expression/expression.h"
#include "quintile/quality/quarantine.h"

/// What a review says: profiles of columns, findings with their decisions, and a waterfall of rows
/// and money.
namespace quintile::quality {

enum class Severity : std::uint8_t { Info, Warning, Error };

/// What was done about a finding.
enum class Decision : std::uint8_t { Kept, Quarantined, Regenerated, Removed, Fail };

/// What the plan asks a check of its own to do with the rows that break it.
enum class OnFail : std::uint8_t { Keep, Quarantine, Fail };

[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::string_view to_string(Decision decision);

/// A number, text or group under a name, as it stands in `details`, in this order.
struct Detail {
  std::string key;
  std::variant<std::int64_t, double, bool, std::string, std::vector<Detail>> value;
  friend bool operator==(const Detail&, const Detail&) = default;
};

/// Something that the review saw in the data and what was decided about it.
struct Finding {
  std::string check;   ///< id of a built-in check or of one of the plan's
  std::string column;  ///< the column looked at; empty for checks of whole records
  Severity severity = Severity::Info;
  std::int64_t rows = 0;
  Share share;                         ///< of the rows read
  std::vector<std::int64_t> examples;  ///< at most ten row numbers, ascending, 1 = first data row
  Decision decision = Decision::Kept;
  std::string reason;  ///< why this decision, one sentence, no personal value
  std::vector<Detail> details;
  friend bool operator==(const Finding&, const Finding&) = default;
};

inline constexpr std::size_t kExamplesMax = 10;

/// What a column holds. Numbers in `minimum` to `maximum` are texts as they stand in the mart (ISO
/// dates, plain decimals); for personal columns they and `top` are absent.
struct ColumnProfile {
  std::string column;
  std::string
      role;  ///< "customer_id", ..., "attribute", "personal", "overlay", "consent", "unused"
  std::string type;
  std::int64_t rows = 0;
  std::int64_t missing = 0;
  std::int64_t invalid = 0;
  std::optional<std::int64_t> distinct;
  bool distinct_is_lower_bound = false;
  std::optional<std::string> minimum, maximum;
  std::optional<double> mean, standard_deviation, skewness;
  std::optional<std::string> quantile_05, quantile_25, median, quantile_75, quantile_95;
  std::vector<std::pair<std::string, std::int64_t>> top;  ///< most frequent first, ties by bytes
  friend bool operator==(const ColumnProfile&, const ColumnProfile&) = default;
};

/// Rows and money that a step took out (rows positive, money with its sign). The first step is
/// "read", the last "published": first less the steps between is the last.
struct WaterfallStep {
  std::string step;
  std::int64_t rows = 0;
  Int128 monetary = 0;  ///< minor units at the run's scale
  friend bool operator==(const WaterfallStep&, const WaterfallStep&) = default;
};

/// True when first less the steps between is the last, in rows and money.
[[nodiscard]] bool balances(const std::vector<WaterfallStep>& waterfall);

struct Review {
  std::int64_t rows = 0;
  std::vector<ColumnProfile> columns;
  std::vector<Finding> findings;
  std::vector<WaterfallStep> waterfall;

  /// The first finding that was decided `Fail`, or null.
  [[nodiscard]] const Finding* failure() const;
  friend bool operator==(const Review&, const Review&) = default;
};

/// A check that the plan declares: `expect` finds the rows where it is false.
struct Check {
  std::string id;
  expression::Expression expect;
  Severity severity = Severity::Warning;
  OnFail on_fail = OnFail::Keep;
};

enum class DuplicateIds : std::uint8_t { Regenerate, Fail, KeepLatest };

/// The plan's `review` section.
struct ReviewSpec {
  std::vector<Check> checks;
  struct Range {
    std::string column;
    std::string low, high;  ///< decimal texts, both ends belong to it
    Place place{};          ///< in the plan; may be unknown
  };
  std::vector<Range> ranges;
  /// None where the plan is silent: regenerate at customer grain, trusted at transaction grain.
  std::optional<DuplicateIds> duplicate_ids;
};

/// The ids of the built-in checks, in the order in which a row is quarantined under the first that
/// it breaks.
inline constexpr std::string_view kBuiltInChecks[] = {"duplicate_identifier",
                                                      "missing_value",
                                                      "invalid_type",
                                                      "out_of_range",
                                                      "future_date",
                                                      "date_order",
                                                      "exact_duplicate",
                                                      "category_variant",
                                                      "inconsistent_order_value",
                                                      "inconsistent_recency",
                                                      "constant",
                                                      "high_cardinality",
                                                      "skewed",
                                                      "outlier",
                                                      "missing_customer",
                                                      "order_conflict",
                                                      "attribute_conflict",
                                                      "negative_amount",
                                                      "zero_amount",
                                                      "returns",
                                                      "not_kept",
                                                      "returns_only",
                                                      "positive_return",
                                                      "calendar_gap"};

}  // namespace quintile::quality
