#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace quintile {

/// What kind of failure an `Error` is. The code picks the exit status (`exit_status`) and the HTTP
/// status; the message says the rest.
enum class ErrorCode : std::uint8_t {
  CheckFailed,  ///< a check said no: review decided `fail`, dead rule, verify mismatch
  Usage,        ///< command line arguments
  Plan,         ///< the plan or a value set from the command line
  Rules,        ///< a rule file or an expression in it
  Input,        ///< the input data cannot be used as they are
  Io,           ///< a file could not be read or written, disk full, no permission
  Memory,       ///< the memory limit does not suffice
  Engine,       ///< another engine failed or cannot run the plan
  Unsupported,  ///< the plan asks for what this build or engine cannot do
  Cancelled,    ///< the user interrupted
  NotFound,     ///< a customer, segment or mart that is not there
  Internal,     ///< a bug of ours that could still be reported in order
};

/// Where something stands in a file. Lines and columns count from 1; 0 means "not known".
/// Columns count bytes, as editors and compilers do.
struct Place {
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;

  /// "segments.yaml:14:7", with the unknown parts left out; "" when nothing is known.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Place&, const Place&) = default;
};

/// A failed operation: one line that says what and where, and perhaps one that says what to do.
/// Never holds a personal value.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;  ///< what is wrong, values last; no full stop, no line end
  std::string advice;   ///< what to do about it; may be empty
  Place place;          ///< where; may be unknown

  /// "PLACE: MESSAGE", then "\n  ADVICE" where there is one.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Error&, const Error&) = default;
};

/// The process exit status of a failure (product contract): 1 the check said no, 2 usage, plan or
/// rules, 3 input data unusable, 4 I/O, memory or engine, 70 a bug of ours.
[[nodiscard]] int exit_status(ErrorCode code);

/// The name of a code as it stands in JSON: "check_failed", "usage", ...
[[nodiscard]] std::string_view to_string(ErrorCode code);

/// How many bytes must be added, dropped or replaced to make one word of the other (Levenshtein).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word` by edit distance, for "did you mean"; "" when none is near (more
/// than a third of the letters differ). Ties go to the first candidate.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

}  // namespace quintile
