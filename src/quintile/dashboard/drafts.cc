#include <unistd.h>

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "quintile/config/config.h"
#include "quintile/dashboard/drafts_internal.h"

namespace quintile::dashboard {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kDraftsMax = 500;
constexpr std::string_view kBaseLine = "# Departs from rules ";

std::unexpected<Error> not_a_draft(std::string message) {
  return fail(ErrorCode::Usage, std::move(message),
              "send {\"rules\": {\"version\": 1, \"name\": ..., \"segments\": [...]}}");
}

/// Text under `key`, "" where it is not there; a wrong type is an error.
Result<std::string> text_of(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end()) return std::string();
  if (!at->is_string()) return not_a_draft(fmt::format("'{}' must be text", key));
  return at->get<std::string>();
}

Result<std::vector<std::string>> texts_of(const json& object, const char* key) {
  std::vector<std::string> texts;
  const auto at = object.find(key);
  if (at == object.end()) return texts;
  if (!at->is_array()) return not_a_draft(fmt::format("'{}' must be a list of texts", key));
  for (const json& item : *at) {
    if (!item.is_string()) return not_a_draft(fmt::format("'{}' must be a list of texts", key));
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

Status refuse_others(const json& object, std::initializer_list<std::string_view> known,
                     std::string_view what) {
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) == known.end())
      return not_a_draft(fmt::format("{} has no '{}'", what, key));
  }
  return {};
}

Result<segments::Rule> rule_of(const json& object) {
  if (!object.is_object()) return not_a_draft("a segment must be an object");
  QUINTILE_TRY_STATUS(refuse_others(
      object, {"id", "name", "family", "when", "otherwise", "description", "actions", "watchouts"},
      "a segment"));
  segments::Rule rule;
  QUINTILE_TRY(rule.id, text_of(object, "id"));
  QUINTILE_TRY(rule.name, text_of(object, "name"));
  QUINTILE_TRY(rule.description, text_of(object, "description"));
  QUINTILE_TRY(rule.actions, texts_of(object, "actions"));
  QUINTILE_TRY(rule.watchouts, texts_of(object, "watchouts"));
  QUINTILE_TRY(const std::string family, text_of(object, "family"));
  constexpr segments::Family kFamilies[] = {segments::Family::Core, segments::Family::Growing,
                                            segments::Family::Slipping, segments::Family::Dormant};
  const auto known = std::ranges::find_if(
      kFamilies, [&](segments::Family one) { return to_string(one) == family; });
  if (known == std::end(kFamilies)) {
    return fail(ErrorCode::Rules,
                fmt::format("family must be core, growing, slipping or dormant, not '{}'", family),
                {}, {rule.id});
  }
  rule.family = *known;
  const auto otherwise = object.find("otherwise");
  if (otherwise != object.end() && !otherwise->is_boolean())
    return not_a_draft("'otherwise' must be true or false");
  if (otherwise != object.end() && otherwise->get<bool>()) {
    if (object.contains("when"))
      return fail(ErrorCode::Rules, "a segment has either 'when' or 'otherwise'", {}, {rule.id});
    return rule;
  }
  QUINTILE_TRY(const std::string when, text_of(object, "when"));
  if (when.empty())
    return fail(ErrorCode::Rules, "a segment needs a condition, or 'otherwise' if it is the last",
                {}, {rule.id});
  QUINTILE_TRY(rule.when, expression::parse(when, {rule.id, 1, 1}, ErrorCode::Rules));
  return rule;
}

}  // namespace

Result<Draft> parse_draft(const std::string& body) {
  // Deep nesting is refused before a parser recurses into it.
  int depth = 0;
  const json document = json::parse(
      body,
      [&depth](int level, json::parse_event_t, json&) {
        depth = std::max(depth, level);
        return level < 16;
      },
      false);
  if (document.is_discarded() || depth >= 16) return not_a_draft("the body is not JSON of a draft");
  if (!document.is_object() || !document.contains("rules") || !document["rules"].is_object())
    return not_a_draft("the draft has no rules");
  QUINTILE_TRY_STATUS(refuse_others(document, {"rules", "base_digest"}, "a draft"));
  const json& rules = document["rules"];
  QUINTILE_TRY_STATUS(refuse_others(rules, {"version", "name", "segments"}, "a rule set"));
  Draft draft;
  QUINTILE_TRY(draft.base_digest, text_of(document, "base_digest"));
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (draft.base_digest.size() > 200 || !std::ranges::all_of(draft.base_digest, is_hex))
    return not_a_draft("'base_digest' must be a digest");
  if (!rules.contains("version") || rules["version"] != 1)
    return not_a_draft("'version' must be 1");
  if (!rules.contains("segments") || !rules["segments"].is_array())
    return not_a_draft("'segments' must be a list");
  QUINTILE_TRY(draft.rules.name, text_of(rules, "name"));
  for (const json& segment : rules["segments"]) {
    QUINTILE_TRY(segments::Rule rule, rule_of(segment));
    draft.rules.rules.push_back(std::move(rule));
  }
  if (draft.rules.rules.empty())
    return fail(ErrorCode::Rules, "a draft needs at least one segment");
  // The reader of rule files has the last word: what it refuses could not be run.
  draft.yaml = config::rules_yaml(draft.rules);
  auto read = config::parse_rules(draft.yaml, "");
  if (!read) return std::unexpected(std::move(read).error());
  const std::vector<segments::Rule> written = std::move(draft.rules.rules);
  draft.rules = *std::move(read);
  // Places in conditions are told by segment, not by line of the YAML.
  for (std::size_t i = 0; i < written.size(); ++i) draft.rules.rules[i].when = written[i].when;
  return draft;
}

bool Drafts::is_id(std::string_view id) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= 64 && is_letter(id[0]) &&
         std::ranges::all_of(id, [&](char c) { return is_letter(c) || c == '_' || c == '-'; });
}

std::vector<DraftEntry> Drafts::list() const {
  std::vector<DraftEntry> entries;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end;
       !error && at != end && entries.size() < kDraftsMax; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(".yaml")) continue;
    const std::string id = name.substr(0, name.size() - 5);
    const auto yaml = is_id(id) ? read(id) : std::nullopt;
    if (yaml) entries.push_back(describe(id, *yaml));
  }
  std::ranges::sort(entries, {}, &DraftEntry::draft_id);
  return entries;
}

std::optional<std::string> Drafts::read(std::string_view id) const {
  const fs::path file = folder_ / (std::string(id) + ".yaml");
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(file, error))) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(stream), {});
  return config::parse_rules(text, std::string(id)) ? std::optional(std::move(text)) : std::nullopt;
}

DraftEntry Drafts::describe(std::string_view id, const std::string& yaml) {
  DraftEntry entry{std::string(id), std::string(id) + ".yaml", {}, {}};
  if (const auto rules = config::parse_rules(yaml, entry.file)) entry.rules_digest = rules->digest;
  if (const std::size_t at = yaml.find(kBaseLine); at != std::string::npos) {
    const std::size_t begin = at + kBaseLine.size();
    entry.base_digest = yaml.substr(begin, yaml.find('\n', begin) - begin);
  }
  return entry;
}

Result<bool> Drafts::save(std::string_view id, const Draft& draft, std::string& yaml) const {
  yaml = fmt::format("# Draft {} of the dashboard: it is never live until a plan names it.\n", id);
  if (!draft.base_digest.empty()) yaml += fmt::format("{}{}\n", kBaseLine, draft.base_digest);
  yaml += draft.yaml;
  std::error_code error;
  fs::create_directories(folder_, error);
  const fs::path file = folder_ / (std::string(id) + ".yaml");
  const bool is_there = fs::exists(fs::symlink_status(file, error));
  if (is_there && !fs::is_regular_file(fs::symlink_status(file, error)))
    return fail(ErrorCode::Io, "the draft's name is taken by something that is no file");
  const fs::path staged = folder_ / fmt::format(".{}.{}.tmp", id, ::getpid());
  std::ofstream stream(staged, std::ios::binary | std::ios::trunc);
  stream << yaml;
  stream.close();
  if (stream) fs::rename(staged, file, error);
  if (!stream || error) {
    fs::remove(staged, error);
    return fail(ErrorCode::Io, "the draft could not be written",
                "check the folder's permissions and the space on the disk");
  }
  return is_there;
}

}  // namespace quintile::dashboard
