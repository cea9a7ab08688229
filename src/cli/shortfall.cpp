// SPDX-License-Identifier: Apache-2.0
#include "cli/shortfall.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/session.hpp"

namespace larder::cli {

namespace {

std::string lines_of(const std::set<gomod::Module>& modules) {
  std::string out;
  for (const auto& module : modules) out += module.str() + "\n";
  return out;
}

void show(const Session& session, std::string_view what, const std::set<gomod::Module>& modules) {
  if (modules.empty()) return;
  const auto lines = lines_of(modules);
  session.note(fmt::format("{}:\n{}", what, std::string_view(lines).substr(0, lines.size() - 1)));
}

}  // namespace

Result<void> write_wants(const Session& session, const sys::Path& file,
                         const std::set<gomod::Module>& wanted) {
  for (const std::string_view ours : {"go.mod", "go.sum", "go.work", "go.work.sum"}) {
    if (file.filename() == ours)
      return fail(Kind::invalid, "--wants " + quote(file.native()) + " would replace a file of the project",
                  "name the list first: `--wants wants.txt`");
  }
  TRY(sys::write_file(file, as_bytes(lines_of(wanted))));
  if (wanted.empty()) return {};
  session.note(fmt::format("{} missing, listed in {}; outside: `larder stock {}`, and pack the whole store",
                           wanted.size(), file.native(), file.native()));
  return {};
}

int tell_shortfall(const Session& session, int status) {
  const auto& found = *session.shortfall;
  show(
      session,
      fmt::format("damaged or not vouched for in {}, to be brought in again with `larder stock --verify`, or "
                  "`larder unpack` of a bundle that has it; private modules, which no database knows, need "
                  "GOPRIVATE or GONOSUMDB",
                  found.store.native()),
      found.damaged);
  const auto show_missing = [&] {
    auto missing = found.wanted;
    for (const auto& module : found.damaged) missing.erase(module);
    show(session, "missing, to be brought in with `larder stock` (--wants FILE writes the list)", missing);
  };
  if (found.wants_file.empty()) {
    show_missing();
  } else if (const auto written = write_wants(session, found.wants_file, found.wanted); !written) {
    show_missing();
    session.complain(written.error());
    if (status == k_done) status = k_failed;
  }
  return status == k_failed && found.is_damaged ? static_cast<int>(k_integrity) : status;
}

}  // namespace larder::cli
