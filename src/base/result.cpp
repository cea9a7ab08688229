// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"

namespace larder {

std::string_view kind_name(Kind kind) {
  constexpr std::array<std::string_view, 8> k_names = {"not_found", "invalid",   "unverified", "unavailable",
                                                       "forbidden", "cancelled", "io",         "internal"};
  return k_names.at(static_cast<std::size_t>(kind));
}

namespace {

Kind kind_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return Kind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return Kind::forbidden;
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ECONNRESET:
    case EAGAIN:
      return Kind::unavailable;
    default:
      return Kind::io;
  }
}

// glibc says "No such file or directory", the go command "no such file or directory"; names such as "Is a
// directory" follow the same rule.
std::string errno_text(int number) {
  std::string text = strerrordesc_np(number) ? strerrordesc_np(number) : "unknown error";
  if (text.size() > 1 && (text[1] < 'A' || text[1] > 'Z')) text[0] = to_lower_ascii(text[0]);
  return text;
}

}  // namespace

Error errno_error(std::string_view what, int number) {
  return {kind_of_errno(number), std::string(what) + ": " + errno_text(number)};
}

Failure fail_errno(std::string_view what) {
  return Failure(errno_error(what, errno));
}

void assertion_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "larder: internal error: %s:%d: %s does not hold\n", file, line, what);
  std::abort();
}

}  // namespace larder
