// SPDX-License-Identifier: Apache-2.0
// GoSession with --from-store and --no-extract: where packages are read, and what is missing.

#include "cli/go_session.hpp"
#include "fetch/chain.hpp"
#include "gomod/check.hpp"
#include "resolve/imports.hpp"

namespace larder::cli {

std::optional<app::ZipsInPlace::Options> GoSession::zips_in_place() const {
  if (extracts_) return std::nullopt;
  return app::ZipsInPlace::Options{.held = held_.get(),
                                   .shelf = shelf(),
                                   .store_name = store_path(session_).native(),
                                   .stop = session_.stop};
}

Result<void> GoSession::ask_the_store() {
  held_store_ = TRY(open_store(session_, store::Access::read_only));
  held_modules_.emplace(*held_store_);
  held_ = std::make_unique<app::HeldModules>(*held_modules_, *cache_);
  held_authority_.emplace(*held_modules_, fetch_settings(session_), held_.get());
  return {};
}

void GoSession::want_unless_held(const gomod::Module& module, gomod::GoSum::Of of) const {
  if (held_ != nullptr && !module.version.empty() && !resolve::is_toolchain_path(module.path))
    held_->want_unless_held(module, of == gomod::GoSum::Of::zip);
}

void GoSession::want_package(const std::string& path) const {
  if (held_ != nullptr && gomod::check_path(path)) held_->want_query(path, "latest");
}

bool GoSession::may_be_held(const std::string& package) const {
  for (std::string_view prefix = package; !prefix.empty(); prefix = resolve::parent_path(prefix)) {
    if (held_ != nullptr && held_->latest(prefix, session_.stop)) return true;
  }
  return false;
}

// What is held may be all that go.mod lacks.
void GoSession::want_package_unless_held(const std::string& path) const {
  if (held_ != nullptr && !may_be_held(path)) want_package(path);
}

// "upgrade" and "patch" begin at what is there.
void GoSession::want_query(const std::string& path, const std::string& query,
                           const app::QueryFailure& failure) const {
  using Is = app::QueryFailure::Is;
  if (held_ == nullptr || (failure.is != Is::no_match && failure.is != Is::absent)) return;
  if (query != "upgrade" && query != "patch" && gomod::check_path(path)) held_->want_query(path, query);
}

// Only those who asked for it get another status than go has.
void GoSession::add_shortfall() {
  auto& out = *session_.shortfall;
  const bool from_store = held_ != nullptr;
  for (const auto& [module, kind] : modules_->damaged()) {
    if (extracts_ && !from_store) break;
    if (kind != Kind::unverified && !from_store) continue;
    out.is_damaged = true;
    if (from_store) out.damaged.insert(module);
  }
  if (!from_store) return;
  out.store = store_path(session_);
  for (const auto& want : held_->wants()) out.wanted.insert(want.module);
}

}  // namespace larder::cli
