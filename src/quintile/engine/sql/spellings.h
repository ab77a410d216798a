#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quintile/engine/sql/review_builder.h"
#include "quintile/engine/sql/typed_rows.h"

namespace quintile::engine::sql {

/// How a text attribute's spellings that differ in case or blanks are unified: `changed` has those
/// that are written otherwise.
struct Spellings {
  std::vector<std::pair<std::string, std::string>> changed;
  std::int64_t texts = 0;
  std::vector<std::pair<std::string, std::int64_t>> top;  ///< ten at most; none of very many texts
  bool is_complete = true;  ///< false: more texts than are looked at, so none is changed
  std::optional<quality::Finding> finding;
};

/// Of each of these columns, in a statement each; of those that are no texts nothing.
[[nodiscard]] Result<std::vector<Spellings>> unify_spellings(Session& session,
                                                             const TypedRows& rows,
                                                             const std::vector<int>& columns,
                                                             const ReviewBuilder& review);

/// How many statements that takes.
[[nodiscard]] int texts_among(const TypedRows& rows, const std::vector<int>& columns);

/// `column` with the changed spellings in place.
[[nodiscard]] Sql respelled(const Sql& column, const Spellings& spellings, const Dialect& dialect);

}  // namespace quintile::engine::sql
