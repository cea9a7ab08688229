// SPDX-License-Identifier: Apache-2.0
// By what a file is known to be the one that was read before: size, times of content and inode, number.
// Nobody can set the time of the inode, so a file that was edited, replaced or restored has another stamp.
// Thread rule: free functions. Format: docs/formats/index.md.
#pragma once

#include <cstdint>
#include <optional>

#include "index/record.hpp"
#include "sys/files.hpp"
#include "sys/folder.hpp"

namespace larder::index {

struct Stamp {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

// nullopt: no regular file is there.
std::optional<Stamp> stamp_of(const sys::Path& file);
std::optional<Stamp> stamp_of(const sys::Folder& folder, const std::string& file);
std::optional<Stamp> stamp_of(int fd);

// Of the clock that files get their times from, ns.
std::int64_t clock_ns();

// Was the file left alone long enough before then that a change since gave it another time?
bool is_settled(const Stamp& stamp, std::int64_t then_ns);

void write_stamp(RecordWriter& out, const Stamp& stamp);
Stamp read_stamp(RecordReader& in);

}  // namespace larder::index
