#include "quintile/engine/sql/review_builder.h"

#include <fmt/format.h>

namespace quintile::engine::sql {

quality::Finding ReviewBuilder::finding(std::string check, std::string column,
                                        quality::Severity severity, std::int64_t rows,
                                        quality::Decision decision, std::string reason) const {
  const auto share = static_cast<double>(rows) / static_cast<double>(review.rows);
  return {.check = std::move(check),
          .column = std::move(column),
          .severity = severity,
          .rows = rows,
          .share = Share{review.rows == 0 ? 0 : share},
          .examples = {},
          .decision = decision,
          .reason = std::move(reason),
          .details = {}};
}

void ReviewBuilder::add(std::int64_t rows, std::string check, std::string column,
                        quality::Severity severity, quality::Decision decision,
                        std::string reason) {
  if (rows > 0) {
    add(finding(std::move(check), std::move(column), severity, rows, decision, std::move(reason)));
  }
}

void ReviewBuilder::take_out(std::string_view step, std::int64_t rows, Int128 monetary) {
  if (rows > 0) review.waterfall.push_back({std::string(step), rows, monetary});
}

quality::Decision decision_of(quality::OnFail on_fail) {
  switch (on_fail) {
    case quality::OnFail::Keep: return quality::Decision::Kept;
    case quality::OnFail::Quarantine: return quality::Decision::Quarantined;
    case quality::OnFail::Fail: return quality::Decision::Fail;
  }
  return quality::Decision::Kept;
}

std::unexpected<Error> nobody_left(const quality::Review& review) {
  if (review.rows == 0) return fail(ErrorCode::Input, "the input has no data rows");
  std::string advice = "the review found:";
  for (const quality::Finding& found : review.findings) {
    if (found.decision == quality::Decision::Quarantined)
      advice += fmt::format(" {} ({} rows);", found.check, found.rows);
  }
  advice.back() = '.';
  return fail(ErrorCode::Input, fmt::format("none of the {} rows can be used", review.rows),
              advice);
}

Status sums_fit(std::int64_t greatest, std::int64_t rows) {
  constexpr Int128 kLimit = Int128{1} << 63;
  if (static_cast<Int128>(greatest) * rows < kLimit) return {};
  return fail(ErrorCode::Unsupported,
              fmt::format("sums of {} amounts of up to {} minor units may not fit into the 64 bits "
                          "of the engine",
                          rows, greatest),
              "correct the largest amounts, or say with money_scale that fewer digits stand after "
              "the point");
}

std::unexpected<Error> too_large(std::int64_t rows, const std::string& column) {
  return fail(ErrorCode::Input,
              fmt::format("{} rows have an amount of 10^18 minor units or more, in column {}", rows,
                          column),
              "correct them, or say with money_scale that fewer digits stand after the point");
}

}  // namespace quintile::engine::sql
