#include "quintile/base/error.h"

#include <algorithm>
#include <vector>

namespace quintile {

std::string Place::to_string() const {
  std::string text = file;
  if (line > 0) text += (text.empty() ? "line " : ":") + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

std::string Error::to_string() const {
  std::string text = place.to_string();
  if (!text.empty()) text += ": ";
  text += message;
  if (!advice.empty()) text += "\n  " + advice;
  return text;
}

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::CheckFailed: return 1;
    case ErrorCode::Usage:
    case ErrorCode::Plan:
    case ErrorCode::Rules:
    case ErrorCode::NotFound:
    case ErrorCode::Unsupported: return 2;
    case ErrorCode::Input: return 3;
    case ErrorCode::Io:
    case ErrorCode::Memory:
    case ErrorCode::Engine:
    case ErrorCode::Cancelled: return 4;
    case ErrorCode::Internal: return 70;
  }
  return 70;
}

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::CheckFailed: return "check_failed";
    case ErrorCode::Usage: return "usage";
    case ErrorCode::Plan: return "plan";
    case ErrorCode::Rules: return "rules";
    case ErrorCode::Input: return "input";
    case ErrorCode::Io: return "io";
    case ErrorCode::Memory: return "memory";
    case ErrorCode::Engine: return "engine";
    case ErrorCode::Unsupported: return "unsupported";
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::NotFound: return "not_found";
    case ErrorCode::Internal: return "internal";
  }
  return "internal";
}

// Two rows of the table.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
    }
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  // A third of the letters may differ, but at least one and never all of them.
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace quintile
