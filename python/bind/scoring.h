#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "quintile/base/result.h"
#include "quintile/rfm/score_metric.h"
#include "quintile/table/source.h"

namespace quintile::bind {

/// What `quintile.score` is asked for.
struct ScoreRequest {
  std::array<std::optional<std::string>, 3> columns;  ///< by rfm::Metric; none: not scored
  std::array<rfm::MetricSpec, 3> specs;
};

struct ScoredFrame {
  /// r_score, f_score, m_score (int8), and with all three rfm_code (text) and rfm_total (int8): a
  /// row for each of the source's, in its order.
  std::shared_ptr<arrow::Table> table;
  std::vector<rfm::CutPoints> cut_points;  ///< of the metrics asked for
  int money_scale = 2;
};

/// Scores the rows of a frame as a run scores customers. Where `Method::Rank` splits equal values,
/// the earlier row comes first. Errors: Input where a column is not there, has a missing or
/// unreadable value, or there are no rows.
[[nodiscard]] Result<ScoredFrame> score_frame(table::Source& source, const ScoreRequest& request,
                                              int threads);

}  // namespace quintile::bind
