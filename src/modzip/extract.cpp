// SPDX-License-Identifier: Apache-2.0
#include "modzip/extract.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>

#include "modzip/archive.hpp"
#include "modzip/check.hpp"
#include "modzip/pass.hpp"
#include "modzip/tree_writer.hpp"
#include "sys/files.hpp"
#include "sys/retry.hpp"

namespace larder::modzip {

namespace {

Result<void> require_empty(const std::filesystem::path& target) {
  const auto entries = sys::list_dir(target);
  if (!entries) {
    if (entries.error().kind() == Kind::not_found) return {};
    return fail(entries.error());
  }
  if (entries->empty()) return {};
  return fail(Kind::io, "target directory " + target.native() + " exists and is not empty");
}

Result<sys::Fd> make_target(const std::filesystem::path& target) {
  TRY(sys::make_dirs(target));
  sys::Fd fd(sys::retry_eintr([&] { return ::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) return fail_errno("open " + target.native());
  return fd;
}

std::vector<std::string_view> sorted_names(const Listing& listing) {
  std::vector<std::string_view> names;
  names.reserve(listing.files.size());
  for (const ListedFile& file : listing.files) names.push_back(file.name);
  std::sort(names.begin(), names.end());
  return names;
}

Extracted summary(const gomod::H1& h1, const Listing& listing) {
  return {.h1 = h1, .files = listing.files.size(), .bytes = listing.total_size};
}

PassOptions pass_options(const ExtractOptions& options) {
  return {.threads = options.threads, .stop = options.stop, .scratch = nullptr};
}

}  // namespace

Result<Extracted> extract(const gomod::Module& module, Bytes zip, const std::filesystem::path& target,
                          const ExtractOptions& options) {
  TRY(require_empty(target));
  const Archive archive = TRY(Archive::open(zip));
  const Listing listing = TRY(check_zip(module, archive));
  const sys::Fd root = TRY(make_target(target));
  const std::size_t prefix = zip_prefix(module).size();
  const auto make_sink = [&]() -> EntrySink {
    return [writer = std::make_shared<TreeWriter>(root.get(), target.native()), prefix](
               const Entry& entry, Bytes content) -> Result<void> {
      if (entry.is_directory()) return {};
      return writer->write(entry.name.substr(prefix), content);
    };
  };
  const gomod::H1 h1 = TRY(hash_in_one_pass(archive, pass_options(options), make_sink));
  if (!options.read_write) TRY(make_read_only(root.get(), target.native(), sorted_names(listing)));
  return summary(h1, listing);
}

Result<Extracted> check_and_hash(const gomod::Module& module, Bytes zip, const ExtractOptions& options) {
  const Archive archive = TRY(Archive::open(zip));
  const Listing listing = TRY(check_zip(module, archive));
  return summary(TRY(hash_in_one_pass(archive, pass_options(options))), listing);
}

}  // namespace larder::modzip
