// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.hpp"
#include "bundle/keys.hpp"
#include "cli/doctor_probes.hpp"
#include "cli/wiring.hpp"
#include "gomod/goproxy.hpp"
#include "http/url.hpp"

namespace larder::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t k_enough_bytes = 1ULL << 30U;  // below, the next stock or build may not fit
constexpr std::uint64_t k_enough_files = 10'000;
constexpr std::size_t k_looks = 5'000;       // files of one folder
constexpr std::int64_t k_future = 5LL * 60;  // seconds a clock may be ahead of another

std::optional<struct stat> status_of(const sys::Path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

// Of what a link leads to.
std::optional<struct stat> status_behind(const sys::Path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

// As one word of sh.
std::string word(const sys::Path& path) {
  constexpr std::string_view k_plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  const auto& text = path.native();
  if (!text.empty() && text.find_first_not_of(k_plain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// chown -R goes through no link.
sys::Path real(const sys::Path& path) {
  std::error_code failed;
  const auto out = fs::weakly_canonical(path, failed);
  return failed ? path : out;
}

std::string user_name(uid_t uid) {
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(uid);
}

sys::Path module_cache(const Patient& patient) {
  return patient.session.config.go.get("GOMODCACHE");
}

// The store, and the module cache where there is one.
std::vector<std::pair<std::string_view, sys::Path>> folders(const Patient& patient) {
  std::vector<std::pair<std::string_view, sys::Path>> out = {{"store", store_path(patient.session)}};
  if (const auto cache = module_cache(patient); cache.is_absolute()) out.emplace_back("module cache", cache);
  return out;
}

// The folder, or the nearest one above it that is there.
sys::Path nearest(sys::Path path) {
  while (!path.empty() && path != path.root_path() && !sys::is_dir(path)) path = path.parent_path();
  return path.empty() ? sys::Path("/") : path;
}

// look returns false for enough. What cannot be read is passed over.
void walk(const sys::Path& root, const std::function<bool(const sys::Path&, const struct stat&)>& look) {
  std::error_code failed;
  const auto options = fs::directory_options::skip_permission_denied;
  std::size_t seen = 0;
  for (auto it = fs::recursive_directory_iterator(root, options, failed);
       !failed && it != fs::recursive_directory_iterator() && ++seen <= k_looks; it.increment(failed)) {
    const auto status = status_of(it->path());
    if (status && !look(it->path(), *status)) return;
  }
}

// Something is there, and it is no folder.
bool look_at_kind(std::string_view name, const sys::Path& path, Findings& out) {
  const auto behind = status_behind(path);
  if (!status_of(path) || (behind && S_ISDIR(behind->st_mode))) return false;
  if (behind) {
    out.add(fmt::format("{} {} is no folder", name, path.native()), "nothing can be kept in it",
            fmt::format("mv {0} {1}", word(path), word(path.native() + ".aside")));
  } else {
    out.add(fmt::format("{} {} is a link to what is not there", name, path.native()),
            "nothing can be kept in it", fmt::format("mkdir -p \"$(readlink -m {})\"", word(path)));
  }
  return true;
}

void look_at_writing(const Patient& patient, Findings& out) {
  for (const auto& [name, path] : folders(patient)) {
    if (look_at_kind(name, path, out)) continue;
    const auto at = nearest(path);
    if (::access(at.c_str(), W_OK | X_OK) == 0) continue;
    if (errno == EROFS) {
      out.add(fmt::format("{} {}: {} cannot be written by anybody: its file system is read-only", name,
                          path.native(), at.native()),
              "nothing can be brought in",
              fmt::format("sudo mount -o remount,rw \"$(findmnt -n -o TARGET --target {})\"", word(at)));
      continue;
    }
    out.add(fmt::format("{} {}: {} cannot be written by {}", name, path.native(), at.native(),
                        user_name(::geteuid())),
            name == "store" ? "stock and unpack cannot bring anything in"
                            : "restore and mod download cannot fill it",
            path == at ? fmt::format("sudo chown -R {} {}", user_name(::geteuid()), word(real(at)))
                       : fmt::format("sudo install -d -o {} {}", user_name(::geteuid()), word(path)));
  }
}

// The first file in the folder that is not `owner`'s.
std::optional<std::pair<sys::Path, uid_t>> strange_file(const sys::Path& folder, uid_t owner) {
  std::optional<std::pair<sys::Path, uid_t>> out;
  walk(folder, [&](const auto& file, const auto& status) {
    if (status.st_uid != owner) out.emplace(file, status.st_uid);
    return !out;
  });
  return out;
}

// What a run under sudo leaves behind, and a run under sudo itself.
void look_at_owners(const Patient& patient, Findings& out) {
  const auto me = ::geteuid();
  const auto my_name = user_name(me);
  for (const auto& [name, path] : folders(patient)) {
    const auto root = status_behind(path);
    if (!root) continue;
    const auto take = fmt::format("sudo chown -R {} {}", my_name, word(real(path)));
    if (root->st_uid != me) {
      const auto owner = user_name(root->st_uid);
      out.add(fmt::format("the {} {} belongs to {}, and this is {}", name, path.native(), owner, my_name),
              "what one of them writes the other cannot change, or not even read",
              me == 0 ? fmt::format("sudo -u {} larder …, instead of as root", owner) : take);
    } else if (const auto strange = strange_file(path, me)) {
      out.add(fmt::format("{} belongs to {}, and this is {}", strange->first.native(),
                          user_name(strange->second), my_name),
              fmt::format("somebody else wrote into the {}: what cannot be changed stays as it is", name),
              take);
    }
  }
}

void look_at_modes(const Patient& patient, Findings& out) {
  for (const auto& [name, path] : folders(patient)) {
    const auto status = status_behind(path);
    if (!status || !S_ISDIR(status->st_mode) || (status->st_mode & S_IWOTH) == 0 ||
        (status->st_mode & S_ISVTX) != 0)
      continue;
    out.add(fmt::format("{} {} can be written by everybody (mode {:04o})", name, path.native(),
                        status->st_mode & 07777U),
            "anybody on this machine can put something there", fmt::format("chmod o-w {}", word(path)));
  }
}

// Of this process, without changing it.
void look_at_umask(const Patient& /*patient*/, Findings& out) {
  const auto text = sys::read_file("/proc/self/status");
  if (!text) return;
  for (const auto line : lines(*text)) {
    const auto parts = cut(line, ":");
    if (!parts || parts->first != "Umask") continue;
    const auto digits = std::string(trim(parts->second));
    const auto mask = std::strtoul(digits.c_str(), nullptr, 8);
    if ((mask & 0700U) != 0) {
      out.add("umask " + digits, "files that are written cannot be read again by their owner", "umask 022");
    } else if ((mask & 0002U) == 0) {
      out.add("umask " + digits, "everybody on this machine can change what is written", "umask 022");
    }
  }
}

void look_at_room(const Patient& patient, Findings& out) {
  auto all = folders(patient);
  const auto& environment = patient.session.config.environment;
  const auto temp = environment.find("TMPDIR");
  all.emplace_back("temp folder", temp == environment.end() || temp->second.empty() ? "/tmp" : temp->second);
  for (const auto& [name, path] : all) {
    struct statvfs disk{};
    if (::statvfs(nearest(path).c_str(), &disk) != 0) continue;
    const auto bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    const bool few_files = disk.f_files > 0 && disk.f_favail < k_enough_files;
    if (bytes >= k_enough_bytes && !few_files) continue;
    const auto left =
        bytes < k_enough_bytes ? human_bytes(bytes) : fmt::format("room for {} files", disk.f_favail);
    out.add(fmt::format("{} {}: {} left on its disk", name, path.native(), left),
            "a run stops when it is full, and goes on from there when there is room",
            name == "module cache" ? "go clean -modcache, then larder restore"
                                   : fmt::format("df -h {0}; du -xh -d 2 {0} | sort -h | tail", word(path)));
  }
}

void look_at_file_times(const Patient& patient, Findings& out) {
  for (const auto& [name, path] : folders(patient)) {
    std::optional<sys::Path> future;
    walk(path, [&](const auto& file, const auto& status) {
      if (status.st_mtime > patient.now + k_future) future = file;
      return !future;
    });
    if (!future) continue;
    out.add(fmt::format("{} is dated in the future", future->native()),
            "the clock is behind, or was ahead when the file was written; ages are judged by it",
            fmt::format("timedatectl set-ntp true; find -H {} -newermt now -exec touch {{}} +", word(path)));
  }
}

// Here modules can only come in bundles.
bool is_inside(const Patient& patient) {
  const auto& config = patient.session.config;
  const auto entries = gomod::parse_goproxy(config.go.get("GOPROXY"), "");
  if (config.is_offline() || !entries) return config.is_offline();
  return std::ranges::all_of(*entries, [](const gomod::ProxyEntry& entry) {
    return entry.kind == gomod::ProxyEntry::Kind::off || entry.url.starts_with("file:");
  });
}

void look_at_trust(const Patient& patient, Findings& out) {
  const auto& config = patient.session.config;
  if (config.from_file.unpack_trust.empty() && is_inside(patient)) {
    out.add("no key is trusted",
            "unpack refuses every bundle that is not given --trust, and whoever types that in a hurry trusts "
            "anybody",
            "put `[unpack]` `trust = [\"/PATH/NAME.pub\"]`, with the sender's key, into "
            "~/.config/larder/larder.toml, or for "
            "all users into /etc/larder/larder.toml");
  }
  for (const auto& name : config.from_file.unpack_trust) {
    const auto status = sys::stat(name);
    const bool waits = status && *status && !(*status)->is_regular;  // a pipe would be waited for
    const auto key =
        waits ? Result<std::vector<bundle::PublicKey>>(fail(Kind::invalid, name + " is no regular file"))
              : read_public_keys({name});
    if (!key)
      out.add(fmt::format("trusted key: {}", key.error().message()),
              "unpack fails before it looks at a bundle",
              fmt::format("put the sender's key at {}, or edit {}", name, config.file.value));
  }
}

void look_at_secrets(const Patient& patient, Findings& out) {
  const auto& config = patient.session.config;
  struct Named {
    std::string what;
    sys::Path file;
    bool secret;
  };
  std::vector<Named> named;
  if (const auto& key = config.from_file.pack_key) named.push_back({"pack.key", *key, true});
  if (sys::is_file(config.go.get("NETRC"))) named.push_back({"netrc", config.go.get("NETRC"), true});
  for (const auto& u : config.from_file.upstreams) {
    const std::array<Named, 5> files = {{{"token_file", u.token.file, true},
                                         {"password_file", u.password.file, true},
                                         {"client_cert", u.client_cert, u.client_key.empty()},
                                         {"client_key", u.client_key, true},
                                         {"ca_file", u.ca_file, false}}};
    for (const auto& file : files) {
      if (!file.file.empty())
        named.push_back({fmt::format("{} of {}", file.what, u.url), file.file, file.secret});
    }
    for (const auto& variable : {u.token.variable, u.password.variable}) {
      if (variable.empty() || config.environment.contains(variable)) continue;
      out.add(fmt::format("{} names the environment variable {}, which is not set", u.url, variable),
              "requests to this upstream fail", fmt::format("export {}=…", variable));
    }
  }
  for (const auto& [what, file, secret] : named) {
    struct stat status{};
    if (::stat(file.c_str(), &status) != 0 || ::access(file.c_str(), R_OK) != 0) {
      out.add(fmt::format("{} {} cannot be read", what, file.native()), "what needs it fails",
              fmt::format("ls -l {}", word(file)));
    } else if (!S_ISREG(status.st_mode)) {
      out.add(fmt::format("{} {} is no regular file", what, file.native()), "what needs it fails",
              fmt::format("ls -ld {}; then name a regular file in {}", word(file), config.file.value));
    } else if (secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      out.add(fmt::format("{} {} can be read by others (mode {:04o})", what, file.native(),
                          status.st_mode & 07777U),
              "it holds a secret", fmt::format("chmod 600 {}", word(file)));
    }
  }
}

void look_at_folders(const Patient& patient, Findings& out) {
  const auto entries = gomod::parse_goproxy(patient.session.config.go.get("GOPROXY"), "");
  if (!entries) return;
  for (const auto& entry : *entries) {
    constexpr std::string_view k_file = "file://";
    if (!entry.url.starts_with(k_file)) continue;
    const auto folder = http::percent_decode(std::string_view(entry.url).substr(k_file.size()));
    if (folder && sys::is_dir(*folder)) continue;
    out.add(fmt::format("GOPROXY names {}, where there is no folder", entry.url),
            "nothing can be fetched from it", "larder stock or larder unpack, or mend GOPROXY");
  }
}

}  // namespace

std::span<const Probe> machine_probes() {
  static constexpr std::array<Probe, 9> k_probes = {{
      {"writing", "can store and module cache be written", look_at_writing},
      {"owners", "files of somebody else", look_at_owners},
      {"modes", "folders that everybody can write to", look_at_modes},
      {"umask", "modes of what will be written", look_at_umask},
      {"room", "disks", look_at_room},
      {"times", "files from the future", look_at_file_times},
      {"trust", "keys of bundles", look_at_trust},
      {"folders", "file:// proxies", look_at_folders},
      {"secrets", "files and variables that hold secrets", look_at_secrets},
  }};
  return k_probes;
}

}  // namespace larder::cli
