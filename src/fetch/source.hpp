// SPDX-License-Identifier: Apache-2.0
// The port through which modules come in. Twins: a proxy (http, https), a folder (file://), and the GOPROXY
// chain over them (chain.hpp). Nothing a source returns is verified against a hash: see verify.hpp.
//
// Errors name the module as the go command does, `M@V: reading URL: 404 Not Found`, and callers branch on
// Kind: not_found (404, 410, no such file), forbidden (401, 403, GOPROXY=off), unavailable (the network,
// 5xx), invalid (the answer makes no sense, is too large), cancelled. Thread rule: a source may be used from
// any thread at once. Spec: go-modules.md 5.2.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fetch/info.hpp"
#include "gomod/module.hpp"
#include "http/sink.hpp"

namespace larder::fetch {

using ByteSink = http::ByteSink;

class ModuleSource {
 public:
  virtual ~ModuleSource() = default;
  // Tagged versions in semver order, each once; what is no semantic version or a pseudo-version is left out.
  virtual Result<std::vector<std::string>> list(std::string_view path, std::stop_token stop) const = 0;
  // What `@latest` stands for; where the source does not say, the newest by time in its list.
  virtual Result<Info> latest(std::string_view path, std::stop_token stop) const = 0;
  // query: a version, branch, tag or commit without '/'. A canonical version answers exactly that version.
  virtual Result<Info> info(std::string_view path, std::string_view query, std::stop_token stop) const = 0;
  // At most 16 MiB. The version must be canonical, here and below.
  virtual Result<std::string> mod(const gomod::Module& module, std::stop_token stop) const = 0;
  // At most 500 MiB, else Kind::invalid "downloaded zip file too large". After an error the sink holds
  // anything.
  virtual Result<void> zip(const gomod::Module& module, ByteSink& sink, std::stop_token stop) const = 0;

  // Origins: from what an answer follows, so that a later run can ask whether it would still be the answer.
  // Only version control knows them.

  // Of the tagged versions that begin with prefix, once they were listed.
  virtual std::optional<Origin> tags_origin(std::string_view /*path*/, std::string_view /*prefix*/,
                                            std::stop_token /*stop*/) const {
    return std::nullopt;
  }
  // Of the last failure of info, and of latest, where the query is "latest".
  virtual std::optional<Origin> failure_origin(std::string_view /*path*/, std::string_view /*query*/) const {
    return std::nullopt;
  }
  // Would what was found at this origin be found again? An error says why that cannot be said.
  virtual Result<void> confirm(std::string_view /*path*/, const Origin& /*origin*/,
                               std::stop_token /*stop*/) const {
    return fail(Kind::unavailable, "a proxy cannot confirm an origin");
  }

  // For a question of several operations that one source has to answer: a chain asks its sources in turn, and
  // goes on after "not found" as it does for one operation. Without a path it is about several modules.
  using Ask = std::function<Result<void>(const ModuleSource&)>;
  virtual Result<void> in_turn(const gomod::Module& /*module*/, const Ask& ask) const { return ask(*this); }
};

}  // namespace larder::fetch
