#include "quintile/customers/customer_table.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <utility>

#include "quintile/base/check.h"
#include "quintile/customers/transaction_spec.h"

namespace quintile::customers {

namespace {

/// How many runs ahead memory is fetched: customers lie anywhere.
constexpr std::size_t kAhead = 16;

/// The bytes of an order id that compare as the ids do: an integer's eight, or the text itself.
class OrderBytes {
 public:
  OrderBytes(const ColumnView* ids, std::uint32_t row) {
    if (ids == nullptr || !ids->is_valid(row)) return;
    if (ids->type == Type::Text) {
      bytes_ = ids->text(row);
      return;
    }
    const std::uint64_t shifted =
        static_cast<std::uint64_t>(ids->integer(row)) ^ (std::uint64_t{1} << 63);
    for (std::size_t i = 0; i < buffer_.size(); ++i)
      buffer_[i] = static_cast<char>(shifted >> (56 - 8 * i));
    bytes_ = {buffer_.data(), buffer_.size()};
  }
  OrderBytes(const OrderBytes&) = delete;
  OrderBytes& operator=(const OrderBytes&) = delete;
  [[nodiscard]] std::string_view view() const { return bytes_; }

 private:
  std::array<char, 8> buffer_{};
  std::string_view bytes_;
};

}  // namespace

const CustomerTotals CustomerTable::kNobody;

CustomerTable::CustomerTable(std::size_t attributes, bool persons)
    : attributes_(attributes), persons_(persons), shards_(kCustomerShards) {
  for (Shard& shard : shards_) shard.attributes.resize(attributes);
}

std::int64_t CustomerTable::bytes_each() const {
  constexpr std::size_t kKeyBytes = 68;  // id and number, half of the slots free
  return static_cast<std::int64_t>(kKeyBytes + sizeof(CustomerTotals) +
                                   attributes_ * sizeof(LatestValue) +
                                   (persons_ ? sizeof(Person) : 0));
}

void CustomerTable::number(Shard& shard, LineRuns& lines,
                           std::span<const std::uint32_t> which) const {
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (i + kAhead < which.size()) shard.keys.prefetch(lines.runs[which[i + kAhead]].key);
    LineRun& run = lines.runs[which[i]];
    run.customer = shard.keys.find_or_add(run.key);
  }
  QUINTILE_CHECK(shard.keys.size() <= static_cast<std::uint32_t>(kReturnFate) / kCustomerShards);
  shard.totals.grow(shard.keys.size());
  if (persons_) shard.persons.grow(shard.keys.size());
  for (auto& values : shard.attributes) values.grow(shard.keys.size());
}

std::int64_t CustomerTable::add(std::size_t number_of_shard, LineRuns& lines) {
  Shard& shard = shards_[number_of_shard];
  const std::span<const std::uint32_t> which = lines.of_shard(number_of_shard);
  const std::uint32_t before = shard.keys.size();
  number(shard, lines, which);
  for (std::size_t i = 0; i < which.size(); ++i) {
    if (i + kAhead < which.size()) {
      const std::uint32_t ahead = lines.runs[which[i + kAhead]].customer;
      __builtin_prefetch(&shard.totals[ahead], 1);
      for (auto& values : shard.attributes) __builtin_prefetch(&values[ahead], 1);
    }
    LineRun& run = lines.runs[which[i]];
    const std::uint32_t local = run.customer;
    CustomerTotals& totals = shard.totals[local];
    totals.counted += run.counted;
    totals.returned += run.returned;
    totals.counted_lines += run.counted_lines;
    totals.returned_lines += run.returned_lines;
    if (run.counted_lines > 0) {
      const std::int32_t day = day_of(run.moment);
      totals.first_day = std::min(totals.first_day, day);
      totals.last_day = std::max(totals.last_day, day);
      if (attributes_ > 0) add_values(shard, local, lines, which[i]);
    }
    if (persons_) {
      const RunPerson& named = lines.persons[which[i]];
      Person& person = shard.persons[local];
      person.lines += run.lines();
      person.several = person.several || named.several ||
                       (person.hash != 0 && named.hash != 0 && person.hash != named.hash);
      if (person.hash == 0) person.hash = named.hash;
    }
    run.customer = static_cast<std::uint32_t>(local * kCustomerShards + number_of_shard);
  }
  return shard.keys.size() - before;
}

void CustomerTable::add_values(Shard& shard, std::uint32_t local, const LineRuns& lines,
                               std::size_t number_of_run) {
  const LineRun& run = lines.runs[number_of_run];
  const OrderBytes order(lines.order_ids, run.begin);
  for (std::size_t d = 0; d < shard.attributes.size(); ++d) {
    const RunValue& value = lines.values[number_of_run * shard.attributes.size() + d];
    if (!value.is_there) continue;
    LatestValue& known = shard.attributes[d][local];
    const bool is_text = lines.is_text[d];
    if (known.is_there && known.value != value.value) {
      known.differs = true;
      known.differs_in_category |= !is_same_category(known.value, value.value, is_text);
    }
    known.differs |= value.differs;
    known.differs_in_category |= value.differs_in_category;
    const auto greater = [&] { return is_greater(value.value, known.value, is_text); };
    if (!known.is_before(run.moment, order.view(), greater)) continue;
    known.moment = run.moment;
    known.value = value.value;
    if (known.order != order.view()) known.order.assign(order.view());
    known.is_there = true;
  }
}

std::size_t CustomerTable::numbers() const {
  std::size_t most = 0;
  for (const Shard& shard : shards_) most = std::max(most, shard.totals.size());
  return most * kCustomerShards;
}

std::int64_t CustomerTable::customers() const {
  std::int64_t customers = 0;
  for (const Shard& shard : shards_) customers += static_cast<std::int64_t>(shard.totals.size());
  return customers;
}

table::Column CustomerTable::ids(const std::string& name) const {
  const auto rows = static_cast<std::int64_t>(numbers());
  const bool all_integers =
      std::ranges::all_of(shards_, [](const Shard& shard) { return shard.keys.all_integers(); });
  table::Buffer<std::int64_t> integers(all_integers ? rows : 0);
  table::Buffer<std::string_view> views(all_integers ? 0 : rows);
  table::Buffer<std::uint8_t> valid(rows);
  auto texts = std::make_shared<std::deque<std::string>>();
  for (std::int64_t number = 0; number < rows; ++number) {
    const CustomerKeys& keys = shards_[static_cast<std::size_t>(number) % kCustomerShards].keys;
    const auto local = static_cast<std::uint32_t>(number / kCustomerShards);
    valid[number] = local < keys.size() ? 1 : 0;
    if (all_integers) {
      integers[number] = valid[number] != 0 ? keys.integer(local) : 0;
    } else {
      views[number] = {};
      if (valid[number] == 0) continue;
      views[number] =
          texts->emplace_back(keys.is_integer(local) ? std::to_string(keys.integer(local))
                                                     : std::string(keys.text(local)));
    }
  }
  return all_integers
             ? table::Column::integers(name, std::move(integers), std::move(valid))
             : table::Column::texts(name, std::move(views), std::move(texts), std::move(valid));
}

}  // namespace quintile::customers
