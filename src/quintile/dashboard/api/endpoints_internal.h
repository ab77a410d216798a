#pragma once

#include "quintile/dashboard/api/call_internal.h"

/// A function for each operation of openapi.yaml, by its operationId.
namespace quintile::dashboard {

// mart.cc
[[nodiscard]] Answer meta(Call& call);
[[nodiscard]] Answer snapshot(Call& call);
[[nodiscard]] Answer segments(Call& call);
[[nodiscard]] Answer cube(Call& call);
[[nodiscard]] Answer distributions(Call& call);
[[nodiscard]] Answer insights(Call& call);
[[nodiscard]] Answer quality(Call& call);
[[nodiscard]] Answer migration(Call& call);
[[nodiscard]] Answer dimension_values(Call& call);

// customers.cc
[[nodiscard]] Answer customers(Call& call);
[[nodiscard]] Answer customer(Call& call);

// rules.cc
[[nodiscard]] Answer rules(Call& call);
[[nodiscard]] Answer rules_yaml(Call& call);
[[nodiscard]] Answer rules_preview(Call& call);
[[nodiscard]] Answer drafts(Call& call);
[[nodiscard]] Answer draft(Call& call);
[[nodiscard]] Answer save_draft(Call& call);

// exports.cc
[[nodiscard]] Answer audience(Call& call);
[[nodiscard]] Answer export_segments(Call& call);
[[nodiscard]] Answer export_customers(Call& call);
[[nodiscard]] Answer export_audience(Call& call);
[[nodiscard]] Answer export_customers_parquet(Call& call);
[[nodiscard]] Answer export_customers_arrow(Call& call);

// service.cc
[[nodiscard]] Answer health(Call& call);
[[nodiscard]] Answer metrics(Call& call);

}  // namespace quintile::dashboard
