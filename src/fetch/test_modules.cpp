// SPDX-License-Identifier: Apache-2.0
#include "fetch/test_modules.hpp"

#include "gomod/escape.hpp"
#include "http/url.hpp"

namespace larder::fetch {

namespace {

std::uint32_t crc32(std::string_view data) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : data) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i, value >>= 8U) out += static_cast<char>(value & 0xffU);
  return out;
}

}  // namespace

std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string zip;
  std::string directory;
  for (const auto& [name, data] : files) {
    const std::string common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) +
                               little(crc32(data), 4) + little(data.size(), 4) + little(data.size(), 4) +
                               little(name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) +
                 little(0, 4) + little(zip.size(), 4) + name;
    zip += "PK\x03\x04" + common + name + data;
  }
  return zip + directory + "PK\x05\x06" + little(0, 4) + little(files.size(), 2) + little(files.size(), 2) +
         little(directory.size(), 4) + little(zip.size(), 4) + little(0, 2);
}

TestModule::TestModule(gomod::Module m, std::string extra) : module(std::move(m)) {
  mod = "module " + module.path + "\n";
  mod_hash = gomod::hash_go_mod(mod);
  const std::string prefix = module.str() + "/";
  zip = stored_zip({{prefix + "go.mod", mod}, {prefix + "m.go", extra}});
  gomod::H1Builder builder;
  builder.add(prefix + "go.mod", sha256(mod));
  builder.add(prefix + "m.go", sha256(extra));
  zip_hash = builder.finish().value();
}

Files files_of(const TestModule& m) {
  const std::string base = "/" + http::encode_path(*gomod::escape_path(m.module.path));
  const std::string version = base + "/@v/" + http::encode_path(*gomod::escape_version(m.module.version));
  return {{base + "/@v/list", m.module.version + "\n"},
          {version + ".info", "{\"Version\":\"" + m.module.version + "\",\"Time\":\"2024-01-02T03:04:05Z\"}"},
          {version + ".mod", m.mod},
          {version + ".zip", m.zip}};
}

http::TestServer::Handler serving(Files files) {
  return [files = std::move(files)](const http::TestRequest& request) {
    const auto at = files.find(request.target);
    if (at != files.end()) return http::reply(200, at->second, "ETag: \"1\"\r\n");
    return http::reply(404, "not found: " + request.target + "\n", "Content-Type: text/plain\r\n");
  };
}

http::Options quick_options() {
  http::Options options;
  options.retry.base = http::Millis(1);
  options.retry.cap = http::Millis(2);
  return options;
}

}  // namespace larder::fetch
