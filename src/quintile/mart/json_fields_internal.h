#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "quintile/insights/insight.h"
#include "quintile/mart/json_value_internal.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

/// One list of fields per struct serves writing and reading, so the two cannot differ: `describe(f,
/// value)` calls `f(key, field)` for each field in the order of the text.
namespace quintile::mart {

/// A field that is written only where it is there.
template <typename T>
struct IfPresent {
  std::optional<T>& value;
};

/// A text that stands as null where it is empty.
struct NullIfEmpty {
  std::string& value;
};

template <typename F>
void describe(F& f, InputFile& x) {
  f("name", x.name), f("sha256", x.sha256), f("bytes", x.bytes), f("rows", x.rows);
}

template <typename F>
void describe(F& f, table::Detection& x) {
  f("what", x.what), f("chosen", x.chosen), f("reason", x.reason);
}

template <typename F>
void describe(F& f, PublishedColumn& x) {
  f("name", x.name), f("role", x.role), f("type", x.type);
}

template <typename F>
void describe(F& f, CustomersAt& x) {
  f("engine", x.engine), f("kept", NullIfEmpty{x.kept});
}

template <typename F>
void describe(F& f, summary::KeyTrait& x) {
  f("attribute", x.attribute), f("value", x.value), f("share", x.share),
      f("population_share", x.population_share);
  f("mean", IfPresent<double>{x.mean}), f("population_mean", IfPresent<double>{x.population_mean});
  f("lift", x.lift), f("effect", x.effect), f("p_adjusted", x.p_adjusted);
}

template <typename F>
void describe(F& f, summary::Delta& x) {
  f("absolute", x.absolute), f("relative", x.relative);
}

template <typename F>
void describe(F& f, summary::SegmentSummary::KpiDeltas& x) {
  f("mean_recency_days", x.mean_recency_days), f("mean_frequency", x.mean_frequency);
  f("mean_monetary", x.mean_monetary), f("mean_average_order_value", x.mean_average_order_value);
}

template <typename F>
void describe(F& f, summary::SegmentSummary& x) {
  f("segment_id", x.segment_id), f("segment_name", x.segment_name), f("family", x.family);
  f("customers", x.customers), f("customer_share", x.customer_share);
  f("monetary", x.monetary), f("monetary_share", x.monetary_share);
  f("mean_recency_days", x.mean_recency_days), f("mean_frequency", x.mean_frequency);
  f("mean_monetary", x.mean_monetary), f("mean_average_order_value", x.mean_average_order_value);
  f("median_recency_days", x.median_recency_days), f("median_frequency", x.median_frequency);
  f("median_monetary", x.median_monetary);
  f("overlay_share", x.overlay_share), f("contactable_share", x.contactable_share);
  f("kpi_deltas", x.kpi_deltas), f("key_traits", x.key_traits), f("actions", x.actions),
      f("watchouts", x.watchouts);
}

template <typename F>
void describe(F& f, summary::Summary& x) {
  f("segments", x.segments), f("population", x.population);
}

template <typename F>
void describe(F& f, insights::Insight& x) {
  f("id", x.id), f("claim", x.claim), f("verdict", x.verdict), f("estimate", x.estimate),
      f("interval", x.interval);
  f("threshold", x.threshold), f("evidence", x.evidence);
}

template <typename F>
void describe(F& f, insights::Recommendation& x) {
  f("id", x.id), f("title", x.title), f("segment_ids", x.segment_ids), f("customers", x.customers);
  f("monetary", x.monetary), f("contactable", x.contactable),
      f("median_recency_days", x.median_recency_days);
  f("window_days", x.window_days), f("text", x.text), f("risk", x.risk);
}

template <typename F>
void describe(F& f, std::pair<std::string, std::int64_t>& x) {
  f("value", x.first), f("rows", x.second);
}

template <typename F>
void describe(F& f, quality::ColumnProfile& x) {
  f("column", x.column), f("role", x.role), f("type", x.type), f("rows", x.rows),
      f("missing", x.missing);
  f("invalid", x.invalid), f("distinct", x.distinct),
      f("distinct_is_lower_bound", x.distinct_is_lower_bound);
  f("minimum", x.minimum), f("maximum", x.maximum), f("mean", x.mean),
      f("standard_deviation", x.standard_deviation);
  f("skewness", x.skewness), f("quantile_05", x.quantile_05), f("quantile_25", x.quantile_25),
      f("median", x.median);
  f("quantile_75", x.quantile_75), f("quantile_95", x.quantile_95), f("top", x.top);
}

template <typename F>
void describe(F& f, quality::Finding& x) {
  f("check", x.check), f("column", x.column), f("severity", x.severity), f("rows", x.rows);
  f("share", x.share.value), f("examples", x.examples), f("decision", x.decision),
      f("reason", x.reason);
  f("details", x.details);
}

template <typename F>
void describe(F& f, quality::WaterfallStep& x) {
  f("step", x.step), f("rows", x.rows), f("monetary", x.monetary);
}

template <typename F>
void describe(F& f, quality::Review& x) {
  f("rows", x.rows), f("columns", x.columns), f("findings", x.findings),
      f("waterfall", x.waterfall);
}

// All enumerators, so that a name can be turned back into its value.
template <typename E>
inline constexpr std::array<E, 0> kEnumerators{};
template <>
inline constexpr std::array kEnumerators<quality::Severity> = {
    quality::Severity::Info, quality::Severity::Warning, quality::Severity::Error};
template <>
inline constexpr std::array kEnumerators<quality::Decision> = {
    quality::Decision::Kept, quality::Decision::Quarantined, quality::Decision::Regenerated,
    quality::Decision::Removed, quality::Decision::Fail};
template <>
inline constexpr std::array kEnumerators<insights::Verdict> = {
    insights::Verdict::Supported, insights::Verdict::NotSupported, insights::Verdict::NotTestable};
template <>
inline constexpr std::array kEnumerators<segments::Family> = {
    segments::Family::Core, segments::Family::Growing, segments::Family::Slipping,
    segments::Family::Dormant};
template <>
inline constexpr std::array kEnumerators<rfm::Method> = {
    rfm::Method::Quantile, rfm::Method::Thresholds, rfm::Method::Rank};

/// Writes described values.
class FieldWriter {
 public:
  FieldWriter(JsonWriter& json, int money_scale) : json_(json), money_scale_(money_scale) {}

  template <typename T>
  void operator()(std::string_view key, T&& value) {
    if constexpr (requires { value.value.has_value(); }) {
      if (!value.value) return;
      json_.key(key);
      put(*value.value);
    } else {
      json_.key(key);
      put(value);
    }
  }

  void put(const std::string& value) { json_.text(value); }
  void put(const NullIfEmpty& text) { text.value.empty() ? json_.null() : json_.text(text.value); }
  void put(double value) { json_.real(value); }
  void put(bool value) { json_.boolean(value); }
  void put(std::int64_t value) { json_.integer(value); }
  void put(int value) { json_.integer(value); }
  void put(Int128 value) { json_.money(value, money_scale_); }
  template <typename E>
    requires std::is_enum_v<E>
  void put(E value) {
    json_.text(to_string(value));
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    value ? put(*value) : json_.null();
  }
  template <typename T, std::size_t N>
  void put(const std::array<T, N>& values) {
    json_.begin_array(false);
    for (const T& value : values) put(value);
    json_.end_array();
  }
  template <typename T>
  void put(const std::vector<T>& values) {
    json_.begin_array(std::is_class_v<T>);
    for (const T& value : values) put(value);
    json_.end_array();
  }
  void put(const std::vector<quality::Detail>& details);
  template <typename T>
    requires std::is_class_v<T>
  void put(const T& value) {
    json_.begin_object();
    describe(*this, const_cast<T&>(value));  // `describe` names fields; writing changes none
    json_.end_object();
  }

 private:
  JsonWriter& json_;
  int money_scale_;
};

/// Reads described values back. Remembers the first thing that is not as written.
class FieldReader {
 public:
  FieldReader(const JsonValue& object, int money_scale, std::string& fault)
      : object_(object), money_scale_(money_scale), fault_(fault) {}

  template <typename T>
  void operator()(std::string_view key, T&& value) {
    const JsonValue* json = object_.find(key);
    if constexpr (requires { value.value.has_value(); }) {
      if (json != nullptr) get(*json, value.value.emplace(), key);
    } else {
      if (json == nullptr) {
        wrong(key);
      } else {
        get(*json, value, key);
      }
    }
  }

  template <typename T>
  void get(const JsonValue& json, T& value, std::string_view key) {
    if constexpr (std::is_same_v<T, std::string>) {
      json.kind == JsonValue::Kind::Text ? void(value = json.text) : wrong(key);
    } else if constexpr (std::is_same_v<T, bool>) {
      json.kind == JsonValue::Kind::Boolean ? void(value = json.text == "true") : wrong(key);
    } else if constexpr (std::is_same_v<T, Int128>) {
      get_money(json, value, key);
    } else if constexpr (std::is_arithmetic_v<T>) {
      const char* end = json.text.data() + json.text.size();
      const auto [stop, error] = std::from_chars(json.text.data(), end, value);
      if (json.kind != JsonValue::Kind::Number || error != std::errc{} || stop != end) wrong(key);
    } else if constexpr (std::is_enum_v<T>) {
      for (const T one : kEnumerators<T>) {
        if (to_string(one) == json.text) return void(value = one);
      }
      wrong(key);
    } else {
      get_composite(json, value, key);
    }
  }

  void wrong(std::string_view key) {
    if (fault_.empty()) fault_ = key;
  }

 private:
  void get_money(const JsonValue& json, Int128& value, std::string_view key);
  void get_composite(const JsonValue& json, std::vector<quality::Detail>& details,
                     std::string_view key);

  void get_composite(const JsonValue& json, NullIfEmpty& text, std::string_view key) {
    text.value.clear();
    if (json.kind != JsonValue::Kind::Null) get(json, text.value, key);
  }
  template <typename T>
  void get_composite(const JsonValue& json, std::optional<T>& value, std::string_view key) {
    value.reset();
    if (json.kind != JsonValue::Kind::Null) get(json, value.emplace(), key);
  }
  template <typename T, std::size_t N>
  void get_composite(const JsonValue& json, std::array<T, N>& values, std::string_view key) {
    if (json.items.size() != N) return wrong(key);
    for (std::size_t i = 0; i < N; ++i) get(json.items[i], values[i], key);
  }
  template <typename T>
  void get_composite(const JsonValue& json, std::vector<T>& values, std::string_view key) {
    if (json.kind != JsonValue::Kind::Array) return wrong(key);
    values.clear();
    for (const JsonValue& item : json.items) get(item, values.emplace_back(), key);
  }
  template <typename T>
  void get_composite(const JsonValue& json, T& value, std::string_view key) {
    if (json.kind != JsonValue::Kind::Object) return wrong(key);
    FieldReader inner(json, money_scale_, fault_);
    describe(inner, value);
  }

  const JsonValue& object_;
  int money_scale_;
  std::string& fault_;
};

/// `value` as a JSON document.
template <typename T>
[[nodiscard]] std::string to_json(const T& value, int money_scale) {
  JsonWriter json;
  FieldWriter(json, money_scale).put(value);
  return json.take();
}

/// The value out of `json`; `file` is for messages. Errors: CheckFailed naming the key that is not
/// as written.
template <typename T>
[[nodiscard]] Result<T> from_json(const JsonValue& json, int money_scale, const std::string& file) {
  T value{};
  std::string fault;
  FieldReader reader(json, money_scale, fault);
  reader.get(json, value, file);
  if (!fault.empty()) {
    return fail(ErrorCode::CheckFailed, file + " is not as this version writes it: key " + fault,
                "Publish the mart again with `quintile run`.");
  }
  return value;
}

}  // namespace quintile::mart
