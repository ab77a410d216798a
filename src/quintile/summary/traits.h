#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "quintile/base/executor.h"
#include "quintile/customers/customers.h"
#include "quintile/summary/moments.h"
#include "quintile/summary/summary.h"

namespace quintile::summary {

/// For look-ups without a copy of the text.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

/// An attribute over all customers, as traits of some of them are compared with it.
struct AttributePopulation {
  bool is_metric = false;           ///< recency, frequency or money under another name
  std::int64_t customers = 0;       ///< with a value
  double mean = 0;                  ///< of a number
  bool has_many_levels = false;     ///< more than kLevelsTested
  std::vector<std::string> levels;  ///< of Text and Boolean: those that can be tested
  std::vector<std::int64_t> customers_of_level;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> place_of_level;
};

/// One an attribute. Worked out once, they serve for any selection of the customers.
[[nodiscard]] std::vector<AttributePopulation> attribute_populations(
    const customers::Customers& customers, const TraitSpec& spec,
    const Executor& executor = run_serially);

/// Customers by group and level, whoever counted.
struct LevelCounts {
  std::vector<std::string> levels;      ///< those that can be tested
  std::vector<std::int64_t> customers;  ///< of group g and level l at g * width() + l
  bool has_many = false;                ///< more than kLevelsTested: rare levels are not among them

  /// The level after the last stands for all that are not tested.
  [[nodiscard]] std::size_t width() const { return levels.size() + 1; }
  [[nodiscard]] std::int64_t at(std::size_t group, std::size_t level) const {
    return customers[group * width() + level];
  }
};

/// What is tested of an attribute, by group; the last group is of those who are left out of the
/// tests. Neither: the attribute is not tested.
struct AttributeFigures {
  std::string name;
  std::optional<LevelCounts> levels;
  std::optional<GroupedMoments> moments;
};

/// One an attribute, in their order. As for `key_traits`.
[[nodiscard]] std::vector<AttributeFigures> attribute_figures(
    const customers::Customers& customers, std::span<const std::uint8_t> group, int segments,
    std::span<const std::string> left_out, const TraitSpec& spec,
    const Executor& executor = run_serially, std::span<const AttributePopulation> population = {});

/// The key traits that follow from the figures; as below.
[[nodiscard]] std::vector<std::vector<KeyTrait>> key_traits(
    std::span<const AttributeFigures> figures, int segments, const TraitSpec& spec,
    const Executor& executor = run_serially, std::span<const AttributePopulation> population = {});

/// The key traits of each segment, greatest effect first (product contract, section 8).
///
/// `group`: one byte a customer, the index of the segment, or `segments` for a customer who is left
/// out of the tests but belongs to the population that shares and means are compared with.
///
/// What is tested: each level of a Text or Boolean attribute by chi-square, the mean of each
/// Integer, Decimal or Real attribute by Welch's t, in every segment that has a value, against all
/// other tested customers. Missing values are no level and stand on neither side. Dates, attributes
/// named in `left_out`, and attributes equal to recency, frequency, monetary or average order value
/// row by row are not tested. All tests are one Benjamini-Hochberg family. A level that fewer than
/// `cell_customers_min` tested customers have is no test where an attribute has more than
/// `kLevelsTested` levels: it could not pass, whatever the segment. What passes: adjusted p at most
/// the false discovery rate, |h| or |d| at least `effect_min`, and at least `cell_customers_min`
/// customers in the cell (the segment's with that level; for a mean, the segment's with a value)
/// and among the others. A level may be a trait for being rare in the segment: its effect is then
/// negative. Equal effects rank by sign (more before less), plan order of attributes and bytes of
/// the level.
///
/// `population`, where not empty, has an entry an attribute and is what shares and means are
/// compared with: `customers` may then hold the tested customers alone.
[[nodiscard]] std::vector<std::vector<KeyTrait>> key_traits(
    const customers::Customers& customers, std::span<const std::uint8_t> group, int segments,
    std::span<const std::string> left_out, const TraitSpec& spec,
    const Executor& executor = run_serially, std::span<const AttributePopulation> population = {});

inline constexpr std::size_t kLevelsTested = 1000;

}  // namespace quintile::summary
