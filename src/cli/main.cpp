// SPDX-License-Identifier: Apache-2.0
// The outermost of the three barriers: what a library throws past everything else ends here, with a message.
#include <cstdio>
#include <exception>

#include "cli/command.hpp"

int main(int argc, char** argv) {
  try {
    return larder::cli::run_larder({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "larder: internal error: %s\n", error.what());
    return 1;
  }
}
