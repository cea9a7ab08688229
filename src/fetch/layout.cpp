// SPDX-License-Identifier: Apache-2.0
#include "fetch/layout.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"
#include "fetch/rfc3339.hpp"
#include "gomod/check.hpp"
#include "gomod/escape.hpp"
#include "gomod/pseudo.hpp"
#include "gomod/semver.hpp"
#include "http/url.hpp"
#include "modzip/limits.hpp"

namespace larder::fetch {

namespace {

constexpr std::uint64_t k_max_list = 64U << 20U;  // bytes; the longest public list has some 100 KB

using gomod::Module;

// Of a list's lines: the tagged versions.
std::vector<std::string> tagged_versions(std::string_view list) {
  std::vector<std::string> versions;
  for (const auto line : lines(list)) {
    const auto words = fields(line);
    if (words.empty() || !gomod::semver::valid(words[0]) || gomod::pseudo::is_pseudo(words[0])) continue;
    versions.emplace_back(words[0]);
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return gomod::semver::less(a, b); });
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return versions;
}

// The time that a list gives a version: its second word, or what a
// pseudo-version says of itself.
std::optional<Instant> listed_time(const std::vector<std::string_view>& words) {
  if (words.size() > 1) return Instant::of(words[1]);
  const auto time = gomod::pseudo::time_rfc3339(words[0]);
  return time ? Instant::of(*time) : std::nullopt;
}

// Of a list's lines: the one with the newest time.
std::optional<std::string> newest_version(std::string_view list) {
  std::optional<std::string> best;
  std::optional<Instant> best_time;
  for (const auto line : lines(list)) {
    const auto words = fields(line);
    if (words.empty() || !gomod::semver::valid(words[0])) continue;
    const auto time = listed_time(words);
    if (!time || (best_time && !best_time->before(*time))) continue;
    best = words[0];
    best_time = time;
  }
  return best;
}

class LayoutSource final : public ModuleSource {
 public:
  explicit LayoutSource(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

  Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const override {
    return tagged_versions(TRY(read_text({std::string(path), ""}, "@v/list", k_max_list, stop)));
  }

  Result<Info> latest(std::string_view path, std::stop_token stop) const override {
    const Module module{std::string(path), ""};
    const auto text = read_text(module, "@latest", k_max_info, stop);
    if (text) return parsed(module, *text);
    if (text.error().kind() != Kind::not_found) return fail(text.error());
    const auto newest = newest_version(TRY(read_text(module, "@v/list", k_max_list, stop)));
    if (!newest) return fail(name_module(module, {Kind::not_found, "no commits"}));
    return info(path, *newest, stop);
  }

  Result<Info> info(std::string_view path, std::string_view query, std::stop_token stop) const override {
    const Module module{std::string(path), std::string(query)};
    const std::string name = TRY(version_file(module, ".info"));
    Info info = TRY(parsed(module, TRY(read_text(module, name, k_max_info, stop))));
    const bool exact = !query.empty() && gomod::semver::canonical_version(query) == query;
    if (exact && info.version != query) {
      return fail(name_module(module, {Kind::invalid, fmt::format("proxy returned info for version "
                                                                  "{} instead of requested version",
                                                                  info.version)}));
    }
    return info;
  }

  Result<std::string> mod(const Module& module, std::stop_token stop) const override {
    TRY(canonical(module));
    return read_text(module, TRY(version_file(module, ".mod")), modzip::k_max_go_mod, stop);
  }

  Result<void> zip(const Module& module, ByteSink& sink, std::stop_token stop) const override {
    TRY(canonical(module));
    const std::string name = TRY(version_file(module, ".zip"));
    return read(module, name, modzip::k_max_zip_file, "downloaded zip file too large", sink, stop);
  }

 private:
  static Result<void> canonical(const Module& module) {
    if (!module.version.empty() && gomod::semver::canonical_version(module.version) == module.version)
      return {};
    return fail(name_module(module, {Kind::invalid, "version is not canonical"}));
  }

  // "@v/v1.0.0.info", encoded.
  static Result<std::string> version_file(const Module& module, std::string_view suffix) {
    auto escaped = gomod::escape_version(module.version);
    if (!escaped) return fail(name_module(module, std::move(escaped).error()));
    return "@v/" + http::encode_path(*escaped) + std::string(suffix);
  }

  Result<Info> parsed(const Module& module, std::string_view text) const {
    auto info = parse_info(text);
    if (info) return info;
    return fail(name_module(module, std::move(info).error().with(fmt::format("invalid response from proxy {}",
                                                                             quote(transport_->base())))));
  }

  Result<std::string> read_text(const Module& module, std::string_view file, std::uint64_t limit,
                                const std::stop_token& stop) const {
    http::StringSink sink;
    TRY(read(module, file, limit, "", sink, stop));
    return sink.take();
  }

  Result<void> read(const Module& module, std::string_view file, std::uint64_t limit,
                    std::string_view too_large, ByteSink& sink, const std::stop_token& stop) const {
    const auto path = gomod::escape_path(module.path);
    if (!path) return fail(path.error());
    auto done =
        transport_->read(http::encode_path(*path) + "/" + std::string(file), limit, too_large, sink, stop);
    if (!done) return fail(name_module(module, std::move(done).error()));
    return {};
  }

  std::unique_ptr<Transport> transport_;
};

}  // namespace

std::unique_ptr<ModuleSource> make_layout_source(std::unique_ptr<Transport> transport) {
  return std::make_unique<LayoutSource>(std::move(transport));
}

Error name_module(const Module& module, Error error) {
  if (module.version.empty()) return std::move(error).with("module " + module.path);
  if (gomod::semver::canonical_version(module.version) == module.version) {
    return std::move(error).with(module.str());
  }
  return {error.kind(), gomod::invalid_module_version_text(module, error.message()), error.hint()};
}

std::vector<Result<std::string>> Transport::read_all(const std::vector<std::string>& names,
                                                     std::uint64_t limit, std::stop_token stop) const {
  std::vector<Result<std::string>> out;
  for (const auto& name : names) {
    http::StringSink sink;
    const auto got =
        stop.stop_requested() ? fail(Kind::cancelled, "cancelled") : read(name, limit, "", sink, stop);
    out.push_back(got ? Result<std::string>(sink.take()) : fail(got.error()));
  }
  return out;
}

}  // namespace larder::fetch
