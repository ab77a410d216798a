#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/dashboard/http/limits.h"

/// The dashboard: a published mart over HTTP. openapi.yaml is the contract of its API; it never
/// computes.
namespace quintile::dashboard {

struct ServeOptions {
  std::filesystem::path mart;
  std::filesystem::path previous;  ///< an older mart to compare with; empty: none
  std::string host = "127.0.0.1";
  int port = 8080;  ///< 0: any that is free
  /// Asked of every client. Empty: none on loopback, and elsewhere one is made up, which is part of
  /// the address told.
  std::string token;
  /// Other names of this server, as in "quintile.example:8080": behind a proxy, say.
  std::vector<std::string> names;
  std::optional<Limits> limits;   ///< of clients; nothing: those that fit `host`
  std::filesystem::path web_dir;  ///< serve the page from here; empty: as built into the program
  std::filesystem::path
      drafts;  ///< where drafts of rules are saved; empty: `drafts` beside the mart
  std::function<void(const std::string& line)>
      log;  ///< exports and failures; any thread; may be empty
};

/// Serves until SIGINT or SIGTERM, then lets requests under way end. `ready` is told the address
/// once clients can connect. A mart that is published meanwhile is loaded and served from then on;
/// no answer mixes two. Where it cannot be opened, the one before stays and /snapshot says so.
/// Errors: NotFound, Io, CheckFailed for marts that cannot be opened; Io where the address cannot
/// be bound.
[[nodiscard]] Status serve(const ServeOptions& options,
                           const std::function<void(const std::string& url)>& ready);

}  // namespace quintile::dashboard
