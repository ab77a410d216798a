#pragma once

#include <span>
#include <string>
#include <vector>

#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

/// A file name as the mart may show it: an absolute path is cut to its last part.
[[nodiscard]] std::string published_name(const std::string& path);

/// The same for the input files of one run, one name each. Absolute paths that end alike keep their
/// way from the deepest folder that they share, so that no two files have one name and none tells
/// where that folder lies.
[[nodiscard]] std::vector<std::string> published_names(std::span<const std::string> paths);

/// The cut points as they stand in run.json and in the Parquet file's metadata: money in currency
/// units.
void write_model(JsonWriter& json, const rfm::Model& model);

}  // namespace quintile::mart
