#include <algorithm>

#include "quintile/dashboard/http/problem_internal.h"
#include "quintile/mart/json_writer.h"

namespace quintile::dashboard {

std::string problem_json(const Problem& problem, const std::string& trace_id) {
  mart::JsonWriter json(false);
  const auto text = [&json](std::string_view key, std::string_view value) {
    json.key(key), json.text(value);
  };
  const auto number_or_null = [&json](std::string_view key, std::int64_t value) {
    json.key(key);
    value > 0 ? json.integer(value) : json.null();
  };
  json.begin_object();
  text("type", "about:blank");
  text("title", problem.code);
  json.key("status"), json.integer(problem.status);
  text("code", problem.code);
  text("detail", problem.detail);
  text("trace_id", trace_id);
  if (!problem.parameter.empty()) text("parameter", problem.parameter);
  if (problem.rule_error) {
    const Error& error = *problem.rule_error;
    json.key("errors"), json.begin_array(true);
    json.begin_object();
    text("message", error.message);
    json.key("segment_id");
    error.place.file.empty() ? json.null() : json.text(error.place.file);
    number_or_null("line", error.place.line);
    number_or_null("column", error.place.column);
    json.end_object();
    json.end_array();
  }
  json.end_object();
  return json.take();
}

std::string retry_after_text(std::chrono::milliseconds wait) {
  return std::to_string(std::max<std::int64_t>(1, (wait.count() + 999) / 1'000));
}

Problem problem_of(int status, std::string code, std::string detail, std::string parameter) {
  Problem problem;
  problem.status = status;
  problem.code = std::move(code);
  problem.detail = std::move(detail);
  problem.parameter = std::move(parameter);
  return problem;
}

std::unexpected<Problem> refuse(int status, std::string code, std::string detail,
                                std::string parameter) {
  return std::unexpected(
      problem_of(status, std::move(code), std::move(detail), std::move(parameter)));
}

std::unexpected<Problem> refuse(const Error& error, std::string code) {
  std::string detail = error.message;
  if (!error.advice.empty()) detail += ": " + error.advice;
  return refuse(400, std::move(code), std::move(detail), error.place.file);
}

Problem problem_of_status(int status) {
  switch (status) {
    case 408: return problem_of(408, "too_slow", "the request took too long to arrive");
    case 413: return problem_of(413, "too_large", "the body is larger than 256 KiB");
    case 414: return problem_of(414, "url_too_long", "the address is longer than 8 KiB");
    case 416: return problem_of(416, "bad_request", "the Range header is malformed");
    default: break;
  }
  if (status >= 500) return problem_of(status, "internal", "a fault of ours; the server goes on");
  return problem_of(status, "bad_request", "the request is not HTTP as it should be");
}

}  // namespace quintile::dashboard
