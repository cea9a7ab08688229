// SPDX-License-Identifier: Apache-2.0
#include "app/module_zip.hpp"

namespace larder::app {

std::string_view ModuleZip::below_root(std::string_view path) const {
  LARDER_ASSERT(path.starts_with(root_));
  path.remove_prefix(root_.size());
  return path.starts_with('/') ? path.substr(1) : path;
}

Result<ModuleZip::Opened> ModuleZip::open() const {
  auto bytes = TRY(open_());
  auto tree = TRY(modzip::ZipTree::open(module_, bytes.bytes));
  return Opened{std::move(bytes), std::move(tree)};
}

Result<const modzip::ZipTree*> ModuleZip::tree() {
  auto opened = opened_.lock();
  if (!*opened) opened->emplace(open());
  if (!**opened) return fail((**opened).error());
  return &(**opened)->tree;
}

}  // namespace larder::app
