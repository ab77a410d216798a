#include "quintile/cli/show.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/date.h"
#include "quintile/base/text.h"

namespace quintile::cli {

namespace {

std::string heading(const Terminal& terminal, std::string_view text) {
  return "\n" + terminal.paint(Style::Bold, text) + "\n";
}

std::string number(std::int64_t value) { return with_thousands(value); }

Style style_of(quality::Severity severity) {
  switch (severity) {
    case quality::Severity::Info: return Style::Dim;
    case quality::Severity::Warning: return Style::Plain;
    case quality::Severity::Error: return Style::Plain;
  }
  return Style::Plain;
}

std::string cut_text(std::int64_t cut, rfm::Metric metric, int money_scale) {
  return metric == rfm::Metric::Monetary ? decimal_to_string(cut, money_scale) : number(cut);
}

}  // namespace

std::string money_text(Int128 minor_units, int scale, const std::string& currency,
                       bool with_cents) {
  if (!with_cents) {
    minor_units = divide_half_up(minor_units, power_of_ten(scale));
    scale = 0;
  }
  std::string digits = decimal_to_string(minor_units, scale);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t sign = digits.starts_with('-') ? 1 : 0;
  for (std::size_t i = point; i > 3 + sign; i -= 3) digits.insert(i - 3, 1, ',');
  return digits + " " + currency;
}

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string show_input(const mart::Manifest& manifest, const Terminal& terminal) {
  std::string text = heading(terminal, "Input");
  for (const mart::InputFile& file : manifest.inputs) {
    text += terminal.wrapped(
                fmt::format("{}: {}, {:.1f} MB, SHA-256 {}…", file.name, counted(file.rows, "row"),
                            static_cast<double>(file.bytes) / 1e6, file.sha256.substr(0, 12)),
                2) +
            "\n";
  }
  for (const table::Detection& detection : manifest.detections) {
    text +=
        terminal.paint(Style::Dim, terminal.wrapped(fmt::format("{}: {} ({})", detection.what,
                                                                detection.chosen, detection.reason),
                                                    2)) +
        "\n";
  }
  return text;
}

std::string show_review(const quality::Review& review, const mart::Manifest& manifest,
                        const Terminal& terminal) {
  std::string text = heading(terminal, "Review");
  text += fmt::format("{}, {}, {}\n", counted(review.rows, "row"),
                      counted(std::ssize(review.columns), "column"),
                      counted(std::ssize(review.findings), "finding"));
  if (!review.findings.empty()) {
    Table table({{"check", Table::Align::Left, 0},
                 {"column", Table::Align::Left, 1},
                 {"rows", Table::Align::Right, 0},
                 {"share", Table::Align::Right, 2},
                 {"severity", Table::Align::Left, 4},
                 {"decision", Table::Align::Left, 0}});
    for (const quality::Finding& finding : review.findings) {
      table.add(
          {finding.check, finding.column, number(finding.rows), percent_text(finding.share.value),
           std::string(to_string(finding.severity)), std::string(to_string(finding.decision))},
          style_of(finding.severity));
    }
    text += table.to_string(terminal);
  }
  for (const quality::Finding& finding : review.findings) {
    if (finding.check != "duplicate_identifier") continue;
    const auto value = [&](std::size_t i) {
      return number(std::get<std::int64_t>(finding.details[i].value));
    };
    const auto& groups = std::get<std::vector<quality::Detail>>(finding.details[4].value);
    text += "\n" +
            terminal.wrapped(
                fmt::format("Duplicate identifiers: {} ids occur more than once, in {} rows; {} "
                            "rows are beyond the first of their id, and one id is on {} rows.",
                            value(0), value(1), value(2), value(3))) +
            "\n";
    std::string kinds = "Their kinds:";
    for (std::size_t i = 0; i < groups.size(); ++i) {
      kinds += fmt::format("{} {} {}", i == 0 ? "" : ",",
                           number(std::get<std::int64_t>(groups[i].value)), groups[i].key);
    }
    std::ranges::replace(kinds, '_', ' ');
    text += terminal.wrapped(kinds + ". Verdict: " + finding.reason + ".") + "\n";
  }
  text += heading(terminal, "Waterfall");
  Table waterfall({{"step", Table::Align::Left, 0},
                   {"rows", Table::Align::Right, 0},
                   {"value " + manifest.currency, Table::Align::Right, 0}});
  for (std::size_t i = 0; i < review.waterfall.size(); ++i) {
    const quality::WaterfallStep& step = review.waterfall[i];
    const bool taken = i > 0 && i + 1 < review.waterfall.size();
    std::string money =
        money_text(taken ? -step.monetary : step.monetary, manifest.money_scale, "");
    money.pop_back();
    waterfall.add({step.step, (taken ? "-" : "") + number(step.rows), money});
  }
  return text + waterfall.to_string(terminal);
}

std::string show_scores(const mart::Mart& mart, const Terminal& terminal) {
  std::string text = heading(terminal, "Scores");
  for (const rfm::CutPoints& cuts : mart.segmentation.model.metrics) {
    std::string line;
    for (const std::int64_t cut : cuts.cuts)
      line += (line.empty() ? "" : " | ") + cut_text(cut, cuts.metric, mart.manifest.money_scale);
    text += terminal.wrapped(
                fmt::format("{:<10} {} bins by {}, cut points {}{}", rfm::to_string(cuts.metric),
                            cuts.bins, rfm::to_string(cuts.method), line,
                            cuts.metric == rfm::Metric::Recency     ? " days (fewer is better)"
                            : cuts.metric == rfm::Metric::Frequency ? " orders"
                                                                    : " " + mart.manifest.currency),
                11) +
            "\n";
  }
  Table table({{"ties", Table::Align::Left, 0},
               {"bins used", Table::Align::Right, 0},
               {"customers at score 1, 2, ...", Table::Align::Left, 1},
               {"rank would differ for", Table::Align::Right, 2}});
  for (const rfm::TieReport& ties : mart.manifest.ties) {
    std::string counts;
    for (const std::int64_t count : ties.customers)
      counts += (counts.empty() ? "" : " ") + number(count);
    table.add({std::string(rfm::to_string(ties.metric)),
               fmt::format("{} of {}", ties.bins_used, ties.bins_asked), counts,
               percent_text(ties.share_other_rule)});
  }
  return text + table.to_string(terminal);
}

std::string show_segments(const mart::Mart& mart, const Terminal& terminal) {
  const mart::Manifest& manifest = mart.manifest;
  std::string text = heading(terminal, "Segments");
  Table table({{"segment", Table::Align::Left, 0},
               {"family", Table::Align::Left, 5},
               {"customers", Table::Align::Right, 0},
               {"share", Table::Align::Right, 1},
               {"value " + manifest.currency, Table::Align::Right, 1},
               {"of value", Table::Align::Right, 0},
               {"median days", Table::Align::Right, 3},
               {"median orders", Table::Align::Right, 4},
               {"may contact", Table::Align::Right, 6}});
  const auto plain = [](const std::optional<double>& value) {
    return value ? fmt::format("{:g}", *value) : std::string("–");
  };
  const auto row = [&](const summary::SegmentSummary& segment, Style style) {
    std::string value = money_text(segment.monetary, manifest.money_scale, "", false);
    value.pop_back();
    table.add({segment.segment_name, segment.family, number(segment.customers),
               percent_text(segment.customer_share), value, percent_text(segment.monetary_share),
               plain(segment.median_recency_days), plain(segment.median_frequency),
               segment.contactable_share ? percent_text(*segment.contactable_share) : "–"},
              style);
  };
  for (const summary::SegmentSummary& segment : mart.summary.segments) row(segment, Style::Plain);
  row(mart.summary.population, Style::Bold);
  return text + table.to_string(terminal);
}

std::string show_insights(const mart::Mart& mart, const Terminal& terminal) {
  std::string text = heading(terminal, "Insights");
  std::string not_said;
  for (const insights::Insight& insight : mart.insights) {
    if (insight.verdict != insights::Verdict::Supported) {
      not_said += terminal.wrapped(fmt::format("- {} ({})", insight.claim,
                                               insight.verdict == insights::Verdict::NotTestable
                                                   ? "not testable"
                                                   : "not supported"),
                                   2) +
                  "\n";
      continue;
    }
    std::string line = "+ " + insight.claim;
    if (insight.estimate) {
      line += fmt::format(" [{:.4g}", *insight.estimate);
      if (insight.interval)
        line += fmt::format(", 95 % interval {:.4g} to {:.4g}", (*insight.interval)[0],
                            (*insight.interval)[1]);
      line += fmt::format(", threshold {:.4g}]", insight.threshold);
    }
    text += terminal.wrapped(line, 2) + "\n";
  }
  if (!not_said.empty()) text += heading(terminal, "What the data do not say") + not_said;
  return text;
}

}  // namespace quintile::cli
