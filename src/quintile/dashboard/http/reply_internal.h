#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "quintile/base/result.h"
#include "quintile/dashboard/http/problem_internal.h"

namespace quintile::dashboard {

/// Takes a piece of a body; false where the client is gone.
using Write = std::function<bool(std::string_view piece)>;
/// Writes a body piece by piece. An error, or a `write` that failed, breaks the answer off, so that
/// no client takes a part for the whole.
using Stream = std::function<Status(const Write& write)>;

/// An answer: a whole body, or one that is written while it is made.
struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  Stream stream;          ///< in place of `body`
  std::string file_name;  ///< of a download; empty: none
};

using Answer = std::expected<Reply, Problem>;

}  // namespace quintile::dashboard
