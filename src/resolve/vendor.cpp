// SPDX-License-Identifier: Apache-2.0
#include "resolve/vendor.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "gomod/goversion.hpp"

namespace larder::resolve {

namespace {

// Before this version modules.txt did not say which modules are required, nor list unused replacements.
constexpr std::string_view k_full_list_go = "1.14";

class Check {
 public:
  Check(const MainModules& mains, const gomod::ModulesTxt& vendored, const VendorNames& names)
      : mains_(mains),
        vendored_(vendored),
        names_(names),
        old_(!mains.is_workspace() &&
             gomod::goversion::compare(mains.modules().front().go_version, k_full_list_go) < 0) {}

  std::string run() {
    for (const auto& main : mains_.modules()) {
      for (const auto& r : main.require) required(r.mod);
    }
    std::set<Module> seen;
    const auto check = [&](const MainReplace& r) {
      if (seen.insert(r.from).second) replaced(r.from);
    };
    for (const auto& main : mains_.modules()) std::ranges::for_each(main.replace, check);
    std::ranges::for_each(mains_.replacements(), check);  // go.work's are left
    for (const auto& m : vendored_.with_packages) listed(m);
    for (const auto& m : vendored_.replaced) {
      if (mains_.replacement(m) == nullptr) {
        complain(m, fmt::format("is marked as replaced in vendor/modules.txt, but not replaced in {}",
                                mains_.is_workspace() ? "the workspace" : "go.mod"));
      }
    }
    return std::move(text_);
  }

 private:
  void complain(const Module& m, std::string_view what) { text_ += fmt::format("\n\t{}: {}", m.str(), what); }

  void required(const Module& m) {
    const auto* about = vendored_.find(m);
    if (about != nullptr && about->explicit_) return;
    if (!old_) {
      return complain(m,
                      "is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt");
    }
    const auto at = vendored_.versions.find(m.path);
    if (at == vendored_.versions.end() || at->second == m.version) return;
    complain(m, fmt::format("is explicitly required in go.mod, but vendor/modules.txt indicates {}@{}",
                            m.path, at->second));
  }

  void replaced(const Module& from) {
    const Module* to = mains_.replacement(from);
    const auto source = mains_.replacement_source(from);
    if (to == nullptr || !source) return;
    const auto* about = vendored_.find(from);
    if (about != nullptr && about->replacement) {
      if (*about->replacement == *to) return;
      return complain(
          from, fmt::format("is replaced by {} in {}, but marked as replaced by {} in vendor/modules.txt",
                            source->to->str(), file_of(*source), about->replacement->str()));
    }
    const auto at = vendored_.versions.find(from.path);
    const bool in_use = at != vendored_.versions.end() && at->second == from.version;
    if (old_ && (from.version.empty() || !in_use)) return;
    complain(from, fmt::format("is replaced in {}, but not marked as replaced in vendor/modules.txt",
                               file_of(*source)));
  }

  const std::string& file_of(const MainModules::Source& source) const {
    if (source.file == nullptr) return names_.work_file;
    return names_.mod_files[static_cast<std::size_t>(source.file - mains_.modules().data())];
  }

  void listed(const Module& m) {
    const auto* about = vendored_.find(m);
    if (about == nullptr || !about->explicit_) return;
    for (const auto& main : mains_.modules()) {
      if (std::ranges::find(main.require, m, &MainRequire::mod) != main.require.end()) return;
    }
    complain(
        m, fmt::format("is marked as explicit in vendor/modules.txt, but not explicitly required in {}go.mod",
                       mains_.is_workspace() ? "a " : ""));
  }

  const MainModules& mains_;
  const gomod::ModulesTxt& vendored_;
  const VendorNames& names_;
  bool old_;
  std::string text_;
};

}  // namespace

Result<void> check_vendor(const MainModules& mains, const gomod::ModulesTxt& vendored,
                          const VendorNames& names) {
  const auto problems = Check(mains, vendored, names).run();
  if (problems.empty()) return {};
  return fail(
      Kind::invalid,
      fmt::format("inconsistent vendoring in {}:{}\n\n\tTo ignore the vendor directory, use -mod=readonly or "
                  "-mod=mod.\n\tTo sync the vendor directory, run:\n\t\tgo {} vendor",
                  names.root, problems, mains.is_workspace() ? "work" : "mod"));
}

std::vector<Module> vendored_build_list(const MainModules& mains, const Requirements& requirements,
                                        const gomod::ModulesTxt& vendored) {
  std::map<std::string, std::string> selected;
  const auto add = [&](const Module& m) {
    if (mains.contains(m.path)) return;
    const auto [at, added] = selected.emplace(m.path, m.version);
    if (!added && compare_versions(m.path, m.version, at->second) > 0) at->second = m.version;
  };
  for (const auto& m : requirements.roots) add(m);
  if (mains.is_workspace()) {
    for (const auto& main : mains.modules()) {
      for (const auto& r : main.require) add(r.mod);
    }
  }
  for (const auto& m : vendored.with_packages) add(m);
  std::vector<Module> out;
  for (const auto& main : mains.modules()) out.push_back({main.path, ""});
  for (const auto& [path, version] : selected) out.push_back({path, version});
  return out;
}

}  // namespace larder::resolve
