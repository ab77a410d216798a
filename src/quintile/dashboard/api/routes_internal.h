#pragma once

#include <string_view>

#include "quintile/dashboard/api/call_internal.h"

namespace quintile::dashboard {

using Endpoint = Answer (*)(Call&);

/// An address below /api/v1 and what answers there.
struct Route {
  std::string_view path;  ///< `{}` stands for one part of it
  Endpoint read = nullptr;
  Endpoint write = nullptr;
  std::string_view write_method = "";  ///< "POST" or "PUT"
  enum class Work : std::uint8_t {
    Ready,      ///< nothing to work out
    Computed,   ///< worked out; only so many at a time
    Remembered  ///< worked out of mart and query alone, so the answer is kept
  };
  Work work = Work::Ready;

  /// The value of Allow.
  [[nodiscard]] std::string_view allow() const;
};

struct RouteMatch {
  const Route* route = nullptr;  ///< null: there is nothing under this path
  std::string_view item;         ///< what stands for `{}`
};

[[nodiscard]] RouteMatch route_of(std::string_view path);

}  // namespace quintile::dashboard
