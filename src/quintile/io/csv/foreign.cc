#include "quintile/io/csv/foreign.h"

namespace quintile::io::csv {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kAsCsv = "save the sheet as CSV (UTF-8) and name that file";
constexpr std::string_view kUnpack =
    "unpack it and name the file that was in it; gzip, zstd and xz are read as they are";
constexpr std::string_view kAsTable = "export the table as CSV or Parquet and name that file";

struct Signature {
  std::string_view begin;
  Foreign foreign;
};
constexpr Signature kSignatures[] = {
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, {"an Excel workbook (.xls)", kAsCsv}},
    {"BZh"sv, {"a bzip2 archive", kUnpack}},
    {"7z\xBC\xAF\x27\x1C"sv, {"a 7z archive", kUnpack}},
    {"Rar!\x1A\x07"sv, {"a RAR archive", kUnpack}},
    {"\x04\x22\x4D\x18"sv, {"an lz4 archive", kUnpack}},
    {"PAR1"sv, {"a packed Parquet file", "unpack it: Parquet is packed within"}},
    {"ARROW1\0\0"sv, {"an Arrow (Feather) file", "write the table as Parquet"}},
    {"ORC"sv, {"an ORC file", "write the table as Parquet"}},
    {"Obj\x01"sv, {"an Avro file", "write the table as Parquet"}},
    {"SQLite format 3\0"sv, {"an SQLite database", kAsTable}},
    {"%PDF-"sv, {"a PDF document", kAsTable}},
    {"{\\rtf"sv, {"an RTF document", kAsTable}},
    {"<!DOCTYPE html"sv, {"an HTML page", "is it the page of a failed download? name the data"}},
    {"<html"sv, {"an HTML page", "is it the page of a failed download? name the data"}},
    {"<?xml"sv, {"an XML document", kAsTable}},
    {"{\""sv, {"JSON", "write a row a customer or an order line as CSV or Parquet"}},
    {"[{\""sv, {"JSON", "write a row a customer or an order line as CSV or Parquet"}},
};

/// Zip is the shell of several: the names of what is in it tell which.
Foreign zip_of(std::string_view head) {
  const auto holds = [head](std::string_view name) {
    return head.find(name) != std::string_view::npos;
  };
  if (holds("application/vnd.oasis.opendocument")) return {"an OpenDocument sheet (.ods)", kAsCsv};
  if (holds("[Content_Types].xml") || holds("xl/")) return {"an Excel workbook (.xlsx)", kAsCsv};
  return {"a zip archive", kUnpack};
}

}  // namespace

std::optional<Foreign> foreign_format(std::string_view head) {
  if (head.starts_with("PK\x03\x04"sv)) return zip_of(head);
  if (head.size() > 262 && head.substr(257, 5) == "ustar"sv)
    return Foreign{"a tar archive", kUnpack};
  for (const auto& [begin, foreign] : kSignatures) {
    // An "ORC" column is nothing that a text could not begin with: what follows decides.
    if (!head.starts_with(begin)) continue;
    const bool may_be_text = begin == "ORC"sv || begin == "BZh"sv || begin == "PAR1"sv;
    if (may_be_text && head.substr(0, 64).find_first_of("\0\x01\x02\x03\x04\x05\x06\x07"sv) ==
                           std::string_view::npos)
      continue;
    return foreign;
  }
  return std::nullopt;
}

}  // namespace quintile::io::csv
