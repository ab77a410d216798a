#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/io/output_file.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::cli {

namespace {

/// The rule indexes of the segments asked for.
Result<std::vector<std::uint8_t>> wanted_segments(const segments::RuleSet& rules,
                                                  const std::vector<std::string>& ids) {
  std::vector<std::uint8_t> wanted(rules.rules.size());
  std::vector<std::string_view> known;
  for (const segments::Rule& rule : rules.rules) known.push_back(rule.id);
  for (const std::string& id : ids) {
    const auto found = std::ranges::find(known, id);
    if (found == known.end()) {
      const std::string_view meant = nearest(id, known);
      return fail(ErrorCode::Usage,
                  fmt::format("no segment '{}' in this mart{}", id,
                              meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)),
                  "its segments: " + join_words({known.begin(), known.end()}));
    }
    wanted[static_cast<std::size_t>(found - known.begin())] = 1;
  }
  return wanted;
}

/// A text as a CSV cell. A spreadsheet would run what begins with = + - @; a leading apostrophe
/// keeps it text.
std::string csv_cell(const std::string& text) {
  std::string cell = text;
  if (!cell.empty() && std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos)
    cell.insert(0, 1, '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

struct Audience {
  std::string csv;
  std::vector<std::int64_t> rows;  ///< of those who may be contacted
  std::int64_t customers = 0;
  std::int64_t without_consent = 0;
};

Audience audience_of(const mart::Mart& mart, const std::vector<std::uint8_t>& wanted) {
  const segments::Segmentation& segmentation = mart.segmentation;
  const auto& consent = segmentation.customers.consent;
  Audience audience;
  audience.csv = "customer_id,source_customer_id,segment_id,";
  if (consent) audience.csv += csv_cell(consent->name) + ",";
  audience.csv += "analysis_date,rules_digest\n";
  for (std::int64_t row = 0; row < segmentation.size(); ++row) {
    const segments::SegmentIndex segment = segmentation.segment[row];
    if (wanted[segment] == 0) continue;
    if (consent && (!consent->is_valid(row) || consent->view.integer(row) == 0)) {
      ++audience.without_consent;
      continue;
    }
    ++audience.customers;
    audience.rows.push_back(row);
    audience.csv += fmt::format("{},{},{},{}{},{}\n", row + 1,
                                csv_cell(segmentation.customers.source_customer_id.cell(row)),
                                mart.rules.rules[segment].id, consent ? "true," : "",
                                mart.manifest.analysis_date, mart.manifest.rules_digest);
  }
  return audience;
}

}  // namespace

Result<int> export_audience(const MartArguments& arguments, const Common& common) {
  QUINTILE_TRY(const mart::Mart mart, mart::open(arguments.mart));
  QUINTILE_TRY(const auto wanted, wanted_segments(mart.rules, arguments.segments));
  const Audience audience = audience_of(mart, wanted);
  if (arguments.out.empty()) {
    if (common.format == Format::Text) std::fputs(audience.csv.c_str(), stdout);
  } else {
    QUINTILE_TRY(auto file, io::OutputFile::create(arguments.out));
    QUINTILE_TRY_STATUS(file.write(audience.csv));
    QUINTILE_TRY_STATUS(file.finish());
    QUINTILE_TRY_STATUS(file.publish());
  }
  if (common.format == Format::Json) {
    mart::JsonWriter json;
    json.begin_object();
    json.key("customers");
    json.integer(audience.customers);
    json.key("without_consent");
    json.integer(audience.without_consent);
    json.key("file");
    if (arguments.out.empty()) {
      json.null();
    } else {
      json.text(arguments.out);
    }
    if (arguments.out.empty()) {
      json.key("audience");
      json.begin_array(true);
      for (const std::int64_t row : audience.rows) {
        json.begin_object();
        json.key("customer_id");
        json.integer(row + 1);
        json.key("source_customer_id");
        json.text(mart.segmentation.customers.source_customer_id.cell(row));
        json.key("segment_id");
        json.text(mart.rules.rules[mart.segmentation.segment[row]].id);
        json.end_object();
      }
      json.end_array();
    }
    json.end_object();
    std::fputs(json.take().c_str(), stdout);
  } else if (!common.quiet) {
    const bool asked = mart.segmentation.customers.consent.has_value();
    fmt::print(stderr, "{} customers{}\n", with_thousands(audience.customers),
               asked ? fmt::format("; {} more were left out because they did not consent",
                                   with_thousands(audience.without_consent))
                     : "; this mart has no consent column, so check that they may be contacted");
  }
  return 0;
}

}  // namespace quintile::cli
