// SPDX-License-Identifier: Apache-2.0
// Creates files below a directory that is already open, making directories on the way. Few system calls when
// names come in order: a directory stays open until the names have left it. Several writers may work below
// one root at once. One writer, one thread. Spec: go-modules.md 1.6, 4.7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "sys/fd.hpp"

namespace larder::modzip {

class TreeWriter {
 public:
  // Borrows the descriptor; `root_name` is for messages. Both must outlive the writer.
  TreeWriter(int root, const std::string& root_name) : root_(root), root_name_(root_name) {}

  // A new file with mode 0444 less the umask; Kind::io if there is one. `name` is slash-separated, checked,
  // and must stay valid until the next call.
  Result<void> write(std::string_view name, Bytes content);

 private:
  struct Level {
    std::size_t length = 0;  // of the directory's path, a prefix of directory_
    sys::Fd fd;              // empty deep down, see k_most_open
  };
  struct Base {
    int fd;
    std::size_t length;  // of the path that fd stands for, with its slash
  };

  Base base() const;
  Result<void> enter(std::string_view directory);
  Failure failure(std::string_view action, std::string_view name, int number) const;
  const char* terminated(std::string_view text);

  int root_;
  const std::string& root_name_;
  std::vector<Level> levels_;
  std::string_view directory_;  // "" for the root
  std::string buffer_;
};

// Takes the write bits from the root and all directories above `names` (slash-separated files in ascending
// order), children first.
Result<void> make_read_only(int root, const std::string& root_name,
                            const std::vector<std::string_view>& names);

}  // namespace larder::modzip
