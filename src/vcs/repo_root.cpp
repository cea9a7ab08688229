// SPDX-License-Identifier: Apache-2.0
#include "vcs/repo_root.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "vcs/govcs.hpp"
#include "vcs/meta.hpp"

namespace larder::vcs {

namespace {

constexpr std::array<std::string_view, 5> k_systems = {"bzr", "fossil", "git", "hg", "svn"};

bool is_word(char c) {
  const char l = to_lower_ascii(c);
  return (l >= 'a' && l <= 'z') || is_digit(c) || c == '_' || c == '.' || c == '-';
}
bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}
bool is_element(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_word);
}
bool is_lower_element(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_lower);
}
bool is_git_element(std::string_view text) {
  return text.size() > 4 && text.ends_with(".git") &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '_' || c == '.' || c == '-'; });
}
bool is_user(std::string_view text) {
  return text == "user";
}
bool is_repository(std::string_view text) {
  return text == "repository";
}
bool is_alphanumeric(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_lower(to_lower_ascii(c)); });
}

// A host whose paths say where the repository ends: by so many elements, each of the form given.
struct CodeHost {
  std::string_view prefix;
  std::string_view vcs;
  std::array<bool (*)(std::string_view), 4> elements;  // nullptr: no more
  bool no_suffix;                                      // the repository must not be called "x.git" and so on
  bool below;                                          // packages may lie below the repository
};
constexpr CodeHost k_hosts[] = {
    {"github.com", "git", {&is_element, &is_element}, true, true},
    {"bitbucket.org", "git", {&is_element, &is_element}, true, true},
    {"hub.jazz.net/git", "git", {&is_lower_element, &is_element}, true, true},
    {"git.apache.org", "git", {&is_git_element}, false, true},
    {"git.openstack.org", "git", {&is_element, &is_element}, false, true},
    {"chiselapp.com", "fossil", {&is_user, &is_alphanumeric, &is_repository, &is_element}, false, false},
};

bool has_vcs_suffix(std::string_view name) {
  return std::ranges::any_of(k_systems, [&](auto system) {
    return name.ends_with(system) && name.size() > system.size() &&
           name[name.size() - system.size() - 1] == '.';
  });
}

bool below_host(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

Result<RepoRoot> root_at(const CodeHost& host, std::string_view path) {
  const auto wrong = [&] {
    return fail(Kind::not_found, fmt::format("invalid {} import path {}", host.prefix, quote(path)));
  };
  const auto rest = path.substr(host.prefix.size());
  const auto elements = rest.empty() ? std::vector<std::string_view>() : split(rest.substr(1), '/');
  std::size_t count = 0;
  std::size_t length = host.prefix.size();
  for (const auto form : host.elements) {
    if (form == nullptr) break;
    if (count == elements.size() || !form(elements[count])) return wrong();
    length += 1 + elements[count++].size();
  }
  if (elements.size() > count && !host.below) return wrong();
  if (!std::all_of(elements.begin() + static_cast<std::ptrdiff_t>(count), elements.end(), is_element)) {
    return wrong();
  }
  const auto root = path.substr(0, length);
  if (host.no_suffix && has_vcs_suffix(root)) {
    return fail(Kind::not_found, fmt::format("invalid version control suffix in {}/ path", host.prefix));
  }
  return RepoRoot{std::string(host.vcs), "https://" + std::string(root), std::string(root), ""};
}

bool is_host(std::string_view text) {
  if (const auto port = cut(text, ":")) {
    if (!parse_uint(port->second, 65535)) return false;
    text = port->first;
  }
  const auto dot = text.find('.', 1);
  return dot != std::string_view::npos && dot + 1 < text.size() &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '.' || c == '-'; });
}

// "example.com/x/repo.git/sub": the first element that ends so is the repository's.
std::optional<RepoRoot> root_by_suffix(std::string_view path) {
  const auto elements = split(path, '/');
  if (!is_host(elements[0])) return std::nullopt;
  std::optional<RepoRoot> out;
  std::size_t length = elements[0].size();
  for (std::size_t i = 1; i < elements.size(); ++i) {
    length += 1 + elements[i].size();
    std::string_view name = elements[i];
    if (name.starts_with('~')) name.remove_prefix(1);
    if (!is_element(name)) return std::nullopt;
    const auto dot = name.rfind('.');
    if (out || dot == std::string_view::npos || dot == 0) continue;
    const auto system = name.substr(dot + 1);
    if (std::ranges::find(k_systems, system) == k_systems.end()) continue;
    out = RepoRoot{std::string(system), std::string(path.substr(0, length - system.size() - 1)),
                   std::string(path.substr(0, length)), ""};
  }
  return out;
}

Result<void> check_subdir(std::string_view subdir) {
  if (subdir.starts_with('/')) return fail(Kind::invalid, "leading slash");
  if (subdir.starts_with('-')) return fail(Kind::invalid, "leading hyphen");
  for (const auto element : split(subdir, '/')) {
    if (element == "..") return fail(Kind::invalid, "parent directory");
  }
  return {};
}

// "https" of "https://…", in lower case; "" without one.
Result<std::string> scheme_of(std::string_view url) {
  const auto colon = url.find(':');
  if (url.starts_with(':'))
    return fail(Kind::invalid, fmt::format("parse {}: missing protocol scheme", quote(url)));
  if (colon == std::string_view::npos) return std::string();
  const auto scheme = url.substr(0, colon);
  const char first = to_lower_ascii(scheme[0]);
  const bool valid = first >= 'a' && first <= 'z' && std::ranges::all_of(scheme, [](char c) {
                       return is_lower(to_lower_ascii(c)) || c == '+' || c == '-' || c == '.';
                     });
  return valid ? lower_ascii(scheme) : std::string();
}

Result<void> check_repo_url(std::string_view url) {
  const auto scheme = TRY(scheme_of(url));
  if (scheme.empty()) return fail(Kind::invalid, "no scheme");
  if (scheme == "file") return fail(Kind::invalid, "file scheme disallowed");
  return {};
}

Result<std::vector<MetaImport>> imports_on(const Page& page, std::string_view named) {
  auto imports = parse_meta_imports(page.text);
  const bool none = !imports || imports->empty();
  if (none && page.status_error) return fail(*page.status_error);  // says more than a parse error
  if (!imports) return fail(std::move(imports).error().with("parsing " + std::string(named)));
  return imports;
}

// The page of a prefix must carry the tag itself: else one path could name a repository for another's.
Result<void> confirm_prefix(const MetaImport& import, std::string_view path, const Page& page,
                            const Pages& pages, bool insecure, std::stop_token stop) {
  if (import.prefix == path) return {};
  const auto root_page = TRY(pages.get(import.prefix, insecure, stop).context("fetching " + import.prefix));
  const auto imports = TRY(imports_on(root_page, root_page.url));
  if (imports.empty()) {
    return fail(Kind::not_found,
                fmt::format("fetching {}: no go-import meta tag found in {}", import.prefix, root_page.url));
  }
  if (const auto there = match_import(imports, path); there && *there == import) return {};
  return fail(Kind::not_found,
              fmt::format("{} and //{}{}?go-get=1 disagree about go-import for {}", page.url, import.prefix,
                          import.prefix.find('/') == std::string::npos ? "/" : "", import.prefix));
}

Result<RepoRoot> dynamic_root(std::string_view path, const Pages& pages, const LookupOptions& options,
                              const std::stop_token& stop) {
  const auto host = path.substr(0, path.find('/'));
  if (host.find('.') == std::string_view::npos) {
    return fail(Kind::not_found, "import path does not begin with hostname");
  }
  const auto page = TRY(
      pages.get(path, options.insecure, stop).context(options.insecure ? "http/https fetch" : "https fetch"));
  const auto imports = TRY(imports_on(page, path));
  const auto import = match_import(imports, path);
  if (!import && import.error().kind() != Kind::not_found) {
    const std::string slash = host == path ? "/" : "";
    return fail(Kind::not_found,
                fmt::format("parse //{}{}?go-get=1: {}", path, slash, import.error().message()));
  }
  if (!import) {
    return fail(Kind::not_found,
                fmt::format("parse {}: no go-import meta tags ({})", page.url, import.error().message()));
  }
  TRY(confirm_prefix(*import, path, page, pages, options.insecure, stop));
  TRY(check_subdir(import->subdir)
          .context(fmt::format("{}: invalid subdirectory {}", page.url, quote(import->subdir))));
  TRY(check_repo_url(import->repo)
          .context(fmt::format("{}: invalid repo root {}", page.url, quote(import->repo))));
  const bool known = import->vcs == "mod" || std::ranges::find(k_systems, import->vcs) != k_systems.end();
  if (!known) return fail(Kind::not_found, fmt::format("{}: unknown vcs {}", page.url, quote(import->vcs)));
  return RepoRoot{import->vcs, import->repo, import->prefix, import->subdir};
}

bool is_safe_scheme(std::string_view scheme, const LookupOptions& options) {
  if (options.git_allow_protocol.empty()) return scheme == "https" || scheme == "git+ssh" || scheme == "ssh";
  const auto allowed = split(options.git_allow_protocol, ':');
  return std::ranges::find(allowed, scheme) != allowed.end();
}

// The first scheme under which there is a repository.
Result<RepoRoot> choose_scheme(RepoRoot root, const LookupOptions& options, const std::stop_token& stop) {
  if (root.vcs != "git") {
    root.repo = "https://" + root.repo;
    return root;
  }
  for (const std::string_view scheme : {"git", "https", "http", "git+ssh", "ssh"}) {
    if (!options.insecure && !is_safe_scheme(scheme, options)) continue;
    if (stop.stop_requested()) return fail(Kind::cancelled, "cancelled");
    std::string url = fmt::format("{}://{}", scheme, root.repo);
    if (!options.is_git(url, stop)) continue;
    root.repo = std::move(url);
    return root;
  }
  return fail(Kind::not_found,
              fmt::format("no {}protocol found for repository", options.insecure ? "" : "secure "));
}

}  // namespace

Result<std::optional<RepoRoot>> static_repo_root(std::string_view path) {
  for (const auto& host : k_hosts) {
    if (below_host(path, host.prefix)) return TRY(root_at(host, path));
  }
  return root_by_suffix(path);
}

Result<RepoRoot> find_repo_root(std::string_view path, const Pages& pages, const LookupOptions& options,
                                std::stop_token stop) {
  const auto find = [&]() -> Result<RepoRoot> {
    auto known = TRY(static_repo_root(path));
    if (known) {
      TRY(check_govcs(options.govcs, options.goprivate, known->vcs, known->root));
      if (known->repo.find("://") != std::string::npos) return *std::move(known);
      return choose_scheme(*std::move(known), options, stop);
    }
    const auto dynamic = [&]() -> Result<RepoRoot> {
      auto root = TRY(dynamic_root(path, pages, options, stop));
      if (root.vcs != "mod") TRY(check_govcs(options.govcs, options.goprivate, root.vcs, root.root));
      return root;
    };
    return dynamic().context(fmt::format("unrecognized import path {}", quote(path)));
  };
  auto root = find();
  if (root || root.error().kind() == Kind::cancelled) return root;
  return fail(Kind::not_found, root.error().message(), root.error().hint());
}

}  // namespace larder::vcs
