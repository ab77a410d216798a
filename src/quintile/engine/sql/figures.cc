#include "quintile/engine/sql/figures.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/engine/sql/attribute_numbers.h"
#include "quintile/engine/sql/digit_sums.h"
#include "quintile/engine/sql/histograms.h"
#include "quintile/engine/sql/level_counts.h"
#include "quintile/engine/sql/value_ranks.h"

namespace quintile::engine::sql {

namespace {

using summary::ExactSums;
using Group = Tally::Group;

class Counting {
 public:
  Counting(Session& session, const plan::Plan& plan, const Remote& remote,
           const summary::TraitSpec& spec)
      : session_(session),
        d_(session.server().product),
        remote_(remote),
        rules_(plan.segments),
        customers_(remote.customers),
        scored_(remote.scored),
        spec_(spec),
        segments_(plan.segments.rules.size()),
        unit_(static_cast<double>(power_of_ten(remote.customers.money_scale))) {
    const auto left_out = summary::fields_named_by(rules_);
    for (std::size_t a = 0; a < customers_.attributes.size(); ++a) {
      if (customers_.overlay == a || customers_.consent == a) continue;
      attributes_.push_back(a);
      out_.summary.attributes.push_back({customers_.attributes[a].name, {}, {}});
      is_left_out_.push_back(std::ranges::find(left_out, customers_.attributes[a].name) !=
                             left_out.end());
    }
    start();
  }

  Result<RemoteFigures> run() {
    QUINTILE_TRY_STATUS(measure());
    QUINTILE_TRY_STATUS(count_cells());
    QUINTILE_TRY_STATUS(count_attributes());
    QUINTILE_TRY_STATUS(count_texts());
    QUINTILE_TRY_STATUS(find_order());
    QUINTILE_TRY_STATUS(rank());
    return std::move(out_);
  }

 private:
  static constexpr std::array<summary::Kpi, 4> kKpis = {summary::Recency, summary::Frequency,
                                                        summary::Monetary, summary::OrderValue};

  [[nodiscard]] Sql kpi(summary::Kpi kpi) const {
    switch (kpi) {
      case summary::Recency: return d_.to_integer(sql("q_recency"));
      case summary::Frequency: return d_.to_integer(sql("q_frequency"));
      case summary::Monetary: return d_.to_integer(sql("q_monetary"));
      default: return d_.to_integer(sql("q_average"));
    }
  }
  [[nodiscard]] int kpi_scale(summary::Kpi kpi) const {
    return kpi >= summary::Monetary ? customers_.money_scale : 0;
  }
  [[nodiscard]] int bins(std::size_t metric) const { return scored_.model.metrics[metric].bins; }
  void start() {
    out_.summary.segments.resize(segments_);
    out_.summary.money_scale = customers_.money_scale;
    out_.summary.has_overlay = customers_.overlay.has_value();
    out_.summary.has_consent = customers_.consent.has_value();
    out_.summary.has_order_value = true;
    insights::Figures& claims = out_.claims;
    claims.r_bins = bins(0);
    claims.f_bins = bins(1);
    claims.money_scale = customers_.money_scale;
    claims.segments.resize(segments_);
    claims.recency_days.resize(segments_);
    claims.cells.resize(static_cast<std::size_t>(claims.r_bins * claims.f_bins));
    if (customers_.overlay) {
      claims.overlay = customers_.attributes[*customers_.overlay].name;
      if (claims.cells.size() <= static_cast<std::size_t>(insights::kCellsMax))
        claims.sides.resize(claims.cells.size());
    }
    if (customers_.consent) claims.consent.resize(2);
    insights::Audiences& audiences = out_.audiences;
    audiences.money_scale = customers_.money_scale;
    audiences.overlay = claims.overlay;
    const auto empty = [this](insights::Audience& audience) {
      audience.customers.resize(segments_);
      audience.value.resize(segments_);
      if (customers_.consent) audience.contactable = 0;
    };
    for (insights::Audience& audience : audiences.of_family) empty(audience);
    if (customers_.overlay) empty(audiences.with_overlay);
  }

  Status ask(Tally& tally, const Sql& rows, const Sql& group, std::size_t groups) {
    ++out_.passes;
    QUINTILE_TRY_STATUS(tally.ask(session_, d_, rows, group, static_cast<std::int64_t>(groups)));
    if (tally.rows() == customers_.customers) return {};
    return customers_changed(session_, customers_.customers, tally.rows());
  }
  [[nodiscard]] Sql customers() const { return sql("SELECT q_c.* FROM {} q_c", scored_.name); }

  Status measure() {
    Tally tally;
    std::array<std::pair<int, int>, 4> extremes;
    for (const summary::Kpi k : kKpis) extremes[k] = {tally.least(kpi(k)), tally.greatest(kpi(k))};
    const int negative = tally.rows_where(sql("q_monetary < 0"));
    std::array<ScaledNumber, 4> kpis;
    for (const summary::Kpi k : kKpis) kpis[k] = {kpi(k), kpi_scale(k)};
    for (std::size_t at = 0; at < attributes_.size(); ++at) {
      if (is_left_out_[at]) continue;
      auto number = AttributeNumber::of(customers_, attributes_[at], at, d_);
      if (!number) continue;
      number->measure(tally, kpis, d_);
      numbers_.push_back(std::move(*number));
    }
    QUINTILE_TRY_STATUS(
        ask(tally, sql("SELECT q_c.*, 0 AS q_all FROM {} q_c", scored_.name), sql("q_all"), 1));
    for (const summary::Kpi k : kKpis) {
      ranges_[k] = {tally.extreme(extremes[k].first).value_or(0),
                    tally.extreme(extremes[k].second).value_or(0)};
      if (ranges_[k].first > ranges_[k].second)
        return contradiction(session_, "the least value is above the greatest");
    }
    out_.claims.by_rank.negative_customers = tally.count(negative);
    for (AttributeNumber& number : numbers_) {
      if (auto why = number.judge(tally, d_)) out_.not_tested.push_back(std::move(*why));
    }
    return {};
  }

  // Cells: segment, recency and frequency score, overlay, consent, one order or more.

  [[nodiscard]] DigitSums::Column kpi_column(summary::Kpi k) const {
    return {kpi(k), ranges_[k].first, ranges_[k].second, true};
  }
  [[nodiscard]] Sql overlay() const {
    if (!customers_.overlay) return sql("2");
    return sql("CASE {} WHEN 1 THEN 1 WHEN 0 THEN 0 ELSE 2 END",
               attribute_column(*customers_.overlay));
  }
  [[nodiscard]] Sql consent() const {
    if (!customers_.consent) return sql("0");
    return sql("CASE {} WHEN 1 THEN 1 ELSE 0 END", attribute_column(*customers_.consent));
  }

  Status count_cells() {
    Tally tally;
    std::array<std::optional<DigitSums>, 4> sums;
    for (const summary::Kpi k : kKpis) {
      sums[k].emplace(tally, d_, kpi_column(k),
                      k == summary::Monetary ? DigitSums::Of::Squares : DigitSums::Of::Values);
    }
    const Sql cell =
        sql("((((({} * {} + q_r - 1) * {} + q_f - 1) * 3 + {}) * 2 + {}) * 2 + CASE q_frequency "
            "WHEN 1 THEN 1 ELSE 0 END)",
            d_.to_integer(sql("q_segment")), Sql::number(bins(0)), Sql::number(bins(1)), overlay(),
            consent());
    QUINTILE_TRY_STATUS(ask(tally,
                            sql("SELECT q_c.*, {} AS q_cell FROM {} q_c", cell, scored_.name),
                            sql("q_cell"), segments_ * out_.claims.cells.size() * 12));

    std::vector<ExactSums> by_segment(segments_), by_consent(2);
    std::vector<std::array<ExactSums, 2>> by_side(out_.claims.sides.size());
    const std::int64_t origin = sums[summary::Monetary]->origin();
    for (const Group& group : tally.groups()) {
      std::int64_t code = group.group;
      const auto digit = [&code](int base) {
        const std::int64_t last = code % base;
        code /= base;
        return static_cast<std::size_t>(last);
      };
      const bool is_one_time = digit(2) == 1, may_contact = digit(2) == 1;
      const std::size_t side = digit(3);
      const std::size_t f = digit(bins(1)), r = digit(bins(0));
      const auto segment = static_cast<std::size_t>(code);

      std::array<Int128, 4> totals{};
      for (const summary::Kpi k : kKpis) totals[k] = sums[k]->total(group);
      const Int128 value = totals[summary::Monetary];
      const ExactSums monetary = sums[summary::Monetary]->sums(group);
      out_.summary.segments[segment].add({.customers = group.rows,
                                          .overlay = side == 1 ? group.rows : 0,
                                          .contactable = may_contact ? group.rows : 0,
                                          .sums = totals});
      out_.claims.segments[segment].value += value;
      out_.claims.recency_days[segment] += totals[summary::Recency];
      by_segment[segment].add(monetary);
      const std::size_t cell_index = r * static_cast<std::size_t>(bins(1)) + f;
      out_.claims.cells[cell_index] += group.rows;
      of_class_[class_of(segment, r > 0, side == 1)] += group.rows;
      if (side < 2 && !by_side.empty()) by_side[cell_index][side].add(monetary);
      if (customers_.consent) {
        by_consent[may_contact ? 1 : 0].add(monetary);
        out_.claims.consent[may_contact ? 1 : 0].value += value;
      }
      if (is_one_time) {
        out_.claims.one_time_customers += group.rows;
        out_.claims.one_time_value += value;
      }
      const auto join = [&](insights::Audience& audience) {
        audience.customers[segment] += group.rows;
        audience.value[segment] += value;
        if (audience.contactable && may_contact) *audience.contactable += group.rows;
      };
      for (std::size_t i = 0; i < insights::Audiences::families.size(); ++i) {
        if (rules_.rules[segment].family == insights::Audiences::families[i])
          join(out_.audiences.of_family[i]);
      }
      if (side == 1) join(out_.audiences.with_overlay);
    }
    for (const summary::Totals& segment : out_.summary.segments) out_.summary.all.add(segment);
    for (std::size_t s = 0; s < segments_; ++s)
      out_.claims.segments[s].monetary = moments_of(by_segment[s], origin, unit_);
    for (std::size_t c = 0; c < by_side.size(); ++c)
      out_.claims.sides[c] = {moments_of(by_side[c][1], origin, unit_),
                              moments_of(by_side[c][0], origin, unit_)};
    for (std::size_t c = 0; c < out_.claims.consent.size(); ++c)
      out_.claims.consent[c].monetary = moments_of(by_consent[c], origin, unit_);
    return {};
  }

  // Attributes by segment.

  Status count_attributes() {
    Tally tally;
    std::vector<std::pair<const AttributeNumber*, DigitSums>> sums;
    std::vector<std::pair<std::size_t, std::array<int, 2>>> flags;
    for (const AttributeNumber& number : numbers_) {
      if (number.is_tested)
        sums.emplace_back(&number,
                          DigitSums(tally, d_, {number.as.value, number.low, number.high, false},
                                    DigitSums::Of::Squares));
    }
    for (std::size_t at = 0; at < attributes_.size(); ++at) {
      if (is_left_out_[at] || customers_.attributes[attributes_[at]].type.type != Type::Boolean)
        continue;
      const Sql flag = attribute_column(attributes_[at]);
      flags.push_back(
          {at, {tally.rows_where(sql("{} = 0", flag)), tally.rows_where(sql("{} = 1", flag))}});
    }
    if (sums.empty() && flags.empty()) return {};
    QUINTILE_TRY_STATUS(ask(tally, customers(), sql("q_segment"), segments_));
    for (const auto& [number, of_number] : sums) {
      const auto unit = static_cast<double>(power_of_ten(number->as.scale));
      summary::GroupedMoments moments;
      moments.groups.resize(segments_ + 1);
      ExactSums all;
      for (const Group& group : tally.groups()) {
        const ExactSums mine = of_number.sums(group);
        moments.groups[static_cast<std::size_t>(group.group)] = moments_of(mine, number->low, unit);
        all.add(mine);
      }
      moments.all = moments_of(all, number->low, unit);
      out_.summary.attributes[number->number].moments = std::move(moments);
    }
    for (const auto& [at, numbers] : flags) {
      summary::LevelCounts counts{{"false", "true"}, {}, false};
      counts.customers.resize((segments_ + 1) * counts.width());
      for (const Group& group : tally.groups()) {
        for (std::size_t level = 0; level < 2; ++level)
          counts.customers[static_cast<std::size_t>(group.group) * counts.width() + level] =
              group.values[static_cast<std::size_t>(numbers[level])].value_or(0);
      }
      out_.summary.attributes[at].levels = std::move(counts);
    }
    return {};
  }

  // Texts.

  Status count_texts() {
    std::vector<std::size_t> texts, numbers;
    for (std::size_t at = 0; at < attributes_.size(); ++at) {
      if (is_left_out_[at] || customers_.attributes[attributes_[at]].type.type != Type::Text)
        continue;
      texts.push_back(attributes_[at]);
      numbers.push_back(at);
    }
    QUINTILE_TRY(CountedLevels counted,
                 count_levels(session_, remote_, segments_, texts, spec_.cell_customers_min));
    out_.passes += counted.passes;
    for (std::string& why : counted.not_tested) out_.not_tested.push_back(std::move(why));
    for (std::size_t i = 0; i < counted.of.size(); ++i)
      out_.summary.attributes[numbers[i]].levels = std::move(counted.of[i]);
    return {};
  }

  // Medians and percentiles.

  struct Median {
    std::size_t wanted = 0;
    std::int64_t rows = 0;
  };

  /// Groups of recency: segment, above the lowest score or not, with the overlay or not.
  [[nodiscard]] static std::int64_t class_of(std::size_t segment, bool is_movable,
                                             bool has_overlay) {
    return static_cast<std::int64_t>(segment) * 4 + (is_movable ? 2 : 0) + (has_overlay ? 1 : 0);
  }

  Median want_median(std::size_t column, std::vector<std::int64_t> groups, std::int64_t rows) {
    const auto& [low, high] = ranges_[column];
    const std::array<std::int64_t, 2> places = {(rows - 1) / 2, rows / 2};
    wanted_.push_back({column, std::move(groups), RadixSelection(low, high, places)});
    return {wanted_.size() - 1, rows};
  }

  Status find_order() {
    const std::int64_t n = customers_.customers;
    if (n == 0) return {};
    const auto segments = static_cast<std::int64_t>(segments_);
    const Sql segment = d_.to_integer(sql("q_segment"));
    const Sql by_class = sql("({} * 4 + CASE WHEN q_r > 1 THEN 2 ELSE 0 END + {})", segment,
                             customers_.overlay ? sql("CASE {} WHEN 1 THEN 1 ELSE 0 END",
                                                      attribute_column(*customers_.overlay))
                                                : sql("0"));
    const std::array<CountedColumn, 4> columns = {{{kpi(summary::Recency), by_class, segments * 4},
                                                   {kpi(summary::Frequency), segment, segments},
                                                   {kpi(summary::Monetary), segment, segments},
                                                   {kpi(summary::Monetary)}}};
    std::vector<std::array<std::optional<Median>, 3>> of_segment(segments_ + 1);
    for (std::size_t s = 0; s < segments_; ++s) {
      const std::int64_t rows = out_.summary.segments[s].customers;
      if (rows == 0) continue;
      const auto number = static_cast<std::int64_t>(s);
      of_segment[s] = {
          want_median(0, {number * 4, number * 4 + 1, number * 4 + 2, number * 4 + 3}, rows),
          want_median(1, {number}, rows), want_median(2, {number}, rows)};
    }
    for (const std::size_t column : {std::size_t{0}, std::size_t{1}})
      of_segment.back()[column] = want_median(column, {}, n);
    const std::vector<AudienceMedian> audiences = want_audiences();
    // Of everyone's value the median and all percentiles, in one selection.
    std::vector<std::int64_t> places = {(n - 1) / 2, n / 2};
    for (std::int64_t percent = 1; percent <= 100; ++percent)
      places.push_back(n - insights::ceil_percent(n, percent));
    std::ranges::sort(places);
    places.erase(std::ranges::unique(places).begin(), places.end());
    wanted_.push_back({3, {}, RadixSelection(ranges_[2].first, ranges_[2].second, places)});
    QUINTILE_TRY(const int passes, select(session_, d_, scored_.name, columns, wanted_));
    out_.passes += passes;

    for (std::size_t s = 0; s <= segments_; ++s) {
      summary::Totals& totals = s < segments_ ? out_.summary.segments[s] : out_.summary.all;
      for (std::size_t k = 0; k < 3; ++k)
        if (of_segment[s][k]) totals.doubled_medians[k] = doubled(*of_segment[s][k]);
    }
    for (const AudienceMedian& one : audiences)
      *one.result = static_cast<double>(doubled(one.median)) / 2;
    const std::vector<std::int64_t> values = wanted_.back().selection.values();
    for (std::size_t i = 0; i < places.size(); ++i) value_at_[places[i]] = values[i];
    out_.summary.all.doubled_medians[2] =
        static_cast<Int128>(value_at_.at((n - 1) / 2)) + value_at_.at(n / 2);
    return {};
  }

  [[nodiscard]] Int128 doubled(const Median& median) const {
    const std::vector<std::int64_t> values = wanted_[median.wanted].selection.values();
    return static_cast<Int128>(values[0]) + values[1];
  }

  struct AudienceMedian {
    std::optional<double>* result;
    Median median;
  };

  std::vector<AudienceMedian> want_audiences() {
    std::vector<AudienceMedian> wanted;
    const auto want = [&](std::optional<double>& result, auto belongs) {
      std::vector<std::int64_t> classes;
      std::int64_t count = 0;
      for (const auto& [number, customers] : of_class_) {
        if (!belongs(static_cast<std::size_t>(number / 4), (number & 2) != 0, (number & 1) != 0))
          continue;
        classes.push_back(number);
        count += customers;
      }
      if (count > 0) wanted.push_back({&result, want_median(0, std::move(classes), count)});
    };
    for (std::size_t i = 0; i < insights::Audiences::families.size(); ++i) {
      const auto is_of = [&, i](std::size_t segment) {
        return rules_.rules[segment].family == insights::Audiences::families[i];
      };
      insights::Audience& audience = out_.audiences.of_family[i];
      want(audience.median_recency_days,
           [&](std::size_t segment, bool, bool) { return is_of(segment); });
      want(audience.median_movable, [&](std::size_t segment, bool is_movable, bool) {
        return is_of(segment) && is_movable;
      });
    }
    insights::Audience& audience = out_.audiences.with_overlay;
    want(audience.median_recency_days,
         [](std::size_t, bool, bool has_overlay) { return has_overlay; });
    want(audience.median_movable,
         [](std::size_t, bool is_movable, bool has_overlay) { return is_movable && has_overlay; });
    return wanted;
  }

  Status rank() {
    if (customers_.customers == 0) return {};
    ++out_.passes;
    return rank_values(session_, scored_.name,
                       {customers_.customers, ranges_[summary::Monetary].first,
                        ranges_[summary::Monetary].second, value_at_, customers_.money_scale},
                       out_.claims.by_rank);
  }

  Session& session_;
  const Dialect d_;
  const Remote& remote_;
  const segments::RuleSet& rules_;
  const CustomersTable& customers_;
  const ScoredTable& scored_;
  const summary::TraitSpec& spec_;
  std::size_t segments_;
  double unit_;                          // of money
  std::vector<std::size_t> attributes_;  // columns, without overlay and consent
  std::vector<bool> is_left_out_;
  std::vector<AttributeNumber> numbers_;
  std::array<std::pair<std::int64_t, std::int64_t>, 4> ranges_{};  // by Kpi
  std::map<std::int64_t, std::int64_t> of_class_;                  // customers by `class_of`
  std::vector<Wanted> wanted_;
  std::map<std::int64_t, std::int64_t> value_at_;  // monetary by place, 0 = smallest
  RemoteFigures out_;
};

}  // namespace

Result<RemoteFigures> count_figures(Session& session, const plan::Plan& plan, const Remote& remote,
                                    const summary::TraitSpec& spec) {
  return Counting(session, plan, remote, spec).run();
}

}  // namespace quintile::engine::sql
