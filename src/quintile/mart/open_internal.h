#pragma once

#include <filesystem>
#include <string>
#include <type_traits>

#include "quintile/base/result.h"
#include "quintile/mart/mart.h"

namespace quintile::mart {

/// All bytes of a file. Errors: NotFound; Io.
[[nodiscard]] Result<std::string> read_text(const std::filesystem::path& file);

/// The text of a mart's run.json. Errors: NotFound where there is no mart; Io.
[[nodiscard]] Result<std::string> manifest_text(const std::filesystem::path& folder);

/// `open` for the text of run.json as it was read. Files of another mart may have come in between.
[[nodiscard]] Result<Mart> open_with(const std::filesystem::path& folder,
                                     const std::string& manifest_text, Rows rows);

/// A mart's run.json, held open: as long as it is, no other file has its place on the disk, also if
/// one with the same text comes after another.
class HeldManifest {
 public:
  explicit HeldManifest(const std::filesystem::path& folder);
  ~HeldManifest();
  HeldManifest(const HeldManifest&) = delete;
  HeldManifest& operator=(const HeldManifest&) = delete;

  /// Whether the folder's run.json is still this one.
  [[nodiscard]] bool is_in_place() const;

 private:
  std::string file_;
  int descriptor_;
};

/// What `read`, given the text of run.json, makes of a mart's files. A run may put another mart in
/// place meanwhile: then what was read is dropped and read anew. Errors: those of `read` and
/// `manifest_text`; Io where the mart never stays for long enough.
template <typename Read>
[[nodiscard]] auto read_as_one(const std::filesystem::path& folder, Read&& read)
    -> std::invoke_result_t<Read, const std::string&> {
  constexpr int kAttemptsMax = 20;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const HeldManifest held(folder);
    QUINTILE_TRY(const std::string text, manifest_text(folder));
    auto result = read(text);
    if (held.is_in_place()) return result;
  }
  return fail(ErrorCode::Io, "was replaced again and again while it was read",
              "Try again when no run publishes into this folder.", {folder.string(), 0, 0});
}

}  // namespace quintile::mart
