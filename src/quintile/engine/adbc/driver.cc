#include "quintile/engine/adbc/driver.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "quintile/engine/adbc/kept_signals.h"

namespace quintile::engine::adbc {

namespace {

namespace fs = std::filesystem;

/// A driver library and the name of the function in it that makes a driver of it.
struct DriverFile {
  std::string path;  ///< of the library, or a name that the dynamic loader looks up
  std::string entry;
};

/// How a product's driver is called where people install it.
struct Package {
  std::string_view file_name;  ///< of the shared library
  std::string_view module;     ///< Python package that holds it; empty: an extension module
  std::string_view entry;
  std::string_view install;  ///< what to do where it is missing
};

constexpr Package kDuckDb = {"libduckdb.so", "", "duckdb_adbc_init", "pip install duckdb"};
constexpr Package kPostgreSql = {"libadbc_driver_postgresql.so", "adbc_driver_postgresql",
                                 "AdbcDriverInit", "pip install adbc-driver-postgresql"};
constexpr Package kSpark = {"libadbc_driver_spark.so", "adbc_driver_spark", "AdbcDriverInit",
                            "pip install adbc-driver-spark"};
constexpr Package kSnowflake = {"libadbc_driver_snowflake.so", "adbc_driver_snowflake",
                                "AdbcDriverInit", "pip install adbc-driver-snowflake"};
constexpr Package kBigQuery = {"libadbc_driver_bigquery.so", "adbc_driver_bigquery",
                               "AdbcDriverInit", "pip install adbc-driver-bigquery"};
constexpr Package kTrino = {"libadbc_driver_trino.so", "adbc_driver_trino", "AdbcDriverInit",
                            "get the ADBC driver for Trino from its makers"};
constexpr Package kClickHouse = {"libadbc_driver_clickhouse.so", "adbc_driver_clickhouse",
                                 "AdbcDriverInit",
                                 "get the ADBC driver for ClickHouse from its makers"};

const Package& package_of(sql::Product product) {
  switch (product) {
    case sql::Product::DuckDb: return kDuckDb;
    case sql::Product::Spark:
    case sql::Product::Sail:
    case sql::Product::Databricks: return kSpark;
    case sql::Product::PostgreSql:
    case sql::Product::Redshift: return kPostgreSql;
    case sql::Product::Trino: return kTrino;
    case sql::Product::BigQuery: return kBigQuery;
    case sql::Product::Snowflake: return kSnowflake;
    case sql::Product::ClickHouse: return kClickHouse;
  }
  return kDuckDb;
}

std::vector<std::string> split_paths(const char* text) {
  std::vector<std::string> paths;
  for (std::string_view rest = text == nullptr ? "" : text; !rest.empty();) {
    const std::size_t colon = rest.find(':');
    if (colon != 0) paths.emplace_back(rest.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return paths;
}

std::vector<fs::path> entries_of(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (fs::directory_iterator it(folder, ignored), end; it != end; it.increment(ignored)) {
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path());
  }
  std::ranges::sort(found);
  return found;
}

/// The folders that packages are installed into, of the Python environment at `prefix`.
void add_site_packages(const fs::path& prefix, std::vector<fs::path>& folders) {
  for (const fs::path& python : entries_of(prefix / "lib", "python3")) {
    folders.push_back(python / "site-packages");
    folders.push_back(python / "dist-packages");
  }
}

std::vector<fs::path> folders_to_search() {
  std::vector<fs::path> folders;
  for (const std::string& path : split_paths(std::getenv("QUINTILE_ENGINE_DRIVERS")))
    folders.emplace_back(path);
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    if (const char* prefix = std::getenv(variable)) add_site_packages(prefix, folders);
  }
  std::error_code ignored;
  for (const std::string& path : split_paths(std::getenv("PATH"))) {
    if (fs::exists(fs::path(path) / "python3", ignored))
      add_site_packages(fs::path(path).parent_path(), folders);
  }
  return folders;
}

void add_drivers_in(const fs::path& folder, const Package& package,
                    std::vector<DriverFile>& drivers) {
  std::error_code ignored;
  const auto add = [&](const fs::path& path) {
    if (fs::is_regular_file(path, ignored))
      drivers.push_back({path.string(), std::string(package.entry)});
  };
  add(folder / package.file_name);
  if (!package.module.empty()) {
    add(folder / package.module / package.file_name);
    return;
  }
  for (const fs::path& path : entries_of(folder, "_duckdb.")) add(path);
}

std::vector<DriverFile> find_drivers(const Package& package) {
  std::vector<DriverFile> drivers;
  for (const fs::path& folder : folders_to_search()) add_drivers_in(folder, package, drivers);
  drivers.push_back({std::string(package.file_name), std::string(package.entry)});
  return drivers;
}

/// "libpython3.11.so.1.0" for "_duckdb.cpython-311-x86_64-linux-gnu.so"; "" for other libraries.
std::string python_library_of(const std::string& path) {
  constexpr std::string_view kTag = ".cpython-3";
  const std::size_t tag = path.rfind(kTag);
  if (tag == std::string::npos) return {};
  const std::size_t minor = tag + kTag.size();
  return fmt::format("libpython3.{}.so.1.0", path.substr(minor, path.find('-', minor) - minor));
}

std::string loader_error() {
  const char* words = ::dlerror();
  return words == nullptr ? "unknown error" : words;
}

/// The library's handle, or the loader's words.
std::expected<void*, std::string> open_library(const std::string& path) {
  if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  std::string words = loader_error();
  const std::string python = python_library_of(path);
  if (python.empty()) return std::unexpected(words);
  // An extension module finds Python's symbols only among those of the whole process.
  if (::dlopen(python.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr)
    return std::unexpected(words + "; " + loader_error());
  if (void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  return std::unexpected(loader_error());
}

/// Fills `functions` from the library; "" or what went wrong.
std::string initialise(const DriverFile& file, abi::Driver& functions) {
  const auto handle = open_library(file.path);
  if (!handle) return handle.error();
  // POSIX promises that a function's address goes through `void*` unharmed.
  const auto init = reinterpret_cast<abi::DriverInit>(::dlsym(*handle, file.entry.c_str()));
  if (init == nullptr) return fmt::format("{} has no function {}", file.path, file.entry);
  std::string words;
  for (const int version : {abi::kVersion110, abi::kVersion100}) {
    functions = {};
    abi::Error error;
    if (init(version, &functions, &error) == abi::kStatusOk) return {};
    words = error.message == nullptr ? "the driver does not start" : error.message;
    if (error.release != nullptr) error.release(&error);
  }
  return words;
}

}  // namespace

Result<std::shared_ptr<Driver>> Driver::load(sql::Product product, const std::string& given) {
  const Package& package = package_of(product);
  const std::vector<DriverFile> files =
      given.empty() ? find_drivers(package)
                    : std::vector<DriverFile>{{given, std::string(package.entry)}};
  const KeptSignals kept;
  auto driver = std::make_shared<Driver>();
  std::string words;
  for (const DriverFile& file : files) {
    const std::string failure = initialise(file, driver->functions_);
    if (failure.empty()) {
      driver->path_ = file.path;
      return driver;
    }
    if (words.empty()) words = failure;
  }
  return fail(
      ErrorCode::Engine,
      fmt::format("no ADBC driver for {} can be loaded: {}", sql::to_string(product), words),
      std::string(package.install) + ", or name a library with --driver");
}

}  // namespace quintile::engine::adbc
