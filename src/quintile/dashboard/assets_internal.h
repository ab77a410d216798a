#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

/// The files of the page.
namespace quintile::dashboard {

struct Asset {
  std::string bytes;
  std::string brotli;  ///< compressed: what stood beside it as `.br`, else empty
  std::string type;
  std::string etag;
};

/// Files by path: "/", "/assets/index-CWG_knz8.js". Made once; const afterwards.
class Assets {
 public:
  /// The page as built into the program; a plain one that says so where there is none.
  [[nodiscard]] static Assets built_in();
  /// The files below a folder, as they are now.
  [[nodiscard]] static Assets of_folder(const std::filesystem::path& folder);

  [[nodiscard]] const Asset* find(std::string_view path) const;
  /// The hashes of the page's inline scripts for its policy: " 'sha256-...'" each.
  [[nodiscard]] const std::string& script_hashes() const { return script_hashes_; }

 private:
  /// `index.html.br` goes with `index.html`, whichever comes first.
  void add(std::string path, std::string bytes);
  /// The plain page where there is no other, and its policy.
  void finish();

  std::map<std::string, Asset, std::less<>> files_;
  std::string script_hashes_;
};

/// Brotli at `quality`, or "" where it does not get smaller.
[[nodiscard]] std::string brotli(std::string_view bytes, int quality);

}  // namespace quintile::dashboard
