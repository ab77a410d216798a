#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "quintile/rfm/scoring.h"

namespace quintile::mart {

/// Every `rfm_code` that a model can give, so that a customer's code is an index.
class RfmCodes {
 public:
  explicit RfmCodes(const rfm::Model& model)
      : f_(model.metrics[1].bins), m_(model.metrics[2].bins) {
    const int r_bins = model.metrics[0].bins;
    const int bins_max = std::max({r_bins, f_, m_});
    for (int r = 1; r <= r_bins; ++r) {
      for (int f = 1; f <= f_; ++f) {
        for (int m = 1; m <= m_; ++m) texts_.push_back(rfm::rfm_code(r, f, m, bins_max));
      }
    }
  }

  [[nodiscard]] std::int32_t index(rfm::Score r, rfm::Score f, rfm::Score m) const {
    return ((r - 1) * f_ + (f - 1)) * m_ + (m - 1);
  }
  [[nodiscard]] const std::vector<std::string>& texts() const { return texts_; }

 private:
  int f_, m_;
  std::vector<std::string> texts_;
};

}  // namespace quintile::mart
