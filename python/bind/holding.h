#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <arrow/type_fwd.h>

#include "quintile/base/result.h"
#include "quintile/mart/arrow_tables.h"
#include "quintile/mart/mart.h"

namespace quintile::bind {

/// The results of a run in memory, or a published mart: what stands behind `quintile.Result`.
/// Safe from several threads, one at a time.
class Holding : public std::enable_shared_from_this<Holding> {
 public:
  /// Of a run that is not published.
  [[nodiscard]] static std::shared_ptr<Holding> of(mart::Contents&& contents);
  /// Of a mart on disk. Errors: as `mart::open`.
  [[nodiscard]] static Result<std::shared_ptr<Holding>> open(const std::filesystem::path& folder);

  enum class Document : std::uint8_t { Review, Summary, Insights, Manifest };
  /// The JSON text as published.
  [[nodiscard]] Result<std::string> document(Document document);
  [[nodiscard]] Result<std::shared_ptr<arrow::Table>> table(mart::TableName name);
  /// As `quintile explain` prints it: JSON, and text for people.
  struct Explanation {
    std::string json, text;
  };
  [[nodiscard]] Result<Explanation> explain(std::int64_t customer_id);
  /// As `quintile rules check --mart` and `quintile rules diff` print them; none for `before`: the
  /// rules that the result was made with.
  [[nodiscard]] Result<std::string> check_rules(const segments::RuleSet& rules);
  [[nodiscard]] Result<std::string> diff_rules(const std::optional<segments::RuleSet>& before,
                                               const segments::RuleSet& after);
  /// The report as one page.
  [[nodiscard]] Result<std::string> report();
  [[nodiscard]] Status write_report(const std::filesystem::path& folder);
  [[nodiscard]] Status write(const std::filesystem::path& folder,
                             const std::filesystem::path& report_folder, int threads);
  [[nodiscard]] std::int64_t customers() const;

 private:
  /// Calls `use` with everything as `Contents` or, the other way round, as a mart.
  template <typename Use>
  auto as_contents(const Use& use);
  [[nodiscard]] Status complete();

  mutable std::mutex mutex_;
  mart::Mart mart_;
  std::optional<mart::Contents> rest_;  ///< what a mart leaves on disk; none for one on disk
  bool complete_ = false;
};

}  // namespace quintile::bind
