#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include "quintile/base/check.h"
#include "quintile/base/text.h"
#include "quintile/config/config.h"
#include "quintile/config/reader_internal.h"
#include "quintile/config/rules_internal.h"
#include "quintile/segments/assign.h"
#include "quintile/summary/wording.h"

namespace quintile::config {
namespace {

constexpr ErrorCode kCode = ErrorCode::Rules;
constexpr std::size_t kActionsMin = 2, kActionsMax = 3;
constexpr std::size_t kWatchoutsMax = 10;
constexpr std::size_t kIdLengthMax = 64;

/// A name that no rule field has is an attribute, unless it is this near to a rule field.
constexpr std::size_t kTypingSlipMax = 2;

Status check_fields(const expression::Expression& when,
                    const std::vector<std::string>* attributes) {
  std::vector<std::string_view> known(std::begin(segments::kRuleFields),
                                      std::end(segments::kRuleFields));
  if (attributes != nullptr) known.insert(known.end(), attributes->begin(), attributes->end());
  Status status;
  for_each_field(when.root, [&](const expression::Operand& operand) {
    const std::string& field = *operand.field;
    if (!status || std::ranges::find(known, field) != known.end()) return;
    const std::string folded = fold_case(field);
    const std::string_view near = nearest(folded, known);
    if (attributes == nullptr && (near.empty() || edit_distance(folded, near) > kTypingSlipMax))
      return;
    status = fail(
        kCode,
        fmt::format("unknown field '{}'{}", field,
                    near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
        attributes == nullptr ? "" : fmt::format("a rule may name: {}", fmt::join(known, ", ")),
        place_of(when, operand.offset));
  });
  return status;
}

/// A name in braces that is nearly one of the summary's fields. Others may stand for what a mailing
/// fills in; they are printed as they stand, and a run warns of them.
Status check_placeholders(const Node& node, const std::string& text) {
  const auto known = summary::placeholder_names();
  for (const std::string& name : summary::placeholders_in(text)) {
    const std::string_view near = nearest(name, known);
    if (near == name || near.empty() || edit_distance(name, near) > kTypingSlipMax) continue;
    return fail(
        kCode,
        fmt::format("'{{{}}}' is no field of the summary; did you mean '{{{}}}'?", name, near), "",
        node.text_place);
  }
  return {};
}

Result<std::vector<std::string>> read_advice(const Node& node, const std::string& what,
                                             std::size_t least, std::size_t most) {
  if (!node.is_sequence()) return wrong_type(node, what, "a list of texts", kCode);
  std::vector<std::string> texts;
  for (const Node& item : node.items) {
    QUINTILE_TRY(std::string text, read_text(item, what, kCode));
    QUINTILE_TRY_STATUS(check_placeholders(item, text));
    texts.push_back(std::move(text));
  }
  if (texts.size() < least || texts.size() > most) {
    return fail(
        kCode,
        fmt::format("'{}' must hold {} to {} texts, not {}", what, least, most, texts.size()),
        least > 0 ? "say what to do first and what next, or leave the key out" : "", node.place);
  }
  return texts;
}

Result<std::string> read_id(const Node& node, const std::string& what, ErrorCode code) {
  QUINTILE_TRY(std::string id, read_text(node, what, code, kIdLengthMax));
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (is_letter(id[0]) && std::ranges::all_of(id, [&](char c) { return is_letter(c) || c == '_'; }))
    return id;
  return fail(
      code,
      fmt::format("'{}' must be lower case letters, digits and underscores, not '{}'", what, id),
      "for example at_risk; what people read goes into 'name'", node.place);
}

/// "at_risk" as "At risk".
std::string name_of(std::string id) {
  std::ranges::replace(id, '_', ' ');
  if (id[0] >= 'a' && id[0] <= 'z') id[0] = static_cast<char>(id[0] - 'a' + 'A');
  return id;
}

Result<segments::Rule> read_rule(const Node& node, std::size_t index,
                                 const std::vector<std::string>* attributes) {
  QUINTILE_TRY(const Fields fields,
               Fields::of(node, fmt::format("segments.{}", index), kRuleKeys, kCode));
  segments::Rule rule;
  QUINTILE_TRY(const Node* id,
               fields.require("id", "every segment has an id that stays when its name changes"));
  QUINTILE_TRY(rule.id, read_id(*id, "id", kCode));
  rule.name = name_of(rule.id);
  if (const Node* name = fields.find("name")) {
    QUINTILE_TRY(rule.name, read_text(*name, "name", kCode, 200));
  }
  const Node* when = fields.find("when");
  bool otherwise = false;
  if (const Node* value = fields.find("otherwise")) {
    QUINTILE_TRY(otherwise, read_boolean(*value, "otherwise", kCode));
    if (otherwise && when != nullptr) {
      return fail(kCode, fmt::format("segment '{}' has both 'when' and 'otherwise'", rule.id),
                  "keep one of them", value->place);
    }
  }
  if (when != nullptr) {
    QUINTILE_TRY(rule.when, read_expression(*when, "when", kCode));
    QUINTILE_TRY_STATUS(check_fields(*rule.when, attributes));
  } else if (!otherwise) {
    return fail(kCode, fmt::format("segment '{}' has no condition", rule.id),
                "give it 'when: ...', or 'otherwise: true' if it is the last", node.place);
  }
  rule.family = otherwise ? segments::Family::Dormant : segments::Family::Core;
  if (const Node* family = fields.find("family")) {
    QUINTILE_TRY(rule.family, read_choice(*family, "family", kFamilies, kCode));
  }
  if (const Node* description = fields.find("description")) {
    QUINTILE_TRY(rule.description, read_text(*description, "description", kCode));
  }
  if (const Node* actions = fields.find("actions")) {
    QUINTILE_TRY(rule.actions, read_advice(*actions, "actions", kActionsMin, kActionsMax));
  }
  if (const Node* watchouts = fields.find("watchouts")) {
    QUINTILE_TRY(rule.watchouts, read_advice(*watchouts, "watchouts", 0, kWatchoutsMax));
  }
  return rule;
}

/// A scalar that reads back as `text` whatever it holds.
std::string quoted(std::string_view text) {
  std::string yaml = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') yaml += '\\';
    if (c == '\n')
      yaml += "\\n";
    else if (c == '\r')
      yaml += "\\r";
    else if (c == '\t')
      yaml += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      yaml += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      yaml += c;
  }
  return yaml + '"';
}

/// Without quotes where that is sure to read back alike: it starts with a letter and holds nothing
/// that YAML reads otherwise.
std::string scalar(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
           c == '_' || c == '.' || c == '(' || c == ')' || c == '<' || c == '=' || c == '>' ||
           c == '-' || c == ';' || c == '/' || c == '+';
  };
  static constexpr std::string_view kWords[] = {
      "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE",
      "yes",  "Yes",  "YES",  "no",   "No",   "NO",   "on",    "On",    "ON",
      "off",  "Off",  "OFF",  "y",    "Y",    "n",    "N"};
  const bool is_safe = !text.empty() &&
                       ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z')) &&
                       text.back() != ' ' && std::ranges::all_of(text, is_plain) &&
                       std::ranges::find(kWords, text) == std::end(kWords);
  return is_safe ? std::string(text) : quoted(text);
}

enum class Conditions : std::uint8_t { AsWritten, Canonical };

std::string to_yaml(const segments::RuleSet& rules, Conditions conditions) {
  std::string yaml = fmt::format("version: 1\nname: {}\nsegments:\n", scalar(rules.name));
  for (const segments::Rule& rule : rules.rules) {
    const auto family =
        std::ranges::find(kFamilies, rule.family, &Choice<segments::Family>::second);
    yaml += fmt::format("  - id: {}\n    name: {}\n    family: {}\n", scalar(rule.id),
                        scalar(rule.name), family->first);
    if (rule.otherwise()) {
      yaml += "    otherwise: true\n";
    } else {
      yaml += fmt::format("    when: {}\n", scalar(conditions == Conditions::Canonical
                                                       ? expression::to_string(rule.when->root)
                                                       : rule.when->source));
    }
    if (!rule.description.empty())
      yaml += fmt::format("    description: {}\n", scalar(rule.description));
    const auto list = [&](std::string_view key, const std::vector<std::string>& texts) {
      if (texts.empty()) return;
      yaml += fmt::format("    {}:\n", key);
      for (const std::string& text : texts) yaml += fmt::format("      - {}\n", scalar(text));
    };
    list("actions", rule.actions);
    list("watchouts", rule.watchouts);
  }
  return yaml;
}

}  // namespace

std::string rules_digest(const segments::RuleSet& rules) {
  const std::string canonical = to_yaml(rules, Conditions::Canonical);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  QUINTILE_CHECK(EVP_Digest(canonical.data(), canonical.size(), digest.data(), &size, EVP_sha256(),
                            nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

Result<segments::RuleSet> parse_rules(const std::string& text, const std::string& name,
                                      const std::vector<std::string>* attributes) {
  QUINTILE_TRY(const Node root, parse_yaml(text, name, kCode));
  QUINTILE_TRY(const Fields fields, Fields::of(root, "", kRulesKeys, kCode));
  QUINTILE_TRY_STATUS(check_version(fields, kCode));
  segments::RuleSet rules;
  rules.file = name;
  if (const Node* title = fields.find("name")) {
    QUINTILE_TRY(rules.name, read_text(*title, "name", kCode, 200));
  }
  QUINTILE_TRY(const Node* segments,
               fields.require("segments", "list the rules, the first to be tried first"));
  if (!segments->is_sequence()) return wrong_type(*segments, "segments", "a list of rules", kCode);
  if (segments->items.empty())
    return fail(kCode, "'segments' is empty", "at least one rule is needed", segments->place);
  if (segments->items.size() > segments::kRulesMax) {
    return fail(
        kCode,
        fmt::format("{} segments, more than {}", segments->items.size(), segments::kRulesMax), {},
        segments->place);
  }
  for (std::size_t i = 0; i < segments->items.size(); ++i) {
    const Node& item = segments->items[i];
    QUINTILE_TRY(segments::Rule rule, read_rule(item, i, attributes));
    if (std::ranges::find(rules.rules, rule.id, &segments::Rule::id) != rules.rules.end()) {
      return fail(kCode, fmt::format("segment '{}' is there twice", rule.id),
                  "give one of them another id", item.find("id")->place);
    }
    if (rule.otherwise() && i + 1 < segments->items.size()) {
      return fail(
          kCode,
          fmt::format("segment '{}' takes all that is left, so it must be the last", rule.id),
          "move it to the end of the list", item.find("otherwise")->place);
    }
    rules.rules.push_back(std::move(rule));
  }
  QUINTILE_TRY_STATUS(segments::check_rules(rules));
  if (rules.name.empty()) rules.name = "Segments";
  rules.digest = rules_digest(rules);
  return rules;
}

Result<segments::RuleSet> parse_rules(const std::string& text, const std::string& name) {
  return parse_rules(text, name, nullptr);
}

Result<segments::RuleSet> read_rules(const std::filesystem::path& file) {
  QUINTILE_TRY(const std::string text, read_file(file.string(), "rule file", ErrorCode::Rules));
  return parse_rules(text, file.string(), nullptr);
}

std::string rules_yaml(const segments::RuleSet& rules) {
  return to_yaml(rules, Conditions::AsWritten);
}

}  // namespace quintile::config
