// SPDX-License-Identifier: Apache-2.0
#include "creds/netrc.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "sys/files.hpp"

namespace larder::creds {

// Words come in pairs on one line, as the go command reads them: "machine
// NAME", "login NAME", …
Netrc Netrc::parse(std::string_view text) {
  Netrc netrc;
  Entry entry;
  bool in_macro = false;
  for (const auto line : lines(text.substr(0, k_max_netrc))) {
    const auto words = fields(line);
    if (in_macro) {
      in_macro = !line.empty();
      continue;
    }
    std::size_t i = 0;
    for (; i + 1 < words.size(); i += 2) {
      const auto word = words[i];
      if (word == "machine") entry = {std::string(words[i + 1]), {}, {}};
      if (word == "login") entry.login = words[i + 1];
      if (word == "password") entry.password = words[i + 1];
      in_macro = in_macro || word == "macdef";
      if (entry.machine.empty() || entry.login.empty() || entry.password.empty()) continue;
      netrc.entries_.push_back(std::exchange(entry, {}));
    }
    if (i < words.size() && words[i] == "default") break;
  }
  return netrc;
}

const Netrc::Entry* Netrc::find(std::string_view host) const {
  const auto at =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.machine == host; });
  return at == entries_.end() ? nullptr : &*at;
}

Result<Netrc> read_netrc(const std::filesystem::path& path) {
  if (path.empty()) return Netrc();
  const auto text = TRY(sys::read_file_if_exists(path, k_max_netrc));
  return Netrc::parse(text.value_or(""));
}

}  // namespace larder::creds
