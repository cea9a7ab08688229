// SPDX-License-Identifier: Apache-2.0
// Where streamed bytes go. A transfer that has to begin anew says so: restart() drops everything written so
// far. An error from either ends the transfer and is handed to the caller as it is.
// Thread rule: called from the thread that started the transfer, one call at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace larder::http {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(Bytes data) = 0;
  virtual Result<void> restart() = 0;
};

// Collects in memory, for bodies that are bounded by the request.
class StringSink final : public ByteSink {
 public:
  Result<void> write(Bytes data) override {
    text_.append(as_text(data));
    return {};
  }
  Result<void> restart() override {
    text_.clear();
    return {};
  }
  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace larder::http
