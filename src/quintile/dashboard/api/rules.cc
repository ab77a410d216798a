#include <fmt/format.h>

#include "quintile/config/config.h"
#include "quintile/dashboard/api/endpoints_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

constexpr const char* kYaml = "application/yaml";

std::unexpected<Problem> bad_rules(const Error& error) {
  Problem problem = problem_of(422, "bad_rules", error.message);
  problem.rule_error = error;
  return std::unexpected(std::move(problem));
}

std::expected<Draft, Problem> draft_of(const Call& call) {
  auto draft = parse_draft(call.body);
  if (draft) return *std::move(draft);
  if (draft.error().code == ErrorCode::Rules) return bad_rules(draft.error());
  return refuse(draft.error(), "bad_request");
}

}  // namespace

Answer rules(Call& call) {
  if (const auto selection = select(call); !selection) return std::unexpected(selection.error());
  return Reply{.body = rules_json(call.explorer())};
}

Answer rules_yaml(Call& call) {
  return Reply{.type = kYaml, .body = config::rules_yaml(call.explorer().mart().rules)};
}

Answer rules_preview(Call& call) {
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  const auto draft = draft_of(call);
  if (!draft) return std::unexpected(draft.error());
  const auto preview = call.explorer().preview(draft->rules, *selection);
  if (!preview) return bad_rules(preview.error());
  return Reply{.body = preview_json(call.explorer(), draft->rules, *preview, draft->yaml)};
}

Answer drafts(Call& call) { return Reply{.body = drafts_json(call.drafts.list())}; }

Answer draft(Call& call) {
  constexpr std::string_view kEnding = ".yaml";
  const bool as_yaml = call.item.ends_with(kEnding);
  const std::string_view id =
      call.item.substr(0, call.item.size() - (as_yaml ? kEnding.size() : 0));
  const auto yaml = Drafts::is_id(id) ? call.drafts.read(id) : std::nullopt;
  if (!yaml) return refuse(404, "not_found", "there is no draft of that name");
  if (as_yaml) return Reply{.type = kYaml, .body = *yaml, .file_name = fmt::format("{}.yaml", id)};
  const auto rules = config::parse_rules(*yaml, std::string(id));
  return Reply{.body = draft_json(Drafts::describe(id, *yaml), &*rules)};
}

Answer save_draft(Call& call) {
  if (!Drafts::is_id(call.item)) {
    return refuse(400, "bad_parameter",
                  "a draft's name has up to 64 of a-z, 0-9, _ and -, and begins with a letter or a "
                  "digit",
                  "draft_id");
  }
  const auto draft = draft_of(call);
  if (!draft) return std::unexpected(draft.error());
  std::string yaml;
  const auto replaced = call.drafts.save(call.item, *draft, yaml);
  if (!replaced)
    return refuse(403, "drafts_off", replaced.error().message + ": " + replaced.error().advice);
  return Reply{.status = *replaced ? 200 : 201,
               .body = draft_json(Drafts::describe(call.item, yaml), nullptr)};
}

}  // namespace quintile::dashboard
