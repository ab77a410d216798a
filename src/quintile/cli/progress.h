#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "quintile/cli/terminal.h"

namespace quintile::cli {

/// Progress on stderr for anything that takes over a second: one line that is written over on a
/// terminal, plain lines elsewhere. The only clock of the program. Safe from several threads.
class Progress {
 public:
  explicit Progress(bool quiet) : terminal_(stderr), quiet_(quiet), start_(Clock::now()) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` in 0 to 1, negative where it is not known.
  void show(const std::string& stage, double done);
  /// Wipes the line away.
  void finish();
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Terminal terminal_;
  bool quiet_;
  Clock::time_point start_;
  Clock::time_point last_{};
  std::string stage_;
  bool on_line_ = false;
  std::mutex mutex_;
};

}  // namespace quintile::cli
