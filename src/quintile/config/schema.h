#pragma once

#include <string_view>

/// The JSON Schemas (2020-12) of the files that people write, for editors to complete and check by.
/// They are docs/schema/*.json as they stand, and `schema_test` holds them against the reader.
namespace quintile::config {

[[nodiscard]] std::string_view plan_schema();
[[nodiscard]] std::string_view rules_schema();

}  // namespace quintile::config
