#include "quintile/io/bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>

namespace quintile::io {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::int64_t change_time_ns(const struct stat& info) {
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Status read_into_memory(int descriptor, const std::string& name, std::int64_t offset,
                        std::int64_t size, char* out) {
  for (std::int64_t done = 0; done < size;) {
    const ssize_t count =
        ::pread(descriptor, out + done, static_cast<std::size_t>(size - done), offset + done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorCode::Io, "the file cannot be read: " + reason(errno), "", {.file = name});
    }
    if (count == 0) {
      return fail(ErrorCode::Input, "the file became shorter while it was read",
                  "wait until whatever writes it has finished, then run again", {.file = name});
    }
    done += count;
  }
  return {};
}

Result<std::string_view> read_at(int descriptor, const std::string& name, std::int64_t offset,
                                 std::int64_t size, Block& block) {
  char* const memory = block.reserve(size);
  QUINTILE_TRY_STATUS(read_into_memory(descriptor, name, offset, size, memory));
  std::memset(memory + size, 0, kPadding);
  return std::string_view(memory, static_cast<std::size_t>(size));
}

}  // namespace

char* Block::reserve(std::int64_t size) {
  if (size + kPadding > capacity_) {
    capacity_ = std::max(size + kPadding, capacity_ + capacity_ / 2);
    memory_ = std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(capacity_));
  }
  return memory_.get();
}

Result<std::unique_ptr<File>> File::open(const InputPath& path) {
  std::unique_ptr<File> file(new File);
  file->name_ = path.name;
  file->descriptor_ = ::open(path.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info{};
  if (file->descriptor_ < 0 || ::fstat(file->descriptor_, &info) != 0) {
    const int error = errno;
    const char* advice = error == ENOENT   ? "check input.path; it is relative to the plan file"
                         : error == EACCES ? "give this user the right to read it"
                                           : "";
    return fail(ErrorCode::Io, "the file cannot be opened: " + reason(error), advice,
                {.file = path.name});
  }
  if (S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::Input, "this is a folder, not a file",
                fmt::format("name the files, or write {}/*.csv", path.name), {.file = path.name});
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::Input, "this is no regular file", "write the data into a file first",
                {.file = path.name});
  }
  file->size_ = info.st_size;
  file->changed_ns_ = change_time_ns(info);
  return file;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string_view> File::read(std::int64_t offset, std::int64_t size, Block& block) const {
  return read_at(descriptor_, name_, offset, size, block);
}

Status File::read_into(std::int64_t offset, std::int64_t size, char* out) const {
  return read_into_memory(descriptor_, name_, offset, size, out);
}

Status File::check_unchanged() const {
  struct stat info{};
  if (::fstat(descriptor_, &info) != 0) {
    return fail(ErrorCode::Io, "the file cannot be looked at: " + reason(errno), "",
                {.file = name_});
  }
  if (info.st_size != size_ || change_time_ns(info) != changed_ns_) {
    return fail(ErrorCode::Input,
                fmt::format("the file changed while it was read (from {} to {} bytes)", size_,
                            info.st_size),
                "wait until whatever writes it has finished, then run again", {.file = name_});
  }
  return {};
}

Spool::Spool(std::string name, std::string folder, std::int64_t memory_max)
    : name_(std::move(name)), folder_(std::move(folder)), memory_max_(memory_max) {}

Spool::~Spool() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status Spool::move_to_file() {
  std::error_code ignored;
  std::string path = (folder_.empty() ? std::filesystem::temp_directory_path(ignored)
                                      : std::filesystem::path(folder_)) /
                     "quintile-XXXXXX";
  descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    return fail(ErrorCode::Io,
                "no temporary file can be made for the decompressed input: " + reason(errno),
                "set TMPDIR to a folder with room");
  }
  ::unlink(path.c_str());
  const std::string kept = std::move(memory_);
  memory_ = {};
  size_ = 0;
  return append(kept);
}

Status Spool::append(std::string_view text) {
  if (descriptor_ < 0) {
    if (size_ + static_cast<std::int64_t>(text.size()) <= memory_max_) {
      memory_.append(text);
      size_ += static_cast<std::int64_t>(text.size());
      return {};
    }
    QUINTILE_TRY_STATUS(move_to_file());
  }
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(ErrorCode::Io,
                  "the decompressed input cannot be kept in a temporary file: " + reason(errno),
                  "set TMPDIR to a folder with room", {.file = name_});
    }
    size_ += count;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string_view> Spool::read(std::int64_t offset, std::int64_t size, Block& block) const {
  if (descriptor_ >= 0) return read_at(descriptor_, name_, offset, size, block);
  const std::string_view whole = memory_;
  if (offset + size + kPadding <= size_) {
    return whole.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
  }
  char* const memory = block.reserve(size);
  std::memcpy(memory, whole.data() + offset, static_cast<std::size_t>(size));
  std::memset(memory + size, 0, kPadding);
  return std::string_view(memory, static_cast<std::size_t>(size));
}

namespace {

Result<std::string> sha256(const Bytes& bytes, const std::stop_token& stop) {
  constexpr std::int64_t kStep = 256 * 1024;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  Block block;
  for (std::int64_t at = 0; at < bytes.size() && !stop.stop_requested(); at += kStep) {
    QUINTILE_TRY(const std::string_view text,
                 bytes.read(at, std::min(kStep, bytes.size() - at), block));
    EVP_DigestUpdate(context.get(), text.data(), text.size());
  }
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), hash, &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", hash[i]);
  return hex;
}

}  // namespace

Digests::Digests(std::vector<const Bytes*> files)
    : files_(std::move(files)), results_(files_.size()) {
  constexpr std::size_t kThreadsMax = 4;
  for (std::size_t i = 0; i < std::min(files_.size(), kThreadsMax); ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

void Digests::work(const std::stop_token& stop) {
  for (std::size_t i = next_++; i < files_.size() && !stop.stop_requested(); i = next_++) {
    results_[i] = sha256(*files_[i], stop);
  }
}

Result<std::vector<std::string>> Digests::wait() {
  for (std::jthread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  std::vector<std::string> digests;
  for (const auto& result : results_) {
    if (!result) return std::unexpected(result.error());
    digests.push_back(*result);
  }
  return digests;
}

}  // namespace quintile::io
