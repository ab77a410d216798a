#include "quintile/customers/transactions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "quintile/base/check.h"
#include "quintile/base/date.h"
#include "quintile/base/order_statistics.h"
#include "quintile/customers/customer_review_internal.h"
#include "quintile/customers/line_review_internal.h"
#include "quintile/customers/stretches_internal.h"
#include "quintile/table/gather.h"

namespace quintile::customers {

namespace {

using quality::Decision;
using quality::Finding;
using table::Column;

constexpr std::uint32_t kEntryRowsMax = 255;  // of the crosswalk: in 8 bits

/// The customers and the ways of all lines, out of what the lines add up to.
class Cleaning {
 public:
  explicit Cleaning(Transactions&& input)
      : input_(std::move(input)),
        spec_(input_.spec),
        roles_(spec_.roles),
        totals_(input_.totals),
        by_customer_(input_.customers),
        review_(result_.cleaned.review) {}

  Result<CleanedTransactions> run() {
    result_.cleaned.analysis_day = input_.analysis_day;
    review_.rows = totals_.rows;
    QUINTILE_TRY_STATUS(check_sums());
    find_published();
    QUINTILE_TRY_STATUS(count_lines());
    LineReview told = review_lines(input_, followed_);
    review_.columns = std::move(told.columns);
    review_.findings = std::move(told.findings);
    spellings_ = std::move(told.spellings);
    balance();
    if (order_.empty()) return nobody_left();
    publish();
    // Fifty million lines lead back to customers in 9 bytes a run, for which what made the
    // customers goes. With 8 bytes a line they took 400 MB, whose clearing was 4 % of the CPU time.
    by_customer_ = {};
    ids_ = {};
    input_.frequency = {};
    QUINTILE_TRY_STATUS(put_lines());
    return std::move(result_);
  }

 private:
  [[nodiscard]] const std::string& name(int index) const {
    return spec_.columns[static_cast<std::size_t>(index)].name;
  }
  [[nodiscard]] std::int64_t published_lines(const CustomerTotals& totals) const {
    return totals.counted_lines + (spec_.net ? totals.returned_lines : 0);
  }
  [[nodiscard]] Int128 value_of(const CustomerTotals& totals) const {
    return spec_.net ? totals.counted + totals.returned : totals.counted;
  }

  [[nodiscard]] static Int128 magnitude(Int128 sum) { return sum < 0 ? -sum : sum; }

  [[nodiscard]] Status check_sums() const {
    Int128 most = 0;  // the largest of all, so that the message is the same at every run
    by_customer_.for_each([&](std::size_t number) {
      const CustomerTotals& customer = by_customer_.totals(number);
      for (const Int128 sum : {customer.counted, customer.counted + customer.returned}) {
        if (std::pair(magnitude(sum), sum) > std::pair(magnitude(most), most)) most = sum;
      }
    });
    if (magnitude(most) < kMoneyLimit) return {};
    return fail(
        ErrorCode::Input,
        fmt::format("the lines of one customer add up to 10^18 minor units or more: {}",
                    decimal_to_string(most, totals_.money_scale)),
        "correct the lines, or say with money_scale that fewer digits stand after the point");
  }

  /// Those with a line that counts, by (first order date, source customer id).
  void find_published() {
    ids_ = by_customer_.ids(name(roles_.customer_id));
    const IdOrder ids(ids_.view);
    std::vector<std::uint32_t> published = ids.sorted(input_.executor).rows;
    std::erase_if(published, [&](std::uint32_t number) {
      return by_customer_.totals(number).counted_lines == 0;
    });
    std::vector<std::int32_t> first_days(by_customer_.numbers());
    for (std::uint32_t i = 0; i < first_days.size(); ++i)
      first_days[i] = by_customer_.totals(i).first_day;
    // Each id is there once, so no record has to be looked up.
    order_ = *by_first_purchase(std::move(published), first_days, ids, Records{});
    id_of_number_.assign(by_customer_.numbers(), 0);
    for (std::size_t i = 0; i < order_.size(); ++i)
      id_of_number_[order_[i]] = static_cast<std::uint32_t>(i) + 1;
    // All of these have an id; what is published without a missing value says so.
    ids_.view.valid = nullptr;
    ids_.valid_owner.reset();
  }

  /// Calls `publish(first row, lines, customer number, is a return)` or `take_out(first row, lines,
  /// fault code)` for the lines, those of one fate at once.
  template <typename Publish, typename TakeOut>
  void follow(const LineFates& stretch, const Publish& publish, const TakeOut& take_out) const {
    std::int64_t row = stretch.first_row;
    for (const auto [fate, lines] : stretch.runs) {
      const bool is_return = fate >= 0 && (fate & kReturnFate) != 0;
      const auto number = static_cast<std::uint32_t>(fate & (kReturnFate - 1));
      if (fate < 0) {
        take_out(row, lines, static_cast<std::size_t>(-1 - fate));
      } else if (id_of_number_[number] == 0) {
        take_out(row, lines, static_cast<std::size_t>(LineFault::ReturnsOnly));
      } else if (is_return && !spec_.net) {
        take_out(row, lines, static_cast<std::size_t>(LineFault::Returned));
      } else {
        publish(row, lines, number, is_return);
      }
      row += lines;
    }
  }

  /// Where the lines of a stretch go: how many, in how many entries of the crosswalk, and from
  /// which place on.
  struct Stretch {
    Status status;
    std::size_t entries = 0, published = 0, quarantined = 0;
    LinesFollowed followed;
  };

  /// How many lines go where, so that each stretch knows its place.
  Status count_lines() {
    find_conflicts();
    stretches_.resize(static_cast<std::size_t>(input_.fates.stretches));
    QUINTILE_TRY_STATUS(for_each_stretch(&Cleaning::count_stretch));
    followed_.conflicts.resize(conflicting_.size());
    for (Stretch& stretch : stretches_) {
      followed_.returns_only.merge(stretch.followed.returns_only);
      for (std::size_t d = 0; d < conflicting_.size(); ++d)
        followed_.conflicts[d].merge(stretch.followed.conflicts[d]);
      entries_ += std::exchange(stretch.entries, entries_);
      lines_published_ += stretch.published;
      lines_quarantined_ += std::exchange(stretch.quarantined, lines_quarantined_);
    }
    conflicting_ = {};
    return {};
  }

  /// Crosswalk and quarantine, line by line.
  Status put_lines() {
    Crosswalk& crosswalk = result_.cleaned.crosswalk;
    crosswalk.source_row.resize(entries_);
    crosswalk.customer_id.resize(entries_);
    crosswalk.rows.resize(entries_);
    result_.cleaned.quarantine.resize(lines_quarantined_);
    for (std::size_t code = 0; code < kLineFaults + spec_.review.checks.size(); ++code)
      causes_.push_back(result_.cleaned.quarantine.cause(cause_of(code)));
    QUINTILE_TRY_STATUS(for_each_stretch(&Cleaning::put_stretch));
    crosswalk.count();
    return {};
  }

  Status for_each_stretch(void (Cleaning::*look)(Stretch&, const LineFates&)) {
    input_.executor(input_.fates.stretches, [&](std::int64_t number) {
      Stretch& stretch = stretches_[static_cast<std::size_t>(number)];
      std::vector<FateRun> buffer;
      if (const auto lines = input_.fates.read(number, buffer)) {
        (this->*look)(stretch, *lines);
      } else {
        stretch.status = std::unexpected(lines.error());
      }
    });
    for (const Stretch& stretch : stretches_) QUINTILE_TRY_STATUS(stretch.status);
    return {};
  }

  void count_stretch(Stretch& stretch, const LineFates& lines) {
    stretch.followed.conflicts.resize(conflicting_.size());
    const auto add = [](quality::RowCollector& rows, std::int64_t row, std::uint32_t size) {
      for (std::uint32_t i = 0; i < size; ++i) rows.add(row + i);
    };
    follow(
        lines,
        [&](std::int64_t row, std::uint32_t size, std::uint32_t number, bool is_return) {
          stretch.entries += (size + kEntryRowsMax - 1) / kEntryRowsMax;
          stretch.published += size;
          if (is_return) return;
          for (std::size_t d = 0; d < conflicting_.size(); ++d) {
            if (!conflicting_[d].empty() && conflicting_[d][number] != 0)
              add(stretch.followed.conflicts[d], row, size);
          }
        },
        [&](std::int64_t row, std::uint32_t size, std::size_t code) {
          stretch.quarantined += size;
          if (code == static_cast<std::size_t>(LineFault::ReturnsOnly))
            add(stretch.followed.returns_only, row, size);
        });
  }

  void put_stretch(Stretch& stretch, const LineFates& lines) {
    Crosswalk& crosswalk = result_.cleaned.crosswalk;
    follow(
        lines,
        [&](std::int64_t row, std::uint32_t size, std::uint32_t number, bool) {
          while (size > 0) {
            const std::uint32_t rows = std::min(size, kEntryRowsMax);
            crosswalk.source_row[stretch.entries] = static_cast<std::uint32_t>(row);
            crosswalk.rows[stretch.entries] = static_cast<std::uint8_t>(rows);
            crosswalk.customer_id[stretch.entries++] = id_of_number_[number];
            row += rows;
            size -= rows;
          }
        },
        [&](std::int64_t row, std::uint32_t size, std::size_t code) {
          for (std::uint32_t i = 0; i < size; ++i)
            result_.cleaned.quarantine.put(stretch.quarantined++, row + i, causes_[code]);
        });
  }

  /// By attribute: a flag a customer, none where nobody's lines disagree.
  void find_conflicts() {
    const auto describing = roles_.describing();
    for (std::size_t d = 0; d < describing.size(); ++d) {
      const LineColumn& column = totals_.columns[static_cast<std::size_t>(describing[d])];
      auto& flags = conflicting_.emplace_back();
      by_customer_.for_each([&](std::size_t number) {
        if (!column.is_conflict(by_customer_.latest(d, number))) return;
        flags.resize(by_customer_.numbers());
        flags[number] = 1;
      });
    }
  }

  [[nodiscard]] quality::Quarantine::Cause cause_of(std::size_t code) const {
    if (code >= kLineFaults) {
      const quality::Check& check = spec_.review.checks[code - kLineFaults];
      return {check.id, "the plan expects: " + check.expect.source};
    }
    const auto fault = static_cast<LineFault>(code);
    return {std::string(check_of(fault)), std::string(reason_of(fault))};
  }

  void balance() {
    auto& waterfall = review_.waterfall;
    const ReturnSums returns = sum_returns(by_customer_);
    totals_.taken[static_cast<std::size_t>(LineFault::ReturnsOnly)] = returns.only;
    if (!spec_.net) totals_.taken[static_cast<std::size_t>(LineFault::Returned)] = returns.all;
    LineTotals::Step left = totals_.read;
    waterfall.push_back({"read", left.rows, left.amount});
    const auto put = [&](std::string_view name, std::size_t code) {
      const LineTotals::Step& step = totals_.taken[code];
      if (step.rows == 0) return;
      waterfall.push_back({std::string(name), step.rows, step.amount});
      left.rows -= step.rows;
      left.amount -= step.amount;
    };
    for (std::size_t code = 0; code < kLineFaults; ++code) {
      const auto fault = static_cast<LineFault>(code);
      if (fault != LineFault::PlanCheck) {
        put(check_of(fault), code);
        continue;
      }
      for (std::size_t c = 0; c < spec_.review.checks.size(); ++c)
        put(spec_.review.checks[c].id, kLineFaults + c);
    }
    LineTotals::Step published;
    for (const std::uint32_t number : order_) {
      const CustomerTotals& totals = by_customer_.totals(number);
      published.rows += published_lines(totals);
      published.amount += value_of(totals);
    }
    waterfall.push_back({"published", published.rows, published.amount});
    QUINTILE_CHECK(quality::balances(waterfall));
    QUINTILE_CHECK(static_cast<std::int64_t>(lines_published_) == published.rows);
  }

  [[nodiscard]] std::unexpected<Error> nobody_left() const {
    return fail(ErrorCode::Input,
                totals_.rows == 1
                    ? "the one line counts as no order"
                    : fmt::format("none of the {} lines counts as an order", totals_.rows),
                what_took_rows(review_));
  }

  void publish() {
    Customers& customers = result_.cleaned.customers;
    customers.size = static_cast<std::int64_t>(order_.size());
    customers.money_scale = totals_.money_scale;
    customers.source_customer_id = table::gather(ids_, order_, input_.executor);
    table::Buffer<std::int32_t> first(customers.size), last(customers.size),
        recency(customers.size);
    table::Buffer<std::int64_t> frequency(customers.size), monetary(customers.size),
        average(customers.size);
    result_.gross.resize(order_.size());
    result_.net.resize(order_.size());
    const auto put = [&](std::int64_t i) {
      const std::uint32_t number = order_[static_cast<std::size_t>(i)];
      const CustomerTotals& totals = by_customer_.totals(number);
      first[i] = totals.first_day;
      last[i] = totals.last_day;
      recency[i] = input_.analysis_day - totals.last_day;
      frequency[i] = input_.frequency[number];
      monetary[i] = static_cast<std::int64_t>(value_of(totals));
      average[i] = static_cast<std::int64_t>(divide_half_up(monetary[i], frequency[i]));
      result_.gross[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(totals.counted);
      result_.net[static_cast<std::size_t>(i)] =
          static_cast<std::int64_t>(totals.counted + totals.returned);
    };
    for_each_customer(put);
    customers.first_purchase_date = Column::dates("first_purchase_date", std::move(first));
    customers.last_purchase_date = Column::dates("last_purchase_date", std::move(last));
    customers.recency_days = Column::days("recency_days", std::move(recency));
    customers.frequency = Column::integers("frequency", std::move(frequency));
    customers.monetary = Column::decimals("monetary", customers.money_scale, std::move(monetary));
    customers.average_order_value =
        Column::decimals("average_order_value", customers.money_scale, std::move(average));
    const auto describing = roles_.describing();
    for (std::size_t d = 0; d < describing.size(); ++d) {
      Column column = attribute(d, describing[d]);
      if (describing[d] == roles_.overlay) {
        customers.overlay = std::move(column);
      } else if (describing[d] == roles_.consent) {
        customers.consent = std::move(column);
      } else {
        customers.attributes.push_back(std::move(column));
      }
    }
  }

  /// Calls `put(i)` for the published customers, in stretches on all threads.
  template <typename Put>
  void for_each_customer(const Put& put) const {
    in_stretches(static_cast<std::int64_t>(order_.size()), input_.executor,
                 [&put](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) put(i);
                 });
  }

  [[nodiscard]] Column attribute(std::size_t d, int index) const {
    const LineColumn& source = totals_.columns[static_cast<std::size_t>(index)];
    const auto size = static_cast<std::int64_t>(order_.size());
    const auto latest_of = [&](std::int64_t i) -> const LatestValue& {
      return by_customer_.latest(d, order_[static_cast<std::size_t>(i)]);
    };
    table::Buffer<std::uint8_t> valid(size);
    for_each_customer([&](std::int64_t i) { valid[i] = latest_of(i).is_there ? 1 : 0; });
    if (std::ranges::find(valid, std::uint8_t{0}) == valid.end()) valid = {};
    const auto filled = [&]<typename T>(T, const auto& convert) {
      table::Buffer<T> values(size);
      for_each_customer([&](std::int64_t i) {
        const LatestValue& latest = latest_of(i);
        values[i] = latest.is_there ? convert(latest.value) : T{};
      });
      return values;
    };
    const auto plain = [&]<typename T>(T type) {
      return filled(type, [](std::int64_t value) { return static_cast<T>(value); });
    };
    switch (source.type) {
      case Type::Boolean:
        return Column::booleans(name(index), plain(std::uint8_t{}), std::move(valid));
      case Type::Integer:
        return Column::integers(name(index), plain(std::int64_t{}), std::move(valid));
      case Type::Decimal:
        return Column::decimals(name(index), source.scale, plain(std::int64_t{}), std::move(valid));
      case Type::Date: return Column::dates(name(index), plain(std::int32_t{}), std::move(valid));
      case Type::Timestamp:
        return Column::timestamps(name(index), plain(std::int64_t{}), std::move(valid));
      case Type::Real:
        return Column::reals(
            name(index),
            filled(double{}, [](std::int64_t bits) { return from_ordered_bits(bits); }),
            std::move(valid));
      case Type::Text: break;
    }
    std::map<std::string_view, std::int32_t> code_of_text;
    std::vector<std::int32_t> codes;
    std::vector<std::string> distinct;
    for (const std::string& text : spellings_[d]) {
      const auto [entry, is_new] =
          code_of_text.try_emplace(text, static_cast<std::int32_t>(distinct.size()));
      if (is_new) distinct.push_back(text);
      codes.push_back(entry->second);
    }
    return table::with_sorted_dictionary(Column::codes(
        name(index),
        filled(std::int32_t{}, [&](std::int64_t text) { return codes[text_of(text).number]; }),
        table::Dictionary::of(std::move(distinct)), std::move(valid)));
  }

  Transactions input_;
  const TransactionSpec& spec_;
  const TransactionRoles& roles_;
  LineTotals& totals_;
  CustomerTable& by_customer_;
  CleanedTransactions result_;
  quality::Review& review_;
  Column ids_;                               ///< by customer number
  std::vector<std::uint32_t> order_;         ///< customer numbers, in `customer_id` order
  std::vector<std::uint32_t> id_of_number_;  ///< 0: not published
  std::vector<std::vector<std::uint8_t>> conflicting_;
  std::vector<Stretch> stretches_;
  std::size_t entries_ = 0, lines_published_ = 0, lines_quarantined_ = 0;
  std::vector<std::uint32_t> causes_;  ///< by fault code
  LinesFollowed followed_;
  std::vector<std::vector<std::string>> spellings_;  ///< by attribute, then text: as it is written
};

}  // namespace

Result<CleanedTransactions> clean(Transactions&& transactions) {
  if (transactions.spec.review.duplicate_ids.value_or(quality::DuplicateIds::Fail) !=
      quality::DuplicateIds::Fail) {
    return fail(ErrorCode::Plan,
                "review.duplicate_ids: regenerate and keep_latest are for grain customer",
                "order lines share their customer's id by nature, so it is trusted; leave the key "
                "out, or say fail");
  }
  if (transactions.totals.rows > std::numeric_limits<std::uint32_t>::max()) {
    return fail(ErrorCode::Input,
                fmt::format("{} lines are more than a run may have (4,294,967,295)",
                            transactions.totals.rows),
                "split the file by customer");
  }
  if (transactions.totals.rows == 0)
    return fail(ErrorCode::Input, "the input has no data rows",
                "the header alone makes no customers");
  return Cleaning(std::move(transactions)).run();
}

}  // namespace quintile::customers
