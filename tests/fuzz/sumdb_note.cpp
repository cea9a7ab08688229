// SPDX-License-Identifier: Apache-2.0
// Signed notes and lookup answers: no note opens that was not signed; what is taken from an answer is a piece
// of it, and a tree head that reads prints as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sumdb/note.hpp"
#include "sumdb/record.hpp"

using namespace larder::sumdb;

namespace {

void check_tree(std::string_view text) {
  const auto tree = parse_tree_head(text);
  if (tree && !text.starts_with(tree_head_text(*tree))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = VerifierKey::make("sumdb.test", std::string(32, 'k'));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (open_note(text, *key)) std::abort();
  if (const auto parsed = VerifierKey::parse(text);
      parsed && VerifierKey::parse(parsed->str()).value() != *parsed) {
    std::abort();
  }
  check_tree(text);
  const auto answer = parse_lookup(text);
  if (!answer) return 0;
  if (!valid_record(answer->record) || text.find(answer->record) == text.npos) std::abort();
  if (!text.ends_with(answer->tree_note)) std::abort();
  (void)record_hashes(answer->record, "example.com/m", "v1.0.0");
  check_tree(answer->tree_note);
  return 0;
}
