#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "quintile/engine/sql/session.h"

/// For tests: an engine that keeps what it is asked and answers as it is told.
namespace quintile::engine::sql::testing {

/// A cell: a number, a text or nothing.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Table = std::vector<std::vector<Cell>>;

class RecordingSession : public Session {
 public:
  /// Answers a query; an error is the engine's.
  using Responder = std::function<Result<Table>(const std::string& sql, std::size_t columns)>;

  RecordingSession(Product product, Responder respond)
      : server_{product, "1", "recorded"}, respond_(std::move(respond)) {}

  [[nodiscard]] const Server& server() const override { return server_; }
  [[nodiscard]] std::string_view run_prefix() const override { return "quintile_run"; }

  Status stream(std::string_view sql, std::span<const Type> types, const Sink& sink) override {
    queries.emplace_back(sql);
    statements.emplace_back(sql);
    QUINTILE_TRY(const Table table, respond_(queries.back(), types.size()));
    return hand_on(table, types, sink);
  }

  Status execute(std::string_view sql) override {
    statements.emplace_back(sql);
    if (fail_at && statements.size() == *fail_at)
      return fail(ErrorCode::Engine, "the engine: no permission");
    const std::string made = created_by(statements.back());
    if (!made.empty()) tables.push_back(made);
    return {};
  }

  Status clean_up(std::string_view sql) override {
    statements.emplace_back(sql);
    std::erase_if(tables, [&](const std::string& table) { return sql.ends_with(table); });
    return {};
  }

  std::vector<std::string> statements, queries;
  std::vector<std::string> tables;     ///< that are there
  std::optional<std::size_t> fail_at;  ///< which statement fails, from 1

 private:
  static std::string created_by(const std::string& sql) {
    const std::size_t table = sql.find("TABLE ");
    if (!sql.starts_with("CREATE") || table == std::string::npos) return {};
    const std::size_t begin = table + 6;
    return sql.substr(begin, sql.find(' ', begin) - begin);
  }

  static Status hand_on(const Table& table, std::span<const Type> types, const Sink& sink) {
    std::vector<std::vector<std::int64_t>> numbers(types.size());
    std::vector<std::vector<std::string_view>> texts(types.size());
    std::vector<std::vector<std::uint8_t>> valid(types.size());
    for (const auto& row : table) {
      for (std::size_t c = 0; c < types.size(); ++c) {
        const auto* number = std::get_if<std::int64_t>(&row[c]);
        const auto* text = std::get_if<std::string>(&row[c]);
        valid[c].push_back(number != nullptr || text != nullptr ? 1 : 0);
        numbers[c].push_back(number != nullptr ? *number : 0);
        texts[c].push_back(text != nullptr ? std::string_view(*text) : std::string_view());
      }
    }
    Rows rows{static_cast<std::int64_t>(table.size()), {}};
    for (std::size_t c = 0; c < types.size(); ++c) {
      const bool is_text = types[c] == Type::Text;
      rows.columns.push_back({.type = types[c],
                              .layout = is_text ? Layout::Views : Layout::Int64,
                              .scale = 0,
                              .size = rows.size,
                              .data = is_text ? static_cast<const void*>(texts[c].data())
                                              : static_cast<const void*>(numbers[c].data()),
                              .valid = valid[c].data(),
                              .dictionary = {}});
    }
    return sink(rows);
  }

  Server server_;
  Responder respond_;
};

}  // namespace quintile::engine::sql::testing
