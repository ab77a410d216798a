#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quintile/io/cells/column_reader.h"

/// What `ReadRequest` asks for, decided for all columns of a table at once. The same for every file
/// format.
namespace quintile::io {

struct TablePlan {
  std::vector<ColumnPlan> columns;
  Decimal decimal;
  int money_scale = 2;
};

/// Errors: Plan where the date format is no pattern.
[[nodiscard]] Result<CellRules> make_rules(const table::ReadRequest& request,
                                           std::optional<char> decimal);

/// The places of the requested columns in `names`. Errors: Input, with the nearest name.
[[nodiscard]] Result<std::vector<std::size_t>> find_columns(
    const std::vector<table::ColumnRequest>& requests, const std::vector<std::string>& names,
    const std::string& file);

/// The plan that the tallies ask for, one a column; `final` as for `decide`.
[[nodiscard]] std::expected<TablePlan, Trouble> decide_table(
    std::span<const table::ColumnRequest> requests, std::span<const Tally> tallies,
    const CellRules& rules, bool final);

/// Makes inferred columns of `plan` as narrow as `sample` lets expect.
void narrow(TablePlan& plan, std::span<const Tally> sample);

/// Whether `rows` customers fit into `memory_max` bytes (0: no limit) as columns of `plan`, with
/// their records' hashes, and what is made of them beside. Errors: Memory, which says how much
/// would do.
[[nodiscard]] Status check_memory(const TablePlan& plan, std::int64_t rows, bool record_hash,
                                  std::int64_t memory_max);

/// The first amount beyond the limit, in row order, if there is one.
[[nodiscard]] std::optional<Trouble> find_too_large(std::span<const table::ColumnRequest> requests,
                                                    std::span<const Tally> tallies);

/// What was found out about numbers and dates, for people.
[[nodiscard]] std::vector<table::Detection> describe(std::span<const table::ColumnRequest> requests,
                                                     const TablePlan& plan,
                                                     std::span<const Tally> tallies,
                                                     const CellRules& rules);

/// True when both ask for the same columns in the same readings.
[[nodiscard]] bool same_columns(std::span<const table::ColumnRequest> a,
                                std::span<const table::ColumnRequest> b);

}  // namespace quintile::io
