#include <cstdio>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/cli/json.h"
#include "quintile/cli/progress.h"
#include "quintile/mart/json_writer.h"
#include "quintile/synthetic/generator.h"

namespace quintile::cli {

std::string generated_json(const synthetic::GeneratorReport& report) {
  mart::JsonWriter json;
  json.begin_object();
  json.key("file");
  json.text(report.file.string());
  json.key("metadata_file");
  json.text(report.metadata_file.string());
  json.key("rows");
  json.integer(report.rows);
  json.key("bytes");
  json.integer(report.bytes);
  json.key("duplicated_ids");
  json.integer(report.duplicated_ids);
  json.key("duplicated_rows");
  json.integer(report.duplicated_rows);
  json.key("surplus_rows");
  json.integer(report.surplus_rows);
  json.key("defects");
  json.begin_array(true);
  for (const auto& defect : report.defects) {
    json.begin_object();
    json.key("check");
    json.text(defect.check);
    json.key("column");
    json.text(defect.column);
    json.key("rows");
    json.integer(defect.rows);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

namespace {

void print_text(const synthetic::GeneratorReport& report) {
  fmt::print("{}: {}, {:.1f} MB\n", report.file.string(), counted(report.rows, "customer"),
             static_cast<double>(report.bytes) / 1e6);
  fmt::print("{} ids occur more than once, in {} rows; {} rows are beyond the first of their id\n",
             with_thousands(report.duplicated_ids), with_thousands(report.duplicated_rows),
             with_thousands(report.surplus_rows));
  std::int64_t planted = 0;
  for (const auto& defect : report.defects) planted += defect.rows;
  if (planted > 0)
    fmt::print("{} rows with planted defects of {} kinds\n", with_thousands(planted),
               report.defects.size());
  fmt::print("What each field means, and the truth that was planted: {}\n",
             report.metadata_file.string());
}

}  // namespace

Result<int> generate(const GenerateArguments& arguments, const Common& common) {
  Progress progress(common.quiet);
  synthetic::GeneratorOptions options;
  options.customers = arguments.customers;
  if (arguments.seed) options.seed = *arguments.seed;
  options.duplicated_ids = arguments.duplicated_ids;
  if (arguments.premium_effect) options.premium_effect = *arguments.premium_effect;
  options.dirt = arguments.dirt == "realistic" ? synthetic::Dirt::Realistic : synthetic::Dirt::None;
  options.threads = common.threads;
  options.progress = [&progress](double done) { progress.show("writing customers", done); };
  QUINTILE_TRY(const synthetic::GeneratorReport report,
               synthetic::generate(options, arguments.out));
  progress.finish();
  if (common.format == Format::Json) {
    std::fputs(generated_json(report).c_str(), stdout);
  } else if (!common.quiet) {
    print_text(report);
  }
  return 0;
}

}  // namespace quintile::cli
