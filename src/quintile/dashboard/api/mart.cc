#include <atomic>
#include <thread>

#include <fmt/format.h>

#include "quintile/dashboard/api/endpoints_internal.h"
#include "quintile/dashboard/views/views_internal.h"

namespace quintile::dashboard {
namespace {

using explore::Selection;

/// One task after the other on as many threads as there are processors, the caller's among them.
void run_on_all_processors(std::int64_t count, const std::function<void(std::int64_t)>& task) {
  std::atomic<std::int64_t> next = 0;
  const auto work = [&] {
    for (std::int64_t i = next++; i < count; i = next++) task(i);
  };
  std::vector<std::jthread> others;
  const std::int64_t threads = std::min<std::int64_t>(count, std::thread::hardware_concurrency());
  for (std::int64_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
}

/// What is about the whole mart takes no filter; a parameter is none the less checked, so that a
/// misspelt one is not taken for one that had no effect.
template <typename View>
Answer of_whole_mart(const Call& call, const View& view) {
  if (const auto selection = select(call); !selection) return std::unexpected(selection.error());
  return Reply{.body = view(call.explorer())};
}

template <typename View>
Answer of_selection(const Call& call, const View& view) {
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  return Reply{.body = view(call.explorer(), *selection)};
}

}  // namespace

Answer meta(Call& call) {
  return of_whole_mart(call, [](const explore::Explorer& explorer) {
    return meta_json(explorer, true, explorer.mart().manifest.version);
  });
}

Answer snapshot(Call& call) {
  return Reply{.body = snapshot_json(call.explorer(), call.mart.notice())};
}

Answer segments(Call& call) {
  const auto selection = select(call);
  if (!selection) return std::unexpected(selection.error());
  const auto without_segments = select(call, explore::Scope::ButSegments);
  if (!without_segments) return std::unexpected(without_segments.error());
  return Reply{
      .body = segments_json(call.explorer(), *selection, *without_segments, run_on_all_processors)};
}

Answer cube(Call& call) {
  const auto by = take_choice(call, "by", {"cell", "segment"});
  if (!by) return std::unexpected(by.error());
  return of_selection(call, [&](const explore::Explorer& explorer, const Selection& selection) {
    return cube_json(explorer, selection, *by == "segment");
  });
}

Answer distributions(Call& call) { return of_selection(call, distributions_json); }

Answer insights(Call& call) { return of_selection(call, insights_json); }

Answer quality(Call& call) { return of_whole_mart(call, quality_json); }

Answer migration(Call& call) {
  if (call.explorer().previous() == nullptr) {
    return refuse(404, "no_previous_mart",
                  "there is no older mart to compare with; start the server with --previous");
  }
  return of_selection(call, [](const explore::Explorer& explorer, const Selection& selection) {
    return migration_json(explorer, *explorer.migration(selection));
  });
}

Answer dimension_values(Call& call) {
  const auto part = take_search(call);
  if (!part) return std::unexpected(part.error());
  const auto limit = take_limit(call, 50, 200);
  if (!limit) return std::unexpected(limit.error());
  const auto values = call.explorer().values(call.item, *part, static_cast<std::size_t>(*limit));
  if (!values) return refuse(404, "not_found", "there is no text dimension of that name");
  return Reply{.body = values_json(values->first, values->second)};
}

}  // namespace quintile::dashboard
