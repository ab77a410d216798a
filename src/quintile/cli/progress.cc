#include "quintile/cli/progress.h"

#include <cstdio>

namespace quintile::cli {

void Progress::show(const std::string& stage, double done) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  const bool new_stage = stage != stage_;
  stage_ = stage;
  if (quiet_ || now - start_ < std::chrono::seconds(1)) return;
  const std::string percent =
      done >= 0 ? " " + std::to_string(static_cast<int>(100 * done)) + " %" : "";
  if (terminal_.interactive()) {
    if (!new_stage && now - last_ < std::chrono::milliseconds(100)) return;
    std::fprintf(stderr, "\r\x1b[K%s%s", stage.c_str(), percent.c_str());
    on_line_ = true;
  } else {
    if (!new_stage && now - last_ < std::chrono::seconds(10)) return;
    std::fprintf(stderr, "%s%s\n", stage.c_str(), percent.c_str());
  }
  last_ = now;
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (on_line_) std::fputs("\r\x1b[K", stderr);
  on_line_ = false;
}

}  // namespace quintile::cli
