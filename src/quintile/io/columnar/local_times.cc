#include "quintile/io/columnar/local_times.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <arrow/api.h>
#include <arrow/vendored/datetime.h>
#include <fmt/format.h>

namespace quintile::io::columnar {

namespace {

using Seconds = std::chrono::seconds;

/// How far a zone's clocks are ahead of UTC, asked second by second in any order.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Seconds ahead_at(Seconds utc) = 0;
};

class FixedClock : public Clock {
 public:
  explicit FixedClock(Seconds ahead) : ahead_(ahead) {}
  Seconds ahead_at(Seconds) override { return ahead_; }

 private:
  Seconds ahead_;
};

/// By the system's zone database, which Arrow carries the reader of. Remembers the last stretch of
/// time between two changes of the clock.
class ZoneClock : public Clock {
 public:
  explicit ZoneClock(const std::string& zone) : zone_(arrow_vendored::date::locate_zone(zone)) {}
  Seconds ahead_at(Seconds utc) override {
    const arrow_vendored::date::sys_seconds moment{utc};
    if (!stretch_ || moment < stretch_->begin || moment >= stretch_->end)
      stretch_ = zone_->get_info(moment);
    return stretch_->offset;
  }

 private:
  const arrow_vendored::date::time_zone* zone_;
  std::optional<arrow_vendored::date::sys_info> stretch_;
};

/// "+02:00" or "-0530"; nothing for other texts.
std::optional<Seconds> fixed_offset(std::string text) {
  std::erase(text, ':');
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-') ||
      text.find_first_not_of("0123456789", 1) != std::string::npos)
    return std::nullopt;
  const Seconds ahead = std::chrono::hours(std::stoi(text.substr(1, 2))) +
                        std::chrono::minutes(std::stoi(text.substr(3)));
  return text[0] == '-' ? -ahead : ahead;
}

Result<std::unique_ptr<Clock>> clock_of(const std::string& zone) {
  if (zone == "UTC" || zone == "Etc/UTC" || zone == "GMT" || zone == "Z")
    return std::make_unique<FixedClock>(Seconds(0));
  if (const auto ahead = fixed_offset(zone)) return std::make_unique<FixedClock>(*ahead);
  try {
    return std::make_unique<ZoneClock>(zone);
  } catch (const std::exception&) {
    return fail(ErrorCode::Input, fmt::format("times of a zone that is not known here: {}", zone),
                "install the system's zone database (tzdata), or convert them to local times "
                "without a zone");
  }
}

std::int64_t ticks_a_second(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1'000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    case arrow::TimeUnit::NANO: return 1'000'000'000;
  }
  return 1;
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> by_local_clock(const std::shared_ptr<arrow::Array>& array) {
  if (array->type_id() != arrow::Type::TIMESTAMP) return array;
  const auto& type = static_cast<const arrow::TimestampType&>(*array->type());
  if (type.timezone().empty()) return array;
  QUINTILE_TRY(const auto clock, clock_of(type.timezone()));
  const std::int64_t ticks = ticks_a_second(type.unit());
  arrow::TimestampBuilder local(arrow::timestamp(type.unit()), arrow::default_memory_pool());
  if (!local.Reserve(array->length()).ok())
    return fail(ErrorCode::Memory, "there is not enough memory to read the frame");
  const auto& times = static_cast<const arrow::TimestampArray&>(*array);
  for (std::int64_t i = 0; i < array->length(); ++i) {
    if (times.IsNull(i)) {
      local.UnsafeAppendNull();
      continue;
    }
    const std::int64_t utc = times.Value(i);
    const Seconds ahead = clock->ahead_at(Seconds(utc / ticks - (utc % ticks < 0 ? 1 : 0)));
    local.UnsafeAppend(utc + ahead.count() * ticks);
  }
  std::shared_ptr<arrow::Array> result;
  if (!local.Finish(&result).ok())
    return fail(ErrorCode::Memory, "there is not enough memory to read the frame");
  return result;
}

}  // namespace quintile::io::columnar
