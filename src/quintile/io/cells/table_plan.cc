#include "quintile/io/cells/table_plan.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace quintile::io {

Result<CellRules> make_rules(const table::ReadRequest& request, std::optional<char> decimal) {
  CellRules rules{.decimal = decimal, .money_scale = request.money_scale};
  if (request.date_format != "auto") {
    QUINTILE_TRY(rules.pattern, DatePattern::parse(request.date_format));
  }
  return rules;
}

Result<std::vector<std::size_t>> find_columns(const std::vector<table::ColumnRequest>& requests,
                                              const std::vector<std::string>& names,
                                              const std::string& file) {
  std::vector<std::size_t> columns;
  for (const auto& request : requests) {
    const auto found = std::ranges::find(names, request.name);
    if (found == names.end()) {
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      const std::string_view near = nearest(request.name, candidates);
      const std::string all = fmt::format("the columns are: {}", fmt::join(names, ", "));
      return fail(ErrorCode::Input, fmt::format("there is no column {}", request.name),
                  near.empty() ? all : fmt::format("did you mean {}? {}", near, all),
                  {.file = file, .line = 1});
    }
    columns.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return columns;
}

std::expected<TablePlan, Trouble> decide_table(std::span<const table::ColumnRequest> requests,
                                               std::span<const Tally> tallies,
                                               const CellRules& rules, bool final) {
  TablePlan plan;
  plan.decimal = decide_decimal(requests, tallies, rules);
  plan.money_scale = decide_money_scale(requests, tallies, plan.decimal, rules);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto column = decide(requests[i], tallies[i], plan.decimal, plan.money_scale, rules, final);
    if (!column) {
      column.error().column = i;
      return std::unexpected(std::move(column).error());
    }
    plan.columns.push_back(*column);
  }
  return plan;
}

void narrow(TablePlan& plan, std::span<const Tally> sample) {
  for (std::size_t i = 0; i < sample.size(); ++i) {
    ColumnPlan& column = plan.columns[i];
    if (column.reading == table::Reading::Inferred)
      column.narrow_bytes = narrow_bytes(column.kind, sample[i]);
  }
}

Status check_memory(const TablePlan& plan, std::int64_t rows, bool record_hash,
                    std::int64_t memory_max) {
  // What runs took, from 100,000 to 10,000,000 rows and from 5 to 80 columns, and up to a tenth
  // more: the program itself, buffers that small files do not fill, and beside the columns as read
  // those that are put in another order, and the order.
  constexpr double kMebibyte = 1 << 20, kProgram = 40 * kMebibyte, kBuffers = 25 * kMebibyte;
  constexpr double kBuffersRow = 256, kReordered = 1.2, kOrderRow = 30;
  std::int64_t row_bytes = record_hash ? 8 : 0;
  for (const ColumnPlan& column : plan.columns) row_bytes += value_bytes(column);
  const auto count = static_cast<double>(rows);
  const double needed = kProgram + std::min(count * kBuffersRow, kBuffers) +
                        count * (kReordered * static_cast<double>(row_bytes) + kOrderRow);
  if (memory_max <= 0 || needed <= static_cast<double>(memory_max)) return {};
  const auto mebibytes = [](double bytes) { return std::ceil(bytes / kMebibyte); };
  return fail(
      ErrorCode::Memory,
      fmt::format("{} rows of {} columns need about {:.0f} MiB, more than the {:.0f} MiB that "
                  "are allowed",
                  rows, plan.columns.size(), mebibytes(needed),
                  mebibytes(static_cast<double>(memory_max))),
      "allow more by --memory, or leave columns out of the file");
}

std::optional<Trouble> find_too_large(std::span<const table::ColumnRequest> requests,
                                      std::span<const Tally> tallies) {
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (tallies[i].too_large >= 0 && (!first || tallies[i].too_large < tallies[*first].too_large))
      first = i;
  }
  if (!first) return std::nullopt;
  return Trouble{
      .error = {.code = ErrorCode::Input,
                .message = fmt::format(
                    "the amount is 10^18 minor units or more, in column {} of data row {}",
                    requests[*first].name, tallies[*first].too_large + 1),
                .advice = "correct it, or state a smaller input.money_scale"},
      .row = tallies[*first].too_large,
      .column = *first};
}

std::vector<table::Detection> describe(std::span<const table::ColumnRequest> requests,
                                       const TablePlan& plan, std::span<const Tally> tallies,
                                       const CellRules& rules) {
  std::vector<table::Detection> found;
  const bool numbers = std::ranges::any_of(plan.columns, [](const ColumnPlan& column) {
    return column.kind == Kind::Decimal || column.kind == Kind::Real;
  });
  if (numbers) {
    const Decimal& decimal = plan.decimal;
    found.push_back({"decimal mark", decimal.mark == '.' ? "point" : "comma",
                     rules.decimal ? "stated in the plan"
                     : decimal.evidence == 0
                         ? "no number says otherwise"
                         : fmt::format("{} numbers can only be read so, {} only otherwise",
                                       decimal.evidence, decimal.against)});
  }
  for (std::size_t i = 0; i < requests.size() && !rules.pattern; ++i) {
    if (auto dates = describe_dates(requests[i], plan.columns[i], tallies[i]))
      found.push_back(std::move(*dates));
  }
  return found;
}

bool same_columns(std::span<const table::ColumnRequest> a,
                  std::span<const table::ColumnRequest> b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.name == y.name && x.reading == y.reading;
  });
}

}  // namespace quintile::io
