// SPDX-License-Identifier: Apache-2.0
#include "app/go_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <unistd.h>

#include "goscan/constraint.hpp"
#include "goscan/header.hpp"
#include "goscan/walk.hpp"

namespace larder::app {

namespace {

constexpr std::size_t k_first_read = 16U << 10U;  // bytes; the header of nearly every file
constexpr std::size_t k_max_header = 64U << 20U;  // bytes; a longer one is cut there
constexpr auto k_settled = std::chrono::seconds(2);

struct FileRead {
  std::string_view text;
  goscan::Header header;  // views into text
  std::string buffer;
};

// Appends up to `want` bytes; false at the end of the file.
Result<bool> read_more(int fd, std::size_t want, std::string& into, const sys::Path& file) {
  const auto size = into.size();
  into.resize(size + want);
  std::size_t got = 0;
  while (got < want) {
    const auto n = ::read(fd, into.data() + size + got, want - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      into.resize(size);
      return fail_errno("read " + file.native());
    }
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  into.resize(size + got);
  return got == want;
}

// Reads no more of the file than its header needs.
Result<void> read_header_of(const sys::Path& file, FileRead& out) {
  const auto fd = TRY(sys::open_read(file));
  out.buffer.clear();
  for (std::size_t want = k_first_read;; want *= 4) {
    const bool more = TRY(read_more(fd.get(), want, out.buffer, file));
    out.text = out.buffer;
    out.header = goscan::read_header(out.text, !more || out.text.size() >= k_max_header);
    if (out.header.complete) return {};
  }
}

class Imports {
 public:
  explicit Imports(bool indexed) : indexed_(indexed) {}

  // The error ends the scan of the folder.
  Result<void> add(const sys::Path& dir, const std::string& name) {
    const auto file = dir / name;
    const auto read = read_header_of(file, read_);
    if ((!read || read_.header.nul) && !indexed_) return refuse(file, read);
    add(name, read.has_value());
    return {};
  }

  void add(const modzip::ZipTree& zip, const modzip::Entry& entry, const std::string& name) {
    const auto content = zip.read(entry, modzip::Scratch::of_thread());
    if (content) {
      read_.text = as_text(*content).substr(0, k_max_header);
      read_.header = goscan::read_header(read_.text, true);
    }
    add(name, content.has_value());
  }

  resolve::DirScan finish() {
    for (auto* list : {&out_.imports, &out_.test_imports}) {
      std::ranges::sort(*list);
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    out_.no_go = !any_;
    return std::move(out_);
  }

 private:
  // What read_ holds.
  void add(const std::string& name, bool readable) {
    if (!readable || read_.header.nul) {
      any_ = true;
      return;
    }
    const auto constraint = goscan::check_constraints(read_.text, goscan::Tags::any());
    if (constraint == goscan::Constraint::excluded) return;
    if (constraint == goscan::Constraint::repeated) {
      any_ = any_ || indexed_;
      return;
    }
    any_ = true;
    if (indexed_ && !read_.header.parses) return;
    auto& into = goscan::is_test_name(name) ? out_.test_imports : out_.imports;
    for (const auto literal : read_.header.imports) {
      auto path = goscan::unquote(literal);
      if (path && !goscan::is_pseudo_import(*path)) into.push_back(*std::move(path));
    }
  }

  static Result<void> refuse(const sys::Path& file, const Result<void>& read) {
    if (!read) return fail(read.error());
    return fail(Kind::invalid, "reading " + file.native() + ": unexpected NUL in input");
  }

  bool indexed_;
  bool any_ = false;
  FileRead read_;
  resolve::DirScan out_;
};

// Young files, and what is no plain file, keep go from indexing a local folder.
bool is_settled(const sys::Path& file, bool regular) {
  if (!regular) return false;
  const auto info = sys::stat(file);
  if (!info || !*info) return false;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::nanoseconds((*info)->mtime_ns) + k_settled < now;
}

}  // namespace

Result<GoFolder> read_go_folder(const sys::Path& dir, FolderKind kind) {
  GoFolder out;
  out.indexed = kind != FolderKind::unindexed;
  auto entries = sys::list_dir(dir);
  if (!entries) {
    if (!sys::is_dir(dir)) return out;
    return fail(std::move(entries).error());
  }
  bool hidden_go = false;
  for (const auto& entry : *entries) {
    if (entry.is_dir) continue;
    const auto file = dir / entry.name;
    if (kind == FolderKind::local && out.indexed) out.indexed = is_settled(file, entry.is_regular);
    if (!entry.name.ends_with(".go")) continue;
    bool regular = entry.is_regular;
    if (entry.is_symlink) {
      const auto target = sys::stat(file);
      regular = target && *target && (*target)->is_regular;
    }
    if (!regular) continue;
    if (goscan::is_source_name(entry.name)) {
      out.files.push_back(entry.name);
    } else {
      hidden_go = true;
    }
  }
  out.has_go_files = !out.files.empty() || (hidden_go && !out.indexed);
  return out;
}

bool any_go_file(const sys::Path& dir) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(dir.c_str()), &::closedir);
  if (!open) return false;
  while (const dirent* entry = ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const std::string_view name(static_cast<const char*>(entry->d_name));
    if (!goscan::is_source_name(name)) continue;
    if (entry->d_type == DT_REG) return true;
    if (entry->d_type == DT_DIR) continue;
    const auto target = sys::stat(dir / name);
    if (target && *target && (*target)->is_regular) return true;
  }
  return false;
}

resolve::DirScan scan_go_folder(const sys::Path& dir, const GoFolder& folder) {
  Imports imports(folder.indexed);
  for (const auto& name : folder.files) {
    if (auto added = imports.add(dir, name); !added) {
      resolve::DirScan out;
      out.error = std::move(added).error();
      return out;
    }
  }
  return imports.finish();
}

GoFolder read_go_folder(const modzip::ZipTree& zip, std::string_view folder) {
  GoFolder out;
  for (const auto& child : zip.list(folder)) {
    if (child.entry != nullptr && goscan::is_source_name(child.name)) out.files.emplace_back(child.name);
  }
  out.has_go_files = !out.files.empty();
  return out;
}

resolve::DirScan scan_go_folder(const modzip::ZipTree& zip, std::string_view dir, const GoFolder& folder) {
  Imports imports(true);
  const auto prefix = dir.empty() ? std::string() : std::string(dir) + "/";
  for (const auto& name : folder.files) {
    const auto* entry = zip.file(prefix + name);
    if (entry != nullptr) imports.add(zip, *entry, name);
  }
  return imports.finish();
}

namespace {

bool builds(const sys::Path& dir, const std::string& name, const goscan::BuildContext& context) {
  if (!goscan::name_matches(name, context.goos, context.goarch)) return false;
  FileRead read;
  if (!read_header_of(dir / name, read) || read.header.nul) return true;
  const auto constraint = goscan::check_constraints(read.text, goscan::Tags::of(context));
  if (constraint != goscan::Constraint::allowed) return constraint == goscan::Constraint::repeated;
  if (!read.header.parses) return true;
  if (read.header.package == "documentation") return false;
  if (context.cgo || goscan::is_test_name(name)) return true;
  return std::ranges::none_of(read.header.imports,
                              [](std::string_view literal) { return goscan::unquote(literal) == "C"; });
}

}  // namespace

bool builds(const sys::Path& dir, const goscan::BuildContext& context) {
  const auto folder = read_go_folder(dir, FolderKind::extracted);
  return folder &&
         std::ranges::any_of(folder->files, [&](const auto& name) { return builds(dir, name, context); });
}

std::string package_name(const sys::Path& dir, const goscan::BuildContext& context) {
  const auto folder = read_go_folder(dir, FolderKind::extracted);
  if (!folder) return {};
  const auto first =
      std::ranges::find_if(folder->files, [&](const auto& name) { return builds(dir, name, context); });
  FileRead read;
  if (first == folder->files.end() || !read_header_of(dir / *first, read)) return {};
  return std::string(read.header.package);
}

bool source_counts(std::string_view text) {
  if (goscan::read_header(text, true).nul) return true;
  return goscan::check_constraints(text, goscan::Tags::any()) == goscan::Constraint::allowed;
}

std::vector<std::string> source_embeds(std::string_view text) {
  const auto imports = goscan::read_header(text, true).imports;
  const bool embeds = std::ranges::any_of(
      imports, [](std::string_view literal) { return goscan::unquote(literal) == "embed"; });
  return embeds ? goscan::embed_patterns(text) : std::vector<std::string>();
}

bool file_counts(const sys::Path& file) {
  FileRead read;
  if (!read_header_of(file, read) || read.header.nul) return true;
  return goscan::check_constraints(read.text, goscan::Tags::any()) == goscan::Constraint::allowed;
}

Result<std::vector<std::string>> file_embeds(const sys::Path& file) {
  return source_embeds(TRY(sys::read_file(file)));
}

}  // namespace larder::app
