#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "quintile/customers/identifiers.h"
#include "quintile/engine/columns.h"
#include "quintile/engine/local/transactions.h"
#include "quintile/pipeline/read_transactions_internal.h"
#include "quintile/rfm/score_metric.h"

namespace quintile::pipeline {

namespace {

/// Customers whose monetary score depends on whether returns are netted; nothing where they cannot
/// be scored.
std::optional<std::int64_t> customers_moved(const customers::CleanedTransactions& transactions,
                                            const rfm::MetricSpec& spec) {
  const customers::Customers& customers = transactions.cleaned.customers;
  if (customers.size == 0) return std::nullopt;
  const rfm::RankOrder rank_order = [&customers](std::vector<std::int64_t>& rows) {
    const customers::IdOrder order(customers.source_customer_id.view);
    std::ranges::sort(rows, [&order](std::int64_t a, std::int64_t b) {
      return order.less(a, b) || (!order.less(b, a) && a < b);
    });
  };
  const auto scores = [&](const std::vector<std::int64_t>& values) {
    const ColumnView view{.type = Type::Decimal,
                          .layout = Layout::Int64,
                          .scale = customers.money_scale,
                          .size = customers.size,
                          .data = values.data(),
                          .valid = nullptr,
                          .dictionary = {}};
    return rfm::score_metric(rfm::Metric::Monetary, view, spec, customers.money_scale, rank_order);
  };
  const auto gross = scores(transactions.gross);
  const auto net = scores(transactions.net);
  if (!gross || !net) return std::nullopt;
  std::int64_t moved = 0;
  for (std::int64_t i = 0; i < customers.size; ++i)
    moved += gross->scores[i] != net->scores[i] ? 1 : 0;
  return moved;
}

}  // namespace

Result<CleanInput> read_transactions(const plan::Plan& plan, table::Source& source,
                                     const Executor& executor, const Options& options) {
  auto [request, spec] = engine::transaction_read(plan, source.column_names());
  QUINTILE_TRY_STATUS(options.begin("reading lines"));
  QUINTILE_TRY(auto transactions,
               engine::local::aggregate(source, request, std::move(spec), executor,
                                        {.memory_max = options.memory_max}));
  if (const auto moved = customers_moved(transactions, plan.scoring.metrics[2])) {
    for (quality::Finding& finding : transactions.cleaned.review.findings) {
      if (finding.check == "returns") finding.details.push_back({"customers_moved", *moved});
    }
  }
  return CleanInput{std::move(transactions.cleaned), source.facts().origin, source.facts()};
}

}  // namespace quintile::pipeline
