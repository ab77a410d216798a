#include "quintile/engine/local/transactions.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "quintile/engine/local/spill.h"

namespace quintile::engine::local {

namespace {

using customers::CopyFacts;
using customers::CopyRecord;
using customers::DayRecord;
using customers::FrequencyUnit;
using customers::LineAggregator;
using customers::LineRecords;
using customers::OrderFacts;
using customers::OrderRecord;

constexpr std::int64_t kMemoryDefault = std::int64_t{768} << 20;
constexpr int kScansMax = 6;

std::uint64_t spread(std::uint64_t key) {
  key = (key ^ (key >> 32)) * 0x9E3779B97F4A7C15ULL;
  return (key ^ (key >> 29)) * 0xBF58476D1CE4E5B9ULL;
}

/// One pass over the lines.
class Pass {
 public:
  Pass(table::Source& source, const customers::TransactionSpec& spec,
       const AggregateOptions& options)
      : source_(source), spec_(spec), workers_count_(std::max(1, source.workers())) {
    // A twelfth of the memory for each of the three kinds of record; the rest is for customers and
    // the reader.
    const std::int64_t memory = options.memory_max > 0 ? options.memory_max : kMemoryDefault;
    share_ = std::max<std::int64_t>(1 << 12, memory / 12 / workers_count_);
    orders_.emplace(file_, workers_count_, share_);
    days_.emplace(file_, workers_count_, share_);
    copies_.emplace(file_, workers_count_, share_);
    for (int worker = 0; worker < workers_count_; ++worker) workers_.emplace_back(spec);
  }

  Status scan(const table::ReadRequest& request) {
    return source_.scan(
        request, [this](table::Batch&& batch, int worker) { return consume(batch, worker); });
  }

  [[nodiscard]] Status fault() const {
    if (fault_) return std::unexpected(fault_->second);
    return {};
  }

  /// Adds all workers up; their customers are numbered anew.
  customers::LineTotals merge_workers() {
    customers::LineTotals totals = std::move(workers_[0].aggregator.totals());
    numbers_.resize(workers_.size());
    for (std::size_t w = 1; w < workers_.size(); ++w) {
      customers::LineTotals part =
          std::move(workers_[w].aggregator.totals());  // its memory goes with it
      numbers_[w] = customers::merge(totals, std::move(part), spec_);
    }
    return totals;
  }
  [[nodiscard]] std::int32_t last_counted_day() {
    return latest(&customers::LineTotals::last_counted_day);
  }
  [[nodiscard]] std::int32_t last_usable_day() {
    return latest(&customers::LineTotals::last_usable_day);
  }

  Status count(const Executor& executor, std::vector<std::int64_t>& frequency, OrderFacts& orders,
               CopyFacts& copies) {
    std::mutex mutex;
    Status failed;
    executor(Partitions<OrderRecord>::kCount, [&](std::int64_t partition) {
      if (Status status = count_partition(partition, frequency, orders, copies, mutex); !status) {
        const std::lock_guard lock(mutex);
        failed = std::move(status);
      }
    });
    return failed;
  }

  /// Hands out the fates in row order, with customers as merged.
  Status walk(const std::function<void(const customers::LineFates&)>& take) {
    std::ranges::sort(chunks_, {}, &Chunk::first_row);
    std::vector<std::int32_t> fates;
    for (const Chunk& chunk : chunks_) {
      if (chunk.offset < 0) {
        fates = chunk.fates;
      } else {
        fates.resize(static_cast<std::size_t>(chunk.rows));
        QUINTILE_TRY_STATUS(
            fate_file_.read(chunk.offset, fates.data(),
                            chunk.rows * static_cast<std::int64_t>(sizeof(std::int32_t))));
      }
      for (std::int32_t& fate : fates) {
        if (fate >= 0)
          fate = static_cast<std::int32_t>(merged(chunk.worker, static_cast<std::uint32_t>(fate)));
      }
      take({chunk.first_row, fates});
    }
    return {};
  }

 private:
  struct Worker {
    explicit Worker(const customers::TransactionSpec& spec) : aggregator(spec) {}
    LineAggregator aggregator;
    LineRecords records;
  };
  struct Chunk {
    std::int64_t first_row = 0, rows = 0;
    std::int64_t offset = -1;  ///< in the file; -1: in `fates`
    std::size_t worker = 0;
    std::vector<std::int32_t> fates;
  };

  std::int32_t latest(std::int32_t customers::LineTotals::* member) {
    std::int32_t day = std::numeric_limits<std::int32_t>::min();
    for (Worker& worker : workers_) day = std::max(day, worker.aggregator.totals().*member);
    return day;
  }

  /// A fault of the lines does not end the scan: with another type of column it may be none.
  Status consume(const table::Batch& batch, int number) {
    if (is_faulty_.load(std::memory_order_relaxed)) return {};
    Worker& worker = workers_[static_cast<std::size_t>(number)];
    worker.records.clear();
    if (Status added = worker.aggregator.add(batch, worker.records); !added) {
      const std::lock_guard lock(mutex_);
      if (!fault_ || batch.index < fault_->first) fault_ = {batch.index, added.error()};
      is_faulty_ = true;
      return {};
    }
    for (const OrderRecord& order : worker.records.orders) {
      QUINTILE_TRY_STATUS(orders_->add(number, spread(order.key_low ^ order.key_high), order));
    }
    for (const DayRecord& day : worker.records.days) {
      // Numbers differ from worker to worker, so a customer's id itself chooses the partition.
      QUINTILE_TRY_STATUS(days_->add(number, customer_hash(worker, day.customer), day));
    }
    for (std::size_t i = 0; i < batch.record_hash.size(); ++i) {
      const std::uint64_t hash = batch.record_hash[i];
      QUINTILE_TRY_STATUS(copies_->add(number, spread(hash),
                                       {hash, batch.first_row + static_cast<std::int64_t>(i)}));
    }
    Chunk chunk{.first_row = batch.first_row,
                .rows = batch.rows,
                .offset = -1,
                .worker = static_cast<std::size_t>(number),
                .fates = {}};
    const std::int64_t bytes = batch.rows * static_cast<std::int64_t>(sizeof(std::int32_t));
    if (fate_bytes_.fetch_add(bytes) + bytes <= share_) {
      chunk.fates = worker.records.fates;
    } else {
      QUINTILE_TRY(chunk.offset, fate_file_.append(worker.records.fates.data(), bytes));
    }
    const std::lock_guard lock(mutex_);
    chunks_.push_back(std::move(chunk));
    return {};
  }

  static std::uint64_t customer_hash(Worker& worker, std::uint32_t customer) {
    const customers::CustomerKeys& keys = worker.aggregator.totals().keys;
    if (keys.is_integer(customer))
      return spread(static_cast<std::uint64_t>(keys.integer(customer)));
    return spread(std::hash<std::string_view>{}(keys.text(customer)));
  }

  [[nodiscard]] std::uint32_t merged(std::size_t worker, std::uint32_t customer) const {
    return worker == 0 || customer == customers::kNoCustomer ? customer
                                                             : numbers_[worker][customer];
  }

  template <typename Record>
  void renumber(typename Partitions<Record>::Taken& taken) const {
    for (std::size_t w = 1; w + 1 < taken.begins.size(); ++w) {
      for (std::size_t i = taken.begins[w]; i < taken.begins[w + 1]; ++i)
        taken.records[i].customer = merged(w, taken.records[i].customer);
    }
  }

  static void credit(const std::vector<std::uint32_t>& customers,
                     std::vector<std::int64_t>& frequency) {
    for (const std::uint32_t customer : customers)
      std::atomic_ref(frequency[customer]).fetch_add(1, std::memory_order_relaxed);
  }

  Status count_partition(std::int64_t partition, std::vector<std::int64_t>& frequency,
                         OrderFacts& orders, CopyFacts& copies, std::mutex& mutex) {
    {
      QUINTILE_TRY(auto taken, orders_->take(partition));
      renumber<OrderRecord>(taken);
      const OrderFacts facts = customers::count_orders(taken.records);
      if (spec_.frequency == FrequencyUnit::Orders) credit(facts.customers, frequency);
      const std::lock_guard lock(mutex);
      orders.merge(facts);
    }
    if (spec_.frequency == FrequencyUnit::Days) {
      QUINTILE_TRY(auto taken, days_->take(partition));
      renumber<DayRecord>(taken);
      credit(customers::count_days(taken.records), frequency);
    }
    QUINTILE_TRY(auto taken, copies_->take(partition));
    const CopyFacts facts = customers::count_copies(taken.records);
    const std::lock_guard lock(mutex);
    copies.merge(facts);
    return {};
  }

  table::Source& source_;
  const customers::TransactionSpec& spec_;
  int workers_count_;
  std::int64_t share_ = 0;  ///< bytes that one worker's records of a kind, or all fates, may take
  std::atomic<std::int64_t> fate_bytes_{0};
  SpillFile file_, fate_file_;
  std::optional<Partitions<OrderRecord>> orders_;
  std::optional<Partitions<DayRecord>> days_;
  std::optional<Partitions<CopyRecord>> copies_;
  std::vector<Worker> workers_;
  std::vector<std::vector<std::uint32_t>>
      numbers_;  ///< by worker: its customers' merged numbers; none for the first
  std::mutex mutex_;
  std::vector<Chunk> chunks_;
  std::atomic<bool> is_faulty_{false};
  std::optional<std::pair<std::int64_t, Error>> fault_;  ///< with its batch
};

}  // namespace

Result<customers::CleanedTransactions> aggregate(table::Source& source,
                                                 const table::ReadRequest& request,
                                                 customers::TransactionSpec spec,
                                                 const Executor& executor,
                                                 const AggregateOptions& options) {
  constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::min();
  const bool is_dated = spec.analysis_day.has_value();
  for (int scans = 0; scans < kScansMax; ++scans) {
    Pass pass(source, spec, options);
    const Status scanned = pass.scan(request);
    if (!scanned) return std::unexpected(scanned.error());
    // A type guessed wrong can make an expression not fit; only the types of a whole pass are to be
    // believed.
    if (source.types_changed()) continue;
    QUINTILE_TRY_STATUS(pass.fault());
    if (!is_dated && !spec.analysis_day && pass.last_counted_day() != kNever) {
      const std::int32_t day = pass.last_counted_day() + 1;
      spec.analysis_day = day;
      // Lines after that day are future ones after all, returns above all: they have to be looked
      // at again.
      if (pass.last_usable_day() > day) continue;
    }
    customers::LineTotals totals = pass.merge_workers();
    std::vector<std::int64_t> frequency(totals.customers.size());
    OrderFacts orders;
    CopyFacts copies;
    QUINTILE_TRY_STATUS(pass.count(executor, frequency, orders, copies));
    if (spec.frequency == FrequencyUnit::Lines ||
        (spec.frequency == FrequencyUnit::Orders && spec.roles.order_id < 0)) {
      for (std::size_t i = 0; i < frequency.size(); ++i)
        frequency[i] = totals.customers[i].counted_lines;
    }
    return customers::clean({.spec = spec,
                             .totals = std::move(totals),
                             .frequency = std::move(frequency),
                             .orders = std::move(orders),
                             .copies = std::move(copies),
                             .analysis_day = spec.analysis_day.value_or(0),
                             .fates = [&pass](const auto& take) { return pass.walk(take); },
                             .executor = executor});
  }
  return fail(ErrorCode::Input, "the columns' types change with every reading of the file",
              "the file may be growing; read it when it is complete");
}

}  // namespace quintile::engine::local
