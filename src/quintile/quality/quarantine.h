#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace quintile::quality {

/// A source row that was taken out, under the first check that took it.
struct QuarantinedRow {
  std::int64_t row = 0;  ///< of the read table, from 0
  std::string check;
  std::string reason;
  friend bool operator==(const QuarantinedRow&, const QuarantinedRow&) = default;
};

/// Quarantined rows, eight bytes each: order lines come in tens of millions, and a quarter of them
/// can be here. Checks and their reasons are kept once. Rows below 2^32.
class Quarantine {
 public:
  struct Cause {
    std::string check, reason;
    friend bool operator==(const Cause&, const Cause&) = default;
  };

  Quarantine() = default;
  Quarantine(std::initializer_list<QuarantinedRow> rows) {
    for (const QuarantinedRow& row : rows) push_back(row);
  }

  void push_back(const QuarantinedRow& row) {
    entries_.push_back({static_cast<std::uint32_t>(row.row), cause({row.check, row.reason})});
  }
  void pop_back() { entries_.pop_back(); }

  /// The number of a cause, a new one where it has none.
  [[nodiscard]] std::uint32_t cause(const Cause& cause);
  /// Makes room for `rows` rows, to be put by `put`, by several threads at once if need be.
  void resize(std::size_t rows) { entries_.resize(rows); }
  void put(std::size_t i, std::int64_t row, std::uint32_t cause) {
    entries_[i] = {static_cast<std::uint32_t>(row), cause};
  }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const std::vector<Cause>& causes() const { return causes_; }
  [[nodiscard]] std::int64_t row(std::size_t i) const { return entries_[i].row; }
  [[nodiscard]] std::uint32_t cause_of(std::size_t i) const { return entries_[i].cause; }
  [[nodiscard]] QuarantinedRow operator[](std::size_t i) const {
    const Cause& cause = causes_[entries_[i].cause];
    return {entries_[i].row, cause.check, cause.reason};
  }

  class Iterator {
   public:
    using value_type = QuarantinedRow;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const Quarantine& all, std::size_t i) : all_(&all), i_(i) {}
    QuarantinedRow operator*() const { return (*all_)[i_]; }
    Iterator& operator++() {
      ++i_;
      return *this;
    }
    Iterator operator++(int) { return {*all_, i_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Quarantine* all_ = nullptr;
    std::size_t i_ = 0;
  };
  using value_type = QuarantinedRow;
  using const_iterator = Iterator;
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size()}; }

  /// The same rows for the same reasons, however those are numbered.
  friend bool operator==(const Quarantine& a, const Quarantine& b);

 private:
  struct Entry {
    std::uint32_t row = 0, cause = 0;
  };
  std::vector<Entry> entries_;
  std::vector<Cause> causes_;
};

}  // namespace quintile::quality
