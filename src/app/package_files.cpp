// SPDX-License-Identifier: Apache-2.0
#include "app/package_files.hpp"

namespace larder::app {

namespace {

class FilesOnDisk final : public PackageFiles {
 public:
  Result<std::vector<sys::DirEntry>> list(const sys::Path& folder) const override {
    return sys::list_dir(folder);
  }
  bool is_file(const sys::Path& path) const override { return sys::is_file(path); }
  Result<void> copy(const sys::Path& from, const sys::Path& to) const override {
    const auto content = TRY(sys::Mapping::open(from));
    return sys::write_file(to, content.bytes());
  }
};

Error no_such_file(const sys::Path& path) {
  return {Kind::not_found, "open " + path.native() + ": no such file or directory"};
}

}  // namespace

const PackageFiles& files_on_disk() {
  static const FilesOnDisk files;
  return files;
}

Result<std::vector<sys::DirEntry>> FilesInZip::list(const sys::Path& folder) const {
  const auto* tree = TRY(zip_->tree());
  const auto below = zip_->below_root(folder.native());
  if (!tree->has_folder(below)) return fail(no_such_file(folder));
  std::vector<sys::DirEntry> out;
  for (const auto& child : tree->list(below)) {
    const bool is_folder = child.entry == nullptr;
    out.push_back({.name = std::string(child.name), .is_dir = is_folder, .is_regular = !is_folder});
  }
  return out;
}

bool FilesInZip::is_file(const sys::Path& path) const {
  const auto tree = zip_->tree();
  return tree && (*tree)->file(zip_->below_root(path.native())) != nullptr;
}

Result<std::string_view> FilesInZip::read(const sys::Path& path) const {
  const auto* tree = TRY(zip_->tree());
  const auto* entry = tree->file(zip_->below_root(path.native()));
  if (entry == nullptr) return fail(no_such_file(path));
  return as_text(TRY(tree->read(*entry, modzip::Scratch::of_thread())));
}

Result<void> FilesInZip::copy(const sys::Path& from, const sys::Path& to) const {
  return sys::write_file(to, as_bytes(TRY(read(from))));
}

}  // namespace larder::app
