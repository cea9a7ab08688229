// SPDX-License-Identifier: Apache-2.0
#include "gomod/modules_txt.hpp"

#include "base/text.hpp"
#include "gomod/check.hpp"
#include "gomod/semver.hpp"

namespace larder::gomod {

namespace {

class ModulesTxtReader {
 public:
  explicit ModulesTxtReader(ModulesTxt& out) : out_(out) {}

  void line(std::string_view text) {
    if (text.starts_with("# ")) {
      module_line(fields(text));
    } else if (!module_) {
      return;
    } else if (text.starts_with("## ")) {
      annotations(text.substr(3));
    } else if (const auto words = fields(text); words.size() == 1 && check_import_path(words[0])) {
      package(std::string(words[0]));
    }
  }

 private:
  // "# PATH VERSION", "# PATH VERSION => …", "# PATH => …"
  void module_line(const std::vector<std::string_view>& words) {
    if (words.size() < 3) return;
    const bool versioned = semver::valid(words[2]);
    if (!versioned && words[2] != "=>") {
      module_.reset();
      return;
    }
    module_ = Module{std::string(words[1]), versioned ? std::string(words[2]) : ""};
    const std::size_t arrow = versioned ? 3 : 2;
    if (words.size() <= arrow + 1 || words[arrow] != "=>") return;
    const std::size_t count = words.size() - arrow - 1;
    if (count > 2 || (count == 2 && !semver::valid(words[arrow + 2]))) return;
    out_.about[*module_].replacement =
        Module{std::string(words[arrow + 1]), count == 2 ? std::string(words[arrow + 2]) : ""};
    out_.replaced.push_back(*module_);
  }

  // "explicit; go 1.17"
  void annotations(std::string_view text) {
    auto& about = out_.about[*module_];
    for (const auto part : split(text, ';')) {
      const auto entry = trim(part);
      if (entry == "explicit") about.explicit_ = true;
      if (entry.starts_with("go ")) about.go_version = entry.substr(3);
    }
  }

  void package(std::string path) {
    out_.module_of_package[std::move(path)] = *module_;
    const auto [at, added] = out_.versions.emplace(module_->path, module_->version);
    if (!added && semver::compare(at->second, module_->version) >= 0) return;
    at->second = module_->version;
    out_.with_packages.push_back(*module_);
  }

  ModulesTxt& out_;
  std::optional<Module> module_;  // of the line above
};

bool is_workspace(std::string_view first_line) {
  if (!first_line.starts_with("## ")) return false;
  for (const auto part : split(first_line.substr(3), ';')) {
    if (trim(part) == "workspace") return true;
  }
  return false;
}

}  // namespace

const ModulesTxt::About* ModulesTxt::find(const Module& module) const {
  const auto it = about.find(module);
  return it == about.end() ? nullptr : &it->second;
}

ModulesTxt parse_modules_txt(std::string_view text) {
  ModulesTxt out;
  out.is_workspace = is_workspace(text.substr(0, text.find('\n')));
  ModulesTxtReader reader(out);
  for (const auto line : split(text, '\n')) reader.line(line);
  return out;
}

}  // namespace larder::gomod
