#pragma once

#include <string>
#include <vector>

#include "quintile/dashboard/drafts_internal.h"
#include "quintile/explore/explorer.h"
#include "quintile/segments/linter.h"

/// The answers of the API as JSON; openapi.yaml has their schemas.
namespace quintile::dashboard {

[[nodiscard]] std::string meta_json(const explore::Explorer& explorer, bool has_drafts,
                                    const std::string& version);
/// `notice`: why another mart than the published one is served; empty: it is not so.
[[nodiscard]] std::string snapshot_json(const explore::Explorer& explorer,
                                        const std::string& notice);
[[nodiscard]] std::string segments_json(const explore::Explorer& explorer,
                                        const explore::Selection& selection,
                                        const explore::Selection& without_segments,
                                        const Executor& executor);
[[nodiscard]] std::string cube_json(const explore::Explorer& explorer,
                                    const explore::Selection& selection, bool by_segment);
[[nodiscard]] std::string distributions_json(const explore::Explorer& explorer,
                                             const explore::Selection& selection);
[[nodiscard]] std::string insights_json(const explore::Explorer& explorer,
                                        const explore::Selection& selection);
[[nodiscard]] std::string quality_json(const explore::Explorer& explorer);
[[nodiscard]] std::string migration_json(const explore::Explorer& explorer,
                                         const explore::Migration& migration);
[[nodiscard]] std::string values_json(
    const std::vector<std::pair<std::string, std::int64_t>>& values, std::int64_t total);
/// `next` and `previous` are cursors; null pointers stand for none.
[[nodiscard]] std::string page_json(const explore::Explorer& explorer, const explore::Page& page,
                                    const std::string* next, const std::string* previous);
[[nodiscard]] Result<std::string> customer_json(const explore::Explorer& explorer,
                                                std::int64_t row);
[[nodiscard]] std::string rules_json(const explore::Explorer& explorer);
[[nodiscard]] std::string preview_json(const explore::Explorer& explorer,
                                       const segments::RuleSet& draft,
                                       const explore::Preview& preview, const std::string& yaml);
[[nodiscard]] std::string drafts_json(const std::vector<DraftEntry>& drafts);
/// `rules` may be null: the entry alone.
[[nodiscard]] std::string draft_json(const DraftEntry& draft, const segments::RuleSet* rules);
[[nodiscard]] std::string audience_json(const explore::Explorer& explorer,
                                        const explore::Selection& selection);

}  // namespace quintile::dashboard
