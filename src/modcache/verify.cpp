// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "modcache/cache.hpp"
#include "modzip/archive.hpp"
#include "modzip/hash.hpp"

namespace larder::modcache {

namespace {

constexpr std::uint64_t k_max_ziphash = 4096;  // bytes; a whole one has 47

// Of whatever entries there are: names of another module make another hash, which is all verify looks at.
Result<gomod::H1> hash_zip_file(const Path& file) {
  const auto zip = TRY(sys::Mapping::open(file));
  const auto archive = TRY(modzip::Archive::open(zip.bytes()));
  return modzip::hash_archive(archive, modzip::Scratch::of_thread(), [&zip] { zip.let_go(); });
}

class Verification {
 public:
  explicit Verification(const gomod::Module& module) : module_(module) {}

  void problem(Kind kind, std::string_view what) {
    errors_.emplace_back(kind, fmt::format("{} {}: {}", module_.path, module_.version, what));
  }
  // False where nothing more can be said.
  bool compare(const Result<gomod::H1>& have, std::string_view want, std::string_view what,
               const Path& place) {
    if (!have) {
      problem(have.error().kind(), have.error().message());
      return false;
    }
    if (have->str() != want) {
      problem(Kind::unverified, fmt::format("{} has been modified ({})", what, place.native()));
    }
    return true;
  }
  std::vector<Error> take() { return std::move(errors_); }

 private:
  const gomod::Module& module_;
  std::vector<Error> errors_;
};

// Could not look: then the hash is tried, and its error tells.
bool surely_absent(const Result<std::optional<sys::FileInfo>>& found) {
  return found && !*found;
}

}  // namespace

std::vector<Error> Cache::verify(const gomod::Module& module) const {
  Verification verification(module);
  if (unusable_) {  // as go says it, who asks for a file without a name
    verification.problem(unusable_->kind(), "missing ziphash: open hash: no such file or directory");
    return verification.take();
  }
  const auto files = paths(module);
  if (!files) {
    verification.problem(files.error().kind(), files.error().message());
    return verification.take();
  }
  const bool no_zip = surely_absent(sys::stat(files->zip()));
  const auto dir = dir_state(module);
  const bool no_dir = dir && *dir != DirState::usable;
  const auto ziphash = sys::read_file(files->ziphash(), k_max_ziphash);
  if (!ziphash) {
    if (!no_zip || !no_dir) {
      verification.problem(ziphash.error().kind(), "missing ziphash: " + ziphash.error().message());
    }
    return verification.take();
  }
  const std::string_view want = trim(*ziphash);
  if (!no_zip && !verification.compare(hash_zip_file(files->zip()), want, "zip", files->zip())) {
    return verification.take();
  }
  if (!no_dir) verification.compare(modzip::hash_dir(module.str(), files->dir()), want, "dir", files->dir());
  return verification.take();
}

}  // namespace larder::modcache
