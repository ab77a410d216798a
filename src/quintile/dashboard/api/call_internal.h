#pragma once

#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/dashboard/drafts_internal.h"
#include "quintile/dashboard/http/reply_internal.h"
#include "quintile/dashboard/live_mart_internal.h"
#include "quintile/explore/filter.h"

/// What the endpoints of the API have in common.
namespace quintile::dashboard {

/// A call that has been let in and routed.
struct Call {
  std::shared_ptr<Served> served;  ///< a stream keeps it
  const LiveMart& mart;
  const Drafts& drafts;
  const std::function<std::string()>& metrics;
  std::string_view item;  ///< what stands for {} in the route's path
  std::vector<explore::Parameter> parameters;
  const std::string& body;

  [[nodiscard]] const explore::Explorer& explorer() const { return served->explorer; }
};

/// The parameter's value, taken out of the call's.
[[nodiscard]] std::optional<std::string> take(Call& call, std::string_view name);

/// The same as one of `choices`, the first where it is not given; a problem for any other value.
[[nodiscard]] std::expected<std::string, Problem> take_choice(
    Call& call, const std::string& name, std::initializer_list<std::string_view> choices);

[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

/// The parameter as a whole number from 1 to `most`; a problem for anything else.
[[nodiscard]] std::expected<std::int64_t, Problem> take_limit(Call& call, std::int64_t usual,
                                                              std::int64_t most);

/// `q`, a short text; empty where it is not given.
[[nodiscard]] std::expected<std::string, Problem> take_search(Call& call);

/// The customers that the rest of the call's parameters ask for; 400 for what cannot be meant.
[[nodiscard]] std::expected<explore::Selection, Problem> select(
    const Call& call, explore::Scope scope = explore::Scope::All);

}  // namespace quintile::dashboard
