#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/engine/sql/session.h"

namespace quintile::engine::sql {

namespace {

constexpr std::array<std::pair<std::string_view, Product>, 12> kSchemes = {
    {{"duckdb", Product::DuckDb},
     {"spark", Product::Spark},
     {"sc", Product::Spark},
     {"sail", Product::Sail},
     {"databricks", Product::Databricks},
     {"postgresql", Product::PostgreSql},
     {"postgres", Product::PostgreSql},
     {"redshift", Product::Redshift},
     {"trino", Product::Trino},
     {"bigquery", Product::BigQuery},
     {"snowflake", Product::Snowflake},
     {"clickhouse", Product::ClickHouse}}};

std::optional<Product> product_of(std::string_view scheme) {
  const auto* const found =
      std::ranges::find(kSchemes, scheme, [](const auto& s) { return s.first; });
  if (found == kSchemes.end()) return std::nullopt;
  return found->second;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "%41" to "A"; nothing for a broken escape.
std::optional<std::string> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = digit_of(text[i + 1]);
    const int low = digit_of(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

/// "shop.public.lines" to its parts; a point inside a part is written %2E.
Result<std::vector<std::string>> parts_of(std::string_view name) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t point = name.find('.');
    const auto part = unescape(name.substr(0, point));
    if (!part || part->empty())
      return fail(ErrorCode::Plan, "the table's name has an empty or broken part");
    parts.push_back(*part);
    if (point == std::string_view::npos) break;
    name.remove_prefix(point + 1);
  }
  if (parts.size() > 3)
    return fail(ErrorCode::Plan, "the table's name has more parts than catalog, schema and table");
  return parts;
}

/// Sets the parameter if it is one of ours; the others are the transport's.
Result<bool> take(Location& location, std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = parameter.substr(0, equals);
  const std::string_view value = parameter.substr(equals + 1);
  if (key == "table") {
    QUINTILE_TRY(location.table, parts_of(value));
    return true;
  }
  if (key != "parquet" && key != "write_to") return false;
  const auto plain = unescape(value);
  if (!plain || plain->empty())
    return fail(ErrorCode::Plan, fmt::format("'{}' in the input's URI is empty or broken", key));
  (key == "parquet" ? location.parquet : location.write_to) = *plain;
  return true;
}

}  // namespace

bool is_engine_uri(std::string_view path) {
  const std::size_t colon = path.find(':');
  return colon != std::string_view::npos && product_of(path.substr(0, colon)).has_value();
}

Result<Location> parse_server(std::string_view uri) {
  Location location;
  const auto product = product_of(uri.substr(0, uri.find(':')));
  if (!product) {
    return fail(ErrorCode::Plan, "the input's URI names no engine that Quintile knows",
                "duckdb, spark, sail, postgresql, ... : docs/engines has them all");
  }
  location.product = *product;
  const std::size_t question = uri.find('?');
  location.uri = uri.substr(0, question);
  std::string_view rest =
      question == std::string_view::npos ? std::string_view() : uri.substr(question + 1);
  char separator = '?';
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view parameter = rest.substr(0, end);
    QUINTILE_TRY(const bool is_ours, take(location, parameter));
    if (!is_ours) {
      location.uri += separator;
      location.uri += parameter;
      separator = '&';
    }
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return location;
}

Result<Location> parse_location(std::string_view uri) {
  QUINTILE_TRY(Location location, parse_server(uri));
  if (location.table.empty() == location.parquet.empty()) {
    return fail(ErrorCode::Plan, "the input's URI must name a table or a Parquet path, one of them",
                "add ?table=schema.name or ?parquet=path");
  }
  return location;
}

}  // namespace quintile::engine::sql
