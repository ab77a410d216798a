#include "quintile/explore/export.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/io/output_file.h"
#include "quintile/mart/export.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::cli {

namespace {

using explore::Explorer;
using explore::Selection;
using mart::CustomersFormat;

/// Where an export goes: a file that appears whole, or stdout.
class Destination {
 public:
  static Result<Destination> open(const std::string& path) {
    Destination destination;
    if (!path.empty()) {
      QUINTILE_TRY(auto file, io::OutputFile::create(path));
      destination.file_.emplace(std::move(file));
    }
    return destination;
  }
  [[nodiscard]] Status write(std::string_view bytes) {
    if (file_) return file_->write(bytes);
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
    return fail(ErrorCode::Io, "cannot write to the standard output");
  }
  [[nodiscard]] Status finish() {
    if (!file_) return {};
    QUINTILE_TRY_STATUS(file_->finish());
    return file_->publish();
  }

 private:
  Destination() = default;
  std::optional<io::OutputFile> file_;
};

Result<Selection> selection_of(const Explorer& explorer, const ExportArguments& arguments) {
  std::vector<explore::Parameter> parameters;
  if (!arguments.segments.empty())
    parameters.push_back({"segment", fmt::format("{}", fmt::join(arguments.segments, ","))});
  for (const std::string& filter : arguments.filters) {
    const std::size_t equals = filter.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorCode::Usage, fmt::format("--filter: '{}' is no COLUMN=VALUES", filter),
                  "write it like country=GB,DE or age=25..34");
    }
    parameters.push_back({filter.substr(0, equals), filter.substr(equals + 1)});
  }
  auto selection = explorer.select(parameters);
  if (selection) return selection;
  Error error = std::move(selection).error();
  if (error.place.file == "segment") {
    std::vector<std::string> ids;
    for (const segments::Rule& rule : explorer.mart().rules.rules) ids.push_back(rule.id);
    error.advice = "its segments: " + join_words(ids);
  }
  error.place = {};  // a parameter is no file
  return std::unexpected(std::move(error));
}

/// csv, parquet or arrow, by what the file is called: who writes `audience.xlsx` expects what is
/// not there.
Result<std::string> format_of_name(const std::string& path) {
  static constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
      {"", "csv"},     {".csv", "csv"},         {".tsv", "csv"},
      {".txt", "csv"}, {".parquet", "parquet"}, {".arrow", "arrow"}};
  const std::string ending = std::filesystem::path(path).extension().string();
  const auto known = std::ranges::find(kEndings, ending, [](const auto& one) { return one.first; });
  if (known != std::end(kEndings)) return std::string(known->second);
  return fail(
      ErrorCode::Usage,
      fmt::format("--out: '{}' files are not written; there are .csv, .parquet and .arrow", ending),
      "name the file so, or say with --as what it is to hold; a spreadsheet opens .csv");
}

/// As asked for, or as the file is called.
Result<std::string> file_format_of(const ExportArguments& arguments) {
  std::string format = arguments.file_format;
  if (format.empty()) {
    QUINTILE_TRY(format, format_of_name(arguments.out));
  }
  if (format != "csv" && arguments.table != "customers") {
    return fail(ErrorCode::Usage, fmt::format("{} are exported as csv alone", arguments.table),
                "use --table customers, or leave --as out");
  }
  return format;
}

Status write_csv(const Explorer& explorer, const Selection& selection,
                 const ExportArguments& arguments, Destination& destination) {
  const explore::CsvStyle style{.separator = *explore::separator_of(arguments.separator),
                                .byte_order_mark = arguments.byte_order_mark,
                                .line_end = arguments.byte_order_mark ? "\r\n" : "\n"};
  if (arguments.table == "segments")
    return destination.write(explore::segments_csv(explorer, selection, style));
  const explore::Table table =
      arguments.table == "audience" ? explore::Table::Audience : explore::Table::Customers;
  explore::CsvRows rows(explorer, selection, table, style);
  for (std::string piece = rows.next(); !piece.empty(); piece = rows.next())
    QUINTILE_TRY_STATUS(destination.write(piece));
  return {};
}

Status write_export(const Explorer& explorer, const Selection& selection,
                    const ExportArguments& arguments, const std::string& format) {
  QUINTILE_TRY(Destination destination, Destination::open(arguments.out));
  if (format == "csv") {
    QUINTILE_TRY_STATUS(write_csv(explorer, selection, arguments, destination));
  } else {
    QUINTILE_TRY_STATUS(mart::export_customers(
        explorer.mart(), selection.rows,
        format == "parquet" ? CustomersFormat::Parquet : CustomersFormat::ArrowStream,
        explore::provenance(explorer, selection),
        [&destination](std::string_view bytes) { return destination.write(bytes); }));
  }
  return destination.finish();
}

/// What was exported. Without a file the audience itself is in the document.
std::string export_json(const Explorer& explorer, const Selection& selection,
                        const ExportArguments& arguments, const explore::AudienceCount& count) {
  const bool is_audience = arguments.table == "audience";
  mart::JsonWriter json;
  json.begin_object();
  json.key("customers");
  json.integer(is_audience ? count.contactable : count.customers);
  if (is_audience) {
    json.key("without_consent");
    json.integer(count.withheld);
  }
  json.key("file");
  arguments.out.empty() ? json.null() : json.text(arguments.out);
  for (const auto& [name, value] : explore::provenance(explorer, selection)) {
    json.key(name);
    json.text(value);
  }
  if (is_audience && arguments.out.empty()) {
    json.key("audience");
    json.begin_array(true);
    for (std::int64_t row = 0; row < explorer.customers(); ++row) {
      if (!explore::is_in_audience(explorer, selection, row)) continue;
      json.begin_object();
      json.key("customer_id");
      json.integer(row + 1);
      json.key("source_customer_id");
      json.text(explorer.source_id(row));
      json.key("segment_id");
      json.text(explorer.mart().rules.rules[explorer.mart().segmentation.segment[row]].id);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return json.take();
}

std::string export_text(const Explorer& explorer, const ExportArguments& arguments,
                        const explore::AudienceCount& count) {
  if (arguments.table == "segments") {
    return fmt::format("{} of {}\n", counted(std::ssize(explorer.mart().rules.rules), "segment"),
                       counted(count.customers, "customer"));
  }
  if (arguments.table == "customers") return counted(count.customers, "customer") + "\n";
  const bool asked = explorer.mart().segmentation.customers.consent.has_value();
  return fmt::format(
      "{}{}\n", counted(count.contactable, "customer"),
      asked ? fmt::format("; {} more {} left out because they did not consent",
                          with_thousands(count.withheld), count.withheld == 1 ? "was" : "were")
            : "; this mart has no consent column, so check that they may be "
              "contacted");
}

}  // namespace

Result<int> export_customers(const ExportArguments& arguments, const Common& common) {
  if (arguments.table == "audience" && arguments.segments.empty() && arguments.filters.empty()) {
    return fail(ErrorCode::Usage, "--segment is required",
                "name the segments of the audience, or choose customers by --filter");
  }
  QUINTILE_TRY(const std::string format, file_format_of(arguments));
  const bool is_json = common.format == Format::Json;
  if (is_json && arguments.out.empty() && arguments.table != "audience") {
    return fail(ErrorCode::Usage, "with --format json the table needs a file",
                "name it with --out");
  }
  QUINTILE_TRY(mart::Mart mart, mart::open(arguments.mart));
  const Explorer explorer(std::move(mart));
  QUINTILE_TRY(const Selection selection, selection_of(explorer, arguments));
  if (!is_json || !arguments.out.empty())
    QUINTILE_TRY_STATUS(write_export(explorer, selection, arguments, format));
  const explore::AudienceCount count = explore::count_audience(explorer, selection);
  if (is_json)
    std::fputs(export_json(explorer, selection, arguments, count).c_str(), stdout);
  else if (!common.quiet)
    fmt::print(stderr, "{}", export_text(explorer, arguments, count));
  return 0;
}

}  // namespace quintile::cli
