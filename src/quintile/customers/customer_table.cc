#include "quintile/customers/customer_table.h"

#include <algorithm>
#include <iterator>
#include <numeric>
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

/// Moves the shards' vectors behind one another.
template <typename T, typename VectorOf>
std::vector<T> taken(std::size_t size, std::size_t shards, const VectorOf& vector_of) {
  std::vector<T> all;
  all.reserve(size);
  for (std::size_t s = 0; s < shards; ++s) {
    std::vector<T> part = std::move(vector_of(s));
    all.insert(all.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
  }
  return all;
}

}  // namespace

CustomerTable::CustomerTable(std::size_t attributes, bool persons)
    : attributes_(attributes), persons_(persons) {
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
  shard.totals.resize(shard.keys.size());
  if (persons_) shard.persons.resize(shard.keys.size());
  for (auto& values : shard.attributes) values.resize(shard.keys.size());
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

CustomerNumbers CustomerTable::numbers() const {
  CustomerNumbers numbers;
  std::uint32_t begin = 0;
  for (std::size_t s = 0; s < kCustomerShards; ++s)
    numbers.begins_[s] = std::exchange(begin, begin + shards_[s].keys.size());
  return numbers;
}

std::size_t CustomerTable::size() const {
  return std::accumulate(
      shards_.begin(), shards_.end(), std::size_t{0},
      [](std::size_t sum, const Shard& shard) { return sum + shard.keys.size(); });
}

LineCustomers CustomerTable::take(const std::string& id_name, const Executor& executor) {
  const std::size_t customers = size();
  LineCustomers all;
  all.attributes.resize(attributes_);
  executor(static_cast<std::int64_t>(attributes_) + 3, [&](std::int64_t task) {
    const auto d = static_cast<std::size_t>(task);
    if (d < attributes_) {
      all.attributes[d] =
          taken<LatestValue>(customers, kCustomerShards,
                             [&](std::size_t s) -> auto& { return shards_[s].attributes[d]; });
    } else if (d == attributes_) {
      all.totals = taken<CustomerTotals>(customers, kCustomerShards,
                                         [&](std::size_t s) -> auto& { return shards_[s].totals; });
    } else if (d == attributes_ + 1) {
      if (!persons_) return;
      all.persons = taken<Person>(customers, kCustomerShards,
                                  [&](std::size_t s) -> auto& { return shards_[s].persons; });
    } else {
      all.ids = take_ids(id_name);
    }
  });
  return all;
}

table::Column CustomerTable::take_ids(const std::string& name) {
  const auto customers = static_cast<std::int64_t>(size());
  const bool all_integers =
      std::ranges::all_of(shards_, [](const Shard& shard) { return shard.keys.all_integers(); });
  table::Buffer<std::int64_t> integers(all_integers ? customers : 0);
  table::Buffer<std::string_view> views(all_integers ? 0 : customers);
  auto texts = std::make_shared<std::vector<std::string>>();
  texts->reserve(all_integers ? 0 : static_cast<std::size_t>(customers));
  std::int64_t next = 0;
  for (Shard& shard : shards_) {
    const CustomerKeys keys = std::exchange(shard.keys, {});
    for (std::uint32_t i = 0; i < keys.size(); ++i, ++next) {
      if (all_integers) {
        integers[next] = keys.integer(i);
      } else {
        texts->push_back(keys.is_integer(i) ? std::to_string(keys.integer(i))
                                            : std::string(keys.text(i)));
        views[next] = texts->back();
      }
    }
  }
  return all_integers ? table::Column::integers(name, std::move(integers))
                      : table::Column::texts(name, std::move(views), std::move(texts));
}

}  // namespace quintile::customers
