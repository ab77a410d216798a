#include <charconv>

#include <fmt/format.h>

#include "quintile/io/parallel.h"
#include "quintile/mart/mart.h"
#include "quintile/mart/md5_internal.h"
#include "quintile/mart/rfm_codes_internal.h"

namespace quintile::mart {

namespace {

struct Sums {
  std::uint64_t first = 0, second = 0;
  void add(Md5Halves halves) {
    first += halves.first;
    second += halves.second;
  }
};

// Room for five numbers of at most 24 characters, a code and the separators.
constexpr std::size_t kNumbersMax = 160;

class Lines {
 public:
  Lines(const segments::Segmentation& segmentation, const segments::RuleSet& rules)
      : segmentation_(segmentation), codes_(segmentation.model) {
    for (const segments::Rule& rule : rules.rules) {
      segment_ids_.push_back(rule.id);
      length_max_ = std::max(length_max_, kNumbersMax + rule.id.size());
    }
  }

  // More than `write` ever needs.
  [[nodiscard]] std::size_t length_max() const { return length_max_; }

  // The line of one customer up to and with the last separator, at `out`, which has room for it;
  // returns its end.
  char* write(std::int64_t row, char* out) const {
    const auto& customers = segmentation_.customers;
    const auto number = [&out](std::int64_t value) {
      out = std::to_chars(out, out + 24, value).ptr;
      *out++ = '|';
    };
    const auto text = [&out](std::string_view value) {
      out = std::copy(value.begin(), value.end(), out);
      *out++ = '|';
    };
    const auto at = static_cast<std::size_t>(row);
    number(row + 1);
    number(customers.recency()[at]);
    number(customers.orders()[at]);
    number(customers.value()[at]);
    text(codes_.texts()[static_cast<std::size_t>(codes_.index(
        segmentation_.r_score[row], segmentation_.f_score[row], segmentation_.m_score[row]))]);
    text(segment_ids_[segmentation_.segment[row]]);
    return out;
  }

 private:
  const segments::Segmentation& segmentation_;
  RfmCodes codes_;
  std::vector<std::string> segment_ids_;
  std::size_t length_max_ = kNumbersMax;
};

Sums sums_of(const Lines& lines, const ColumnView& source_id, std::int64_t begin,
             std::int64_t end) {
  Sums sums;
  Md5Batch batch;
  std::string long_line;
  std::vector<char> room(lines.length_max());
  const bool integers = source_id.type == Type::Integer;
  const auto add = [&sums](Md5Halves halves) { sums.add(halves); };
  for (std::int64_t row = begin; row < end; ++row) {
    char* stop = lines.write(row, room.data());
    std::string_view id;
    if (integers) {
      stop = std::to_chars(stop, stop + 24, source_id.integer(row)).ptr;
    } else {
      id = source_id.text(row);
    }
    const auto fixed = static_cast<std::size_t>(stop - room.data());
    if (fixed + id.size() <= kMd5OneBlock) {
      std::copy(id.begin(), id.end(), std::copy(room.data(), stop, batch.next()));
      batch.add(fixed + id.size(), add);
    } else {
      long_line.assign(room.data(), fixed).append(id);
      sums.add(md5_halves(long_line));
    }
  }
  batch.flush(add);
  return sums;
}

}  // namespace

std::string fingerprint(const segments::Segmentation& segmentation, const segments::RuleSet& rules,
                        int threads) {
  constexpr std::int64_t kBlock = 1 << 16;
  const Lines lines(segmentation, rules);
  const std::int64_t rows = segmentation.size();
  Sums sums;
  const auto done =
      io::ordered_chunks((rows + kBlock - 1) / kBlock, threads,
                         [&](std::int64_t block) {
                           return sums_of(lines, segmentation.customers.source_customer_id.view,
                                          block * kBlock, std::min(rows, (block + 1) * kBlock));
                         },
                         [&](Sums block) -> Status {
                           sums.first += block.first;
                           sums.second += block.second;
                           return {};
                         });
  static_cast<void>(done);  // adding up cannot fail
  return fmt::format("{:016x}{:016x}", sums.first, sums.second);
}

}  // namespace quintile::mart
