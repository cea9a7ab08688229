// SPDX-License-Identifier: Apache-2.0
// The two halves of systemd's service protocol that a server needs, without libsystemd: readiness messages
// and inherited sockets. Outside systemd both do nothing.
// Thread rule: reads the environment; call before threads change it. Spec: airgap-sync-operations.md 4.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace larder::server {

// Sends "READY=1", "STOPPING=1", "STATUS=…" to $NOTIFY_SOCKET (a path or "@abstract"). Nothing happens when
// it is not set.
Result<void> notify_systemd(std::string_view state);

// The first socket handed over (fd 3) when $LISTEN_PID is this process; nullopt when there is none.
// Kind::invalid when it is not a listening stream socket.
Result<std::optional<int>> inherited_listener();

}  // namespace larder::server
