#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/expression/expression.h"
#include "quintile/segments/rule_set.h"
#include "quintile/segments/segmentation.h"

namespace quintile::segments {

/// The columns that `when` may name, of one segmentation: scores, metrics, the overlay and every
/// attribute. Borrows the segmentation, which must outlive it; computes `rfm_total` and
/// `tenure_days` where `rules` mention them. Needs the scores, not the segments.
class RuleColumns {
 public:
  RuleColumns(const Segmentation& segmentation, const RuleSet& rules);

  /// Nothing for a name that the customers do not have (`tenure_days` needs the first purchase
  /// date).
  [[nodiscard]] std::optional<ColumnView> find(std::string_view field) const;

  /// The same for expressions; the field must be there.
  [[nodiscard]] expression::Columns columns() const;
  [[nodiscard]] expression::FieldTypes types() const;

  /// For "did you mean".
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  const Segmentation& segmentation_;
  std::optional<table::Column> tenure_days_;
  table::Buffer<rfm::Score> rfm_total_;
};

}  // namespace quintile::segments
