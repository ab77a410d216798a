#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "quintile/engine/sql/session.h"

namespace quintile::engine::adbc {

/// A thread on which the calls of one connection run, one after the other, so that a call that
/// takes too long can be interrupted, and one that never returns be left behind.
class CallThread {
 public:
  enum class End : std::uint8_t { Returned, Cancelled, TimedOut };

  struct Limits {
    const sql::Cancellation* cancellation = nullptr;  ///< null: cannot be cancelled
    std::chrono::milliseconds time{0};                ///< 0: as long as it takes
    /// How long an interrupted call may go on before it is left behind.
    std::chrono::milliseconds grace{5000};
  };

  CallThread();
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;
  /// Waits for nothing: a call that was left behind goes on by itself.
  ~CallThread();

  /// Runs `call` and waits. When the limits are reached, runs `interrupt` on another thread, waits
  /// for the call to return, and says why. Both own what they touch: they may outlive this object.
  /// Must not be called again once `is_stuck`.
  [[nodiscard]] End run(std::function<void()> call, const Limits& limits,
                        std::function<void()> interrupt = {});

  /// Was a call left behind?
  [[nodiscard]] bool is_stuck() const { return is_stuck_; }

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  bool is_stuck_ = false;
};

}  // namespace quintile::engine::adbc
