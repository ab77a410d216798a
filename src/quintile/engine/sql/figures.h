#pragma once

#include <string>
#include <vector>

#include "quintile/engine/sql/run.h"
#include "quintile/insights/figures.h"
#include "quintile/summary/figures.h"

/// Summary, claims and recommendations where the customers are: what they are made of comes back,
/// never a customer.
namespace quintile::engine::sql {

struct RemoteFigures {
  summary::Figures summary;
  insights::Figures claims;
  insights::Audiences audiences;
  /// Attributes that the embedded engine would test for traits and this one does not, and why: a
  /// sentence each.
  std::vector<std::string> not_tested;
  int passes = 0;  ///< statements that read all customers
};

/// The figures of the customers of `remote`: equal to those that `figures_of` counts from the
/// fetched ones, bit by bit, but for attributes in `not_tested`. Statements: ranges, cells,
/// attributes by segment, levels and one more for each text attribute, one for each 16 bits of the
/// widest metric, ranks. Errors: those of the session; Engine where the customers have changed.
[[nodiscard]] Result<RemoteFigures> count_figures(Session& session, const plan::Plan& plan,
                                                  const Remote& remote,
                                                  const summary::TraitSpec& spec = {});

}  // namespace quintile::engine::sql
