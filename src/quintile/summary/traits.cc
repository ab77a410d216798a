#include "quintile/summary/traits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "quintile/base/check.h"
#include "quintile/summary/moments.h"
#include "quintile/summary/significance.h"

namespace quintile::summary {

namespace {

// A test whose effect and cell pass; whether its p does is known when all tests are.
struct Candidate {
  std::size_t test = 0;
  int segment = 0;
  KeyTrait trait;
};

struct AttributeTests {
  std::vector<double> p_values;
  std::vector<Candidate> candidates;
};

struct Groups {
  std::span<const std::uint8_t> of_row;
  int segments = 0;

  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>(segments) + 1; }
};

// `level_of[code]`: the level that a code stands for.
template <typename Code>
void count_levels(const ColumnView& column, std::span<const Code> codes, const Groups& groups,
                  std::span<const std::uint32_t> level_of, LevelCounts& counts) {
  counts.customers.assign(groups.count() * counts.width(), 0);
  for (std::size_t row = 0; row < codes.size(); ++row) {
    if (column.valid != nullptr && column.valid[row] == 0) continue;
    const std::uint32_t level = level_of[static_cast<std::size_t>(codes[row])];
    ++counts.customers[groups.of_row[row] * counts.width() + level];
  }
}

template <typename Code>
LevelCounts count_codes(const ColumnView& column, std::span<const Code> codes,
                        std::span<const std::string_view> dictionary, const Groups& groups,
                        std::int64_t customers_min) {
  LevelCounts counts;
  counts.has_many = dictionary.size() > kLevelsTested;
  std::vector<std::uint32_t> level_of(dictionary.size());
  if (!counts.has_many) {
    counts.levels.assign(dictionary.begin(), dictionary.end());
    for (std::size_t i = 0; i < level_of.size(); ++i) level_of[i] = static_cast<std::uint32_t>(i);
  } else {
    std::vector<std::int64_t> tested(dictionary.size());
    for (std::size_t row = 0; row < codes.size(); ++row) {
      if (column.valid != nullptr && column.valid[row] == 0) continue;
      tested[static_cast<std::size_t>(codes[row])] += groups.of_row[row] < groups.segments ? 1 : 0;
    }
    const auto kept = static_cast<std::uint32_t>(
        std::ranges::count_if(tested, [&](std::int64_t n) { return n >= customers_min; }));
    for (std::size_t code = 0; code < dictionary.size(); ++code) {
      const bool keep = tested[code] >= customers_min;
      level_of[code] = keep ? static_cast<std::uint32_t>(counts.levels.size()) : kept;
      if (keep) counts.levels.emplace_back(dictionary[code]);
    }
  }
  count_levels(column, codes, groups, level_of, counts);
  return counts;
}

LevelCounts count_texts(const ColumnView& column, const Groups& groups,
                        std::int64_t customers_min) {
  std::unordered_map<std::string_view, std::int32_t> known;
  std::vector<std::string_view> dictionary;
  std::vector<std::int32_t> codes(static_cast<std::size_t>(column.size));
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (!column.is_valid(row)) continue;
    const auto [entry, is_new] =
        known.try_emplace(column.text(row), static_cast<std::int32_t>(dictionary.size()));
    if (is_new) dictionary.push_back(entry->first);
    codes[static_cast<std::size_t>(row)] = entry->second;
  }
  return count_codes(column, std::span<const std::int32_t>(codes), dictionary, groups,
                     customers_min);
}

// The same where the levels are known; any other text is not tested.
LevelCounts count_known_texts(const ColumnView& column, const Groups& groups,
                              const AttributePopulation& population) {
  const auto other = static_cast<std::uint32_t>(population.levels.size());
  std::vector<std::uint32_t> levels(static_cast<std::size_t>(column.size), other);
  for (std::int64_t row = 0; row < column.size; ++row) {
    if (!column.is_valid(row)) continue;
    const auto known = population.place_of_level.find(column.text(row));
    if (known != population.place_of_level.end())
      levels[static_cast<std::size_t>(row)] = known->second;
  }
  LevelCounts counts{population.levels, {}, population.has_many_levels};
  std::vector<std::uint32_t> itself(population.levels.size() + 1);
  std::iota(itself.begin(), itself.end(), 0U);
  count_levels(column, std::span<const std::uint32_t>(levels), groups, itself, counts);
  return counts;
}

LevelCounts levels_of(const ColumnView& column, const Groups& groups, std::int64_t customers_min,
                      const AttributePopulation* population) {
  if (column.layout == Layout::Views && population != nullptr)
    return count_known_texts(column, groups, *population);
  if (column.layout == Layout::Views) return count_texts(column, groups, customers_min);
  if (column.is_coded()) {
    return with_integers(column, [&](auto codes) {
      return count_codes(column, codes, column.dictionary, groups, customers_min);
    });
  }
  constexpr std::uint32_t kLevels[] = {0, 1};
  LevelCounts counts{{"false", "true"}, {}, false};
  count_levels(column, column.values<std::uint8_t>(), groups, kLevels, counts);
  return counts;
}

bool large_enough(double effect, std::int64_t cell, std::int64_t others, const TraitSpec& spec) {
  return std::abs(effect) >= spec.effect_min && cell >= spec.cell_customers_min &&
         others >= spec.cell_customers_min;
}

// Customers with a value by group, and of all tested groups.
struct Valued {
  std::vector<std::int64_t> groups;
  std::int64_t tested = 0, all = 0;
};

Valued count_valued(const LevelCounts& counts) {
  Valued valued;
  for (std::size_t first = 0; first < counts.customers.size(); first += counts.width()) {
    const auto group = std::span(counts.customers).subspan(first, counts.width());
    valued.groups.push_back(std::reduce(group.begin(), group.end()));
    valued.all += valued.groups.back();
  }
  valued.tested = valued.all - valued.groups.back();
  return valued;
}

// Customers with a level, of all that have a value, in the population.
Proportion share_of_level(const AttributePopulation& population, std::string_view level) {
  const auto at = population.place_of_level.find(level);
  if (at == population.place_of_level.end()) return {0, population.customers};
  return {population.customers_of_level[at->second], population.customers};
}

AttributeTests test_levels(const std::string& attribute, const LevelCounts& counts,
                           const TraitSpec& spec, const AttributePopulation* all) {
  const Valued valued = count_valued(counts);
  const std::size_t segments = valued.groups.size() - 1;
  AttributeTests tests;
  for (std::size_t level = 0; level < counts.levels.size(); ++level) {
    std::int64_t with = 0;
    for (std::size_t segment = 0; segment < segments; ++segment) with += counts.at(segment, level);
    if (counts.has_many && with < spec.cell_customers_min) continue;
    const Proportion population = all != nullptr
                                      ? share_of_level(*all, counts.levels[level])
                                      : Proportion{with + counts.at(segments, level), valued.all};
    for (std::size_t segment = 0; segment < segments; ++segment) {
      const Proportion mine{counts.at(segment, level), valued.groups[segment]};
      const Proportion rest{with - mine.with, valued.tested - mine.all};
      const auto p = chi_square_p(mine, rest);
      if (!p) continue;
      tests.p_values.push_back(*p);
      const double effect = stable(cohens_h(mine, rest));
      if (!large_enough(effect, mine.with, rest.all, spec)) continue;
      KeyTrait trait{.attribute = attribute, .value = counts.levels[level]};
      trait.share = mine.share();
      trait.population_share = population.share();
      trait.lift = mine.share() / population.share();
      trait.effect = effect;
      tests.candidates.push_back(
          {tests.p_values.size() - 1, static_cast<int>(segment), std::move(trait)});
    }
  }
  return tests;
}

AttributeTests test_means(const std::string& attribute, const GroupedMoments& moments,
                          const TraitSpec& spec, const AttributePopulation* all) {
  const std::size_t segments = moments.groups.size() - 1;
  const double population_mean = all != nullptr ? all->mean : moments.all.mean;
  AttributeTests tests;
  for (std::size_t segment = 0; segment < segments; ++segment) {
    const Moments& mine = moments.groups[segment];
    Moments rest;
    for (std::size_t other = 0; other < segments; ++other) {
      if (other != segment) rest = merge(rest, moments.groups[other]);
    }
    const auto p = welch_p(mine, rest);
    const auto d = cohens_d(mine, rest);
    if (!p || !d) continue;
    tests.p_values.push_back(*p);
    const double effect = stable(*d);
    if (!large_enough(effect, mine.count, rest.count, spec)) continue;
    KeyTrait trait{.attribute = attribute, .value = effect > 0 ? "higher" : "lower"};
    trait.mean = mine.mean;
    trait.population_mean = population_mean;
    if (population_mean != 0) trait.lift = mine.mean / population_mean;
    trait.effect = effect;
    tests.candidates.push_back(
        {tests.p_values.size() - 1, static_cast<int>(segment), std::move(trait)});
  }
  return tests;
}

bool has_levels(Type type) { return type == Type::Text || type == Type::Boolean; }

bool is_number(Type type) {
  return type == Type::Integer || type == Type::Decimal || type == Type::Real;
}

// A metric under another name: it defines the segment and is no trait of it.
bool equals_by_row(const ColumnView& attribute, const ColumnView& metric) {
  if (metric.size != attribute.size) return false;
  const auto metric_unit = static_cast<double>(power_of_ten(metric.scale));
  const auto attribute_unit = power_of_ten(attribute.scale);
  for (std::int64_t row = 0; row < attribute.size; ++row) {
    if (!attribute.is_valid(row) || !metric.is_valid(row)) continue;
    const std::int64_t value = metric.integer(row);
    const bool equal =
        attribute.layout == Layout::Float64
            ? attribute.values<double>()[static_cast<std::size_t>(row)] ==
                  static_cast<double>(value) / metric_unit
            : static_cast<Int128>(attribute.integer(row)) * power_of_ten(metric.scale) ==
                  static_cast<Int128>(value) * attribute_unit;
    if (!equal) return false;
  }
  return true;
}

bool is_metric(const table::Column& column, const customers::Customers& customers) {
  if (!is_number(column.view.type)) return false;
  for (const table::Column* metric : {&customers.recency_days, &customers.frequency,
                                      &customers.monetary, &customers.average_order_value}) {
    if (equals_by_row(column.view, metric->view)) return true;
  }
  return false;
}

struct Passed {
  std::size_t attribute = 0;  // its place in the plan
  KeyTrait trait;

  // The two levels of a flag are mirror images up to rounding, so effects are compared at nine
  // decimals.
  [[nodiscard]] auto rank() const {
    return std::tuple(-std::llround(std::abs(trait.effect) * 1e9), trait.effect < 0, attribute,
                      std::string_view(trait.value));
  }
};

std::vector<KeyTrait> ranked(std::vector<Passed> passed, const TraitSpec& spec) {
  std::ranges::sort(passed, {}, &Passed::rank);
  std::vector<KeyTrait> kept;
  std::map<std::size_t, int> of_attribute;
  for (Passed& one : passed) {
    if (static_cast<int>(kept.size()) == spec.traits_max) break;
    int& taken = of_attribute[one.attribute];
    if (taken == spec.traits_per_attribute_max) continue;
    ++taken;
    kept.push_back(std::move(one.trait));
  }
  return kept;
}

}  // namespace

std::vector<AttributePopulation> attribute_populations(const customers::Customers& customers,
                                                       const TraitSpec& spec,
                                                       const Executor& executor) {
  const std::vector<std::uint8_t> one_group(static_cast<std::size_t>(customers.size));
  const Groups groups{one_group, 1};
  std::vector<AttributePopulation> populations(customers.attributes.size());
  executor(static_cast<std::int64_t>(populations.size()), [&](std::int64_t i) {
    const table::Column& column = customers.attributes[static_cast<std::size_t>(i)];
    AttributePopulation& mine = populations[static_cast<std::size_t>(i)];
    if (is_number(column.view.type)) {
      const Moments all = moments_by_group(column.view, one_group, 1).all;
      mine.is_metric = is_metric(column, customers);
      mine.customers = all.count;
      mine.mean = all.mean;
    } else if (has_levels(column.view.type)) {
      const LevelCounts counts = levels_of(column.view, groups, spec.cell_customers_min, nullptr);
      mine.has_many_levels = counts.has_many;
      mine.customers = count_valued(counts).all;
      mine.levels = counts.levels;
      for (std::size_t level = 0; level < counts.levels.size(); ++level) {
        mine.customers_of_level.push_back(counts.at(0, level));
        mine.place_of_level.emplace(mine.levels[level], static_cast<std::uint32_t>(level));
      }
    }
  });
  return populations;
}

std::vector<AttributeFigures> attribute_figures(const customers::Customers& customers,
                                                std::span<const std::uint8_t> group, int segments,
                                                std::span<const std::string> left_out,
                                                const TraitSpec& spec, const Executor& executor,
                                                std::span<const AttributePopulation> population) {
  QUINTILE_CHECK(population.empty() || population.size() == customers.attributes.size());
  const Groups groups{group, segments};
  std::vector<AttributeFigures> figures(customers.attributes.size());
  executor(static_cast<std::int64_t>(figures.size()), [&](std::int64_t i) {
    const table::Column& column = customers.attributes[static_cast<std::size_t>(i)];
    AttributeFigures& mine = figures[static_cast<std::size_t>(i)];
    mine.name = column.name;
    if (std::ranges::find(left_out, column.name) != left_out.end()) return;
    const AttributePopulation* all =
        population.empty() ? nullptr : &population[static_cast<std::size_t>(i)];
    if (has_levels(column.view.type)) {
      mine.levels = levels_of(column.view, groups, spec.cell_customers_min, all);
    } else if (is_number(column.view.type) &&
               !(all != nullptr ? all->is_metric : is_metric(column, customers))) {
      mine.moments = moments_by_group(column.view, group, static_cast<int>(groups.count()));
    }
  });
  return figures;
}

std::vector<std::vector<KeyTrait>> key_traits(std::span<const AttributeFigures> figures,
                                              int segments, const TraitSpec& spec,
                                              const Executor& executor,
                                              std::span<const AttributePopulation> population) {
  std::vector<AttributeTests> tests(figures.size());
  executor(static_cast<std::int64_t>(tests.size()), [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    const AttributeFigures& mine = figures[at];
    const AttributePopulation* all = population.empty() ? nullptr : &population[at];
    if (mine.levels) tests[at] = test_levels(mine.name, *mine.levels, spec, all);
    if (mine.moments) tests[at] = test_means(mine.name, *mine.moments, spec, all);
  });

  std::vector<double> p_values;
  for (const AttributeTests& mine : tests) {
    p_values.insert(p_values.end(), mine.p_values.begin(), mine.p_values.end());
  }
  const std::vector<double> adjusted = benjamini_hochberg(p_values);
  std::vector<std::vector<Passed>> passed(static_cast<std::size_t>(segments));
  std::size_t first = 0;
  for (std::size_t attribute = 0; attribute < tests.size(); ++attribute) {
    for (Candidate& candidate : tests[attribute].candidates) {
      candidate.trait.p_adjusted = stable(adjusted[first + candidate.test]);
      if (adjusted[first + candidate.test] > spec.false_discovery_rate) continue;
      passed[static_cast<std::size_t>(candidate.segment)].push_back(
          {attribute, std::move(candidate.trait)});
    }
    first += tests[attribute].p_values.size();
  }
  std::vector<std::vector<KeyTrait>> traits;
  for (std::vector<Passed>& of_segment : passed)
    traits.push_back(ranked(std::move(of_segment), spec));
  return traits;
}

std::vector<std::vector<KeyTrait>> key_traits(const customers::Customers& customers,
                                              std::span<const std::uint8_t> group, int segments,
                                              std::span<const std::string> left_out,
                                              const TraitSpec& spec, const Executor& executor,
                                              std::span<const AttributePopulation> population) {
  const auto figures =
      attribute_figures(customers, group, segments, left_out, spec, executor, population);
  return key_traits(figures, segments, spec, executor, population);
}

}  // namespace quintile::summary
