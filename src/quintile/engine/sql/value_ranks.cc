#include "quintile/engine/sql/value_ranks.h"

#include <algorithm>
#include <vector>

#include "quintile/base/money.h"
#include "quintile/engine/sql/digit_sums.h"

namespace quintile::engine::sql {

namespace {

using summary::ExactSums;

/// Sums of ranks times distances from a column's lowest value, by group.
class RankedSums {
 public:
  RankedSums(Tally& tally, const Dialect& dialect, const DigitSums::Column& column,
             std::int64_t customers) {
    const auto ranks =
        DigitSums::digits(dialect, sql("q_rank"), static_cast<std::uint64_t>(customers));
    const auto values = DigitSums::digits(
        dialect, sql("({} - {})", column.x, Sql::number(column.low)),
        static_cast<std::uint64_t>(column.high) - static_cast<std::uint64_t>(column.low));
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      for (std::size_t j = 0; j < values.size(); ++j)
        parts_.emplace_back(static_cast<int>(i + j) * DigitSums::kBits,
                            tally.sum(sql("{} * {}", ranks[i], values[j])));
    }
  }

  [[nodiscard]] Int128 sum(const Tally::Group& group) const {
    Int128 sum = 0;
    for (const auto& [shift, number] : parts_)
      sum += static_cast<Int128>(group.values[static_cast<std::size_t>(number)].value_or(0))
             << shift;
    return sum;
  }

 private:
  std::vector<std::pair<int, int>> parts_;  ///< shift, number in the tally
};

/// A band holds the values up to its border.
std::vector<std::int64_t> borders_of(const RankedValues& values) {
  std::vector<std::int64_t> borders;
  for (std::int64_t percent = 1; percent <= 100; ++percent)
    borders.push_back(
        values.at.at(values.customers - insights::ceil_percent(values.customers, percent)));
  std::ranges::sort(borders);
  borders.erase(std::ranges::unique(borders).begin(), borders.end());
  return borders;
}

/// Customers with `q_band`, and `q_rank` within it, the greatest value first. Equal values may have
/// their ranks in any order: they are multiplied by the same value.
Sql ranked(const Dialect& dialect, const Sql& table, const std::vector<std::int64_t>& borders) {
  std::vector<Sql> whens;
  const auto number = [](std::size_t band) { return Sql::number(static_cast<std::int64_t>(band)); };
  for (std::size_t band = 0; band < borders.size(); ++band)
    whens.push_back(sql("WHEN q_monetary <= {} THEN {}", Sql::number(borders[band]), number(band)));
  const Sql banded = sql("SELECT {} AS q_monetary, CASE {} ELSE {} END AS q_band FROM {}",
                         dialect.to_integer(sql("q_monetary")), Sql::join(whens, Separator::Blank),
                         number(borders.size()), table);
  return sql(
      "SELECT q_band, q_monetary, {} AS q_rank FROM ({}) q_b",
      dialect.to_integer(sql("ROW_NUMBER() OVER (PARTITION BY q_band ORDER BY q_monetary DESC)")),
      banded);
}

}  // namespace

Status rank_values(Session& session, const Sql& table, const RankedValues& values,
                   insights::ValueByRank& by_rank) {
  const Dialect dialect(session.server().product);
  const std::int64_t n = values.customers;
  by_rank.fifth = values.at.at(n - insights::ceil_percent(n, 20));
  const std::vector<std::int64_t> borders = borders_of(values);
  Tally tally;
  const DigitSums::Column column{sql("q_monetary"), values.least, values.greatest, true};
  const DigitSums sums(tally, dialect, column, DigitSums::Of::Squares);
  const RankedSums products(tally, dialect, column, n);
  QUINTILE_TRY_STATUS(tally.ask(session, dialect, ranked(dialect, table, borders), sql("q_band"),
                                static_cast<std::int64_t>(borders.size()) + 1));
  if (tally.rows() != n) return customers_changed(session, n, tally.rows());

  ExactSums above, others;
  Int128 value = 0;
  std::int64_t ranks = 0;  // customers in the bands before, greatest values first
  std::int64_t percent = 1;
  const auto& groups = tally.groups();
  for (auto group = groups.rbegin(); group != groups.rend(); ++group) {
    const auto band = static_cast<std::size_t>(group->group);
    const ExactSums mine = sums.sums(*group);
    const bool is_above = band >= borders.size() || borders[band] > by_rank.fifth;
    (is_above ? above : others).add(mine);
    // The customers whose rank the border of this band is are those of the percents that end here.
    const std::int64_t border = band < borders.size() ? borders[band] : values.greatest;
    for (; percent <= 100; ++percent) {
      const std::int64_t first = insights::ceil_percent(n, percent);
      if (values.at.at(n - first) < border) break;
      by_rank.top[static_cast<std::size_t>(percent)] =
          value + static_cast<Int128>(first - ranks) * border;
    }
    const Int128 mine_value =
        static_cast<Int128>(mine.sum) + static_cast<Int128>(column.low) * mine.count;
    const Int128 c = mine.count;
    const Int128 by_place =
        products.sum(*group) + static_cast<Int128>(column.low) * (c * (c + 1) / 2);
    by_rank.ranked +=
        (static_cast<Int128>(n) + 1 - 2 * static_cast<Int128>(ranks)) * mine_value - 2 * by_place;
    value += mine_value;
    ranks += mine.count;
  }
  const auto unit = static_cast<double>(power_of_ten(values.money_scale));
  by_rank.above = moments_of(above, column.low, unit);
  by_rank.others = moments_of(others, column.low, unit);
  return {};
}

}  // namespace quintile::engine::sql
