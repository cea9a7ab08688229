// SPDX-License-Identifier: Apache-2.0
// Do the paths of a module fit into one tree, also where the file system ignores case? Keeps views of the
// paths: they must outlive the object. One thread. Spec: go-modules.md 4.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::modzip {

class Collisions {
 public:
  explicit Collisions(std::size_t expected_paths);

  // Adds a path and its parents; the reason if it collides with one added before.
  std::optional<std::string> add(std::string_view path, bool is_directory);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::string_view path;  // data() null: free
    bool is_directory = false;
  };
  enum class Step { inserted, present, collision };

  Step add_one(std::string_view path, bool is_directory, std::string& reason);
  Slot& find(std::uint64_t hash, std::string_view path);
  void grow();

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t used_ = 0;
  std::string_view last_parent_;  // known to be in, with all above it
  bool clean_ = true;             // no collision so far
};

}  // namespace larder::modzip
