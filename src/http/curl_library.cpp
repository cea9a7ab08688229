// SPDX-License-Identifier: Apache-2.0
#include "http/curl_library.hpp"

#include "base/late_library.hpp"

namespace larder::http {

namespace {

CurlLibrary g_curl;  // written once, by open()

Result<void> open() {
  auto library = TRY(LateLibrary::open("libcurl.so.4"));
  const auto find = [&](auto& function, const char* name) { library.find(function, name); };
  find(g_curl.global_init, "curl_global_init");
  find(g_curl.easy_init, "curl_easy_init");
  find(g_curl.easy_cleanup, "curl_easy_cleanup");
  find(g_curl.easy_reset, "curl_easy_reset");
  find(g_curl.easy_setopt, "curl_easy_setopt");
  find(g_curl.easy_getinfo, "curl_easy_getinfo");
  find(g_curl.easy_pause, "curl_easy_pause");
  find(g_curl.easy_perform, "curl_easy_perform");
  find(g_curl.easy_strerror, "curl_easy_strerror");
  find(g_curl.multi_init, "curl_multi_init");
  find(g_curl.multi_cleanup, "curl_multi_cleanup");
  find(g_curl.multi_setopt, "curl_multi_setopt");
  find(g_curl.multi_add_handle, "curl_multi_add_handle");
  find(g_curl.multi_remove_handle, "curl_multi_remove_handle");
  find(g_curl.multi_info_read, "curl_multi_info_read");
  find(g_curl.multi_perform, "curl_multi_perform");
  find(g_curl.multi_poll, "curl_multi_poll");
  find(g_curl.multi_wakeup, "curl_multi_wakeup");
  find(g_curl.slist_append, "curl_slist_append");
  find(g_curl.slist_free_all, "curl_slist_free_all");
  TRY(library.complete());
  if (g_curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return fail(Kind::unavailable, "libcurl cannot be started");
  }
  return {};
}

}  // namespace

Result<void> open_curl() {
  static const Result<void> k_opened = open();
  return k_opened;
}

const CurlLibrary& curl() {
  return g_curl;
}

}  // namespace larder::http
