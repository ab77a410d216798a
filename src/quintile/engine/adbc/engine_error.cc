#include "quintile/engine/adbc/engine_error.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::engine::adbc {

namespace {

constexpr std::size_t kMessageBytes = 600;

/// Where engines begin to quote: the statement, its plan, rows, a stack.
constexpr std::array<std::string_view, 10> kQuotes = {
    "\nDETAIL:",   "\nCONTEXT:",   "\nLINE ", "\n\nLINE ",      "\nSTATEMENT:",
    "\n== SQL ==", "\n\nSQLSTATE", ";\n'",    "JVM stacktrace", "\n\tat "};

/// What drivers say of a lost connection, in lower case.
constexpr std::array<std::string_view, 12> kLostWords = {"server closed the connection",
                                                         "connection reset",
                                                         "connection refused",
                                                         "broken pipe",
                                                         "no connection to",
                                                         "connection not open",
                                                         "code = unavailable",
                                                         "transport is closing",
                                                         "error reading from server",
                                                         "connection is closed",
                                                         ": eof",
                                                         "terminating connection"};

bool holds(std::string_view text, std::string_view word) {
  return std::ranges::search(text, word, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         }).begin() != text.end();
}

/// On one line, blanks as one, cut where a letter ends.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!is_blank) line += c;
    if (is_blank && !line.ends_with(' ')) line += ' ';
  }
  if (line.size() > kMessageBytes) {
    std::size_t end = kMessageBytes;
    while (end > 0 && (line[end] & 0xC0) == 0x80) --end;
    line = line.substr(0, end) + " ...";
  }
  return line;
}

std::string advice_of(const DriverWords& words) {
  if (words.sqlstate == "42501" || words.status == abi::kStatusUnauthorized)
    return "the user may not do this: temporary tables must be allowed, and the input be readable";
  if (words.sqlstate.starts_with("28") || words.status == abi::kStatusUnauthenticated)
    return "user, password or token are not accepted; docs/engines says where they go";
  if (words.sqlstate == "53100" || words.sqlstate == "53200")
    return "the engine is out of disk or memory";
  if (is_lost_connection(words))
    return "the engine went away or cannot be reached; nothing was published, run it again";
  return {};
}

}  // namespace

DriverWords DriverWords::taken(abi::StatusCode status, abi::Error& error) {
  DriverWords words{.status = status};
  if (error.message != nullptr) words.message = error.message;
  if (error.sqlstate[0] != '\0') {
    words.sqlstate.assign(error.sqlstate, strnlen(error.sqlstate, sizeof error.sqlstate));
  }
  if (error.release != nullptr) error.release(&error);
  error = {};
  return words;
}

bool is_lost_connection(const DriverWords& words) {
  if (words.sqlstate.starts_with("08") || words.sqlstate.starts_with("57P")) return true;
  return std::ranges::any_of(kLostWords,
                             [&](std::string_view word) { return holds(words.message, word); });
}

Error engine_error(sql::Product product, const DriverWords& words, const Secrets& secrets) {
  std::string_view text = words.message;
  // PostgreSQL's driver quotes the statement first, which may be long.
  if (const std::size_t error = text.find("ERROR:");
      text.starts_with("[libpq] Failed to execute") && error != std::string_view::npos)
    text.remove_prefix(error);
  for (const std::string_view quote : kQuotes) text = text.substr(0, text.find(quote));
  std::string message = one_line(secrets.redact(std::string(text)));
  if (message.empty()) message = fmt::format("status {} without a message", words.status);
  return {.code = ErrorCode::Engine,
          .message = fmt::format("{}: {}", sql::to_string(product), message),
          .advice = advice_of(words),
          .place = {}};
}

}  // namespace quintile::engine::adbc
