// SPDX-License-Identifier: Apache-2.0
// A folder that is held open, so that the way to it is walked once and not anew for each file below it: of a
// module cache that is most of what it costs to look at one.
//
// Files are named by their whole path; one that is not below the folder is walked as it is, and so are all
// where the folder could not be opened. What is put under its name after the folder itself was removed or
// replaced is not seen. Thread rule: immutable; share it.
#pragma once

#include <string>

#include <sys/stat.h>

#include "sys/files.hpp"

namespace larder::sys {

class Folder {
 public:
  explicit Folder(const Path& path);

  // As the functions of these names in files.hpp.
  Result<std::optional<FileInfo>> stat(const std::string& file) const;
  bool is_file(const std::string& file) const;
  Result<std::string> read_file(const std::string& file, std::uint64_t limit) const;
  // As ::stat: false where it failed.
  bool stat(const std::string& file, struct stat& into) const;

 private:
  struct Place {
    int from;
    const char* name;
  };
  Place place(const std::string& file) const;

  std::string prefix_;  // ends with '/'
  Fd folder_;
};

}  // namespace larder::sys
