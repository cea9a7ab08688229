// SPDX-License-Identifier: Apache-2.0
// libmicrohttpd, opened when a server starts: with TLS it brings a dozen other libraries, which no other
// command has a use for. Invariant: once opened it stays. Thread rule: any thread. See
// docs/decisions/0030-libraries-opened-late.md.
#pragma once

#include <microhttpd.h>

#include "base/result.hpp"

namespace larder::server {

struct MhdLibrary {
  decltype(&MHD_start_daemon) start_daemon;
  decltype(&MHD_stop_daemon) stop_daemon;
  decltype(&MHD_quiesce_daemon) quiesce_daemon;
  decltype(&MHD_get_connection_info) get_connection_info;
  decltype(&MHD_lookup_connection_value_n) lookup_connection_value_n;
  decltype(&MHD_create_response_from_buffer) create_response_from_buffer;
  decltype(&MHD_create_response_from_callback) create_response_from_callback;
  decltype(&MHD_create_response_from_fd_at_offset64) create_response_from_fd_at_offset64;
  decltype(&MHD_add_response_header) add_response_header;
  decltype(&MHD_queue_response) queue_response;
  decltype(&MHD_destroy_response) destroy_response;
  decltype(&MHD_suspend_connection) suspend_connection;
  decltype(&MHD_resume_connection) resume_connection;
};

// Opens it at the first call. Kind::unavailable where it is not installed.
Result<void> open_mhd();

// Only after open_mhd() succeeded.
const MhdLibrary& mhd();

}  // namespace larder::server
