#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"

/// A customer file with known truth, in place of the real one that is not ours to ship: unreliable
/// identifiers, six latent groups behind the segments, a premium effect of known size, and on
/// request exact numbers of defects. Product contract, section 11.
namespace quintile::synthetic {

/// Which defects to plant in the file.
enum class Dirt : std::uint8_t {
  None,
  Realistic,  ///< 22 defects of eight kinds, about 33 rows in a thousand, no two in one row; needs
              ///< 100 rows
};

struct GeneratorOptions {
  /// Rows of the file, 1 to 10^9. With dirt too: a planted copy takes the place of another
  /// customer.
  std::int64_t customers = 100'000;
  std::uint64_t seed = 20231115;
  /// How many identifiers occur more than once, before dirt; none: round(0.2749 customers). At most
  /// half the rows.
  std::optional<std::int64_t> duplicated_ids;
  /// How much more an order of a premium customer is worth, all else equal: 0.15 is 15 %; -0.9 to
  /// 10, counted in millionths.
  double premium_effect = 0.15;
  Dirt dirt = Dirt::None;
  int threads = 0;  ///< 0: as many as there are processors; never changes a byte
  /// Called on the calling thread now and then with the share of rows written, 0 to 1; may be
  /// empty.
  std::function<void(double done)> progress;
};

struct GeneratorReport {
  std::filesystem::path file, metadata_file;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  ///< of the customer file
  std::int64_t duplicated_ids = 0, duplicated_rows = 0, surplus_rows = 0, largest_group = 0;
  struct LatentGroup {
    std::string name;
    std::int64_t customers = 0;
  };
  std::vector<LatentGroup> latent_groups;  ///< sizes before dirt; they add to `rows`
  struct Defect {
    std::string check,
        column;  ///< as the review names them; an empty column stands for the whole row
    std::int64_t rows = 0;
  };
  std::vector<Defect> defects;
};

/// Writes the customer file and, beside it, "<stem>_metadata.json" with the meaning and intended
/// uses of every field and the planted truth. The same options give the same bytes on any machine;
/// there is no clock in them. Both files are written under other names first and then moved into
/// place: on an error the old ones are as they were. Errors: Usage for impossible options; Io where
/// a file cannot be written.
[[nodiscard]] Result<GeneratorReport> generate(const GeneratorOptions& options,
                                               const std::filesystem::path& out);

}  // namespace quintile::synthetic
