#include "quintile/quality/attribute_checks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/base/text.h"

namespace quintile::quality {

void RowCollector::keep_example(std::int64_t example) {
  examples_.insert(std::ranges::upper_bound(examples_, example), example);
  if (examples_.size() > kExamplesMax) examples_.pop_back();
}

Finding RowCollector::finding(std::string check, std::string column, Severity severity,
                              Decision decision, std::string reason, std::int64_t rows_read) const {
  Finding finding;
  finding.check = std::move(check);
  finding.column = std::move(column);
  finding.severity = severity;
  finding.rows = rows_;
  finding.share =
      Share{rows_read == 0 ? 0.0 : static_cast<double>(rows_) / static_cast<double>(rows_read)};
  finding.examples = examples_;
  finding.decision = decision;
  finding.reason = std::move(reason);
  return finding;
}

std::string unreadable_amount(int money_scale) {
  return money_scale == 0 ? "no amount in whole units can be read from it"
                          : fmt::format(
                                "no amount with at most {} digits after the point can be "
                                "read from it",
                                money_scale);
}

std::string category_key(std::string_view text) {
  std::string key;
  for (const char c : fold_case(trim(text))) {
    if (c == ' ' && !key.empty() && key.back() == ' ') continue;
    key += c;
  }
  return key;
}

std::vector<std::string> chosen_spellings(std::span<const std::string_view> texts,
                                          std::span<const std::int64_t> rows) {
  // Key to its spellings (trimmed) with rows; ordered, so that nothing depends on the order of the
  // rows.
  std::map<std::string, std::map<std::string, std::int64_t>> spellings;
  std::vector<std::string> chosen(texts.begin(), texts.end());
  std::vector<std::string> keys(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (rows[i] == 0) continue;
    keys[i] = category_key(texts[i]);
    spellings[keys[i]][std::string(trim(texts[i]))] += rows[i];
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (rows[i] == 0) continue;
    const auto& alike = spellings[keys[i]];
    chosen[i] = std::ranges::max_element(alike, [](const auto& a, const auto& b) {
                  return a.second < b.second;
                })->first;
  }
  return chosen;
}

Checked unify_variants(const table::Column& column) {
  Checked checked{.finding = std::nullopt, .column = column};
  if (!column.view.is_coded() || column.view.dictionary.size() > kCategoriesMax) return checked;
  const auto dictionary = column.view.dictionary;
  std::vector<std::int64_t> counts(dictionary.size());
  with_integers(column.view, [&](auto codes) {
    for (std::int64_t row = 0; row < column.size(); ++row) {
      if (column.is_valid(row))
        ++counts[static_cast<std::size_t>(codes[static_cast<std::size_t>(row)])];
    }
  });
  const std::vector<std::string> texts = chosen_spellings(dictionary, counts);
  std::vector<Detail> merged;
  std::vector<std::uint8_t> is_variant(dictionary.size());
  std::map<std::string, std::int64_t> variant_rows;
  for (std::size_t code = 0; code < dictionary.size(); ++code) {
    if (counts[code] == 0) continue;
    is_variant[code] = texts[code] != dictionary[code] ? 1 : 0;
    if (is_variant[code] != 0) variant_rows[texts[code]] += counts[code];
  }
  if (variant_rows.empty()) return checked;

  RowCollector rows;
  for (std::int64_t row = 0; row < column.size(); ++row) {
    if (column.is_valid(row) && is_variant[static_cast<std::size_t>(column.view.integer(row))] != 0)
      rows.add(row);
  }
  for (const auto& [text, count] : variant_rows) {
    if (merged.size() < kExamplesMax) merged.push_back({text, count});
  }
  checked.finding =
      rows.finding("category_variant", column.name, Severity::Warning, Decision::Regenerated,
                   "spellings that differ in case or blanks were written as the most frequent one",
                   column.size());
  checked.finding->details = {{"categories", static_cast<std::int64_t>(variant_rows.size())},
                              {"rows_by_category", merged}};

  // Several codes now share a text: each distinct text gets one code.
  std::map<std::string, std::int32_t> code_of_text;
  std::vector<std::string> distinct;
  std::vector<std::int32_t> new_code(dictionary.size());
  for (std::size_t code = 0; code < dictionary.size(); ++code) {
    const auto [entry, fresh] =
        code_of_text.try_emplace(texts[code], static_cast<std::int32_t>(distinct.size()));
    if (fresh) distinct.push_back(texts[code]);
    new_code[code] = entry->second;
  }
  table::Buffer<std::int32_t> unified(column.size());
  for (std::int64_t row = 0; row < column.size(); ++row) {
    unified[row] =
        column.is_valid(row) ? new_code[static_cast<std::size_t>(column.view.integer(row))] : 0;
  }
  checked.column = table::Column::codes(column.name, std::move(unified),
                                        table::Dictionary::of(std::move(distinct)));
  checked.column.view.valid = column.view.valid;
  checked.column.valid_owner = column.valid_owner;
  return checked;
}

Result<int> column_of(const ReviewSpec::Range& range, std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, range.column);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  const std::string_view near = nearest(range.column, names);
  return fail(ErrorCode::Plan,
              fmt::format("review.ranges: the file has no column '{}'{}", range.column,
                          near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
              {}, range.place);
}

Result<std::vector<std::uint8_t>> within(const ColumnView& column, const ReviewSpec::Range& range) {
  std::vector<std::uint8_t> inside(static_cast<std::size_t>(column.size), 1);
  if (column.is_blank()) return inside;
  if (!is_numeric(column.type)) {
    return fail(ErrorCode::Plan,
                fmt::format("review.ranges: column '{}' holds {}, not numbers", range.column,
                            to_string(column.type)),
                {}, range.place);
  }
  const auto low = parse_decimal(range.low);
  const auto high = parse_decimal(range.high);
  if (!low || !high)
    return fail(ErrorCode::Plan,
                fmt::format("review.ranges: the bounds of '{}' are no numbers", range.column), {},
                range.place);
  const double low_real =
      static_cast<double>(low->unscaled) / static_cast<double>(power_of_ten(low->scale));
  const double high_real =
      static_cast<double>(high->unscaled) / static_cast<double>(power_of_ten(high->scale));
  // Whole numbers compare exactly: x >= low exactly when x >= ceil(low) at the column's scale.
  const auto at_scale = [&](const Decimal& bound, bool up) {
    const int shift = column.scale - bound.scale;
    if (shift >= 0) return static_cast<Int128>(bound.unscaled) * power_of_ten(shift);
    const Int128 divisor = power_of_ten(-shift);
    return up ? -divide_floor(-static_cast<Int128>(bound.unscaled), divisor)
              : divide_floor(bound.unscaled, divisor);
  };
  // Bounds beyond 64 bits are no tighter than the 64 bits.
  const auto narrow = [](Int128 bound) {
    return static_cast<std::int64_t>(std::clamp<Int128>(
        bound, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
  };
  const Int128 low_integer = at_scale(*low, true);
  const Int128 high_integer = at_scale(*high, false);
  const bool empty = low_integer > std::numeric_limits<std::int64_t>::max() ||
                     high_integer < std::numeric_limits<std::int64_t>::min();
  const auto check = [&](auto values, auto holds) {
    for (std::size_t row = 0; row < values.size(); ++row)
      inside[row] = static_cast<std::uint8_t>(holds(values[row]) ||
                                              (column.valid != nullptr && column.valid[row] == 0));
  };
  const auto in_integers = [&](auto values) {
    check(values, [low = narrow(low_integer), high = narrow(high_integer),
                   empty](std::int64_t value) { return value >= low && value <= high && !empty; });
  };
  if (column.layout != Layout::Float64) {
    with_integers(column, in_integers);
    return inside;
  }
  check(column.values<double>(),
        [low_real, high_real](double value) { return value >= low_real && value <= high_real; });
  return inside;
}

namespace {

std::optional<Finding> outlier_finding(const table::Column& column,
                                       const NumericStatistics& statistics) {
  const double reach = kOutlierFence * (statistics.quantile_75 - statistics.quantile_25);
  const double low = statistics.quantile_25 - reach;
  const double high = statistics.quantile_75 + reach;
  if (reach <= 0 || (statistics.minimum >= low && statistics.maximum <= high)) return std::nullopt;
  RowCollector rows;
  const auto look_at = [&](auto values, double unit) {
    for (std::int64_t row = 0; row < column.size(); ++row) {
      const double value = static_cast<double>(values[static_cast<std::size_t>(row)]) / unit;
      if ((value < low || value > high) && column.is_valid(row)) rows.add(row);
    }
  };
  const auto unit = static_cast<double>(power_of_ten(column.view.scale));
  if (column.view.layout == Layout::Float64) {
    look_at(column.view.values<double>(), 1);
  } else {
    with_integers(column.view, [&](auto values) { look_at(values, unit); });
  }
  Finding finding = rows.finding(
      "outlier", column.name, Severity::Info, Decision::Kept,
      "far from the middle half of the values, yet possible: quantile scores do not mind",
      column.size());
  finding.details = {{"low", low},
                     {"high", high},
                     {"minimum", statistics.minimum},
                     {"maximum", statistics.maximum}};
  return finding;
}

}  // namespace

std::vector<Finding> shape_findings(const table::Column& column, const ProfiledColumn& profiled) {
  const ColumnProfile& profile = profiled.profile;
  std::vector<Finding> findings;
  const std::int64_t present = column.size() - column.missing();
  const auto whole_column = [&](std::string check, std::string reason) {
    Finding finding;
    finding.check = std::move(check);
    finding.column = column.name;
    finding.rows = present;
    finding.share = Share{column.size() == 0
                              ? 0.0
                              : static_cast<double>(present) / static_cast<double>(column.size())};
    finding.reason = std::move(reason);
    return finding;
  };
  if (!profile.distinct || present < 2) return findings;
  if (*profile.distinct == 1) {
    findings.push_back(
        whole_column("constant", "all rows hold the same value: it cannot tell customers apart"));
    return findings;
  }
  if (column.view.type == Type::Text && *profile.distinct > kHighCardinalityLevels &&
      static_cast<double>(*profile.distinct) >
          kHighCardinalityShare * static_cast<double>(present)) {
    findings.push_back(
        whole_column("high_cardinality", "nearly as many texts as rows: hardly a category"));
    findings.back().details = {{"distinct", *profile.distinct}};
  }
  if (!is_numeric(column.view.type)) return findings;
  if (profile.skewness && std::abs(*profile.skewness) > kSkewnessMax) {
    findings.push_back(whole_column(
        "skewed", "a few values are far larger than the rest: medians say more than means"));
    findings.back().details = {{"skewness", *profile.skewness}};
  }
  if (!profiled.statistics) return findings;
  if (auto finding = outlier_finding(column, *profiled.statistics))
    findings.push_back(std::move(*finding));
  return findings;
}

}  // namespace quintile::quality
