#pragma once

#include <filesystem>
#include <string>

#include "quintile/mart/sample_test.h"

/// A mart on disk for the tests of explore, dashboard and HTTP; gone when it goes.
namespace quintile::explore::testing {

class SampleMart {
 public:
  explicit SampleMart(const mart::testing::SampleSpec& spec = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "quintile-sample-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    publish(spec);
  }
  ~SampleMart() { std::filesystem::remove_all(root_); }
  SampleMart(const SampleMart&) = delete;
  SampleMart& operator=(const SampleMart&) = delete;

  void publish(const mart::testing::SampleSpec& spec) const {
    mart::Contents run = mart::testing::a_run(spec);
    if (const auto done = mart::publish(run, folder(), 1); !done)
      throw std::runtime_error(done.error().to_string());
  }
  [[nodiscard]] std::filesystem::path folder() const {
    return std::filesystem::path(root_) / "mart";
  }
  [[nodiscard]] mart::Mart open() const { return mart::open(folder()).value(); }

 private:
  std::string root_;
};

}  // namespace quintile::explore::testing
