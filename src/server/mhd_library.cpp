// SPDX-License-Identifier: Apache-2.0
#include "server/mhd_library.hpp"

#include "base/late_library.hpp"

namespace larder::server {

namespace {

MhdLibrary g_mhd;  // written once, by open()

Result<void> open() {
  auto library = TRY(LateLibrary::open("libmicrohttpd.so.12"));
  const auto find = [&](auto& function, const char* name) { library.find(function, name); };
  find(g_mhd.start_daemon, "MHD_start_daemon");
  find(g_mhd.stop_daemon, "MHD_stop_daemon");
  find(g_mhd.quiesce_daemon, "MHD_quiesce_daemon");
  find(g_mhd.get_connection_info, "MHD_get_connection_info");
  find(g_mhd.lookup_connection_value_n, "MHD_lookup_connection_value_n");
  find(g_mhd.create_response_from_buffer, "MHD_create_response_from_buffer");
  find(g_mhd.create_response_from_callback, "MHD_create_response_from_callback");
  find(g_mhd.create_response_from_fd_at_offset64, "MHD_create_response_from_fd_at_offset64");
  find(g_mhd.add_response_header, "MHD_add_response_header");
  find(g_mhd.queue_response, "MHD_queue_response");
  find(g_mhd.destroy_response, "MHD_destroy_response");
  find(g_mhd.suspend_connection, "MHD_suspend_connection");
  find(g_mhd.resume_connection, "MHD_resume_connection");
  return library.complete();
}

}  // namespace

Result<void> open_mhd() {
  static const Result<void> k_opened = open();
  return k_opened;
}

const MhdLibrary& mhd() {
  return g_mhd;
}

}  // namespace larder::server
