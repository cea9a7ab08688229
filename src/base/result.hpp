// SPDX-License-Identifier: Apache-2.0
// The one channel for failure: Result<T> is a value or an Error. No exceptions are thrown by Larder's own
// code; the three barriers (main, pool job, request) catch what libraries throw.
//
// Callers branch on Error::kind(), never on text. A message is lower case, gives the place first and quotes
// the user's words; the hint, if any, says what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace larder {

enum class Kind {
  not_found,    // the thing asked for does not exist (HTTP 404/410, ENOENT)
  invalid,      // bytes or words that do not have the required form
  unverified,   // does not match its hash or signature, or nothing to check it against
  unavailable,  // may exist, cannot be had now: network, timeouts, 5xx, busy
  forbidden,    // refused by policy or permission (403, GOPROXY=off)
  cancelled,    // a stop was requested
  io,           // the local disk or operating system failed
  internal,     // a bug or a library's surprise
};

std::string_view kind_name(Kind kind);

class [[nodiscard]] Error {
 public:
  Error(Kind kind, std::string message, std::string hint = {})
      : kind_(kind), message_(std::move(message)), hint_(std::move(hint)) {}

  Kind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }

  // Puts "CONTEXT: " before the message.
  Error with(std::string_view context) && {
    message_.insert(0, std::string(context) + ": ");
    return std::move(*this);
  }
  Error with_hint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }
  friend bool operator==(const Error&, const Error&) = default;

 private:
  Kind kind_;
  std::string message_;
  std::string hint_;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;

  // Adds context to the error, if there is one: return read(x).context("reading go.sum").
  Result context(std::string_view what) && {
    if (!*this) this->error() = std::move(this->error()).with(what);
    return std::move(*this);
  }
};

using Failure = tl::unexpected<Error>;

inline Failure fail(Kind kind, std::string message, std::string hint = {}) {
  return Failure(Error(kind, std::move(message), std::move(hint)));
}
inline Failure fail(Error error) {
  return Failure(std::move(error));
}

// Error from errno: "WHAT: No such file or directory" in go's lower case; kind from the number.
Error errno_error(std::string_view what, int number);
Failure fail_errno(std::string_view what);

template <class T>
T take(Result<T>&& r) {
  if constexpr (!std::is_void_v<T>) return *std::move(r);
}

// Value of a Result, or return its error from the enclosing function. May be nested: TRY(f(TRY(g()))).
// Not in an aggregate's braces behind a member that owns memory: g++ 12 does not destroy it on return.
#define TRY(expr) LARDER_TRY_AS(expr, LARDER_JOIN(try_r_, __COUNTER__))
#define LARDER_TRY_AS(expr, r) LARDER_TRY_WITH(expr, r)
#define LARDER_TRY_WITH(expr, r)                            \
  __extension__({                                           \
    auto r = (expr);                                        \
    if (!r) return ::larder::Failure(std::move(r).error()); \
    ::larder::take(std::move(r));                           \
  })
#define LARDER_JOIN(a, b) LARDER_JOIN_(a, b)
#define LARDER_JOIN_(a, b) a##b

// A broken invariant is a bug: always on, prints the place and aborts.
[[noreturn]] void assertion_failed(const char* what, const char* file, int line);
#define LARDER_ASSERT(cond) \
  (static_cast<bool>(cond) ? void(0) : ::larder::assertion_failed(#cond, __FILE__, __LINE__))

}  // namespace larder
