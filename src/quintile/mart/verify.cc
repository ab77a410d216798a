#include <map>
#include <numeric>

#include <fmt/format.h>

#include "quintile/mart/json_value_internal.h"
#include "quintile/mart/manifest_reader_internal.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/mart_files_internal.h"
#include "quintile/mart/open_internal.h"
#include "quintile/mart/parquet_internal.h"
#include "quintile/mart/rehearse_internal.h"
#include "quintile/mart/rfm_codes_internal.h"
#include "quintile/mart/rule_application_internal.h"

namespace quintile::mart {

namespace fs = std::filesystem;

namespace {

using Checks = std::vector<Verification>;

// The first thing that is wrong, or what was right.
struct Outcome {
  std::string fault;
  void expect(bool holds, auto describe) {
    if (!holds && fault.empty()) fault = describe();
  }
};

void add(Checks& checks, std::string check, const Outcome& outcome, std::string right) {
  const bool ok = outcome.fault.empty();
  checks.push_back({std::move(check), ok ? Verdict::Ok : Verdict::Mismatch,
                    ok ? std::move(right) : outcome.fault});
}

void check_digests(Checks& checks, const fs::path& folder, const Manifest& manifest) {
  for (const std::string_view name : kMartFiles) {
    if (name == kManifestFile || (name == kCustomersFile && manifest.customers_at)) continue;
    const auto listed = manifest.files.find(std::string(name));
    Outcome outcome;
    if (listed == manifest.files.end()) {
      outcome.fault = fmt::format("run.json does not list {}", name);
    } else if (const auto digest = sha256_of_file(folder / name); !digest) {
      outcome.fault = digest.error().to_string();
    } else if (*digest != listed->second) {
      outcome.fault =
          fmt::format("{} is not the file that the run wrote: its SHA-256 is {}", name, *digest);
    }
    add(checks, fmt::format("digest of {}", name), outcome, "SHA-256 as in run.json");
  }
  Outcome plan;
  plan.expect(sha256(manifest.plan_json) == manifest.plan_digest, [] {
    return std::string("the plan in run.json is not the one that its plan_digest names");
  });
  add(checks, "digest of the plan", plan, "SHA-256 as in run.json");
}

void check_schema(Checks& checks, const fs::path& file, const Manifest& manifest) {
  Outcome outcome;
  const auto header = read_parquet_header(file, file.filename().string());
  if (!header) {
    outcome.fault = header.error().to_string();
  } else {
    outcome.expect(header->rows == manifest.customers, [&] {
      return fmt::format("{} has {} rows, run.json says {}", kCustomersFile, header->rows,
                         manifest.customers);
    });
    outcome.expect(header->columns.size() == manifest.columns.size(), [&] {
      return fmt::format("{} has {} columns, run.json says {}", kCustomersFile,
                         header->columns.size(), manifest.columns.size());
    });
    for (std::size_t i = 0; i < std::min(header->columns.size(), manifest.columns.size()); ++i) {
      const auto& [name, type] = header->columns[i];
      const PublishedColumn& said = manifest.columns[i];
      outcome.expect(name == said.name && type == said.type, [&] {
        return fmt::format("column {} is {} {}, run.json says {} {}", i + 1, name, type, said.name,
                           said.type);
      });
    }
    const std::map<std::string, std::string> facts = {
        {"version", manifest.version},           {"analysis_date", manifest.analysis_date},
        {"currency", manifest.currency},         {"plan_digest", manifest.plan_digest},
        {"rules_digest", manifest.rules_digest}, {"fingerprint", manifest.fingerprint}};
    for (const auto& [key, value] : header->metadata) {
      const auto said = facts.find(key);
      outcome.expect(said == facts.end() || said->second == value, [&] {
        return fmt::format("{} was written with {} {}, run.json says {}", kCustomersFile, key,
                           value, said->second);
      });
    }
  }
  add(checks, "schema", outcome, fmt::format("{} columns as in run.json", manifest.columns.size()));
}

// The text at a row; nothing where a file that is not ours has none.
std::string_view text_at(const table::Column& column, std::int64_t row) {
  return column.is_valid(row) && !column.view.dictionary.empty() ? column.view.text(row)
                                                                 : std::string_view();
}

std::string at_customer(std::int64_t row, const std::string& what) {
  return fmt::format("customer {}: {}", row + 1, what);
}

void check_scores(Checks& checks, const segments::Segmentation& s, bool scored_by_mean) {
  const table::Buffer<rfm::Score>* scores[] = {&s.r_score, &s.f_score, &s.m_score};
  const table::Column* values[] = {
      &s.customers.recency_days, &s.customers.frequency,
      scored_by_mean ? &s.customers.average_order_value : &s.customers.monetary};
  for (const rfm::Metric metric : rfm::kMetrics) {
    const auto i = static_cast<std::size_t>(metric);
    const rfm::CutPoints& points = s.model.metrics[i];
    Outcome range, agree;
    // Under `rank` equal values may be split, so a value says its score only up to the bins' ends.
    std::vector<std::int64_t> lowest(static_cast<std::size_t>(points.bins) + 1, INT64_MAX);
    std::vector<std::int64_t> highest(static_cast<std::size_t>(points.bins) + 1, INT64_MIN);
    for (std::int64_t row = 0; row < s.size(); ++row) {
      const int score = (*scores[i])[row];
      const std::int64_t value = values[i]->view.integer(row);
      if (score < 1 || score > points.bins) {
        range.expect(false, [&] {
          return at_customer(row, fmt::format("{} score {}", to_string(metric), score));
        });
        continue;
      }
      lowest[static_cast<std::size_t>(score)] =
          std::min(lowest[static_cast<std::size_t>(score)], value);
      highest[static_cast<std::size_t>(score)] =
          std::max(highest[static_cast<std::size_t>(score)], value);
      if (points.method != rfm::Method::Rank && rfm::score_of(value, points) != score) {
        agree.expect(false, [&] {
          return at_customer(
              row, fmt::format("{} score {}, the cut points give {}", to_string(metric), score,
                               rfm::score_of(value, points)));
        });
      }
    }
    for (std::size_t low = 1; points.method == rfm::Method::Rank && low < lowest.size(); ++low) {
      for (std::size_t high = low + 1; high < lowest.size(); ++high) {
        const bool ordered = metric == rfm::Metric::Recency ? lowest[low] >= highest[high]
                                                            : highest[low] <= lowest[high];
        const bool empty = lowest[low] == INT64_MAX || lowest[high] == INT64_MAX;
        agree.expect(ordered || empty, [&] {
          return fmt::format("{} scores {} and {} are not in the order of the values",
                             to_string(metric), low, high);
        });
      }
    }
    add(checks, fmt::format("{} scores in range", to_string(metric)), range,
        fmt::format("1 to {}", points.bins));
    add(checks, fmt::format("{} scores match the cut points", to_string(metric)), agree,
        "every customer");
  }
}

void check_derived(Checks& checks, const fs::path& folder, const Mart& mart) {
  const segments::Segmentation& s = mart.segmentation;
  Outcome ids, codes, totals, names;
  const auto columns =
      read_parquet(folder / kCustomersFile, std::string(kCustomersFile),
                   {"customer_id", "rfm_code", "rfm_total", "segment_name"}, {}, 0);
  if (!columns) {
    ids.fault = codes.fault = totals.fault = names.fault = columns.error().to_string();
  } else {
    const RfmCodes expected(s.model);
    for (std::int64_t row = 0; row < s.size() && row < (*columns)[0].size(); ++row) {
      const std::int64_t id = (*columns)[0].view.integer(row);
      ids.expect(id == row + 1,
                 [&] { return fmt::format("row {} has customer_id {}", row + 1, id); });
      const int total = s.r_score[row] + s.f_score[row] + s.m_score[row];
      const auto code =
          static_cast<std::size_t>(expected.index(s.r_score[row], s.f_score[row], s.m_score[row]));
      const bool known = code < expected.texts().size();
      codes.expect(known && text_at((*columns)[1], row) == expected.texts()[code], [&] {
        return at_customer(
            row, fmt::format("rfm_code {} does not match its scores", text_at((*columns)[1], row)));
      });
      totals.expect((*columns)[2].view.integer(row) == total, [&] {
        return at_customer(
            row, fmt::format("rfm_total {} is not {}", (*columns)[2].view.integer(row), total));
      });
      names.expect(text_at((*columns)[3], row) == mart.rules.rules[s.segment[row]].name, [&] {
        return at_customer(row, fmt::format("segment_name {} is not that of its segment",
                                            text_at((*columns)[3], row)));
      });
    }
  }
  add(checks, "each customer once, in order", ids, fmt::format("1 to {}", s.size()));
  add(checks, "codes match scores", codes, "every customer");
  add(checks, "totals match scores", totals, "every customer");
  add(checks, "names match segments", names, "every customer");
}

void check_segments(Checks& checks, const Mart& mart) {
  Outcome outcome;
  const auto expected = apply_rules(mart.segmentation, mart.rules);
  for (std::int64_t row = 0; row < mart.segmentation.size(); ++row) {
    const auto should = expected[static_cast<std::size_t>(row)];
    const auto is = mart.segmentation.segment[row];
    outcome.expect(is == should, [&] {
      return at_customer(
          row, fmt::format("is in {}, the rules say {}", mart.rules.rules[is].id,
                           should == segments::kNoSegment ? "none" : mart.rules.rules[should].id));
    });
  }
  add(checks, "segments equal the rules applied", outcome,
      fmt::format("{} rules", mart.rules.rules.size()));
}

void check_fingerprint(Checks& checks, const Mart& mart) {
  Outcome outcome;
  const std::string found = fingerprint(mart.segmentation, mart.rules, 0);
  outcome.expect(found == mart.manifest.fingerprint, [&] {
    return fmt::format("it is {}, run.json says {}", found, mart.manifest.fingerprint);
  });
  add(checks, "fingerprint", outcome, found);
}

void check_summary(Checks& checks, const Mart& mart) {
  const segments::Segmentation& s = mart.segmentation;
  std::vector<std::int64_t> customers(mart.rules.rules.size(), 0);
  std::vector<Int128> monetary(mart.rules.rules.size(), 0);
  Int128 all = 0;
  const auto value = s.customers.value();
  for (std::int64_t row = 0; row < s.size(); ++row) {
    ++customers[s.segment[row]];
    monetary[s.segment[row]] += value[static_cast<std::size_t>(row)];
    all += value[static_cast<std::size_t>(row)];
  }
  Outcome outcome;
  const auto& entries = mart.summary.segments;
  outcome.expect(entries.size() == mart.rules.rules.size(), [&] {
    return fmt::format("summary.json has {} segments, the rules {}", entries.size(),
                       mart.rules.rules.size());
  });
  for (std::size_t i = 0; i < std::min(entries.size(), customers.size()); ++i) {
    outcome.expect(entries[i].segment_id == mart.rules.rules[i].id &&
                       entries[i].customers == customers[i] && entries[i].monetary == monetary[i],
                   [&] {
                     return fmt::format(
                         "{}: summary.json says {} customers, {} are there, or their value differs",
                         entries[i].segment_id, entries[i].customers, customers[i]);
                   });
  }
  outcome.expect(
      mart.summary.population.customers == s.size() && mart.summary.population.monetary == all,
      [] { return std::string("the population in summary.json is not the sum of the customers"); });
  add(checks, "sums equal the summary", outcome,
      fmt::format("{} segments and everyone", entries.size()));
}

// Of customers who are not here: every count of them is one and the same.
void check_totals(Checks& checks, const Mart& mart) {
  Outcome segments, scores;
  std::int64_t customers = 0;
  Int128 monetary = 0;
  for (const summary::SegmentSummary& segment : mart.summary.segments) {
    customers += segment.customers;
    monetary += segment.monetary;
  }
  segments.expect(
      customers == mart.manifest.customers && customers == mart.summary.population.customers &&
          monetary == mart.summary.population.monetary,
      [&] {
        return fmt::format(
            "the segments have {} customers, everyone is {}, run.json says {}; or their "
            "value differs",
            customers, mart.summary.population.customers, mart.manifest.customers);
      });
  add(checks, "segments add up to everyone", segments,
      fmt::format("{} segments", mart.summary.segments.size()));
  for (const rfm::TieReport& ties : mart.manifest.ties) {
    const std::int64_t scored =
        std::reduce(ties.customers.begin(), ties.customers.end(), std::int64_t{0});
    scores.expect(scored == mart.manifest.customers, [&] {
      return fmt::format("{} customers have a {} score, run.json says {}", scored,
                         to_string(ties.metric), mart.manifest.customers);
    });
  }
  add(checks, "scores add up to everyone", scores, "every metric");
}

// Every row read is published, behind one customer, or quarantined; at transaction grain lines make
// customers up.
void check_rows(Checks& checks, const fs::path& folder, const Mart& mart) {
  Outcome balance, accounted, customers;
  const auto& waterfall = mart.review.waterfall;
  balance.expect(quality::balances(waterfall), [] {
    return std::string("the first step less the steps between is not the last");
  });
  add(checks, "waterfall balances", balance, fmt::format("{} steps", waterfall.size()));

  // Rows of an engine have no numbers, so there is neither crosswalk nor quarantine of them.
  if (mart.manifest.inputs.empty()) {
    accounted.expect(
        !waterfall.empty() && waterfall.front().rows == mart.manifest.rows_read &&
            waterfall.front().rows - waterfall.back().rows == mart.manifest.rows_quarantined,
        [] { return std::string("run.json and the waterfall count rows unalike"); });
    add(checks, "rows add up", accounted,
        fmt::format("{} read at an engine", mart.manifest.rows_read));
    return;
  }
  const auto crosswalk = read_parquet(folder / kCrosswalkFile, std::string(kCrosswalkFile),
                                      {"source_file", "source_row", "customer_id"}, {}, 0);
  const auto quarantine = read_parquet(folder / kQuarantineFile, std::string(kQuarantineFile),
                                       {"source_file", "source_row"}, {}, 0);
  if (!crosswalk || !quarantine) {
    accounted.fault = (crosswalk ? quarantine.error() : crosswalk.error()).to_string();
    customers.fault = accounted.fault;
  } else {
    const std::int64_t published = (*crosswalk)[0].size(), out = (*quarantine)[0].size();
    accounted.expect(
        published + out == mart.manifest.rows_read && out == mart.manifest.rows_quarantined, [&] {
          return fmt::format(
              "{} in the crosswalk and {} in quarantine; {} were read and {} quarantined",
              published, out, mart.manifest.rows_read, mart.manifest.rows_quarantined);
        });
    std::vector<bool> seen(static_cast<std::size_t>(mart.segmentation.size()), false);
    for (std::int64_t row = 0; row < published; ++row) {
      const std::int64_t id = (*crosswalk)[2].view.integer(row);
      if (id < 1 || id > mart.segmentation.size()) {
        customers.expect(
            false, [&] { return fmt::format("customer_id {} in the crosswalk is nobody", id); });
      } else {
        seen[static_cast<std::size_t>(id - 1)] = true;
      }
    }
    const auto missing = std::find(seen.begin(), seen.end(), false);
    customers.expect(missing == seen.end(), [&] {
      return fmt::format("customer {} has no source row", missing - seen.begin() + 1);
    });
  }
  add(checks, "rows add up", accounted, fmt::format("{} read", mart.manifest.rows_read));
  add(checks, "crosswalk covers the customers", customers,
      fmt::format("{} customers", mart.segmentation.size()));
}

std::string text_of(const JsonValue& value) {
  JsonWriter json(false);
  write_json(json, value);
  return json.take();
}

// Members that one of two objects alone has, or that are not the same in both.
std::vector<std::string> other_members(const JsonValue& a, const JsonValue& b) {
  std::vector<std::string> names;
  for (const JsonMember& member : a.members) {
    const JsonValue* value = b.find(member.name);
    if (value == nullptr || text_of(*value) != text_of(member.value)) names.push_back(member.name);
  }
  for (const JsonMember& member : b.members) {
    if (a.find(member.name) == nullptr) names.push_back(member.name);
  }
  return names;
}

Checks checks_of(const fs::path& folder, const std::string& manifest_text) {
  Checks checks;
  Outcome readable;
  const auto run = read_manifest(manifest_text);
  if (!run) {
    readable.fault = run.error().to_string();
    add(checks, "readable", readable, "");
    return checks;
  }
  const Manifest& manifest = run->manifest;
  check_digests(checks, folder, manifest);
  if (!manifest.customers_at) check_schema(checks, folder / kCustomersFile, manifest);
  const auto mart = open_with(folder, manifest_text, Rows::Optional);
  if (!mart) readable.fault = mart.error().to_string();
  add(checks, "readable", readable, "every file");
  if (!mart) return checks;
  if (manifest.customers_at) {
    check_totals(checks, *mart);
    check_rows(checks, folder, *mart);
    return checks;
  }
  check_derived(checks, folder, *mart);
  // The preset pymc scores each customer's mean in place of the total; rounded, it keeps its order.
  check_scores(checks, mart->segmentation, manifest.plan_json.contains(R"("preset":"pymc")"));
  check_segments(checks, *mart);
  check_fingerprint(checks, *mart);
  check_summary(checks, *mart);
  check_rows(checks, folder, *mart);
  return checks;
}

}  // namespace

Result<std::vector<Verification>> verify(const fs::path& folder) {
  return read_as_one(
      folder, [&](const std::string& text) -> Result<Checks> { return checks_of(folder, text); });
}

Result<std::vector<std::string>> differences(const Mart& published, Contents& again, int threads) {
  QUINTILE_TRY(const std::string text, rehearse(again, threads));
  QUINTILE_TRY(const JsonValue now, parse_json(text, std::string(kManifestFile)));
  QUINTILE_TRY(const JsonValue then, parse_json(published.run_json, std::string(kManifestFile)));
  std::vector<std::string> files, keys;
  for (const std::string& name : other_members(then, now)) {
    if (name != "files") keys.push_back(fmt::format("{}: {}", kManifestFile, name));
  }
  const JsonValue *digests_then = then.find("files"), *digests_now = now.find("files");
  if (digests_then != nullptr && digests_now != nullptr)
    files = other_members(*digests_then, *digests_now);
  files.insert(files.end(), keys.begin(), keys.end());
  if (files.empty() && text != published.run_json) files.emplace_back(kManifestFile);
  return files;
}

}  // namespace quintile::mart
