#include "quintile/engine/sql/line_review.h"

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/quality/attribute_checks.h"

namespace quintile::engine::sql {

namespace {

using customers::LineFault;
using quality::Decision;
using quality::Finding;
using quality::Severity;

class LineReview {
 public:
  LineReview(ReviewBuilder& review, const CountedLines& counted)
      : review_(review),
        lines_(counted.lines),
        roles_(counted.lines.roles()),
        spec_(counted.lines.spec()),
        counts_(counted.counts),
        orders_(counted.orders),
        totals_(counted.totals),
        spellings_(counted.spellings),
        money_scale_(counted.money_scale) {}

  Status run() {
    tell();
    return balance();
  }

 private:
  void tell() {
    counts_.columns().tell(review_.review, counts_.tally(), lines_.rows(), lines_.describing(),
                           spellings_);
    for (quality::ColumnProfile& profile : review_.review.columns)
      if (profile.role == "order_id") profile.distinct = orders_.orders;
    for (const auto& [index, role] : roles_.named()) tell_cells(index);
    review_.add(counts_.inexact(), "invalid_type", lines_.amount_name(), Severity::Error,
                Decision::Quarantined,
                fmt::format("the product has more than {} digits after the point, and nothing is "
                            "rounded in silence",
                            money_scale_));
    counts_.conditions().tell_ranges(review_, counts_.tally(), lines_.needed());
    review_.add(counts_.future(), "future_date", lines_.name(roles_.order_date), Severity::Error,
                Decision::Quarantined,
                "an order after the analysis date " + day_to_string(*lines_.analysis_day()));
    tell_conflicts();
    for (const Spellings& spellings : spellings_) {
      if (spellings.finding) review_.add(*spellings.finding);
    }
    tell_amounts("negative_amount", counts_.negative());
    tell_amounts("zero_amount", counts_.zero());
    tell_returns();
    counts_.conditions().tell_checks(review_, counts_.tally());
  }

  void tell_cells(int index) {
    const std::string& name = lines_.name(index);
    const bool is_needed = contains(lines_.needed(), index);
    const std::int64_t missing = counts_.columns().missing(counts_.tally(), index);
    if (index == roles_.customer_id) {
      review_.add(missing, "missing_customer", name, Severity::Error, Decision::Quarantined,
                  "nobody can be credited with the line");
    } else if (is_needed) {
      review_.add(missing, "missing_value", name, Severity::Error, Decision::Quarantined,
                  "without it the line cannot count");
    } else if (index == roles_.consent) {
      review_.add(missing, "missing_value", name, Severity::Warning, Decision::Kept,
                  "a missing consent is no consent, and replaces none that is there");
    } else {
      review_.add(missing, "missing_value", name, Severity::Info, Decision::Kept,
                  contains(lines_.describing(), index)
                      ? "a missing value does not replace one that is there"
                      : "the line counts without it");
    }
    const bool is_money = index == roles_.unit_price || index == roles_.amount;
    review_.add(counts_.columns().unreadable(counts_.tally(), index), "invalid_type", name,
                is_needed ? Severity::Error : Severity::Warning,
                is_needed ? Decision::Quarantined : Decision::Removed,
                is_money ? quality::unreadable_amount(money_scale_)
                         : fmt::format("no {} can be read from it",
                                       to_string(lines_.rows().type(index).type)));
  }

  void tell_conflicts() {
    if (orders_.conflict_lines == 0) return;
    Finding conflict = review_.finding(
        "order_conflict", lines_.name(roles_.order_id), Severity::Warning, orders_.conflict_lines,
        Decision::Kept,
        "an order belongs to one customer at one time; each customer is credited with the lines "
        "that name him, the order counts once for each, and each line keeps its own date");
    conflict.details = {{"several_customers", orders_.several_customers},
                        {"several_time_stamps", orders_.several_moments}};
    review_.add(std::move(conflict));
  }

  void tell_amounts(const std::string& check, const LineCounts::Signs& signs) {
    const bool are_products = roles_.amount < 0;
    if (signs.rows == 0 && signs.quantities == 0 && signs.prices == 0) return;
    Finding told = review_.finding(
        check, lines_.amount_name(), Severity::Warning, signs.rows,
        signs.counted > 0 || (spec_.returns && spec_.net) ? Decision::Kept : Decision::Quarantined,
        signs.counted > 0 ? "lines that the plan counts, with this amount"
                          : "none of these lines counts as an order");
    told.details = {{"counted", signs.counted}};
    if (are_products) {
      told.details.push_back({"quantities", signs.quantities});
      told.details.push_back({"prices", signs.prices});
    }
    if (check == "zero_amount" && roles_.order_id >= 0)
      told.details.push_back({"orders", orders_.zero_value});
    review_.add(std::move(told));
  }

  [[nodiscard]] std::string money(Int128 amount) const {
    return decimal_to_string(amount, money_scale_);
  }

  void tell_returns() {
    const std::int64_t returns = counts_.tally().rows_of(lines_.usable_return());
    const CustomerTotals::Group& ordered = totals_.ordered;
    if (returns > 0) {
      Finding told = review_.finding(
          "returns", lines_.amount_name(), Severity::Info, returns,
          spec_.net ? Decision::Kept : Decision::Quarantined,
          spec_.net ? "returns lower what a customer is worth; they are no orders and no dates"
                    : "the plan takes returns out; gross and net are told for comparison");
      told.details = {{"orders", orders_.returned},
                      {"customers", ordered.with_return},
                      {"gross", money(ordered.gross)},
                      {"returned", money(ordered.returned)},
                      {"net", money(static_cast<Int128>(ordered.gross) + ordered.returned)},
                      {"customers_below_zero", ordered.below_zero}};
      review_.add(std::move(told));
    }
    review_.add(counts_.positive_of(lines_.usable_return()), "positive_return",
                lines_.amount_name(), Severity::Warning,
                spec_.net ? Decision::Kept : Decision::Quarantined,
                "a return that adds to what the customer is worth: its amount is taken with its "
                "own sign");
    if (totals_.returned_only.customers > 0) {
      Finding told = review_.finding(
          "returns_only", lines_.name(roles_.customer_id), Severity::Warning,
          totals_.returned_only.returns, Decision::Quarantined,
          "customers with nothing but returns have made no order, so they are not published");
      told.details = {{"customers", totals_.returned_only.customers},
                      {"returned", money(totals_.returned_only.returned)}};
      review_.add(std::move(told));
    }
    const std::int64_t not_kept = counts_.tally().rows_of(OrderLines::taken_as(LineFault::NotKept));
    if (not_kept > 0) {
      review_.add(not_kept, "not_kept", "", Severity::Info, Decision::Quarantined,
                  "the plan keeps: " + spec_.keep->source);
    }
  }

  void take_out(std::string_view step, std::int64_t fate, std::int64_t less_rows = 0,
                std::int64_t less_money = 0) {
    review_.take_out(step, counts_.tally().rows_of(fate) - less_rows,
                     static_cast<Int128>(counts_.amount_of(fate)) - less_money);
  }

  Status balance() {
    review_.take_out("read", counts_.rows(), counts_.amount());
    const CustomerTotals::Group& ordered = totals_.ordered;
    const CustomerTotals::Group& returned_only = totals_.returned_only;
    for (std::size_t code = 0; code < customers::kLineFaults; ++code) {
      const auto fault = static_cast<LineFault>(code);
      if (fault == LineFault::PlanCheck) {
        for (std::size_t c = 0; c < spec_.review.checks.size(); ++c)
          take_out(spec_.review.checks[c].id, OrderLines::taken_by_check(c));
      } else if (fault == LineFault::ReturnsOnly) {
        review_.take_out(customers::check_of(fault), returned_only.returns, returned_only.returned);
      } else if (fault == LineFault::Returned) {
        take_out(customers::check_of(fault), OrderLines::taken_as(fault), returned_only.returns,
                 returned_only.returned);
      } else {
        take_out(customers::check_of(fault), OrderLines::taken_as(fault));
      }
    }
    if (ordered.customers == 0) return nobody_left(review_.review);
    review_.review.waterfall.push_back(
        {"published", ordered.lines + (spec_.net ? ordered.returns : 0),
         static_cast<Int128>(ordered.gross) + (spec_.net ? ordered.returned : 0)});
    if (quality::balances(review_.review.waterfall)) return {};
    return fail(ErrorCode::Engine,
                "rows read less rows taken out are not the rows published: the input changed "
                "while it was read, or the engine's sums are wrong",
                "run again on data at rest; `quintile engines check` tests the engine itself");
  }

  ReviewBuilder& review_;
  const OrderLines& lines_;
  const customers::TransactionRoles& roles_;
  const customers::TransactionSpec& spec_;
  const LineCounts& counts_;
  const OrderCounts& orders_;
  const CustomerTotals& totals_;
  const std::vector<Spellings>& spellings_;
  int money_scale_;
};

}  // namespace

Status review_lines(ReviewBuilder& review, const CountedLines& counted) {
  return LineReview(review, counted).run();
}

}  // namespace quintile::engine::sql
