// SPDX-License-Identifier: Apache-2.0
#include "app/cached_modules.hpp"

#include <fmt/format.h>

#include "fetch/chain.hpp"
#include "gomod/check.hpp"
#include "modcache/parsed_info.hpp"
#include "sys/lock.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

namespace {

class FileSink final : public fetch::ByteSink {
 public:
  explicit FileSink(sys::AtomicFile& file) : file_(file) {}
  Result<void> write(Bytes data) override { return file_.write(data); }
  Result<void> restart() override { return file_.rewind(); }

 private:
  sys::AtomicFile& file_;
};

// A checksum database that shows two histories ends everything too: its full report comes once.
bool ends_everything(const Error& error) {
  return contradicts_sum(error) ||
         (error.kind() == Kind::unverified && error.message().starts_with("SECURITY ERROR\n"));
}

}  // namespace

bool contradicts_sum(const Error& error) {
  return error.kind() == Kind::unverified && error.message().starts_with("verifying ");
}

Result<void> CachedModules::check(const gomod::Module& module, fetch::Of of, const gomod::H1& hash,
                                  const std::stop_token& stop) {
  const auto proof = verifier_.verify(module, of, hash, stop);
  if (!proof) {
    note_damage(module, proof.error());
    auto first = contradiction_.lock();
    if (!*first && ends_everything(proof.error())) *first = proof.error();
    return fail(proof.error());
  }
  if (*proof == fetch::Proof::go_sum) return {};
  const auto text = hash.str();
  const bool is_new = new_sums_.lock()->add(module, of, text);
  if (is_new && tell_sum_) tell_sum_(module, of, text);
  return {};
}

void CachedModules::note_damage(const gomod::Module& module, const Error& error) {
  if (error.kind() != Kind::unverified && error.kind() != Kind::invalid) return;
  damaged_.lock()->try_emplace(module, error.kind());
}

// As go: it is remembered where that is possible, in a cache that is there.
void CachedModules::tell_unwritten(std::string_view what, const gomod::Module& module,
                                   const Result<void>& written) {
  if (!written && tell_unwritten_ && unwritten_.lock()->emplace(what, module).second)
    tell_unwritten_(fmt::format("writing {} cache: {}", what, written.error().message()));
}

bool CachedModules::write_info(const gomod::Module& module, std::string_view json) {
  if (!fills_ || cache_.unusable()) return false;
  const auto written = cache_.write_info(module, json);
  tell_unwritten("stat", module, written);
  return written.has_value();
}

void CachedModules::write_mod(const gomod::Module& module, std::string_view go_mod) {
  if (fills_ && !cache_.unusable()) tell_unwritten("go.mod", module, cache_.write_mod(module, go_mod));
}

Result<std::string> CachedModules::info(const gomod::Module& module, std::stop_token stop,
                                        const fetch::ModuleSource* from) {
  if (auto cached = TRY(cache_.info(module))) return *std::move(cached);
  asked_source_ = true;
  const auto info = (from == nullptr ? source_ : *from).info(module.path, module.version, stop);
  if (!info) {
    if (info.error().kind() == Kind::unverified) note_damage(module, info.error());
    return fail(info.error());
  }
  auto text = fetch::cached_info(*info);
  write_info(module, text);
  return text;
}

// One command asks for the same up to four times: for the version, its upgrade, retractions, deprecation.
Result<std::optional<fetch::Info>> CachedModules::read_info(const gomod::Module& module) {
  {
    auto infos = infos_.lock();
    if (const auto known = infos->find(module); known != infos->end()) return known->second;
  }
  auto read = TRY(modcache::parsed_info(cache_, module));
  if (read) infos_.lock()->emplace(module, *read);
  return read;
}

Result<fetch::Info> CachedModules::query(const std::string& path, const std::string& query,
                                         std::stop_token stop, const fetch::ModuleSource* from) {
  if (query != "latest") return stat(path, query, std::move(stop), from);
  return keep(path, TRY((from == nullptr ? source_ : *from).latest(path, std::move(stop))), Anew::no);
}

Result<fetch::Info> CachedModules::stat(const std::string& path, const std::string& revision,
                                        std::stop_token stop, const fetch::ModuleSource* from) {
  const gomod::Module exact{path, revision};
  const bool is_exact = gomod::check_canonical(exact).has_value();
  if (is_exact) {
    if (auto cached = TRY(read_info(exact))) return *std::move(cached);
  }
  asked_source_ = true;
  auto found = (from == nullptr ? source_ : *from).info(path, revision, stop);
  if (found) return keep(path, *std::move(found), Anew::yes);
  if (is_exact || !fetch::lookup_disabled(found.error())) return found;
  const auto version = TRY(cache_.version_of_commit(path, revision));
  return version ? fetch::parse_info(TRY(info({path, *version}, stop))) : found;
}

// As go: what a branch or a hash led to takes the place of what is cached, "latest" does not; for this
// command the first answer counts. What cannot be written is asked for again.
Result<fetch::Info> CachedModules::keep(const std::string& path, fetch::Info found, Anew anew) {
  const gomod::Module module{path, found.version};
  TRY(gomod::check_canonical(module));
  if (!fills_) return found;
  const auto held = TRY(cache_.info(module));
  const auto text = fetch::cached_info(found);
  const bool stays = held && (anew == Anew::no || *held == text);
  if (stays || write_info(module, text)) infos_.lock()->emplace(module, found);
  return found;
}

Result<std::string> CachedModules::mod(const gomod::Module& module, std::stop_token stop) {
  auto cached = TRY(cache_.mod(module));
  const bool is_new = !cached;
  if (is_new) {
    asked_source_ = true;
    auto got = source_.mod(module, stop);
    if (!got && got.error().kind() == Kind::unverified) note_damage(module, got.error());
    cached = TRY(std::move(got));
  }
  TRY(check(module, fetch::Of::go_mod, gomod::hash_go_mod(*cached), stop));
  if (is_new) write_mod(module, *cached);
  return *std::move(cached);
}

std::optional<std::string> CachedModules::near_mod(const gomod::Module& module, std::stop_token stop) const {
  if (auto cached = cache_.mod(module); cached && *cached) return *std::move(cached);
  if (fills_) return std::nullopt;
  auto held = source_.mod(module, std::move(stop));
  return held ? std::optional(*std::move(held)) : std::nullopt;
}

Result<modcache::Installed> CachedModules::install(const gomod::Module& module, Need need,
                                                   std::stop_token stop) {
  if (!fills_) return fail(Kind::internal, module.str() + ": nothing may be put into the module cache");
  if (const auto& unusable = cache_.unusable()) {
    auto first = contradiction_.lock();
    if (!*first) *first = *unusable;
    return fail(*unusable);
  }
  const auto fetch = [&](sys::AtomicFile& file) {
    asked_source_ = true;
    FileSink sink(file);
    return source_.zip(module, sink, stop);
  };
  const auto check_hash = [&](const gomod::H1& h1) { return check(module, fetch::Of::zip, h1, stop); };
  const auto begins = [&] {
    if (tell_) tell_(module);
  };
  auto installed = cache_.install(module, fetch, check_hash,
                                  {.extract = need != Need::zip,
                                   .needs_zip = need != Need::tree,
                                   .threads = sys::cpu_count(),
                                   .stop = stop,
                                   .begins = begins});
  if (!installed) note_damage(module, installed.error());
  return installed;
}

Result<void> add_to_go_sum(const sys::Path& file, const gomod::GoSum& lines, const gomod::GoSum& elsewhere) {
  if (lines.empty()) return {};
  const auto lock = TRY(sys::FileLock::exclusive(file));
  const auto text = TRY(lock.read(256U << 20U));
  auto sum = TRY(gomod::GoSum::parse(file.filename().native(), text));
  sum.merge(lines);
  const auto entries = sum.entries();
  for (const auto& entry : entries) {
    if (!elsewhere.lookup(entry.module, entry.of).empty()) sum.remove(entry.module, entry.of);
  }
  const auto updated = sum.str();
  if (updated == text) return {};
  return lock.replace(as_bytes(updated));
}

}  // namespace larder::app
