#include "quintile/engine/sql/scoring.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/money.h"
#include "quintile/engine/sql/histograms.h"
#include "quintile/engine/sql/tally.h"
#include "quintile/rfm/score_metric.h"

namespace quintile::engine::sql {

namespace {

using rfm::CutPoints;
using rfm::Metric;

Sql metric_column(std::size_t metric) {
  switch (metric) {
    case 0: return sql("q_recency");
    case 1: return sql("q_frequency");
    default: return sql("q_monetary");
  }
}

/// Bin 0 holds the values up to the first cut.
Sql bin_of(std::size_t metric, const CutPoints& cut_points) {
  std::vector<Sql> whens;
  for (std::size_t cut = 0; cut < cut_points.cuts.size(); ++cut) {
    whens.push_back(sql("WHEN {} <= {} THEN {}", metric_column(metric),
                        Sql::number(cut_points.cuts[cut]),
                        Sql::number(static_cast<std::int64_t>(cut))));
  }
  return sql("CASE {} ELSE {} END", Sql::join(whens, Separator::Blank),
             Sql::number(static_cast<std::int64_t>(cut_points.cuts.size())));
}

Sql score_column(std::size_t metric, const CutPoints& cut_points) {
  const Sql bin = bin_of(metric, cut_points);
  return metric == 0 ? sql("{} - {}", Sql::number(cut_points.bins), bin) : sql("1 + {}", bin);
}

Status is_supported(const plan::Plan& plan, bool is_frozen) {
  if (is_frozen) return {};
  if (plan.scoring.preset != rfm::Preset::None) {
    return fail(ErrorCode::Unsupported,
                fmt::format("scoring.preset: {} is not computed at an engine",
                            rfm::to_string(plan.scoring.preset)),
                "leave the preset out, or run the plan on a copy of the data here");
  }
  for (const rfm::MetricSpec& spec : plan.scoring.metrics) {
    if (spec.method != rfm::Method::Rank) continue;
    return fail(ErrorCode::Unsupported, "method: rank is not computed at an engine",
                "method: quantile gives equal values equal scores and needs no order of customers");
  }
  return {};
}

class Scoring {
 public:
  Scoring(Session& session, TemporaryTables& tables, const Dialect& dialect, const plan::Plan& plan,
          const CustomersTable& customers)
      : session_(session), tables_(tables), d_(dialect), plan_(plan), customers_(customers) {
    scored_.model.money_scale = customers.money_scale;
  }

  Result<ScoredTable> run(const std::optional<rfm::Model>& frozen) {
    if (frozen) {
      scored_.model.metrics = frozen->metrics;
    } else {
      QUINTILE_TRY_STATUS(find_cut_points());
    }
    QUINTILE_TRY_STATUS(make_table());
    QUINTILE_TRY_STATUS(count_bins());
    return std::move(scored_);
  }

 private:
  Status find_cut_points() {
    Tally tally;
    std::array<std::pair<int, int>, 3> numbers;
    for (std::size_t m = 0; m < 3; ++m)
      numbers[m] = {tally.least(metric_column(m)), tally.greatest(metric_column(m))};
    QUINTILE_TRY_STATUS(tally.ask(session_, d_,
                                  sql("SELECT q_c.*, 0 AS q_all FROM {} q_c", customers_.name),
                                  sql("q_all"), 1));
    ++scored_.passes;
    if (tally.rows() != customers_.customers)
      return customers_changed(session_, customers_.customers, tally.rows());

    std::vector<Wanted> wanted;
    for (std::size_t m = 0; m < 3; ++m) {
      const rfm::MetricSpec& spec = plan_.scoring.metrics[m];
      CutPoints& cut_points = scored_.model.metrics[m];
      cut_points.metric = rfm::kMetrics[m];
      cut_points.method = spec.method;
      cut_points.bins = spec.method == rfm::Method::Thresholds
                            ? static_cast<int>(spec.upper_bounds.size()) + 1
                            : spec.bins;
      cut_points.minimum = tally.extreme(numbers[m].first).value_or(0);
      cut_points.maximum = tally.extreme(numbers[m].second).value_or(0);
      if (cut_points.minimum > cut_points.maximum)
        return contradiction(session_, "the least value is above the greatest");
      if (spec.method == rfm::Method::Thresholds) {
        QUINTILE_TRY(cut_points.cuts, rfm::cuts_of_bounds(rfm::kMetrics[m], spec.upper_bounds,
                                                          customers_.money_scale));
        continue;
      }
      wanted.push_back({m,
                        {},
                        RadixSelection(cut_points.minimum, cut_points.maximum,
                                       rfm::positions_of_cuts(customers_.customers, spec.bins))});
    }
    const std::array<CountedColumn, 3> columns = {
        {{metric_column(0)}, {metric_column(1)}, {metric_column(2)}}};
    QUINTILE_TRY(const int passes, select(session_, d_, customers_.name, columns, wanted));
    scored_.passes += passes;
    for (const Wanted& one : wanted) {
      CutPoints& cut_points = scored_.model.metrics[one.column];
      cut_points.cuts = rfm::cuts_at(customers_.customers, cut_points.bins, one.selection.values());
    }
    return {};
  }

  /// The fields that rules may name.
  [[nodiscard]] std::optional<Field> field(std::string_view named) const {
    const expression::FieldType whole{Type::Integer, 0};
    const expression::FieldType money{Type::Decimal, customers_.money_scale};
    for (const auto& [name, field] : std::initializer_list<std::pair<std::string_view, Field>>{
             {"r_score", {whole, sql("q_r"), {}}},
             {"f_score", {whole, sql("q_f"), {}}},
             {"m_score", {whole, sql("q_m"), {}}},
             {"rfm_total", {whole, sql("(q_r + q_f + q_m)"), {}}},
             {"recency_days", {whole, sql("q_recency"), {}}},
             {"frequency", {whole, sql("q_frequency"), {}}},
             {"monetary", {money, sql("q_monetary"), {}}},
             {"average_order_value", {money, sql("q_average"), {}}}}) {
      if (name == named) return field;
    }
    if (named == "tenure_days" && customers_.has_first)
      return Field{whole, sql("({} - q_first)", Sql::number(customers_.analysis_day)), {}};
    for (std::size_t a = 0; a < customers_.attributes.size(); ++a) {
      if (customers_.attributes[a].name == named)
        return Field{customers_.attributes[a].type, attribute_column(a), {}};
    }
    return std::nullopt;
  }

  [[nodiscard]] Result<Sql> segment() const {
    std::vector<std::string> names = {
        "r_score",      "f_score",   "m_score",  "rfm_total",
        "recency_days", "frequency", "monetary", "average_order_value"};
    if (customers_.has_first) names.emplace_back("tenure_days");
    for (const auto& attribute : customers_.attributes) names.push_back(attribute.name);
    std::vector<Sql> whens;
    Sql otherwise = sql("NULL");
    for (std::size_t r = 0; r < plan_.segments.rules.size(); ++r) {
      const segments::Rule& rule = plan_.segments.rules[r];
      const Sql number = Sql::number(static_cast<std::int64_t>(r));
      if (!rule.when) {
        otherwise = number;
        continue;
      }
      QUINTILE_TRY(const Sql condition,
                   translate(
                       *rule.when, [this](std::string_view name) { return field(name); }, names, d_,
                       ErrorCode::Rules));
      whens.push_back(sql("WHEN {} THEN {}", condition, number));
    }
    if (whens.empty()) return otherwise;
    return sql("CASE {} ELSE {} END", Sql::join(whens, Separator::Blank), otherwise);
  }

  Status make_table() {
    QUINTILE_TRY(const Sql segment, this->segment());
    const auto& metrics = scored_.model.metrics;
    const Sql scores =
        sql("SELECT q_c.*, {} AS q_r, {} AS q_f, {} AS q_m FROM {} q_c",
            d_.to_integer(score_column(0, metrics[0])), d_.to_integer(score_column(1, metrics[1])),
            d_.to_integer(score_column(2, metrics[2])), customers_.name);
    QUINTILE_TRY(scored_.name,
                 tables_.create("scored", sql("SELECT q_s.*, {} AS q_segment FROM ({}) q_s",
                                              d_.to_integer(segment), scores)));
    ++scored_.passes;
    return {};
  }

  /// Customers by cell of scores and segment, which is few rows; a customer without a segment stops
  /// the run.
  Status count_bins() {
    const Sql statement =
        sql("SELECT {}, {}, {}, {}, {} FROM {} GROUP BY q_r, q_f, q_m, CASE WHEN q_segment IS NULL "
            "THEN 1 ELSE 0 END",
            d_.to_integer(sql("q_r")), d_.to_integer(sql("q_f")), d_.to_integer(sql("q_m")),
            d_.to_integer(sql("COUNT(*)")),
            d_.to_integer(sql("SUM(CASE WHEN q_segment IS NULL THEN 1 ELSE 0 END)")), scored_.name);
    const std::vector<Type> types(5, Type::Integer);
    QUINTILE_TRY(const Answer answer, query(session_, statement.text(), types));
    ++scored_.passes;
    std::array<std::vector<std::int64_t>, 3> bins;
    for (std::size_t m = 0; m < 3; ++m)
      bins[m].resize(static_cast<std::size_t>(scored_.model.metrics[m].bins));
    std::int64_t rows = 0, missed = 0;
    std::array<std::int64_t, 3> example{};
    for (std::int64_t row = 0; row < answer.rows(); ++row) {
      rows += answer.integer(row, 3);
      for (std::size_t m = 0; m < 3; ++m) {
        const std::int64_t score = answer.integer(row, m);
        const std::int64_t bin = m == 0 ? scored_.model.metrics[m].bins - score : score - 1;
        if (bin < 0 || bin >= scored_.model.metrics[m].bins)
          return contradiction(session_, "it counted customers of a score that there is not");
        bins[m][static_cast<std::size_t>(bin)] += answer.integer(row, 3);
      }
      if (answer.integer(row, 4) == 0) continue;
      missed += answer.integer(row, 4);
      example = {answer.integer(row, 0), answer.integer(row, 1), answer.integer(row, 2)};
    }
    if (rows != customers_.customers)
      return customers_changed(session_, customers_.customers, rows);
    if (missed > 0) {
      return fail(ErrorCode::Rules,
                  fmt::format("no rule takes {} of {} customers; one has scores r {} f {} m {}",
                              missed, rows, example[0], example[1], example[2]),
                  "end the rule file with a segment that says 'otherwise: true'",
                  Place{plan_.segments.file, 0, 0});
    }
    for (std::size_t m = 0; m < 3; ++m)
      scored_.ties.push_back(rfm::tie_report(scored_.model.metrics[m], bins[m]));
    return {};
  }

  Session& session_;
  TemporaryTables& tables_;
  const Dialect& d_;
  const plan::Plan& plan_;
  const CustomersTable& customers_;
  ScoredTable scored_;
};

}  // namespace

std::unexpected<Error> customers_changed(const Session& session, std::int64_t expected,
                                         std::int64_t rows) {
  return contradiction(
      session, fmt::format("the table of customers had {} rows and now has {}", expected, rows));
}

Result<ScoredTable> score(Session& session, TemporaryTables& tables, const Dialect& dialect,
                          const plan::Plan& plan, const CustomersTable& customers,
                          const std::optional<rfm::Model>& frozen) {
  QUINTILE_TRY_STATUS(is_supported(plan, frozen.has_value()));
  return Scoring(session, tables, dialect, plan, customers).run(frozen);
}

Sql rfm_code(const Dialect& dialect, const ScoredTable& scored) {
  int bins_max = 0;
  for (const CutPoints& cut_points : scored.model.metrics)
    bins_max = std::max(bins_max, cut_points.bins);
  std::vector<Sql> parts;
  for (const Sql& score : {sql("q_r"), sql("q_f"), sql("q_m")}) {
    if (bins_max > 9 && !parts.empty()) parts.push_back(dialect.text("-"));
    parts.push_back(dialect.to_text(score));
  }
  return dialect.concatenate(parts);
}

namespace {

/// The parts of a fingerprint's line that are no whole numbers as they stand.
struct Line {
  Sql customer_id, recency_days, frequency, monetary;  // numbers
  Sql rfm_code, segment_id, source_customer_id;        // texts
};

Result<std::string> fingerprint_of(Session& session, const Dialect& dialect, const Line& line,
                                   const Sql& table) {
  const Sql bar = dialect.text("|");
  const auto number = [&](const Sql& x) { return dialect.to_text(x); };
  const std::array<Sql, 13> parts = {number(line.customer_id),
                                     bar,
                                     number(line.recency_days),
                                     bar,
                                     number(line.frequency),
                                     bar,
                                     number(line.monetary),
                                     bar,
                                     line.rfm_code,
                                     bar,
                                     line.segment_id,
                                     bar,
                                     line.source_customer_id};
  // In sixteen parts, so that no sum goes beyond 64 bits however many customers there are.
  const Sql statement =
      sql("SELECT {}, {} FROM (SELECT {} AS q_line, {} AS q_part FROM {}) q_l GROUP BY q_part",
          dialect.to_integer(sql("SUM({})", dialect.md5_word(sql("q_line"), 1))),
          dialect.to_integer(sql("SUM({})", dialect.md5_word(sql("q_line"), 9))),
          dialect.concatenate(parts), dialect.modulo(line.customer_id, sql("16")), table);
  const std::vector<Type> types(2, Type::Integer);
  QUINTILE_TRY(const Answer answer, query(session, statement.text(), types));
  std::uint64_t first = 0, second = 0;
  for (std::int64_t row = 0; row < answer.rows(); ++row) {
    first += static_cast<std::uint64_t>(answer.integer(row, 0));
    second += static_cast<std::uint64_t>(answer.integer(row, 1));
  }
  return fmt::format("{:016x}{:016x}", first, second);
}

}  // namespace

Result<std::string> fingerprint(Session& session, const Dialect& dialect, const plan::Plan& plan,
                                const ScoredTable& scored) {
  std::vector<Sql> segments;
  for (std::size_t r = 0; r < plan.segments.rules.size(); ++r)
    segments.push_back(sql("WHEN {} THEN {}", Sql::number(static_cast<std::int64_t>(r)),
                           dialect.text(plan.segments.rules[r].id)));
  return fingerprint_of(
      session, dialect,
      {sql("q_id"), sql("q_recency"), sql("q_frequency"), sql("q_monetary"),
       rfm_code(dialect, scored),
       sql("CASE q_segment {} END", Sql::join(segments, Separator::Blank)), sql("q_source")},
      scored.name);
}

Result<std::string> fingerprint_of_kept(Session& session, const Dialect& dialect, const Sql& table,
                                        int money_scale) {
  const auto whole = [&](std::string_view column) {
    return dialect.to_integer(dialect.name(column));
  };
  const Sql monetary = dialect.to_integer(
      sql("{} * {}", dialect.name("monetary"), Sql::number(power_of_ten(money_scale))));
  return fingerprint_of(
      session, dialect,
      {whole("customer_id"), whole("recency_days"), whole("frequency"), monetary,
       dialect.name("rfm_code"), dialect.name("segment_id"), dialect.name("source_customer_id")},
      table);
}

}  // namespace quintile::engine::sql
