#include "quintile/pipeline/compare_preset.h"

#include <array>
#include <string>
#include <vector>

#include "quintile/base/text.h"
#include "quintile/engine/local/executor.h"
#include "quintile/engine/local/segment.h"

namespace quintile::pipeline {

Result<rfm::Preset> preset_named(std::string_view name) {
  if (const rfm::Preset preset = rfm::preset_of(name); preset != rfm::Preset::None) return preset;
  constexpr std::array kPresets = {
      rfm::Preset::RRfm,  rfm::Preset::PandasQcut, rfm::Preset::PandasRankFirst,
      rfm::Preset::Ntile, rfm::Preset::Pymc,       rfm::Preset::Klaviyo};
  std::array<std::string_view, kPresets.size()> names;
  for (std::size_t i = 0; i < kPresets.size(); ++i) names[i] = rfm::to_string(kPresets[i]);
  std::string message = "unknown preset '" + std::string(name) + "'";
  if (const std::string_view near = nearest(name, names); !near.empty())
    message += "; did you mean '" + std::string(near) + "'?";
  return fail(ErrorCode::Usage, message,
              "the presets are " + join_words({names.begin(), names.end()}));
}

Result<rfm::PresetComparison> compare_preset(const customers::Customers& customers,
                                             rfm::Preset preset, int threads) {
  return rfm::compare_preset(preset, engine::local::metric_values(customers),
                             engine::local::on_threads(threads));
}

}  // namespace quintile::pipeline
