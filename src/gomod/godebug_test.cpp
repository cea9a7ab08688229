// SPDX-License-Identifier: Apache-2.0
#include "gomod/godebug.hpp"

#include <string>

#include <gtest/gtest.h>

namespace larder::gomod {
namespace {

struct Case {
  const char* key;
  const char* value;
  const char* go;
  const char* error;  // "": none
};
constexpr Case k_cases[] = {
    {"panicnil", "1", "1.26.8", ""},
    {"zipinsecurepath", "anything", "1.26.8", ""},
    {"allowmultiplevcs", "", "1.26.8", ""},
    {"nosuch", "1", "1.26.8", "unknown godebug \"nosuch\""},
    {"", "", "1.26.8", "unknown godebug \"\""},
    {"panic nil", "1", "1.26.8", "key contains space"},
    {"panicnil", "1\t", "1.26.8", "value contains space"},
    {"a,b", "1", "1.26.8", "key contains comma"},
    {"panicnil", "1,2", "1.26.8", "value contains comma"},
    {"default", "go1.21", "1.26.8", ""},
    {"default", "1.21", "1.26.8", "value for default= must be goVERSION"},
    {"default", "go1.x", "1.26.8", "value for default= must be goVERSION"},
    {"default", "go1.99", "1.26.8", "default=go1.99 too new (toolchain is go1.26.8)"},
    {"x509sha1", "1", "1.26.8", "use of removed godebug \"x509sha1\", see https://go.dev/doc/godebug#go-124"},
    {"tracebacklabels", "1", "1.26.8", "unknown godebug \"tracebacklabels\""},
    {"tracebacklabels", "1", "1.27.0", ""},
    {"tls3des", "1", "1.26.8", ""},
    {"tls3des", "0", "1.27.0", ""},
    {"tls3des", "1", "1.27.0",
     "removed GODEBUG \"tls3des\" set to old value \"1\" (https://go.dev/doc/godebug#go-127)"},
    {"asynctimerchan", "2", "1.27rc1",
     "removed GODEBUG \"asynctimerchan\" set to old value \"2\" (https://go.dev/doc/godebug#go-127)"},
    {"asynctimerchan", "0", "1.27rc1", ""},
};

TEST(Godebug, what_may_be_set) {
  for (const auto& one : k_cases) {
    const auto checked = check_godebug(one.key, one.value, one.go);
    EXPECT_EQ(checked ? "" : checked.error().message(), one.error)
        << one.key << "=" << one.value << " " << one.go;
  }
}

}  // namespace
}  // namespace larder::gomod
