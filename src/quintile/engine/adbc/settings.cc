#include "quintile/engine/adbc/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "quintile/base/text.h"

namespace quintile::engine::adbc {

namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

constexpr std::array<std::string_view, 8> kSecretWords = {"pass", "pwd",  "token", "secret",
                                                          "key",  "cred", "auth",  "header"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool names_a_secret(std::string_view key) {
  const std::string name = lower(key);
  // Of libpq: files that hold a secret, and a choice of method.
  if (name == "passfile" || name == "sslkey" || name == "require_auth") return false;
  return std::ranges::any_of(kSecretWords,
                             [&](std::string_view word) { return name.contains(word); });
}

/// Everything but letters, digits and "-._~" as %XX.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// The parameters of a URI, after "?" or, as Spark Connect has them, after "/;".
std::vector<std::pair<std::string_view, std::string_view>> parameters_of(std::string_view uri) {
  std::vector<std::pair<std::string_view, std::string_view>> parameters;
  const std::size_t begin = uri.find_first_of("?;");
  std::string_view rest = begin == std::string_view::npos ? "" : uri.substr(begin + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of("&;");
    const std::string_view one = rest.substr(0, end);
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos)
      parameters.emplace_back(one.substr(0, equals), one.substr(equals + 1));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return parameters;
}

/// "secret" of "scheme://user:secret@host"; "" where there is none.
std::string_view password_of(std::string_view uri) {
  const std::size_t slashes = uri.find("://");
  std::string_view rest = slashes == std::string_view::npos ? uri : uri.substr(slashes + 3);
  rest = rest.substr(0, rest.find_first_of("/?;"));
  const std::size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::size_t colon = rest.substr(0, at).find(':');
  return colon == std::string_view::npos ? std::string_view()
                                         : rest.substr(colon + 1, at - colon - 1);
}

std::string_view after_scheme(std::string_view uri) {
  uri.remove_prefix(std::min(uri.size(), uri.find(':') + 1));
  if (uri.starts_with("//")) uri.remove_prefix(2);
  return uri;
}

Result<std::chrono::seconds> seconds_of(const std::string& key, const std::string& value) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size() || seconds < 0)
    return fail(ErrorCode::Usage, key + " is not a number of seconds");
  return std::chrono::seconds(seconds);
}

Status set(Settings& settings, const std::string& key, const std::string& value) {
  if (key == "driver") {
    settings.driver = value;
  } else if (key == "uri") {
    settings.uri = value;
    settings.secrets.add(value);
    settings.secrets.add(std::string(password_of(value)));
    for (const auto& [name, secret] : parameters_of(value)) {
      if (names_a_secret(name)) settings.secrets.add(std::string(secret));
    }
  } else if (key == "password") {
    settings.password = value;
    settings.secrets.add(value);
  } else if (key == "token") {
    settings.token = value;
    settings.secrets.add(value);
  } else if (key == "connect_timeout") {
    QUINTILE_TRY(settings.connect_timeout, seconds_of(key, value));
  } else if (key == "statement_timeout") {
    QUINTILE_TRY(settings.statement_timeout, seconds_of(key, value));
  } else if (key.contains('.')) {
    settings.driver_options.emplace_back(key, value);
    if (names_a_secret(key)) settings.secrets.add(value);
  } else {
    return fail(ErrorCode::Usage, fmt::format("unknown engine option: {}", key),
                "driver, uri, password, token, connect_timeout, statement_timeout, or an option of "
                "the driver, which has a point in its name");
  }
  return {};
}

Status read_file(const std::string& path, Settings& settings) {
  std::ifstream in(path);
  if (!in) return fail(ErrorCode::Io, "the engine options cannot be read: " + path);
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    const std::string_view text = trim(line);
    if (text.empty() || text.starts_with('#')) continue;
    const Place place{.file = path, .line = number};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
      return fail(ErrorCode::Usage, "an engine option is written key = value", {}, place);
    auto done = set(settings, std::string(trim(text.substr(0, equals))),
                    std::string(trim(text.substr(equals + 1))));
    if (!done) {
      done.error().place = place;
      return done;
    }
  }
  return {};
}

/// The URI with one more parameter.
std::string with_parameter(std::string uri, std::string_view key, std::string_view value) {
  uri += uri.contains('?') ? '&' : '?';
  return uri + std::string(key) + "=" + escape(value);
}

/// "sc://host:15002/;user_id=...;token=...", as Spark Connect's clients write it.
std::string spark_uri(std::string_view uri, const Settings& settings) {
  const std::string_view rest = after_scheme(uri);
  std::string out = "sc://" + std::string(rest.substr(0, rest.find_first_of("/?;"))) + "/";
  bool has_user = false;
  for (const auto& [key, value] : parameters_of(uri)) {
    out += fmt::format(";{}={}", key, value);
    has_user |= key == "user_id";
  }
  if (!has_user) out += ";user_id=quintile";
  if (!settings.token.empty()) out += ";token=" + escape(settings.token);
  return out;
}

std::string postgresql_uri(std::string_view uri, const Settings& settings) {
  std::string out = "postgresql://" + std::string(after_scheme(uri));
  if (!settings.password.empty()) out = with_parameter(out, "password", settings.password);
  if (!out.contains("connect_timeout="))
    out = with_parameter(out, "connect_timeout", std::to_string(settings.connect_timeout.count()));
  if (!out.contains("application_name=")) out = with_parameter(out, "application_name", "quintile");
  return out;
}

/// "duckdb:///folder/file.db", "duckdb:file.db" or "duckdb::memory:", and DuckDB's own settings.
Options duckdb_options(std::string_view uri) {
  const std::string_view rest = after_scheme(uri);
  const std::string path(rest.substr(0, rest.find('?')));
  Options options{{"path", path.empty() ? ":memory:" : path}};
  for (const auto& [key, value] : parameters_of(uri)) options.emplace_back(key, value);
  return options;
}

/// "bigquery://project/dataset".
Options bigquery_options(std::string_view uri) {
  const std::string_view rest = after_scheme(uri);
  const std::size_t slash = rest.find('/');
  Options options{{"adbc.bigquery.sql.project_id", std::string(rest.substr(0, slash))}};
  if (slash != std::string_view::npos)
    options.emplace_back("adbc.bigquery.sql.dataset_id", std::string(rest.substr(slash + 1)));
  return options;
}

Options options_of(sql::Product product, const std::string& uri, const Settings& settings) {
  switch (product) {
    case sql::Product::DuckDb: return duckdb_options(uri);
    case sql::Product::Spark:
    case sql::Product::Sail:
    case sql::Product::Databricks: return {{"uri", spark_uri(uri, settings)}};
    case sql::Product::PostgreSql:
    case sql::Product::Redshift: return {{"uri", postgresql_uri(uri, settings)}};
    case sql::Product::BigQuery: return bigquery_options(uri);
    case sql::Product::Snowflake: {
      Options options{{"uri", std::string(after_scheme(uri))}};
      if (!settings.password.empty()) options.emplace_back("password", settings.password);
      return options;
    }
    case sql::Product::Trino:
    case sql::Product::ClickHouse: {
      Options options{{"uri", uri}};
      if (!settings.password.empty()) options.emplace_back("password", settings.password);
      return options;
    }
  }
  return {};
}

}  // namespace

void Secrets::add(std::string secret) {
  if (secret.empty()) return;
  const std::string escaped = escape(secret);
  if (escaped != secret) secrets_.push_back(escaped);
  secrets_.push_back(std::move(secret));
  std::ranges::stable_sort(secrets_, std::greater(), &std::string::size);
}

std::string Secrets::redact(std::string text) const {
  constexpr std::string_view kMask = "***";
  for (const std::string& secret : secrets_) {
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += kMask.size())
      text.replace(at, secret.size(), kMask);
  }
  return text;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<Settings> read_settings(const std::string& file, const Environment& environment) {
  Settings settings;
  const std::string path =
      file.empty() ? environment("QUINTILE_ENGINE_OPTIONS").value_or("") : file;
  if (!path.empty()) QUINTILE_TRY_STATUS(read_file(path, settings));
  constexpr std::array<std::pair<const char*, const char*>, 3> kVariables = {
      {{"QUINTILE_ENGINE_URI", "uri"},
       {"QUINTILE_ENGINE_PASSWORD", "password"},
       {"QUINTILE_ENGINE_TOKEN", "token"}}};
  for (const auto& [variable, key] : kVariables) {
    if (const auto value = environment(variable)) QUINTILE_TRY_STATUS(set(settings, key, *value));
  }
  return settings;
}

Result<Options> database_options(sql::Product product, const std::string& uri,
                                 const Settings& settings) {
  const auto parameters = parameters_of(uri);
  if (!password_of(uri).empty() ||
      std::ranges::any_of(parameters, [](const auto& p) { return names_a_secret(p.first); })) {
    return fail(ErrorCode::Usage, "the engine's URI holds a password or token",
                "put it into QUINTILE_ENGINE_PASSWORD, QUINTILE_ENGINE_TOKEN or the file of "
                "--engine-options: plans and command lines are read by others");
  }
  Options options =
      settings.uri.empty() ? options_of(product, uri, settings) : Options{{"uri", settings.uri}};
  options.insert(options.end(), settings.driver_options.begin(), settings.driver_options.end());
  return options;
}

}  // namespace quintile::engine::adbc
