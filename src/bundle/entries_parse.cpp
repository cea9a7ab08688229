// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bundle/entries.hpp"
#include "bundle/tar.hpp"
#include "modzip/check.hpp"
#include "modzip/limits.hpp"

namespace larder::bundle {
namespace {

constexpr std::string_view k_entries_header = "larder-entries 1";
// More members than this cannot be in the manifest; more blobs or blocks than lines cannot be in the text.
constexpr std::uint64_t k_max_number = UINT32_MAX - 1;
constexpr std::uint64_t k_max_pieces = 1'000'000;  // in one content; sizes bound it further

// One pass over the lines. Records open, and must be finished before the next begins: `blobs_due_` of a
// block, `files_due_` of a module.
class EntriesParser {
 public:
  explicit EntriesParser(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

  Result<Entries> run() {
    std::string_view rest = *text_;
    if (rest.size() > k_max_entries) return bad("table too large");
    if (!rest.ends_with('\n')) return bad("the last line is cut");
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      ++line_;
      TRY(take_line(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    TRY(finish());
    out_.names = text_;
    return std::move(out_);
  }

 private:
  struct Row {
    std::string_view word;
    Result<void> (EntriesParser::*take)(std::string_view rest);
  };
  static const std::array<Row, 7> k_rows;

  Failure bad(std::string_view what) const {
    return fail(Kind::invalid, fmt::format("entries:{}: {}", line_, what));
  }

  Result<void> take_line(std::string_view line) {
    if (line_ == 1) {
      if (line != k_entries_header) return bad("not an entry table of format 1");
      return {};
    }
    const std::string_view word = line.substr(0, line.find(' '));
    const std::string_view rest =
        word.size() == line.size() ? std::string_view() : line.substr(word.size() + 1);
    if (blobs_due_ > 0 && word != "blob") return bad("a block has fewer blobs than it says");
    if (files_due_ > 0 && word != "file") return bad("a module has fewer files than it says");
    for (const Row& row : k_rows) {
      if (row.word == word) return (this->*row.take)(rest);
    }
    ++out_.passed_over;
    return {};
  }

  // The next field of `rest`, up to a blank or the end.
  static std::string_view field(std::string_view& rest) {
    const std::string_view out = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), out.size() + 1));
    return out;
  }
  Result<std::uint32_t> number_field(std::string_view& rest, std::uint64_t limit) const {
    const auto value = parse_canonical_uint(field(rest), limit);
    if (!value) return bad(fmt::format("expected a number of at most {}", limit));
    return static_cast<std::uint32_t>(*value);
  }
  Result<void> nothing_left(std::string_view rest) const {
    if (!rest.empty()) return bad("words after the end of the record");
    return {};
  }

  Result<void> take_volume(std::string_view rest) {
    if (!out_.modules.empty()) return bad("a volume after the modules");
    if (!valid_member_name(rest) || out_.volumes.size() >= k_max_members) return bad("bad volume");
    out_.volumes.emplace_back(rest);
    volume_size_ = 0;
    return {};
  }

  Result<void> take_block(std::string_view rest) {
    if (out_.volumes.empty() || !out_.modules.empty()) return bad("a block outside the volumes");
    Block block;
    block.volume = static_cast<std::uint32_t>(out_.volumes.size() - 1);
    block.packed = TRY(number_field(rest, k_max_packed));
    block.raw = TRY(number_field(rest, k_max_block));
    block.blobs = TRY(number_field(rest, k_max_number));
    TRY(nothing_left(rest));
    if (block.packed == 0 || block.blobs == 0) return bad("an empty block");
    block.first_blob = static_cast<std::uint32_t>(out_.blobs.size());
    block.offset = volume_size_;
    volume_size_ += block.packed;
    if (volume_size_ > k_max_volume) return bad("volume too large");
    blobs_due_ = block.blobs;
    raw_due_ = block.raw;
    out_.blocks.push_back(block);
    return {};
  }

  Result<void> take_blob(std::string_view rest) {
    if (blobs_due_ == 0) return bad("a blob outside a block");
    Blob blob;
    blob.size = TRY(number_field(rest, std::min<std::uint64_t>(raw_due_, k_max_blob)));
    const auto digest = Digest::from_hex(rest);
    if (!digest || digest->hex() != rest) return bad("expected a SHA-256 in hex");
    blob.digest = *digest;
    blob.block = static_cast<std::uint32_t>(out_.blocks.size() - 1);
    blob.offset = out_.blocks.back().raw - raw_due_;
    raw_due_ -= blob.size;
    if (--blobs_due_ == 0 && raw_due_ != 0) return bad("the blobs of a block do not fill it");
    out_.blobs.push_back(blob);
    return {};
  }

  Result<Content> content_field(std::string_view& rest, std::uint64_t limit) {
    std::string_view list = field(rest);
    Content content{.first = static_cast<std::uint32_t>(out_.pieces.size()), .count = 0};
    std::uint64_t size = 0;
    while (true) {
      const std::string_view item = list.substr(0, list.find(','));
      const auto piece = parse_canonical_uint(item, k_max_number);
      if (!piece || *piece >= out_.blobs.size()) return bad("there is no such blob");
      if (out_.pieces.size() >= k_max_number || content.count >= k_max_pieces) return bad("too many blobs");
      out_.pieces.push_back(static_cast<std::uint32_t>(*piece));
      ++content.count;
      size += out_.blobs[*piece].size;
      if (size > limit) return bad(fmt::format("content of more than {} bytes", limit));
      if (item.size() == list.size()) return content;
      list.remove_prefix(item.size() + 1);
    }
  }

  Result<ModuleEntry> begin_module(std::string_view& rest, Form form) {
    ModuleEntry m;
    m.form = form;
    m.module.path = field(rest);
    m.module.version = field(rest);
    if (auto valid = modzip::check_module(m.module); !valid) return bad(valid.error().message());
    if (!out_.modules.empty() && !(out_.modules.back().module < m.module)) {
      return bad(fmt::format("{} is not in its place", m.module.str()));
    }
    if (form != Form::requirement) {
      const auto h1 = gomod::H1::parse(field(rest));
      if (!h1) return bad("expected a hash h1:…");
      m.h1 = *h1;
      m.info = TRY(content_field(rest, k_max_small_file));
    }
    m.mod = TRY(content_field(rest, k_max_small_file));
    m.first_file = static_cast<std::uint32_t>(out_.files.size());
    return m;
  }

  Result<void> take_go(std::string_view rest) {
    ModuleEntry m = TRY(begin_module(rest, Form::files));
    m.file_count = TRY(number_field(rest, k_max_number));
    TRY(nothing_left(rest));
    files_due_ = m.file_count;
    out_.modules.push_back(std::move(m));
    return {};
  }

  Result<void> take_gozip(std::string_view rest) {
    ModuleEntry m = TRY(begin_module(rest, Form::zip));
    m.zip = TRY(content_field(rest, modzip::k_max_zip_file));
    TRY(nothing_left(rest));
    out_.modules.push_back(std::move(m));
    return {};
  }

  Result<void> take_gomod(std::string_view rest) {
    ModuleEntry m = TRY(begin_module(rest, Form::requirement));
    TRY(nothing_left(rest));
    out_.modules.push_back(std::move(m));
    return {};
  }

  Result<void> take_file(std::string_view rest) {
    if (files_due_ == 0) return bad("a file outside a module");
    File file;
    file.content = TRY(content_field(rest, modzip::k_max_zip_file));
    file.name = rest;
    out_.files.push_back(file);
    if (--files_due_ > 0) return {};
    if (auto names = check_names(out_, out_.modules.back()); !names) {
      return bad(fmt::format("{}: {}", out_.modules.back().module.str(), names.error().message()));
    }
    return {};
  }

  Result<void> finish() {
    if (blobs_due_ > 0) return bad("a block has fewer blobs than it says");
    if (files_due_ > 0) return bad("a module has fewer files than it says");
    std::vector<Digest> digests;  // sorted, not hashed: whoever wrote the table may choose what collides
    digests.reserve(out_.blobs.size());
    for (const Blob& blob : out_.blobs) digests.push_back(blob.digest);
    std::ranges::sort(digests);
    const auto twice = std::ranges::adjacent_find(digests);
    if (twice != digests.end()) return bad(fmt::format("two blobs with SHA-256 {}", twice->hex()));
    return check_orphans();
  }

  Result<void> check_orphans() const {
    if (out_.passed_over > 0) return {};
    std::vector<bool> used(out_.blobs.size(), false);
    for (const std::uint32_t piece : out_.pieces) used[piece] = true;
    const auto orphan = std::ranges::find(used, false);
    if (orphan != used.end()) return bad(fmt::format("nothing needs blob {}", orphan - used.begin()));
    return {};
  }

  std::shared_ptr<const std::string> text_;
  Entries out_;
  std::uint64_t line_ = 0;
  std::uint64_t volume_size_ = 0;
  std::uint32_t blobs_due_ = 0;
  std::uint32_t raw_due_ = 0;
  std::uint32_t files_due_ = 0;
};

const std::array<EntriesParser::Row, 7> EntriesParser::k_rows{{{"file", &EntriesParser::take_file},
                                                               {"blob", &EntriesParser::take_blob},
                                                               {"block", &EntriesParser::take_block},
                                                               {"go", &EntriesParser::take_go},
                                                               {"gozip", &EntriesParser::take_gozip},
                                                               {"gomod", &EntriesParser::take_gomod},
                                                               {"volume", &EntriesParser::take_volume}}};

}  // namespace

Result<Entries> parse_entries(std::string text) {
  return EntriesParser(std::make_shared<const std::string>(std::move(text))).run();
}

}  // namespace larder::bundle
