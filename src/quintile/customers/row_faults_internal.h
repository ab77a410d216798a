#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace quintile::customers {

/// Why a row is taken out; the first that applies, in this order, is the one it is quarantined
/// under.
enum Fault : std::uint8_t {
  Missing,
  Invalid,
  OutOfRange,
  Future,
  DateOrder,
  OrderValue,
  Copy,
  NoIdentity,
  PlanCheck,
  NotLatest,
  kFaults
};
inline constexpr std::array<std::string_view, kFaults> kFaultChecks = {
    "missing_value",       "invalid_type",  "out_of_range",
    "future_date",         "date_order",    "inconsistent_order_value",
    "exact_duplicate",     "missing_value", "",
    "duplicate_identifier"};
inline constexpr std::array<std::string_view, kFaults> kFaultReasons = {
    "a value that the scores need is missing",
    "a value that the scores need cannot be read",
    "a value that the scores need lies outside the plan's range",
    "a purchase lies after the analysis date",
    "the first purchase lies after the last",
    "the order value, the order count or the total makes no sense",
    "the record is an exact copy of an earlier one",
    "the customer id or the first purchase date is missing",
    "",
    "a later record carries the same id"};

/// The faults of each row. Rows may be marked from several threads, each row from one.
class RowFaults {
 public:
  /// `checks`: how many the plan has.
  RowFaults(std::int64_t rows, std::size_t checks)
      : faults_(static_cast<std::size_t>(rows)),
        plan_checks_(checks == 0 ? 0 : static_cast<std::size_t>(rows), kNoCheck) {}

  void mark(std::int64_t row, Fault fault) {
    faults_[static_cast<std::size_t>(row)] |= static_cast<std::uint16_t>(1U << fault);
  }
  /// The plan's check of that number takes the row out; the first that does counts.
  void mark_check(std::int64_t row, std::size_t check) {
    mark(row, PlanCheck);
    std::uint16_t& first = plan_checks_[static_cast<std::size_t>(row)];
    first = std::min(first, static_cast<std::uint16_t>(check));
  }

  [[nodiscard]] bool is_sound(std::int64_t row) const {
    return faults_[static_cast<std::size_t>(row)] == 0;
  }
  /// Of a row that is not sound.
  [[nodiscard]] Fault first(std::int64_t row) const {
    return static_cast<Fault>(__builtin_ctz(faults_[static_cast<std::size_t>(row)]));
  }
  [[nodiscard]] std::size_t check(std::int64_t row) const {
    return plan_checks_[static_cast<std::size_t>(row)];
  }

 private:
  static constexpr std::uint16_t kNoCheck = 0xFFFF;
  std::vector<std::uint16_t> faults_;  // bits of `Fault`
  std::vector<std::uint16_t> plan_checks_;
};

}  // namespace quintile::customers
