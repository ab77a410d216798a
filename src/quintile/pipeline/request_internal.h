#pragma once

#include <set>
#include <string>

#include "quintile/table/source.h"

namespace quintile::pipeline {

/// Collects the columns to read and remembers which one plays which role.
class RequestBuilder {
 public:
  explicit RequestBuilder(table::ReadRequest& request) : request_(request) {}
  /// The index of the column in the table, -1 for a role that the plan leaves empty.
  int add(const std::string& name, table::Reading reading) {
    if (name.empty()) return -1;
    request_.columns.push_back({name, reading});
    named_.insert(name);
    return static_cast<int>(request_.columns.size()) - 1;
  }
  [[nodiscard]] bool has(const std::string& name) const { return named_.contains(name); }

 private:
  table::ReadRequest& request_;
  std::set<std::string> named_;
};

}  // namespace quintile::pipeline
