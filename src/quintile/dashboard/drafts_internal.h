#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/segments/rule_set.h"

/// Drafts of rules: what the page sends and what is kept on disk. A draft is never live.
namespace quintile::dashboard {

struct Draft {
  segments::RuleSet rules;
  std::string yaml;         ///< the draft as a rule file
  std::string base_digest;  ///< of the rules that it departs from; may be empty
};

/// Reads {"rules": ..., "base_digest": ...}. Errors: Usage for what is no such JSON; Rules for
/// rules that are none, with the place in the condition or in the YAML, and the segment in
/// `place.file`.
[[nodiscard]] Result<Draft> parse_draft(const std::string& json);

struct DraftEntry {
  std::string draft_id, file, rules_digest, base_digest;
};

/// Rule files in a folder, `<draft_id>.yaml`, made by us: others are left alone.
class Drafts {
 public:
  explicit Drafts(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] static bool is_id(std::string_view id);
  [[nodiscard]] std::vector<DraftEntry> list() const;
  /// The file's text, or nothing.
  [[nodiscard]] std::optional<std::string> read(std::string_view id) const;
  [[nodiscard]] static DraftEntry describe(std::string_view id, const std::string& yaml);
  /// True where a draft of that name was replaced. The folder is made when the first is saved.
  /// Errors: Io.
  [[nodiscard]] Result<bool> save(std::string_view id, const Draft& draft, std::string& yaml) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace quintile::dashboard
