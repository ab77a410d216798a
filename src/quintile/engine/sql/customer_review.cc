#include "quintile/engine/sql/customer_review.h"

#include <fmt/format.h>

#include "quintile/base/date.h"
#include "quintile/quality/attribute_checks.h"

namespace quintile::engine::sql {

namespace {

using quality::Decision;
using quality::DuplicateIds;
using quality::Finding;
using quality::Severity;
using Fate = CustomerRecords::Fate;

class CustomerReview {
 public:
  CustomerReview(ReviewBuilder& review, const CountedCustomers& counted)
      : review_(review),
        records_(counted.records),
        roles_(counted.records.roles()),
        counts_(counted.counts),
        spellings_(counted.spellings),
        money_scale_(counted.money_scale) {}

  Status run() {
    counts_.columns().tell(review_.review, counts_.tally(), records_.rows(), records_.describing(),
                           spellings_);
    for (const int index : records_.needed()) tell_needed(index);
    for (const int index : roles_.personal) {
      review_.add(missing(index), "missing_value", name(index), Severity::Info, Decision::Kept,
                  "personal fields only tell people apart");
    }
    for (std::size_t d = 0; d < records_.describing().size(); ++d) tell_describing(d);
    counts_.conditions().tell_ranges(review_, counts_.tally(), records_.needed());
    if (counts_.date_order() > 0) {
      review_.add(counts_.date_order(), "date_order", name(roles_.first_purchase_date),
                  Severity::Error, Decision::Quarantined, "the first purchase lies after the last");
    }
    tell_order_values();
    tell_ids();
    counts_.conditions().tell_checks(review_, counts_.tally());
    for (const auto& [index, rows] : counts_.future()) {
      review_.add(rows, "future_date", name(index), Severity::Error, Decision::Quarantined,
                  "a purchase after the analysis date " + day_to_string(*records_.analysis_day()));
    }
    return balance();
  }

 private:
  [[nodiscard]] const std::string& name(int index) const { return records_.name(index); }
  [[nodiscard]] std::int64_t missing(int index) const {
    return counts_.columns().missing(counts_.tally(), index);
  }
  [[nodiscard]] std::int64_t unreadable(int index) const {
    return counts_.columns().unreadable(counts_.tally(), index);
  }

  void tell_needed(int index) {
    review_.add(missing(index), "missing_value", name(index), Severity::Error,
                Decision::Quarantined, "without it the customer cannot be scored");
    const expression::FieldType& type = records_.rows().type(index);
    review_.add(unreadable(index), "invalid_type", name(index), Severity::Error,
                Decision::Quarantined,
                type.type == Type::Decimal
                    ? quality::unreadable_amount(money_scale_)
                    : fmt::format("no {} can be read from it", to_string(type.type)));
  }

  void tell_describing(std::size_t d) {
    const int index = records_.describing()[d];
    const bool consent = index == roles_.consent;
    review_.add(
        missing(index), "missing_value", name(index), consent ? Severity::Warning : Severity::Info,
        Decision::Kept,
        consent ? "a missing consent is no consent" : "the customer stays, the attribute is empty");
    review_.add(unreadable(index), "invalid_type", name(index), Severity::Warning,
                Decision::Removed,
                fmt::format("the column holds values of type {}; what cannot be read so was left "
                            "empty",
                            to_string(records_.rows().type(index).type)));
    if (spellings_[d].finding) review_.add(*spellings_[d].finding);
  }

  void tell_order_values() {
    for (const auto& [index, rows] : counts_.order_values()) {
      review_.add(rows, "inconsistent_order_value", name(index), Severity::Error,
                  Decision::Quarantined,
                  index == roles_.monetary              ? "the total is negative"
                  : index == roles_.average_order_value ? "the average order value is zero or "
                                                          "negative"
                                                        : "a customer has at least one order");
      if (index == roles_.average_order_value) {
        review_.add(counts_.below_one_order(), "inconsistent_order_value", name(index),
                    Severity::Warning, Decision::Kept,
                    "the total is below the average order value: counted as one order");
      }
    }
  }

  void tell_ids() {
    const SharedIds& ids = records_.shared();
    if (ids.any()) {
      const DuplicateIds policy = records_.policy();
      Finding shared = review_.finding(
          "duplicate_identifier", name(roles_.customer_id), Severity::Error, ids.rows,
          policy == DuplicateIds::Regenerate ? Decision::Regenerated
          : policy == DuplicateIds::Fail     ? Decision::Fail
                                             : Decision::Quarantined,
          "ids stand on several rows; whether those are copies, updates, one person's history or "
          "different people is not told apart at an engine");
      shared.details = {{"ids", ids.ids},
                        {"rows", ids.rows},
                        {"surplus_rows", ids.rows - ids.ids},
                        {"largest_group", ids.largest}};
      review_.add(std::move(shared));
    }
    if (counts_.copies() > 0) {
      Finding copies = review_.finding("exact_duplicate", "", Severity::Warning, counts_.copies(),
                                       Decision::Quarantined,
                                       "every cell equals an earlier record; one of them is kept");
      copies.details = {{"surplus_rows", counts_.copies()}};
      review_.add(std::move(copies));
    }
  }

  void take_out(std::string_view step, std::initializer_list<std::int64_t> fates) {
    std::int64_t rows = 0;
    Int128 monetary = 0;
    for (const std::int64_t fate : fates) {
      rows += counts_.tally().rows_of(fate);
      monetary += counts_.monetary_of(fate);
    }
    review_.take_out(step, rows, monetary);
  }

  Status balance() {
    review_.take_out("read", counts_.rows(), counts_.monetary());
    // Both kinds of missing values are one step, as they are one check.
    take_out("missing_value", {Fate::Missing, Fate::NoIdentity});
    take_out("invalid_type", {Fate::Invalid});
    take_out("out_of_range", {Fate::OutOfRange});
    take_out("future_date", {Fate::Future});
    take_out("date_order", {Fate::DateOrder});
    take_out("inconsistent_order_value", {Fate::OrderValue});
    take_out("exact_duplicate", {Fate::Copy});
    for (std::size_t c = 0; c < records_.spec().checks.size(); ++c)
      take_out(records_.spec().checks[c].id, {Fate::FirstCheck + static_cast<std::int64_t>(c)});
    take_out("duplicate_identifier", {Fate::NotLatest});
    if (counts_.tally().rows_of(Fate::Stays) == 0) return nobody_left(review_.review);
    take_out("published", {Fate::Stays});
    return {};
  }

  ReviewBuilder& review_;
  const CustomerRecords& records_;
  const customers::CustomerRoles& roles_;
  const CustomerCounts& counts_;
  const std::vector<Spellings>& spellings_;
  int money_scale_;
};

}  // namespace

Status review_customers(ReviewBuilder& review, const CountedCustomers& counted) {
  return CustomerReview(review, counted).run();
}

}  // namespace quintile::engine::sql
