// Any bytes as an input file: CSV of whatever dialect and encoding, compressed or not, or Parquet.
// The first byte chooses the readings. However the file is cut into chunks and threads, the table
// or the error must be the same.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/mman.h>

#include "quintile/base/check.h"
#include "quintile/io/open.h"

namespace {

using quintile::table::Reading;

/// All that a reading says, as one text.
std::string read_all(const std::string& path, int shift, const quintile::io::OpenOptions& options) {
  const auto source = quintile::io::open_source({{.name = "input", .path = path}}, options);
  if (!source) return source.error().to_string();
  quintile::table::ReadRequest request{.record_hash = true};
  for (const std::string& name : (*source)->column_names()) {
    // Nested and unnamed columns are refused by name; twenty columns try every reading.
    request.columns.push_back(
        {name, static_cast<Reading>((shift + static_cast<int>(request.columns.size())) % 11)});
    if (request.columns.size() == 20) break;
  }
  const auto table = (*source)->read(request);
  if (!table) return table.error().to_string();
  std::string all = std::to_string(table->rows);
  for (const auto& column : table->columns) {
    QUINTILE_CHECK(column.column.size() == table->rows);
    all += "|" + std::to_string(column.missing) + " " + std::to_string(column.unreadable.size());
    for (std::int64_t row = 0; row < table->rows; ++row) all += "," + column.column.cell(row);
  }
  for (const std::uint64_t hash : (*source)->take_record_hashes())
    all += " " + std::to_string(hash);
  if (table->rows > 0) {
    const std::int64_t last = table->rows - 1;
    for (std::size_t column = 0; column < (*source)->column_names().size(); ++column) {
      const auto cells = (*source)->cells(column, {&last, 1});
      QUINTILE_CHECK(cells.has_value());
      all += cells->front();
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  QUINTILE_CHECK(file >= 0);
  QUINTILE_CHECK(::write(file, data + 1, size - 1) == static_cast<ssize_t>(size - 1));
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  const int shift = data[0] % 11;
  const std::string whole = read_all(path, shift, {.threads = 1});
  const std::string cut = read_all(path, shift, {.threads = 2, .spool_max = 64, .chunk_bytes = 64});
  ::close(file);
  QUINTILE_CHECK(whole == cut);
  return 0;
}
