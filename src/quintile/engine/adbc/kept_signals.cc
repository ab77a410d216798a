#include "quintile/engine/adbc/kept_signals.h"

namespace quintile::engine::adbc {

KeptSignals::KeptSignals() {
  for (std::size_t signal = 1; signal < before_.size(); ++signal)
    ::sigaction(static_cast<int>(signal), nullptr, &before_[signal]);
}

KeptSignals::~KeptSignals() {
  for (std::size_t signal = 1; signal < before_.size(); ++signal) {
    if (before_[signal].sa_handler != SIG_DFL)
      ::sigaction(static_cast<int>(signal), &before_[signal], nullptr);
  }
}

}  // namespace quintile::engine::adbc
