#include "quintile/table/gather.h"

#include <algorithm>

#include "quintile/base/check.h"

namespace quintile::table {

namespace {

constexpr std::int64_t kBlock = 1 << 16;

template <typename T>
Buffer<T> pick(std::span<const T> values, std::span<const std::uint32_t> rows,
               const Executor& executor) {
  const auto size = static_cast<std::int64_t>(rows.size());
  Buffer<T> picked(size);
  executor((size + kBlock - 1) / kBlock, [&](std::int64_t block) {
    const std::int64_t end = std::min(size, (block + 1) * kBlock);
    for (std::int64_t i = block * kBlock; i < end; ++i)
      picked[i] = values[rows[static_cast<std::size_t>(i)]];
  });
  return picked;
}

template <typename T>
void set_values(Column& column, Buffer<T> values) {
  column.view.size = values.size();
  auto owner = values.share();
  column.view.data = owner.get();
  column.data_owner = std::move(owner);
}

void set_valid(Column& column, Buffer<std::uint8_t> valid) {
  auto owner = valid.share();
  column.view.valid = owner.get();
  column.valid_owner = std::move(owner);
}

}  // namespace

Column gather(const Column& column, std::span<const std::uint32_t> rows, const Executor& executor) {
  Column result = column;
  const auto take = [&](auto values) { set_values(result, pick(values, rows, executor)); };
  switch (column.view.layout) {
    case Layout::Float64: take(column.view.values<double>()); break;
    case Layout::Views:
      take(column.view.values<std::string_view>());
      result.data_owner =
          std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(
              std::move(result.data_owner), column.data_owner);
      break;
    default: with_integers(column.view, take);
  }
  if (column.view.valid != nullptr) {
    set_valid(result, pick(std::span(column.view.valid, static_cast<std::size_t>(column.size())),
                           rows, executor));
  }
  return result;
}

Column without(const Column& column, std::span<const std::uint8_t> keep) {
  QUINTILE_CHECK(static_cast<std::int64_t>(keep.size()) == column.size());
  Buffer<std::uint8_t> valid(column.size());
  for (std::int64_t row = 0; row < column.size(); ++row) {
    valid[row] =
        static_cast<std::uint8_t>(column.is_valid(row) && keep[static_cast<std::size_t>(row)] != 0);
  }
  Column result = column;
  set_valid(result, std::move(valid));
  return result;
}

}  // namespace quintile::table
