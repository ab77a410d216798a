#include <algorithm>

#include "quintile/dashboard/api/endpoints_internal.h"
#include "quintile/dashboard/api/routes_internal.h"

namespace quintile::dashboard {
namespace {

using enum Route::Work;

constexpr Route reads(std::string_view path, Endpoint read, Route::Work work) {
  return {path, read, nullptr, "", work};
}

/// In order: a path with a part left open stands behind those that name it.
constexpr Route kRoutes[] = {
    reads("/meta", meta, Remembered),
    reads("/snapshot", snapshot, Ready),
    reads("/segments", segments, Remembered),
    reads("/cube", cube, Remembered),
    reads("/distributions", distributions, Remembered),
    reads("/insights", insights, Remembered),
    reads("/quality", quality, Remembered),
    reads("/migration", migration, Remembered),
    reads("/dimensions/{}/values", dimension_values, Remembered),
    reads("/customers", customers, Computed),
    reads("/customers/{}", customer, Computed),
    reads("/rules", rules, Remembered),
    reads("/rules.yaml", rules_yaml, Ready),
    {"/rules/preview", nullptr, rules_preview, "POST", Computed},
    reads("/rules/drafts", drafts, Ready),
    {"/rules/drafts/{}", draft, save_draft, "PUT", Ready},
    reads("/audience", audience, Remembered),
    reads("/export/segments.csv", export_segments, Computed),
    reads("/export/customers.csv", export_customers, Computed),
    reads("/export/audience.csv", export_audience, Computed),
    reads("/export/customers.parquet", export_customers_parquet, Computed),
    reads("/export/customers.arrow", export_customers_arrow, Computed),
    reads("/healthz", health, Ready),
    reads("/metrics", metrics, Ready),
};

/// The part of `path` that stands for `{}`; nothing where the path does not fit.
std::optional<std::string_view> item_of(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find("{}");
  if (open == std::string_view::npos)
    return path == pattern ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view before = pattern.substr(0, open), after = pattern.substr(open + 2);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  const std::string_view item =
      path.substr(before.size(), path.size() - before.size() - after.size());
  return item.find('/') == std::string_view::npos ? std::optional(item) : std::nullopt;
}

}  // namespace

std::string_view Route::allow() const {
  if (read == nullptr) return write_method;
  if (write == nullptr) return "GET, HEAD";
  return "GET, HEAD, PUT";
}

RouteMatch route_of(std::string_view path) {
  for (const Route& route : kRoutes) {
    if (const auto item = item_of(route.path, path)) return {&route, *item};
  }
  return {};
}

}  // namespace quintile::dashboard
