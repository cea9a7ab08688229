// SPDX-License-Identifier: Apache-2.0
// libcurl, opened when the first exchange needs it: it brings some thirty other libraries, and finding and
// linking them takes longer than a whole `mod graph`.
//
// Invariant: once opened it stays. Thread rule: any thread. See docs/decisions/0030-libraries-opened-late.md.
#pragma once

#include <curl/curl.h>

#include "base/result.hpp"

namespace larder::http {

struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_pause) easy_pause;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_wakeup) multi_wakeup;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
};

// Opens it and makes it ready at the first call. Kind::unavailable where it is not installed.
Result<void> open_curl();

// Only after open_curl() succeeded.
const CurlLibrary& curl();

}  // namespace larder::http
