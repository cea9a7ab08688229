// SPDX-License-Identifier: Apache-2.0
// The zip of one module version, read where it lies, in the module cache or in a store. It is opened when
// something of it is asked for that no index knows.
// Thread rule: any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "gomod/module.hpp"
#include "modzip/zip_tree.hpp"
#include "store/store.hpp"
#include "sys/files.hpp"
#include "sys/parallel.hpp"

namespace larder::app {

// The bytes of a zip, and what keeps them readable.
struct ZipBytes {
  std::optional<sys::Mapping> mapping;
  std::unique_ptr<store::Blob> blob;
  Bytes bytes;
};

class ModuleZip {
 public:
  // Gives the bytes once they were found to be the right ones.
  using Open = std::function<Result<ZipBytes>()>;

  // root: where the module would be extracted to; paths of its files begin with that.
  ModuleZip(gomod::Module module, std::string root, Open open)
      : module_(std::move(module)), root_(std::move(root)), open_(std::move(open)) {}

  const gomod::Module& module() const { return module_; }
  const std::string& root() const { return root_; }
  // What follows the root in a path below it; "" for the root.
  std::string_view below_root(std::string_view path) const;
  // Opened at the first call; valid as long as this lives.
  Result<const modzip::ZipTree*> tree();

 private:
  struct Opened {
    ZipBytes bytes;
    modzip::ZipTree tree;
  };
  Result<Opened> open() const;

  gomod::Module module_;
  std::string root_;
  Open open_;
  sys::Sync<std::optional<Result<Opened>>> opened_;
};
using ModuleZipPtr = std::shared_ptr<ModuleZip>;

}  // namespace larder::app
