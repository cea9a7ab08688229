// SPDX-License-Identifier: Apache-2.0
#include "fetch/sumdb_ports.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "fetch/file_source.hpp"
#include "fetch/proxy_source.hpp"
#include "gomod/goproxy.hpp"
#include "http/url.hpp"
#include "sumstore/layout.hpp"
#include "sys/files.hpp"
#include "sys/lock.hpp"

namespace larder::fetch {

namespace {

constexpr std::uint64_t k_max_supported = 1U << 20U;  // bytes that nobody looks at
constexpr std::uint64_t k_max_state_file = 4U << 20U;

class NoSink final : public ByteSink {
 public:
  Result<void> write(Bytes) override { return {}; }
  Result<void> restart() override { return {}; }
};

bool is_absent(const Result<std::optional<sys::FileInfo>>& found) {
  return found && !*found;
}

}  // namespace

std::vector<Result<std::string>> DatabaseTransport::read(const std::vector<std::string>& paths,
                                                         std::uint64_t limit, std::stop_token stop) {
  const auto from = base(stop);
  if (!from) return {paths.size(), fail(from.error())};
  std::vector<std::string> names;
  for (const auto& path : paths) names.push_back(http::encode_path(std::string_view(path).substr(1)));
  return (*from)->read_all(names, limit, stop);
}

// Found out once, by one thread.
Result<DatabaseTransport::Base> DatabaseTransport::base(const std::stop_token& stop) {
  const std::scoped_lock lock(mutex_);
  if (base_) return *base_;
  auto found = find_base(stop);
  if (found || found.error().kind() != Kind::cancelled) base_ = found;
  return found;
}

Result<DatabaseTransport::Base> DatabaseTransport::open(const std::string& url) {
  return url.starts_with("file:") ? TRY(open_file_transport(url)) : TRY(open_proxy_transport(url, client_));
}

Result<DatabaseTransport::Base> DatabaseTransport::find_base(const std::stop_token& stop) {
  const auto& name = database_.key.name();
  if (trim(settings_.goproxy) == "off" && !database_.url.starts_with("file:")) {
    return fail(Kind::forbidden, fmt::format("checksum database {} is not asked with GOPROXY=off", name),
                "Larder opens no socket with GOPROXY=off; go would ask the database all the same");
  }
  if (!database_.url.empty()) return open(database_.url).context("invalid GOSUMDB URL");
  std::optional<Error> failure;
  for (const auto& entry : TRY(gomod::parse_goproxy(settings_.goproxy, ""))) {
    if (entry.kind == gomod::ProxyEntry::Kind::direct) failure.reset();
    if (entry.kind != gomod::ProxyEntry::Kind::url) break;
    const auto proxy = TRY(open(entry.url));
    NoSink sink;
    auto supported = proxy->read(http::encode_path(fmt::format("sumdb/{}/supported", name)), k_max_supported,
                                 "", sink, stop);
    std::string_view url = entry.url;
    while (url.ends_with('/')) url.remove_suffix(1);
    if (supported) return open(fmt::format("{}/sumdb/{}", url, http::encode_path(name)));
    const auto kind = supported.error().kind();
    if (kind == Kind::cancelled) return fail(supported.error());
    if (kind == Kind::not_found) continue;
    failure = supported.error();
    if (!entry.fall_back_on_any_error) break;
  }
  if (failure) return fail(*std::move(failure));
  return open("https://" + name);
}

DatabaseState::DatabaseState(const std::string& name, const DatabasePaths& paths)
    : latest_(paths.heads.empty() ? sys::Path() : paths.heads / name / "latest"),
      cache_(paths.cache / name),
      store_(paths.store),
      prefix_(sumstore::prefix_of(name)) {}

Result<std::string> DatabaseState::latest() {
  if (latest_.empty()) return fail(Kind::invalid, "could not locate sumdb file: missing $GOPATH");
  const auto file = sys::FileLock::shared(latest_);
  if (file) return file->read(k_max_state_file);
  if (file.error().kind() == Kind::not_found) return "";
  return fail(file.error());
}

Result<bool> DatabaseState::replace_latest(std::string_view seen, std::string_view next) {
  if (latest_.empty()) return fail(Kind::invalid, "could not locate sumdb file: missing $GOPATH");
  TRY(sys::make_dirs(latest_.parent_path()));
  const auto file = TRY(sys::FileLock::exclusive(latest_));
  const auto now = TRY(file.read(k_max_state_file));
  if (!now.empty() && now != seen) return false;
  TRY(file.replace(as_bytes(next)));
  return true;
}

// A cache that we write ourselves is always looked at.
void DatabaseState::look() {
  has_cache_ = store_ == nullptr || !is_absent(sys::stat(cache_));
  if (store_ == nullptr) return;
  const auto held = store_->list(prefix_);
  has_store_ = !held || !held->empty();
}

// Between creating a file and locking it a writer shows an empty one.
std::optional<std::string> DatabaseState::cached(const std::string& file) {
  std::call_once(looked_, [&] { look(); });
  if (has_cache_) {
    const auto locked = sys::FileLock::shared(cache_ / file);
    auto text = locked ? locked->read(k_max_state_file) : Result<std::string>("");
    if (text && !text->empty()) return *std::move(text);
  }
  if (!has_store_) return std::nullopt;
  auto carried = store::read(*store_, prefix_ + "/" + file, k_max_state_file);
  if (!carried) return std::nullopt;
  return *std::move(carried);
}

void DatabaseState::cache(const std::string& file, std::string_view data) {
  if (store_ == nullptr) static_cast<void>(keep(file, data).has_value());
}

Result<void> DatabaseState::keep(const std::string& file, std::string_view data) const {
  const auto path = cache_ / file;
  TRY(sys::make_dirs(path.parent_path()));
  return TRY(sys::FileLock::exclusive(path)).replace(as_bytes(data));
}

}  // namespace larder::fetch
