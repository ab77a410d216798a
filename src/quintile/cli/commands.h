#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quintile/base/result.h"
#include "quintile/pipeline/pipeline.h"

/// One function a command: does it, prints what it found and returns the exit status. Product
/// contract, section 3.
///
/// With `Format::Json` stdout holds JSON alone; everything else goes to stderr.
namespace quintile::cli {

enum class Format : std::uint8_t { Text, Json };

/// What every command understands.
struct Common {
  Format format = Format::Text;
  int threads = 0;              ///< 0: all processors
  std::int64_t memory_max = 0;  ///< bytes; 0: no limit
  bool quiet = false;           ///< no progress, no result on the terminal; errors and JSON alone
};

struct GenerateArguments {
  std::int64_t customers = 100'000;
  std::optional<std::uint64_t> seed;
  std::optional<std::int64_t> duplicated_ids;
  std::optional<double> premium_effect;
  std::string dirt = "none";
  std::string out;
};
[[nodiscard]] Result<int> generate(const GenerateArguments& arguments, const Common& common);

struct PlanArguments {
  std::string plan;
  std::vector<std::string> overrides;
  std::string compare_preset;     ///< run alone; empty: none
  pipeline::EngineAccess engine;  ///< run alone
};
[[nodiscard]] Result<int> review(const PlanArguments& arguments, const Common& common);
[[nodiscard]] Result<int> run(const PlanArguments& arguments, const Common& common);

struct RulesArguments {
  std::string rules;
  std::string other_rules;  ///< diff alone
  std::string mart;         ///< empty: none
};
[[nodiscard]] Result<int> rules_check(const RulesArguments& arguments, const Common& common);
[[nodiscard]] Result<int> rules_diff(const RulesArguments& arguments, const Common& common);

struct MartArguments {
  std::string mart = "data/mart";
  std::string customer_id;        ///< explain
  std::string out;                ///< report, compare; empty: in the mart, nowhere
  std::string other_mart;         ///< serve, compare: an earlier one; empty: none
  std::string engine_uri;         ///< verify; empty: the input's files are looked for
  pipeline::EngineAccess engine;  ///< verify
};
[[nodiscard]] Result<int> explain(const MartArguments& arguments, const Common& common);
[[nodiscard]] Result<int> report(const MartArguments& arguments, const Common& common);
[[nodiscard]] Result<int> verify(const MartArguments& arguments, const Common& common);
[[nodiscard]] Result<int> compare(const MartArguments& arguments, const Common& common);

struct ServeArguments {
  std::string mart = "data/mart";
  std::string previous;  ///< an earlier mart to compare with; empty: none
  std::string host = "127.0.0.1";
  int port = 8080;
  std::string token;
  std::vector<std::string> names;  ///< of the server, beside its address
  std::string web_folder;
};
[[nodiscard]] Result<int> serve(const ServeArguments& arguments, const Common& common);

struct ExportArguments {
  std::string mart = "data/mart";
  std::string table = "audience";     ///< audience, customers or segments
  std::string file_format;            ///< csv, parquet or arrow; empty: by the name of `out`
  std::vector<std::string> segments;  ///< by id; empty: all
  std::vector<std::string> filters;   ///< "country=GB,DE", as in the dashboard's address
  std::string separator = "comma";
  bool byte_order_mark = false;
  std::string out;  ///< empty: stdout
};
[[nodiscard]] Result<int> export_customers(const ExportArguments& arguments, const Common& common);

struct SchemaArguments {
  std::string kind;  ///< "plan" or "rules"
};
/// Prints a JSON Schema, whatever the format.
[[nodiscard]] Result<int> schema(const SchemaArguments& arguments, const Common& common);

struct EngineArguments {
  std::string uri;
  pipeline::EngineAccess access;
};
[[nodiscard]] Result<int> engines_check(const EngineArguments& arguments, const Common& common);

/// Parses the command line and runs the command. Returns the exit status; prints the error, if any,
/// on stderr.
[[nodiscard]] int main_with(int argc, const char* const* argv);

}  // namespace quintile::cli
