#pragma once

#include <csignal>

#include "quintile/engine/sql/session.h"

namespace quintile::cli {

/// While it lives, Ctrl-C and SIGTERM request `cancellation()` in place of ending the process, so
/// that an engine is told to stop and left tidy. A second one ends the process as usual. One at a
/// time.
class Interrupts {
 public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  [[nodiscard]] static const engine::sql::Cancellation& cancellation();

 private:
  struct sigaction interrupt_before_{};
  struct sigaction terminate_before_{};
};

}  // namespace quintile::cli
