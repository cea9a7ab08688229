// SPDX-License-Identifier: Apache-2.0
#include "fetch/file_source.hpp"

#include <memory>
#include <string>

#include <unistd.h>

#include "fetch/layout.hpp"
#include "http/url.hpp"
#include "sys/files.hpp"

namespace larder::fetch {

namespace {

constexpr std::string_view k_scheme = "file://";
constexpr std::size_t k_piece = 64U << 10U;  // bytes read at once

// "open PATH: no such file or directory" as `reading URL: no such file or
// directory`. Above all the user knows the URL.
Error reading(std::string_view url, const Error& error) {
  const auto& message = error.message();
  const auto colon = message.rfind(": ");
  const std::string reason = colon == std::string::npos ? message : message.substr(colon + 2);
  return {error.kind(), "reading " + std::string(url) + ": " + reason, error.hint()};
}

class FileTransport final : public Transport {
 public:
  FileTransport(std::string base, sys::Path folder) : base_(std::move(base)), folder_(std::move(folder)) {}

  Result<void> read(std::string_view name, std::uint64_t limit, std::string_view too_large, ByteSink& sink,
                    std::stop_token stop) const override {
    const std::string url = base_ + "/" + std::string(name);
    const auto relative = http::percent_decode(name);
    LARDER_ASSERT(relative.has_value());  // we encoded it ourselves
    const sys::Path path = folder_ / *relative;
    auto fd = sys::open_read(path);
    if (!fd) return fail(reading(url, fd.error()));
    const auto piece = std::make_unique_for_overwrite<std::byte[]>(k_piece);
    for (std::uint64_t left = limit;;) {
      if (stop.stop_requested()) return fail(Kind::cancelled, "reading " + url + ": cancelled");
      const auto got = ::read(fd->get(), piece.get(), k_piece);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(reading(url, errno_error("read " + path.string(), errno)));
      if (got == 0) return {};
      const auto count = static_cast<std::size_t>(got);
      if (count > left) {
        if (!too_large.empty()) return fail(Kind::invalid, std::string(too_large));
        return fail(Kind::invalid,
                    "reading " + url + ": file too large (limit " + std::to_string(limit) + " bytes)");
      }
      left -= count;
      TRY(sink.write({piece.get(), count}));
    }
  }

  std::string base() const override { return base_; }

 private:
  std::string base_;
  sys::Path folder_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_file_transport(std::string_view base) {
  const std::string shown(base);
  if (!base.starts_with("file:///")) {
    return fail(Kind::invalid, "invalid file:// proxy URL with non-path elements: " + http::redact(shown));
  }
  const auto folder = http::percent_decode(base.substr(k_scheme.size()));
  if (!folder || folder->find('\0') != std::string::npos) {
    return fail(Kind::invalid, "invalid file:// proxy URL: " + shown);
  }
  while (base.ends_with('/') && base.size() > k_scheme.size() + 1) base.remove_suffix(1);
  return std::make_unique<FileTransport>(std::string(base), *folder);
}

Result<std::unique_ptr<ModuleSource>> open_file_source(std::string_view base) {
  return make_layout_source(TRY(open_file_transport(base)));
}

}  // namespace larder::fetch
