#include "quintile/segments/assign.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/segments/cell_rules_internal.h"
#include "quintile/segments/rule_columns.h"

namespace quintile::segments {
namespace {

using expression::Truth;

/// In the table by cell: what scores alone do not decide.
constexpr SegmentIndex kDepends = 254;
static_assert(kRulesMax < kDepends);

/// Rows worked on at a time: their truths stay in the cache.
constexpr std::int64_t kBlock = 16'384;

/// Up to this many conditions in a cell, 3^6 combinations of truths are laid out in a table.
constexpr std::size_t kTabledMax = 6;

Truth truth_of(const Term& formula, const auto& truth_of_condition) {
  switch (formula.kind) {
    case Term::Kind::Constant: return formula.holds ? Truth::True : Truth::False;
    case Term::Kind::Condition: return truth_of_condition(formula.condition);
    case Term::Kind::Not:
      return expression::truth_not(truth_of(formula.children[0], truth_of_condition));
    default: break;
  }
  const bool all = formula.kind == Term::Kind::And;
  Truth truth = truth_of(formula.children[0], truth_of_condition);
  for (std::size_t i = 1; i < formula.children.size(); ++i) {
    const Truth next = truth_of(formula.children[i], truth_of_condition);
    truth = all ? expression::truth_and(truth, next) : expression::truth_or(truth, next);
  }
  return truth;
}

/// A cell whose segment depends on more than scores: the rules that can be the first there, in
/// order.
struct Dependent {
  struct Step {
    SegmentIndex segment;
    Term formula;
  };
  std::vector<Step> steps;
  SegmentIndex rest = kNoSegment;       ///< where none of them is true
  std::vector<std::size_t> conditions;  ///< that the steps mention, ascending
  std::vector<SegmentIndex> by_truths;  ///< by the truths as digits to base 3; empty where too many

  [[nodiscard]] SegmentIndex decide(const auto& truth_of_condition) const {
    for (const Step& step : steps) {
      if (truth_of(step.formula, truth_of_condition) == Truth::True) return step.segment;
    }
    return rest;
  }

  void tabulate() {
    if (conditions.size() > kTabledMax) return;
    std::size_t size = 1;
    for (std::size_t i = 0; i < conditions.size(); ++i) size *= 3;
    for (std::size_t code = 0; code < size; ++code) {
      by_truths.push_back(decide([&](std::size_t condition) {
        std::size_t digits = code;
        for (std::size_t j = conditions.size(); j-- > 0; digits /= 3) {
          if (conditions[j] == condition) return static_cast<Truth>(digits % 3);
        }
        return Truth::Unknown;
      }));
    }
  }
};

/// Follows the rules of one cell until one must hold.
Dependent dependent_of(const CellRules& split, std::int64_t cell) {
  Dependent result;
  for (std::size_t i = 0; i < split.rules.size() && result.rest == kNoSegment; ++i) {
    Term formula = split.rules[i] ? in_cell(*split.rules[i], cell) : Term{.holds = true};
    const auto segment = static_cast<SegmentIndex>(i);
    if (formula.kind != Term::Kind::Constant) {
      std::ranges::copy(conditions_of(formula), std::back_inserter(result.conditions));
      result.steps.push_back({segment, std::move(formula)});
    } else if (formula.holds) {
      result.rest = segment;
    }
  }
  std::ranges::sort(result.conditions);
  const auto rest = std::ranges::unique(result.conditions);
  result.conditions.erase(rest.begin(), rest.end());
  result.tabulate();
  return result;
}

}  // namespace

struct Assigner::Parts {
  Bins bins;
  std::vector<SegmentIndex> by_cell;     ///< kDepends: see `dependents`
  std::vector<std::uint32_t> dependent;  ///< by cell, where it depends
  std::vector<Dependent> dependents;
  std::vector<expression::Bound> conditions;
  std::vector<bool> needed;  ///< of `conditions`

  void assign_by_cell(const Scores& scores, std::int64_t begin, std::span<SegmentIndex> out) const;
  void settle(const Scores& scores, std::int64_t begin, std::span<SegmentIndex> out,
              std::span<std::vector<Truth>> truths) const;
};

Assigner::Assigner(const RuleSet& rules, const Bins& bins, const expression::Columns& columns) {
  const CellRules split = split_by_cell(rules, bins);
  auto parts = std::make_unique<Parts>();
  parts->bins = bins;
  const auto cells = cells_of(bins);
  parts->dependent.resize(static_cast<std::size_t>(cells));
  parts->needed.resize(split.conditions.size());
  for (std::int64_t cell = 0; cell < cells; ++cell) {
    Dependent dependent = dependent_of(split, cell);
    if (dependent.steps.empty()) {
      parts->by_cell.push_back(dependent.rest);
      continue;
    }
    parts->by_cell.push_back(kDepends);
    parts->dependent[static_cast<std::size_t>(cell)] =
        static_cast<std::uint32_t>(parts->dependents.size());
    for (const std::size_t condition : dependent.conditions) parts->needed[condition] = true;
    parts->dependents.push_back(std::move(dependent));
  }
  for (const expression::Node& condition : split.conditions)
    parts->conditions.emplace_back(condition, columns);
  parts_ = std::move(parts);
}

Assigner::Assigner(Assigner&&) noexcept = default;
Assigner& Assigner::operator=(Assigner&&) noexcept = default;
Assigner::~Assigner() = default;

std::optional<SegmentIndex> Assigner::segment_of_cell(int r_score, int f_score, int m_score) const {
  const Bins& bins = parts_->bins;
  QUINTILE_CHECK(r_score >= 1 && r_score <= bins.r && f_score >= 1 && f_score <= bins.f &&
                 m_score >= 1 && m_score <= bins.m);
  const SegmentIndex segment =
      parts_->by_cell[static_cast<std::size_t>(cell_of(r_score, f_score, m_score, bins))];
  return segment == kDepends ? std::nullopt : std::optional(segment);
}

void Assigner::Parts::assign_by_cell(const Scores& scores, std::int64_t begin,
                                     std::span<SegmentIndex> out) const {
  const rfm::Score *r = scores.r.data() + begin, *f = scores.f.data() + begin,
                   *m = scores.m.data() + begin;
  const auto first = static_cast<std::uint32_t>(cell_of(0, 0, 0, bins));  // wraps around, and back
  const auto r_step = static_cast<std::uint32_t>(bins.f * bins.m),
             f_step = static_cast<std::uint32_t>(bins.m);
  const std::size_t cells = by_cell.size();
  const SegmentIndex* table = by_cell.data();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t cell = first + static_cast<std::uint32_t>(r[i]) * r_step +
                               static_cast<std::uint32_t>(f[i]) * f_step +
                               static_cast<std::uint32_t>(m[i]);
    out[i] = cell < cells ? table[cell] : kNoSegment;  // scores outside the bins belong nowhere
  }
}

/// Decides the rows of a block that scores did not.
void Assigner::Parts::settle(const Scores& scores, std::int64_t begin, std::span<SegmentIndex> out,
                             std::span<std::vector<Truth>> truths) const {
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (needed[i]) conditions[i].evaluate(begin, std::span(truths[i]).first(out.size()));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] != kDepends) continue;
    const std::size_t row = static_cast<std::size_t>(begin) + i;
    const auto cell =
        static_cast<std::size_t>(cell_of(scores.r[row], scores.f[row], scores.m[row], bins));
    const Dependent& here = dependents[dependent[cell]];
    if (here.by_truths.empty()) {
      out[i] = here.decide([&](std::size_t condition) { return truths[condition][i]; });
      continue;
    }
    std::size_t code = 0;
    for (const std::size_t condition : here.conditions) {
      code = code * 3 + static_cast<std::size_t>(truths[condition][i]);
    }
    out[i] = here.by_truths[code];
  }
}

void Assigner::assign(const Scores& scores, std::int64_t begin, std::span<SegmentIndex> out) const {
  if (parts_->dependents.empty()) return parts_->assign_by_cell(scores, begin, out);
  std::vector<std::vector<Truth>> truths(parts_->conditions.size());
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (parts_->needed[i]) truths[i].resize(std::min(out.size(), static_cast<std::size_t>(kBlock)));
  }
  for (std::size_t done = 0; done < out.size(); done += static_cast<std::size_t>(kBlock)) {
    const auto block =
        out.subspan(done, std::min(static_cast<std::size_t>(kBlock), out.size() - done));
    const std::int64_t block_begin = begin + static_cast<std::int64_t>(done);
    parts_->assign_by_cell(scores, block_begin, block);
    parts_->settle(scores, block_begin, block, truths);
  }
}

Status check_rules(const RuleSet& rules, const expression::FieldTypes& types,
                   const std::vector<std::string>& known_names) {
  for (const Rule& rule : rules.rules) {
    if (!rule.when) continue;
    auto status = expression::check_types(*rule.when, types, known_names, ErrorCode::Rules);
    if (status) continue;
    const bool absent = status.error().message.starts_with("unknown field 'tenure_days'");
    if (absent)
      status.error().advice = "tenure_days needs the column first_purchase_date in the plan";
    return status;
  }
  return {};
}

Status check_rules(const RuleSet& rules) {
  // What is no field of every mart is an attribute, which may hold anything.
  const expression::FieldTypes types =
      [](std::string_view field) -> std::optional<expression::FieldType> {
    if (std::ranges::find(kRuleFields, field) == std::end(kRuleFields))
      return expression::FieldType{.is_blank = true};
    const bool money = field == "monetary" || field == "average_order_value";
    return money ? expression::FieldType{Type::Decimal, 2} : expression::FieldType{Type::Integer};
  };
  for (const Rule& rule : rules.rules) {
    if (rule.when)
      QUINTILE_TRY_STATUS(expression::check_types(*rule.when, types, {}, ErrorCode::Rules));
  }
  return {};
}

Bins bins_of(const rfm::Model& model) {
  return {.r = model.metrics[0].bins, .f = model.metrics[1].bins, .m = model.metrics[2].bins};
}

Result<table::Buffer<SegmentIndex>> assign_all(const Segmentation& segmentation,
                                               const RuleSet& rules, const Executor& executor) {
  const RuleColumns columns(segmentation, rules);
  QUINTILE_TRY_STATUS(check_rules(rules, columns.types(), columns.names()));
  const Assigner assigner(rules, bins_of(segmentation.model), columns.columns());
  const Scores scores{segmentation.r_score.span(), segmentation.f_score.span(),
                      segmentation.m_score.span()};

  table::Buffer<SegmentIndex> segments(segmentation.size());
  constexpr std::int64_t kRowsOfTask = 8 * kBlock;
  const std::int64_t tasks = (segments.size() + kRowsOfTask - 1) / kRowsOfTask;
  executor(tasks, [&](std::int64_t task) {
    const std::int64_t begin = task * kRowsOfTask;
    const auto rows = static_cast<std::size_t>(std::min(kRowsOfTask, segments.size() - begin));
    assigner.assign(scores, begin, segments.span().subspan(static_cast<std::size_t>(begin), rows));
  });
  return segments;
}

}  // namespace quintile::segments
