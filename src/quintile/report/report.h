#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/io/output_file.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/staged_folder.h"

/// The report: one self-contained HTML page and its figures, from a published mart alone.
///
/// Every number in it stands in the mart's files: it carries `data-key`, the file and the path in
/// it, and its exact value. The same mart gives the same bytes.
namespace quintile::report {

/// A figure by file name ("treemap_customers.svg") and its SVG text, with a style of its own for
/// light and dark.
struct Figure {
  std::string name;
  std::string title;
  std::string svg;
};

/// All figures that the mart has numbers for, in the order of the report.
[[nodiscard]] std::vector<Figure> figures(const mart::Mart& mart);

/// The page. No script is needed to read it and nothing is fetched.
[[nodiscard]] std::string html(const mart::Mart& mart);

/// A report that is written, but not yet in its place. `prepare`, `put_in_place` and `settle`
/// follow each other, as those of mart::StagedFolder do.
class StagedReport {
 public:
  /// Brings it to the disk. Errors: Io.
  [[nodiscard]] Status prepare();

  /// Puts report.html and figures/*.svg in place. Errors: Io.
  [[nodiscard]] Status put_in_place();

  /// Removes what an earlier report left. Errors: Io.
  [[nodiscard]] Status settle();

 private:
  friend Result<StagedReport> stage(const mart::Mart& mart, const std::filesystem::path& folder);
  std::filesystem::path folder_;
  std::vector<std::string> names_;              // of the figures
  std::optional<mart::StagedFolder> exchange_;  // the folder itself, or its figures
  std::vector<io::OutputFile> inside_;          // what is exchanged
  std::vector<io::OutputFile> alone_;           // what is replaced file by file
};

/// Writes the report beside its place in `folder`, which is made where it is missing. A folder that
/// holds nothing else is replaced as one; among other files, which stay, the folder of figures is
/// and report.html; among other figures each file is. Errors: Io; then nothing has changed.
[[nodiscard]] Result<StagedReport> stage(const mart::Mart& mart,
                                         const std::filesystem::path& folder);

/// Writes report.html and figures/*.svg into `folder`, replacing those of an earlier run and
/// nothing else, never half.
[[nodiscard]] Status write(const mart::Mart& mart, const std::filesystem::path& folder);

/// Puts a staged mart and its report in place together: the report is finished before the mart
/// changes, inside the mart where `report_folder` lies in `mart_folder`. Elsewhere a process killed
/// between two steps that follow each other leaves the new mart with the whole old report, which
/// names the mart that it is of by its fingerprint. `mart` is what was staged.
/// Errors: Io; before the mart has changed, nothing has.
[[nodiscard]] Status publish(mart::StagedFolder staged, const mart::Mart& mart,
                             const std::filesystem::path& mart_folder,
                             const std::filesystem::path& report_folder);

}  // namespace quintile::report
