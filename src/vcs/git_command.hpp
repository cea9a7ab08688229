// SPDX-License-Identifier: Apache-2.0
// Running git in a bare clone. Thread rule: any thread; the trace must bear that. Spec: go-modules.md 1.3.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vcs/git_repo.hpp"

namespace larder::vcs {

class Git {
 public:
  enum class Dir { clone, plain };
  // url: of the repository, which `origin` is too.
  Git(sys::Path dir, std::string url, const GitOptions& options, Dir kind = Dir::clone);

  enum class Reach { local, remote };
  struct Output {
    int exit_code = 0;
    std::string out;
    std::string err;
  };
  // Any exit status; the error is that it did not run, or not to its end. to: see RunLimits::out.
  Result<Output> run(const std::vector<std::string>& words, Reach reach, const std::stop_token& stop,
                     int to = -1) const;
  // Standard output; another exit status than 0 is Kind::unavailable with go's words: "git … in DIR: exit
  // status 128:\n\tfatal: …".
  Result<std::string> output(const std::vector<std::string>& words, Reach reach,
                             const std::stop_token& stop) const;
  Error error(const std::vector<std::string>& words, const Output& output) const;

  const sys::Path& dir() const { return dir_; }

 private:
  Result<sys::Environment> environment_for(Reach reach, const std::stop_token& stop) const;
  std::string describe(const std::vector<std::string>& words) const;

  sys::Path dir_;
  std::string url_;
  const GitOptions& options_;
  sys::Environment environment_;
  bool terminal_ = false;
};

}  // namespace larder::vcs
