// SPDX-License-Identifier: Apache-2.0
// GOAUTH as the go command has it: "off", or methods between ';': "netrc", "git DIR", a command. All run once
// before the first https request, and again, with the URL, after an answer 4xx. Of several that know a prefix
// the first named wins. A method that fails is news for -x only.
//
// Where go asks the host with HEAD whether a password of git is right, the request that uses it tells:
// `git credential approve` after a 200, `reject` after a 401. A request that is refused while another one
// makes the commands run again uses what that one learned.
//
// Thread rule: as http::Credentials; the commands run one after the other. Spec: go-modules.md 5.8.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "creds/command_output.hpp"
#include "creds/prefix_map.hpp"
#include "http/credentials.hpp"
#include "sys/parallel.hpp"
#include "sys/process.hpp"

namespace larder::creds {

struct GoAuthOptions {
  std::string goauth;           // empty: "netrc"
  std::filesystem::path netrc;  // empty: there is no home folder. A missing file is fine
  sys::Environment environment;
  std::chrono::milliseconds time_limit{120'000};  // of one command; a person may have to type
  bool terminal = false;                          // commands may ask at the terminal
  std::function<void(const std::string& line)> trace;
};

class GoAuth final : public http::Credentials {
 public:
  explicit GoAuth(GoAuthOptions options);

  // Kind::invalid, go's text, for a GOAUTH that makes no sense.
  Result<http::Headers> headers_for(const std::string& url, std::stop_token stop) override;
  Result<std::optional<http::Headers>> after_refusal(const std::string& url, const http::Headers& sent,
                                                     const http::Refusal& refusal,
                                                     std::stop_token stop) override;
  void settled(const std::string& url, const http::Headers& sent, int status) override;

 private:
  struct Round {
    std::string url;                         // empty: the first, for all URLs
    const http::Refusal* refusal = nullptr;  // of the URL
    std::stop_token stop;
    std::vector<std::string> failures;  // of methods
  };
  struct Unsettled {  // a password that git gave and nobody has tried yet
    std::string directory;
    std::string said;
    http::Headers headers;
  };

  http::Headers known(const std::string& url);
  void learn(const std::string& prefix, http::Headers headers);
  Result<void> run(Round& round);
  Result<void> run_method(const std::string& method, Round& round);
  Result<void> run_netrc(Round& round);
  Result<void> run_git(const std::string& directory, Round& round);
  Result<void> run_command(const std::string& command, const Round& round);
  Result<sys::Outcome> start(const std::vector<std::string>& argv, const std::string& input,
                             const std::string& directory, const std::stop_token& stop) const;
  void tell(const Round& round);

  GoAuthOptions options_;
  std::mutex first_;
  bool begun_ = false;  // under first_
  std::mutex again_;    // one second round at a time
  sys::Sync<PrefixMap<http::Headers>> known_;
  sys::Sync<std::map<std::string, Unsettled>> unsettled_;  // by prefix
};

}  // namespace larder::creds
