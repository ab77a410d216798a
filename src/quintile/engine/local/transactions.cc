#include "quintile/engine/local/transactions.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "quintile/customers/customer_table.h"
#include "quintile/engine/local/spill.h"

namespace quintile::engine::local {

namespace {

using customers::CopyRecord;
using customers::DayRecord;
using customers::FrequencyUnit;
using customers::LineAggregator;
using customers::LineRecords;
using customers::OrderFacts;
using customers::OrderRecord;

// With what reading and publishing take, fifty million lines of two million customers fit a GiB.
constexpr std::int64_t kMemoryDefault = std::int64_t{704} << 20;
constexpr int kScansMax = 6;
constexpr std::int64_t kFateBytes = sizeof(customers::FateRun);
constexpr int kPartitions = Partitions<OrderRecord>::kCount;

std::uint64_t spread(std::uint64_t key) {
  key = (key ^ (key >> 32)) * 0x9E3779B97F4A7C15ULL;
  return (key ^ (key >> 29)) * 0xBF58476D1CE4E5B9ULL;
}

/// One pass over the lines.
class Pass {
 public:
  Pass(table::Source& source, const customers::TransactionSpec& spec,
       const AggregateOptions& options)
      : source_(source),
        spec_(spec),
        workers_count_(std::max(1, source.workers())),
        memory_((options.memory_max > 0 ? options.memory_max : kMemoryDefault) / workers_count_),
        customers_(spec.roles.describing().size(), !spec.roles.personal.empty()),
        texts_(spec.roles.describing().size()),
        orders_(file_, workers_count_),
        days_(file_, workers_count_),
        hashes_(file_, workers_count_),
        copies_(file_, workers_count_) {
    for (auto& texts : texts_) texts = std::make_shared<customers::AttributeTexts>();
    for (int worker = 0; worker < workers_count_; ++worker) {
      workers_.emplace_back(spec,
                            [this](std::size_t attribute, std::span<const std::string_view> texts,
                                   std::span<const customers::AttributeText*> found) {
                              const std::lock_guard lock(texts_mutex_);
                              for (std::size_t i = 0; i < texts.size(); ++i)
                                found[i] = &texts_[attribute]->find_or_add(texts[i]);
                            });
    }
  }

  Status scan(const table::ReadRequest& request) {
    return source_.scan(
        request, [this](table::Batch&& batch, int worker) { return consume(batch, worker); });
  }

  [[nodiscard]] Status fault() const {
    if (fault_) return std::unexpected(fault_->second);
    return {};
  }

  /// Adds all workers up.
  customers::LineTotals merge_workers() {
    customers::LineTotals totals = std::move(workers_[0].aggregator.totals());
    for (std::size_t w = 1; w < workers_.size(); ++w)
      customers::merge(totals, workers_[w].aggregator.totals());
    const std::vector<int> describing = spec_.roles.describing();
    for (std::size_t d = 0; d < describing.size(); ++d) {
      customers::LineColumn& column = totals.columns[static_cast<std::size_t>(describing[d])];
      if (column.type == Type::Text) column.texts = texts_[d];
    }
    return totals;
  }
  [[nodiscard]] customers::CustomerTable& customers() { return customers_; }
  [[nodiscard]] std::int32_t last_counted_day() {
    return latest(&customers::LineTotals::last_counted_day);
  }
  [[nodiscard]] std::int32_t last_usable_day() {
    return latest(&customers::LineTotals::last_usable_day);
  }

  Status count(const Executor& executor, std::vector<std::int64_t>& frequency, OrderFacts& orders) {
    std::mutex mutex;
    Status failed;
    executor(kPartitions, [&](std::int64_t partition) {
      if (Status status = count_partition(partition, frequency, orders, mutex); !status) {
        const std::lock_guard lock(mutex);
        failed = std::move(status);
      }
    });
    return failed;
  }

  /// The fates in row order. The pass must outlive it.
  customers::AllFates fates() {
    std::ranges::sort(chunks_, {}, &Chunk::first_row);
    return {static_cast<std::int64_t>(chunks_.size()),
            [this](std::int64_t stretch, std::vector<customers::FateRun>& buffer) {
              return read_chunk(chunks_[static_cast<std::size_t>(stretch)], buffer);
            }};
  }

 private:
  struct Worker {
    Worker(const customers::TransactionSpec& spec, customers::ShareTexts share_texts)
        : aggregator(spec, std::move(share_texts)) {}
    LineAggregator aggregator;
    LineRecords records;
    std::int64_t fate_bytes = 0;  ///< of its chunks in memory
  };
  struct Chunk {
    std::int64_t first_row = 0, runs = 0;
    std::int64_t offset = -1;  ///< in the file; -1: in `fates`
    std::vector<customers::FateRun> fates;
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
    if (Status read = worker.aggregator.read(batch); !read) {
      const std::lock_guard lock(mutex_);
      if (!fault_ || batch.index < fault_->first) fault_ = {batch.index, read.error()};
      is_faulty_ = true;
      return {};
    }
    add_to_customers(worker.aggregator.runs(), number);
    worker.aggregator.record(batch, worker.records);
    share_out(batch, number);
    const std::int64_t memory = memory_for_records();
    QUINTILE_TRY_STATUS(orders_.fit(number, memory / 2));
    QUINTILE_TRY_STATUS(hashes_.fit(number, memory / 4));
    QUINTILE_TRY_STATUS(copies_.fit(number, memory / 4));
    QUINTILE_TRY_STATUS(days_.fit(number, memory / 8));
    return keep_fates(batch, number, memory / 8);
  }

  /// Adds a batch's runs to the customers, shard by shard; each worker begins with another, so that
  /// they seldom wait.
  void add_to_customers(customers::LineRuns& runs, int number) {
    const std::size_t shift = static_cast<std::size_t>(number) * customers::kCustomerShards /
                              static_cast<std::size_t>(workers_count_);
    std::int64_t added = 0;
    for (std::size_t i = 0; i < customers::kCustomerShards; ++i) {
      const std::size_t shard = (i + shift) % customers::kCustomerShards;
      if (runs.of_shard(shard).empty()) continue;
      const std::lock_guard lock(shard_mutexes_[shard]);
      added += customers_.add(shard, runs);
    }
    customers_count_.fetch_add(added, std::memory_order_relaxed);
  }

  /// What customers and the reader leave of a worker's share of the memory.
  [[nodiscard]] std::int64_t memory_for_records() const {
    const std::int64_t customers =
        customers_count_.load(std::memory_order_relaxed) * customers_.bytes_each() / workers_count_;
    return std::max(memory_ / 6, memory_ - memory_ / 4 - customers);
  }

  /// Hands a batch's records to their partitions.
  void share_out(const table::Batch& batch, int number) {
    Worker& worker = workers_[static_cast<std::size_t>(number)];
    std::size_t next = 0;  // the first line without a place
    const auto copies_up_to = [&](std::size_t end) {
      for (; next < end; ++next) {
        const CopyRecord copy{batch.record_hash[next],
                              batch.first_row + static_cast<std::int64_t>(next)};
        copies_.add(number, spread(copy.hash), {&copy, 1});
      }
    };
    const std::span<const std::uint64_t> hashes = batch.record_hash;
    for (const OrderRecord& order : worker.records.orders) {
      const std::uint64_t hash = spread(order.key_low ^ order.key_high);
      orders_.add(number, hash, {&order, 1});
      if (hashes.empty()) continue;
      // Equal lines have one order id, so they are looked for among its lines.
      const auto begin = order.first_row - static_cast<std::size_t>(batch.first_row);
      copies_up_to(begin);
      hashes_.add(number, hash, hashes.subspan(begin, order.lines));
      next = begin + order.lines;
    }
    copies_up_to(hashes.size());
    for (const DayRecord& day : worker.records.days)
      days_.add(number, spread(day.customer), {&day, 1});
  }

  Status keep_fates(const table::Batch& batch, int number, std::int64_t memory_max) {
    Worker& worker = workers_[static_cast<std::size_t>(number)];
    const std::vector<customers::FateRun>& fates = worker.records.fates;
    Chunk chunk{.first_row = batch.first_row,
                .runs = static_cast<std::int64_t>(fates.size()),
                .offset = -1,
                .fates = {}};
    const std::int64_t bytes = chunk.runs * kFateBytes;
    if (worker.fate_bytes + bytes <= memory_max) {
      worker.fate_bytes += bytes;
      chunk.fates = fates;  // copied: without room to spare
    } else {
      QUINTILE_TRY(chunk.offset, fate_file_.append(fates.data(), bytes));
    }
    const std::lock_guard lock(mutex_);
    chunks_.push_back(std::move(chunk));
    return {};
  }

  Result<customers::LineFates> read_chunk(const Chunk& chunk,
                                          std::vector<customers::FateRun>& buffer) const {
    buffer.resize(static_cast<std::size_t>(chunk.runs));
    if (chunk.offset < 0) {
      std::ranges::copy(chunk.fates, buffer.begin());
    } else {
      QUINTILE_TRY_STATUS(fate_file_.read(chunk.offset, buffer.data(), chunk.runs * kFateBytes));
    }
    return customers::LineFates{chunk.first_row, buffer};
  }

  static void credit(const std::vector<std::uint32_t>& customers,
                     std::vector<std::int64_t>& frequency) {
    for (const std::uint32_t customer : customers)
      std::atomic_ref(frequency[customer]).fetch_add(1, std::memory_order_relaxed);
  }

  Status count_partition(std::int64_t partition, std::vector<std::int64_t>& frequency,
                         OrderFacts& orders, std::mutex& mutex) {
    QUINTILE_TRY(auto records, orders_.take(partition));
    QUINTILE_TRY(const auto hashes, hashes_.take(partition));
    OrderFacts facts = customers::count_orders(records, hashes);
    if (spec_.frequency == FrequencyUnit::Orders) credit(facts.customers, frequency);
    QUINTILE_TRY(const auto copies, copies_.take(partition));
    facts.copies.merge(customers::count_copies(copies));
    if (spec_.frequency == FrequencyUnit::Days) {
      QUINTILE_TRY(auto days, days_.take(partition));
      credit(customers::count_days(days), frequency);
    }
    const std::lock_guard lock(mutex);
    orders.merge(facts);
    return {};
  }

  table::Source& source_;
  const customers::TransactionSpec& spec_;
  int workers_count_;
  std::int64_t memory_;  ///< bytes a worker
  customers::CustomerTable customers_;
  std::array<std::mutex, customers::kCustomerShards> shard_mutexes_;
  std::atomic<std::int64_t> customers_count_{0};
  std::mutex texts_mutex_;
  std::vector<std::shared_ptr<customers::AttributeTexts>> texts_;  ///< by attribute
  SpillFile file_, fate_file_;
  Partitions<OrderRecord> orders_;
  Partitions<DayRecord> days_;
  Partitions<std::uint64_t> hashes_;  ///< of the lines of `orders_`, record by record
  Partitions<CopyRecord> copies_;     ///< of lines without an order id
  std::vector<Worker> workers_;
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
    customers::CustomerTable customers = std::move(pass.customers());
    std::vector<std::int64_t> frequency(customers.numbers());
    OrderFacts orders;
    QUINTILE_TRY_STATUS(pass.count(executor, frequency, orders));
    if (spec.frequency == FrequencyUnit::Lines ||
        (spec.frequency == FrequencyUnit::Orders && spec.roles.order_id < 0)) {
      for (std::size_t i = 0; i < frequency.size(); ++i)
        frequency[i] = customers.totals(i).counted_lines;
    }
    return customers::clean({.spec = spec,
                             .totals = std::move(totals),
                             .customers = std::move(customers),
                             .frequency = std::move(frequency),
                             .orders = std::move(orders),
                             .analysis_day = spec.analysis_day.value_or(0),
                             .fates = pass.fates(),
                             .executor = executor});
  }
  return fail(ErrorCode::Input, "the columns' types change with every reading of the file",
              "the file may be growing; read it when it is complete");
}

}  // namespace quintile::engine::local
