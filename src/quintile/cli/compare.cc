#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "quintile/base/counted.h"
#include "quintile/base/text.h"
#include "quintile/cli/commands.h"
#include "quintile/cli/show.h"
#include "quintile/explore/export.h"
#include "quintile/explore/movement.h"
#include "quintile/io/output_file.h"
#include "quintile/mart/json_writer.h"
#include "quintile/mart/mart.h"

namespace quintile::cli {

namespace {

using explore::Explorer;
using explore::Movement;
using explore::Mover;

struct Sum {
  std::int64_t customers = 0;
  Int128 monetary = 0;

  void add(const Mover& mover) {
    ++customers;
    monetary += mover.monetary;
  }
};

Sum sum_of(const std::vector<Mover>& movers) {
  Sum sum;
  for (const Mover& mover : movers) sum.add(mover);
  return sum;
}

/// Movers by some key, the most customers first, ties by key.
template <typename Key, typename KeyOf>
std::vector<std::pair<Key, Sum>> grouped(const std::vector<Mover>& movers, const KeyOf& key_of) {
  std::map<Key, Sum> sums;
  for (const Mover& mover : movers) sums[key_of(mover)].add(mover);
  std::vector<std::pair<Key, Sum>> groups(sums.begin(), sums.end());
  std::ranges::stable_sort(groups, std::ranges::greater(),
                           [](const auto& group) { return group.second.customers; });
  return groups;
}

using Ends = std::pair<std::size_t, std::size_t>;

std::vector<std::pair<explore::Reasons, Sum>> by_reason(const std::vector<Mover>& movers) {
  return grouped<explore::Reasons>(movers, [](const Mover& mover) { return mover.reasons; });
}

std::vector<std::pair<Ends, Sum>> by_ends(const std::vector<Mover>& movers) {
  return grouped<Ends>(movers, [](const Mover& mover) { return Ends(*mover.from, *mover.to); });
}

std::vector<Mover> between(const std::vector<Mover>& movers, const Ends& ends) {
  std::vector<Mover> some;
  std::ranges::copy_if(movers, std::back_inserter(some),
                       [&](const Mover& mover) { return Ends(*mover.from, *mover.to) == ends; });
  return some;
}

std::string reasons_text(explore::Reasons reasons) {
  std::string text;
  for (const std::string_view name : explore::names_of(reasons)) {
    std::string words(name);
    std::ranges::replace(words, '_', ' ');
    text += (text.empty() ? "" : " and ") + words;
  }
  return text;
}

class Document {
 public:
  Document(const Explorer& explorer, const Movement& movement)
      : explorer_(explorer),
        movement_(movement),
        scale_(explorer.mart().segmentation.customers.money_scale) {}

  std::string text() {
    json_.begin_object();
    snapshot("from", *explorer_.previous(), movement_.before);
    snapshot("to", explorer_.mart(), movement_.now);
    json_.key("in_both");
    json_.integer(movement_.both);
    sums("new", sum_of(movement_.arrived));
    sums("gone", sum_of(movement_.gone));
    sums("movers", sum_of(movement_.movers));
    reasons(movement_.movers);
    json_.key("flows");
    json_.begin_array(true);
    for (const auto& [ends, sum] : by_ends(movement_.movers)) flow(ends, sum);
    json_.end_array();
    json_.end_object();
    return json_.take();
  }

 private:
  void snapshot(const char* key, const mart::Mart& mart, std::int64_t customers) {
    json_.key(key);
    json_.begin_object();
    json_.key("analysis_date"), json_.text(mart.manifest.analysis_date);
    json_.key("rules_digest"), json_.text(mart.manifest.rules_digest);
    json_.key("fingerprint"), json_.text(mart.manifest.fingerprint);
    json_.key("customers"), json_.integer(customers);
    json_.end_object();
  }
  void members(const Sum& sum) {
    json_.key("customers"), json_.integer(sum.customers);
    json_.key("monetary"), json_.money(sum.monetary, scale_);
  }
  void sums(const char* key, const Sum& sum) {
    json_.key(key);
    json_.begin_object();
    members(sum);
    json_.end_object();
  }
  void reasons(const std::vector<Mover>& movers) {
    json_.key("reasons");
    json_.begin_array(true);
    for (const auto& [reasons, sum] : by_reason(movers)) {
      json_.begin_object();
      json_.key("reasons");
      json_.begin_array(false);
      for (const std::string_view name : explore::names_of(reasons)) json_.text(name);
      json_.end_array();
      members(sum);
      json_.end_object();
    }
    json_.end_array();
  }
  void flow(const Ends& ends, const Sum& sum) {
    json_.begin_object();
    json_.key("from");
    json_.text(movement_.segments[ends.first].id);
    json_.key("to");
    json_.text(movement_.segments[ends.second].id);
    members(sum);
    reasons(between(movement_.movers, ends));
    json_.end_object();
  }

  const Explorer& explorer_;
  const Movement& movement_;
  const int scale_;
  mart::JsonWriter json_;
};

std::string compare_text(const Explorer& explorer, const Movement& movement,
                         const Terminal& terminal) {
  const mart::Manifest& manifest = explorer.mart().manifest;
  const auto money = [&](Int128 units) {
    std::string text = money_text(units, manifest.money_scale, "", false);
    text.pop_back();
    return text;
  };
  const Sum moved = sum_of(movement.movers);
  std::string text = terminal.wrapped(
      fmt::format("From {} to {}: {} then, {} now, {} in both; {} new, {} gone.\n",
                  explorer.previous()->manifest.analysis_date, manifest.analysis_date,
                  counted(movement.before, "customer"), with_thousands(movement.now),
                  with_thousands(movement.both),
                  with_thousands(static_cast<std::int64_t>(movement.arrived.size())),
                  with_thousands(static_cast<std::int64_t>(movement.gone.size()))));
  if (movement.movers.empty()) return text + "\nNobody who is in both changed segment.\n";
  text += terminal.wrapped(fmt::format(
      "\n{} of those in both changed segment, {}, with {} of value.\n",
      with_thousands(moved.customers),
      percent_text(static_cast<double>(moved.customers) / static_cast<double>(movement.both)),
      money_text(moved.monetary, manifest.money_scale, manifest.currency, false)));
  const std::string value = "value " + manifest.currency;
  Table why({{"why", Table::Align::Left, 0},
             {"customers", Table::Align::Right, 0},
             {"share", Table::Align::Right, 2},
             {value, Table::Align::Right, 1}});
  for (const auto& [reasons, sum] : by_reason(movement.movers)) {
    why.add(
        {reasons_text(reasons), with_thousands(sum.customers),
         percent_text(static_cast<double>(sum.customers) / static_cast<double>(moved.customers)),
         money(sum.monetary)});
  }
  Table flows({{"from", Table::Align::Left, 0},
               {"to", Table::Align::Left, 0},
               {"customers", Table::Align::Right, 0},
               {value, Table::Align::Right, 1},
               {"mostly because", Table::Align::Left, 2}});
  for (const auto& [ends, sum] : by_ends(movement.movers)) {
    flows.add({movement.segments[ends.first].id, movement.segments[ends.second].id,
               with_thousands(sum.customers), money(sum.monetary),
               reasons_text(by_reason(between(movement.movers, ends)).front().first)});
  }
  return text + "\n" + why.to_string(terminal) + "\n" + flows.to_string(terminal);
}

/// A row a customer who moved, came or went.
Status write_movers(const Explorer& explorer, const Movement& movement, const std::string& path) {
  QUINTILE_TRY(auto file, io::OutputFile::create(path));
  QUINTILE_TRY_STATUS(
      file.write("source_customer_id,customer_id_before,customer_id,segment_id_before,segment_id,"
                 "reasons,monetary\n"));
  const int scale = explorer.mart().segmentation.customers.money_scale;
  const auto id = [](const std::optional<std::int64_t>& row) {
    return row ? std::to_string(*row + 1) : std::string();
  };
  const auto segment = [&](const std::optional<std::size_t>& place) {
    return place ? movement.segments[*place].id : std::string();
  };
  const auto row_of = [&](const Mover& mover, std::string_view reasons) {
    const std::string source =
        mover.row_now ? explorer.source_id(*mover.row_now)
                      : explorer.previous()->segmentation.customers.source_customer_id.cell(
                            *mover.row_before);
    return file.write(fmt::format("{},{},{},{},{},{},{}\n", explore::csv_cell(source, true),
                                  id(mover.row_before), id(mover.row_now), segment(mover.from),
                                  segment(mover.to), reasons,
                                  decimal_to_string(mover.monetary, scale)));
  };
  for (const Mover& mover : movement.movers) {
    QUINTILE_TRY_STATUS(
        row_of(mover, fmt::format("{}", fmt::join(explore::names_of(mover.reasons), " "))));
  }
  for (const Mover& mover : movement.arrived) QUINTILE_TRY_STATUS(row_of(mover, "new"));
  for (const Mover& mover : movement.gone) QUINTILE_TRY_STATUS(row_of(mover, "gone"));
  QUINTILE_TRY_STATUS(file.finish());
  return file.publish();
}

}  // namespace

Result<int> compare(const MartArguments& arguments, const Common& common) {
  QUINTILE_TRY(mart::Mart before, mart::open(arguments.other_mart));
  QUINTILE_TRY(mart::Mart now, mart::open(arguments.mart));
  if (before.manifest.currency != now.manifest.currency) {
    return fail(ErrorCode::Usage, fmt::format("the marts have different currencies: {} and {}",
                                              before.manifest.currency, now.manifest.currency));
  }
  const Explorer explorer(std::move(now), std::make_shared<const mart::Mart>(std::move(before)));
  QUINTILE_TRY(const Movement movement, explore::movement(explorer));
  if (!arguments.out.empty()) QUINTILE_TRY_STATUS(write_movers(explorer, movement, arguments.out));
  if (common.format == Format::Json)
    std::fputs(Document(explorer, movement).text().c_str(), stdout);
  else if (!common.quiet)
    std::fputs(compare_text(explorer, movement, Terminal(stdout)).c_str(), stdout);
  return 0;
}

}  // namespace quintile::cli
