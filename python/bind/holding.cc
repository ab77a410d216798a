#include "holding.h"

#include <arrow/api.h>

#include "quintile/cli/json.h"
#include "quintile/cli/show.h"
#include "quintile/pipeline/pipeline.h"
#include "quintile/report/report.h"
#include "quintile/segments/explain.h"

namespace quintile::bind {

std::shared_ptr<Holding> Holding::of(mart::Contents&& contents) {
  auto holding = std::make_shared<Holding>();
  holding->mart_ = mart::to_mart(std::move(contents), {});
  holding->rest_ = std::move(contents);
  return holding;
}

Result<std::shared_ptr<Holding>> Holding::open(const std::filesystem::path& folder) {
  auto holding = std::make_shared<Holding>();
  QUINTILE_TRY(holding->mart_, mart::open(folder, mart::Rows::Optional));
  holding->complete_ = true;
  return holding;
}

template <typename Use>
auto Holding::as_contents(const Use& use) {
  mart::give_back(std::move(mart_), *rest_);
  auto result = use(*rest_);
  mart_ = mart::to_mart(std::move(*rest_), {});
  return result;
}

Status Holding::complete() {
  if (complete_) return {};
  QUINTILE_TRY_STATUS(
      as_contents([](mart::Contents& contents) { return mart::complete(contents, 0); }));
  complete_ = true;
  return {};
}

Result<std::string> Holding::document(Document document) {
  const std::lock_guard lock(mutex_);
  const int scale = mart_.manifest.money_scale;
  switch (document) {
    case Document::Review: return mart::review_json(mart_.review, scale);
    case Document::Summary: return mart::summary_json(mart_.summary, scale);
    case Document::Insights: return mart::insights_json(mart_.insights);
    case Document::Manifest: break;
  }
  QUINTILE_TRY_STATUS(complete());
  return mart::manifest_json(mart_.manifest, mart_.rules, mart_.segmentation.model,
                             mart_.recommendations);
}

Result<std::shared_ptr<arrow::Table>> Holding::table(mart::TableName name) {
  const std::lock_guard lock(mutex_);
  if (name == mart::TableName::Customers)
    QUINTILE_TRY_STATUS(mart::customers_are_here(mart_.manifest));
  if (!rest_) return mart::read_arrow_table(mart_.folder, name);
  return as_contents([&](const mart::Contents& contents) {
    return mart::arrow_table(contents, name, shared_from_this());
  });
}

Result<Holding::Explanation> Holding::explain(std::int64_t customer_id) {
  const std::lock_guard lock(mutex_);
  QUINTILE_TRY_STATUS(mart::customers_are_here(mart_.manifest));
  QUINTILE_TRY(const segments::Explanation explanation,
               segments::explain(mart_.segmentation, mart_.rules, customer_id - 1));
  return Explanation{cli::explanation_json(explanation, mart_),
                     cli::explanation_text(explanation, mart_, cli::Terminal(100, false))};
}

Result<std::string> Holding::check_rules(const segments::RuleSet& rules) {
  const std::lock_guard lock(mutex_);
  QUINTILE_TRY_STATUS(mart::customers_are_here(mart_.manifest));
  QUINTILE_TRY(const segments::LintReport lint, cli::lint_for(rules, mart_));
  return cli::lint_json(lint);
}

Result<std::string> Holding::diff_rules(const std::optional<segments::RuleSet>& before,
                                        const segments::RuleSet& after) {
  const std::lock_guard lock(mutex_);
  QUINTILE_TRY_STATUS(mart::customers_are_here(mart_.manifest));
  return cli::rules_diff_json(before ? *before : mart_.rules, after, mart_);
}

Result<std::string> Holding::report() {
  const std::lock_guard lock(mutex_);
  QUINTILE_TRY_STATUS(complete());
  return report::html(mart_);
}

Status Holding::write_report(const std::filesystem::path& folder) {
  const std::lock_guard lock(mutex_);
  QUINTILE_TRY_STATUS(complete());
  return report::write(mart_, folder);
}

Status Holding::write(const std::filesystem::path& folder,
                      const std::filesystem::path& report_folder, int threads) {
  const std::lock_guard lock(mutex_);
  if (!rest_) {
    return fail(ErrorCode::Usage, "this mart is published already",
                "it lies in " + mart_.folder.string() + "; copy the folder");
  }
  const Status status = as_contents([&](mart::Contents& contents) {
    return pipeline::publish(contents, folder, report_folder, {.threads = threads});
  });
  complete_ = complete_ || status.has_value();
  return status;
}

std::int64_t Holding::customers() const {
  const std::lock_guard lock(mutex_);
  return mart_.manifest.customers;
}

}  // namespace quintile::bind
