#include "quintile/synthetic/generator.h"

#include <cmath>

#include <fmt/core.h>

#include "quintile/io/output_file.h"
#include "quintile/io/parallel.h"
#include "quintile/synthetic/customer_internal.h"
#include "quintile/synthetic/defects_internal.h"
#include "quintile/synthetic/metadata_internal.h"

namespace quintile::synthetic {

namespace {

constexpr std::int64_t kCustomersMax = 1'000'000'000;
constexpr std::int64_t kRowsPerChunk = 8192;
constexpr std::size_t kBytesPerRow = 192;

std::int64_t duplicated_ids(const GeneratorOptions& options) {
  return options.duplicated_ids.value_or((2749 * options.customers + 5000) / 10'000);
}

Result<Population> populate(const GeneratorOptions& options) {
  if (options.customers < 1 || options.customers > kCustomersMax) {
    return fail(ErrorCode::Usage,
                fmt::format("cannot make a file of {} customers", options.customers),
                fmt::format("give --customers between 1 and {}", kCustomersMax));
  }
  // The negation refuses "not a number" too.
  if (!(options.premium_effect >= -0.9 && options.premium_effect <= 10)) {
    return fail(ErrorCode::Usage,
                fmt::format("impossible premium effect {}", options.premium_effect),
                "give --premium-effect between -0.9 and 10; 0.15 makes premium orders 15 % larger");
  }
  QUINTILE_TRY(Identifiers identifiers,
               Identifiers::plan(options.customers, duplicated_ids(options), options.seed));
  return Population{
      options.seed, std::llround(options.premium_effect * 1e6), identifiers,
      Permutation(static_cast<std::uint64_t>(options.customers), options.seed, Stream::MailNumber)};
}

struct Chunk {
  std::string lines;
  std::array<std::int64_t, kLatentGroups> group_sizes{};
};

Chunk make_chunk(const Population& population, const Defects& defects, std::int64_t first,
                 std::int64_t end) {
  Chunk chunk;
  chunk.lines.reserve(static_cast<std::size_t>(end - first) * kBytesPerRow);
  auto edits = defects.edits(first, end);
  for (std::int64_t row = first; row < end; ++row) {
    const Customer customer = make_customer(population, row);
    ++chunk.group_sizes[customer.latent_group];
    if (!edits.empty() && edits.front().row == row) {
      defects.append_line(population, edits.front(), chunk.lines);
      edits = edits.subspan(1);
    } else {
      append_line(customer, chunk.lines);
    }
  }
  return chunk;
}

std::string header_line() {
  std::string line;
  for (const std::string_view column : kColumns) line.append(column).push_back(',');
  line.back() = '\n';
  return line;
}

GeneratorReport describe(const GeneratorOptions& options, const Population& population,
                         const Defects& defects, const std::filesystem::path& out) {
  GeneratorReport report;
  report.file = out;
  report.metadata_file = out.parent_path() / (out.stem().string() + "_metadata.json");
  report.rows = options.customers;
  const Repetition& repetition = population.identifiers.repetition();
  report.duplicated_ids = repetition.ids;
  report.duplicated_rows = repetition.rows;
  report.surplus_rows = repetition.surplus_rows;
  report.largest_group = repetition.largest_group;
  for (std::size_t i = 0; i < kLatentGroups; ++i) {
    report.latent_groups.push_back({std::string(latent_group_name(i)), 0});
  }
  for (const PlantedDefect& defect : defects.planted()) {
    report.defects.push_back({std::string(defect.check), std::string(defect.column), defect.rows});
  }
  return report;
}

// Writes all rows and counts them into the report.
Status write_rows(const GeneratorOptions& options, const Population& population,
                  const Defects& defects, io::OutputFile& file, GeneratorReport& report) {
  const auto write = [&](std::string_view bytes) {
    report.bytes += static_cast<std::int64_t>(bytes.size());
    return file.write(bytes);
  };
  QUINTILE_TRY_STATUS(write(header_line()));
  const std::int64_t rows = options.customers;
  const std::int64_t chunks = (rows + kRowsPerChunk - 1) / kRowsPerChunk;
  std::int64_t written = 0;
  return io::ordered_chunks(
      chunks, options.threads,
      [&](std::int64_t chunk) {
        const std::int64_t first = chunk * kRowsPerChunk;
        return make_chunk(population, defects, first, std::min(rows, first + kRowsPerChunk));
      },
      [&](const Chunk& chunk) -> Status {
        for (std::size_t i = 0; i < kLatentGroups; ++i) {
          report.latent_groups[i].customers += chunk.group_sizes[i];
        }
        QUINTILE_TRY_STATUS(write(chunk.lines));
        ++written;
        if (options.progress) {
          options.progress(static_cast<double>(written) / static_cast<double>(chunks));
        }
        return {};
      });
}

}  // namespace

Result<GeneratorReport> generate(const GeneratorOptions& options,
                                 const std::filesystem::path& out) {
  QUINTILE_TRY(const Population population, populate(options));
  Defects defects;
  if (options.dirt == Dirt::Realistic) {
    QUINTILE_TRY(defects, Defects::plan(population, options.customers));
  }
  GeneratorReport report = describe(options, population, defects, out);
  QUINTILE_TRY(io::OutputFile file, io::OutputFile::create(report.file));
  QUINTILE_TRY(io::OutputFile metadata_file, io::OutputFile::create(report.metadata_file));
  QUINTILE_TRY_STATUS(write_rows(options, population, defects, file, report));
  QUINTILE_TRY_STATUS(metadata_file.write(metadata_json(options, report)));
  QUINTILE_TRY_STATUS(file.finish());
  QUINTILE_TRY_STATUS(metadata_file.finish());
  QUINTILE_TRY_STATUS(file.publish());
  QUINTILE_TRY_STATUS(metadata_file.publish());
  return report;
}

}  // namespace quintile::synthetic
