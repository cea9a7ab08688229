// SPDX-License-Identifier: Apache-2.0
// One answer on its way to the sink of a request, which may take several attempts to fill it. Thread rule: as
// Receiver.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/client.hpp"
#include "http/engine.hpp"
#include "http/sink.hpp"

namespace larder::http {

// What is known of a body that arrives in several parts.
struct Progress {
  std::uint64_t offset = 0;            // bytes handed to the sink
  std::optional<std::uint64_t> total;  // Content-Length of the whole
  std::string validator;               // strong ETag or Last-Modified; empty: cannot be continued

  bool resumable() const { return offset > 0 && total && !validator.empty(); }
};

// Takes one answer: a 200 or the rest of one goes to the sink, of others a little is kept for the message.
class Intake final : public Receiver {
 public:
  Intake(const Request& request, ByteSink& sink, Progress& progress, bool asked_for_rest)
      : request_(request), sink_(sink), progress_(progress), asked_for_rest_(asked_for_rest) {}

  Result<bool> head(const Head& head) override;
  Result<bool> body(Bytes data) override;

  const Head& answer() const { return head_; }
  bool answered() const { return head_.status != 0; }
  bool is_content() const { return content_; }
  bool moved() const { return moved_; }
  bool mismatch() const { return mismatch_; }
  std::string& error_body() { return error_body_; }

 private:
  Result<bool> begin_whole();
  Result<bool> too_large() const;

  const Request& request_;
  ByteSink& sink_;
  Progress& progress_;
  const bool asked_for_rest_;
  Head head_;
  bool content_ = false;
  bool moved_ = false;
  bool mismatch_ = false;
  std::string error_body_;
};

}  // namespace larder::http
