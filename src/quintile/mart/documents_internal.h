#pragma once

#include <string>

#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

/// A file name as the mart may show it: an absolute path is cut to its last part.
[[nodiscard]] std::string published_name(const std::string& path);

/// The cut points as they stand in run.json and in the Parquet file's metadata: money in currency
/// units.
void write_model(JsonWriter& json, const rfm::Model& model);

}  // namespace quintile::mart
