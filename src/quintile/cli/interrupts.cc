#include "quintile/cli/interrupts.h"

namespace quintile::cli {

namespace {

engine::sql::Cancellation requested;

void request(int) { requested.request(); }

}  // namespace

Interrupts::Interrupts() {
  struct sigaction action{};
  action.sa_handler = request;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second time as it was by default
  ::sigaction(SIGINT, &action, &interrupt_before_);
  ::sigaction(SIGTERM, &action, &terminate_before_);
}

Interrupts::~Interrupts() {
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
}

const engine::sql::Cancellation& Interrupts::cancellation() { return requested; }

}  // namespace quintile::cli
