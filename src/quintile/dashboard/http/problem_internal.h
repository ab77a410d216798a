#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "quintile/base/error.h"

namespace quintile::dashboard {

/// Why a request is refused, as RFC 9457 has it.
struct Problem {
  int status = 500;
  std::string code;                 ///< one of those that openapi.yaml lists
  std::string detail;               ///< what was wrong and what to do; never a personal value
  std::string parameter;            ///< of the query; empty: none
  std::string allow;                ///< the methods that the address takes, with 405
  std::optional<Error> rule_error;  ///< where a draft is wrong
  std::optional<std::chrono::milliseconds> retry_after;  ///< with 429 and 503
};

[[nodiscard]] std::string problem_json(const Problem& problem, const std::string& trace_id);

/// The value of Retry-After: whole seconds, at least one.
[[nodiscard]] std::string retry_after_text(std::chrono::milliseconds wait);

[[nodiscard]] Problem problem_of(int status, std::string code, std::string detail,
                                 std::string parameter = {});

[[nodiscard]] std::unexpected<Problem> refuse(int status, std::string code, std::string detail,
                                              std::string parameter = {});
/// A 400 for an error whose place names the parameter.
[[nodiscard]] std::unexpected<Problem> refuse(const Error& error, std::string code);

/// The problem behind a status that the library gave before anything of ours was asked.
[[nodiscard]] Problem problem_of_status(int status);

}  // namespace quintile::dashboard
