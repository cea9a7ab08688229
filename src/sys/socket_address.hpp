// SPDX-License-Identifier: Apache-2.0
// Internet addresses as people read them. Thread rule: free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace larder::sys {

// nullopt for other families than those of the internet.
std::optional<std::uint16_t> port_of(const sockaddr* address);
// "127.0.0.1:80", "[::1]:80"; "unknown" for other families and for nullptr.
std::string address_text(const sockaddr* address);
// The same without the port.
std::string host_text(const sockaddr* address);

}  // namespace larder::sys
