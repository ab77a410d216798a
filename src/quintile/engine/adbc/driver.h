#pragma once

#include <memory>
#include <string>

#include "quintile/base/result.h"
#include "quintile/engine/adbc/abi.h"
#include "quintile/engine/sql/session.h"

namespace quintile::engine::adbc {

/// A loaded driver. Never unloaded: what it starts (threads, a Go runtime) outlives its use.
class Driver {
 public:
  /// Loads the driver for `product`: the library `given`, by path or by a name that the dynamic
  /// loader looks up, if it is not empty. Else the first that can be loaded of those in the folders
  /// that `QUINTILE_ENGINE_DRIVERS` names (libraries or Python packages, separated by colons), in
  /// the Python environments at hand (`VIRTUAL_ENV`, `CONDA_PREFIX`, that of each `python3` on
  /// `PATH`), and where the dynamic loader looks.
  ///
  /// DuckDB's Python wheel holds the whole of DuckDB in an extension module, which needs Python's
  /// symbols: Python's library is then loaded too, but no interpreter started.
  /// Errors: Engine, with the loader's or the driver's own words, or what to install.
  [[nodiscard]] static Result<std::shared_ptr<Driver>> load(sql::Product product,
                                                            const std::string& given);

  [[nodiscard]] abi::Driver& functions() { return functions_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  abi::Driver functions_{};
  std::string path_;
};

}  // namespace quintile::engine::adbc
