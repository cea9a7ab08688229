// SPDX-License-Identifier: Apache-2.0
// For tests of this folder: stores full of made-up modules, keys, bundles in a temp folder.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "bundle/keys.hpp"
#include "bundle/packer.hpp"
#include "bundle/reader.hpp"
#include "bundle/unpacker.hpp"
#include "modzip/check.hpp"
#include "modzip/extract.hpp"
#include "modzip/write.hpp"
#include "store/memory/memory_store.hpp"
#include "sys/files.hpp"

namespace larder::bundle {

// Value of a Result; ends the test with its error.
template <class T>
T must(Result<T> r) {
  if (!r) ADD_FAILURE() << r.error().message();
  LARDER_ASSERT(r.has_value());
  if constexpr (!std::is_void_v<T>) return *std::move(r);
}

using Files = std::map<std::string, std::string>;

inline std::string make_zip(const gomod::Module& module, const Files& files,
                            modzip::Method method = modzip::Method::deflated) {
  std::string out;
  std::vector<modzip::SourceFile> sources;
  for (const auto& [name, text] : files) {
    sources.push_back({.name = modzip::zip_prefix(module) + name,
                       .read = [&text](modzip::Scratch&) { return Result<Bytes>(as_bytes(text)); }});
  }
  must(modzip::write_zip(
      [&](Bytes b) {
        out += as_text(b);
        return Result<void>();
      },
      sources, method));
  return out;
}

inline gomod::H1 h1_of(const gomod::Module& module, std::string_view zip) {
  return must(modzip::check_and_hash(module, as_bytes(zip))).h1;
}

// A store in memory with its view of Go modules.
struct TestStore {
  std::unique_ptr<store::Store> store = store::make_memory_store();
  store::GoModules modules{*store};

  void add_zip(const gomod::Module& module, std::string_view zip, const gomod::H1& h1,
               const std::string& mod) const {
    const auto upload = must(modules.create_zip(module));
    must(upload->write(as_bytes(zip)));
    const std::string info = R"({"Version":")" + module.version + R"("})";
    must(modules.put({.module = module, .info = info, .mod = mod, .h1 = h1}, *upload));
  }
  gomod::H1 add(const gomod::Module& module, const Files& files) const {
    const std::string zip = make_zip(module, files);
    const gomod::H1 h1 = h1_of(module, zip);
    const auto mod = files.find("go.mod");
    add_zip(module, zip, h1, mod == files.end() ? "module " + module.path + "\n" : mod->second);
    return h1;
  }
  std::vector<PackModule> everything() const {
    std::vector<PackModule> out;
    for (const auto& [module, held] : must(modules.all()))
      out.push_back({module, held == store::Held::whole});
    return out;
  }
  // Key -> bytes of all there is, but for locks.
  std::map<std::string, std::string> snapshot(const std::string& prefix = "") const {
    std::map<std::string, std::string> out;
    for (const auto& child : must(store->list(prefix))) {
      const std::string key = prefix.empty() ? child.name : prefix + "/" + child.name;
      if (child.is_prefix) {
        out.merge(snapshot(key));
      } else if (!key.ends_with(".lock")) {
        out[key] = must(store::read(*store, key, UINT64_MAX));
      }
    }
    return out;
  }
};

// Bytes that do not compress, the same for one seed.
inline std::string noise(std::uint64_t seed, std::size_t size) {
  std::string out;
  out.reserve(size);
  while (out.size() < size) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    out += static_cast<char>(seed >> 56U);
  }
  return out;
}

struct TestBundle {
  sys::TempDir folder = must(sys::TempDir::create());
  SecretKey key = must(SecretKey::generate());
  std::filesystem::path path = folder.path() / "test.larder";
  Trust trust{.keys = {key.public_key()}, .anyone = false};

  Result<PackReport> try_pack(const TestStore& from, std::span<const PackModule> modules,
                              PackOptions options = {}) const {
    options.created = 1'787'000'000;
    options.tool = "larder test";
    return pack(from.modules, modules, key, path, options);
  }
  PackReport pack_all(const TestStore& from, const PackOptions& options = {}) const {
    return must(try_pack(from, from.everything(), options));
  }
  Result<UnpackReport> unpack_into(const TestStore& into, const UnpackOptions& options = {}) const {
    const Bundle bundle = TRY(Bundle::open(path, trust));
    return unpack(bundle, into.modules, options);
  }
  std::string bytes() const { return must(sys::read_file(path, UINT64_MAX)); }
  void set_bytes(std::string_view bytes) const { must(sys::write_file(path, as_bytes(bytes))); }
};

}  // namespace larder::bundle
