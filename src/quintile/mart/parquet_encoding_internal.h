#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

/// Columns of a row group as the pages of a Parquet file.
///
/// Arrow's writer spent 0.45 CPU seconds on a million customers, a quarter of the whole run: it
/// looks up every value of a column in a hash table, compresses the rest with Snappy and copies
/// both. Here a value finds its code in a table by its distance from the least one, and what does
/// not repeat is packed by the bits that it needs.
namespace quintile::mart {

/// How the values of a column chunk lie in its pages. A reader sees the same values whichever it
/// is.
enum class PageEncoding : std::uint8_t {
  Dictionary,   ///< codes into a dictionary page: values that repeat
  Delta,        ///< integers that do not
  DeltaLength,  ///< texts that do not
  DeltaBytes,   ///< texts in runs of equal ones
  Plain,        ///< everything else
};

/// A data page without its header.
struct EncodedPage {
  std::string bytes;
  std::int32_t values = 0;  ///< missing ones among them
};

/// What a column chunk says about its values. The bounds are plain-encoded values.
struct ChunkStatistics {
  std::int64_t missing = 0;
  bool has_bounds = false;
  std::string least, greatest;
};

/// A column of one row group.
struct EncodedChunk {
  PageEncoding encoding = PageEncoding::Plain;
  std::string dictionary;  ///< plain-encoded, ascending
  std::int32_t dictionary_values = 0;
  std::vector<EncodedPage> pages;
  ChunkStatistics statistics;
};

/// Encodes `array`, in pages of 65,536 rows; `nullable` where the file's column may have missing
/// values. Which encoding it is follows from the values alone. Booleans, integers, dates, time
/// stamps, decimals, doubles, strings, strings by int32 codes and strings in runs; nothing else.
[[nodiscard]] EncodedChunk encode_chunk(const arrow::Array& array, bool nullable);

}  // namespace quintile::mart
