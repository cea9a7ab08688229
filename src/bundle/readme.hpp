// SPDX-License-Identifier: Apache-2.0
// README.txt of a bundle: for a person who has tar, sha256sum and minisign, and not Larder.
#pragma once

#include <string>

#include "bundle/keys.hpp"
#include "bundle/manifest.hpp"

namespace larder::bundle {

// `manifest` without its members, which are not known yet.
std::string readme_text(const Manifest& manifest, const PublicKey& key);

}  // namespace larder::bundle
