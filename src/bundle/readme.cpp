// SPDX-License-Identifier: Apache-2.0
#include "bundle/readme.hpp"

#include <fmt/format.h>

namespace larder::bundle {

std::string readme_text(const Manifest& m, const PublicKey& key) {
  return fmt::format(
      R"txt(This is a Larder bundle: Go modules for a place without network.

  bundle    {}
  made      {} by {}{}
  signed    with key {}
  holds     {} modules, {} requirements

Check it without Larder. You need tar, sha256sum, minisign, and the signer's
public key from somewhere else than this bundle (here: the file signer.pub).

  tar tf BUNDLE          # only README.txt, manifest.json, manifest.json.minisig,
                         # entries.zst, vol-NNNN.zst and, where a checksum
                         # database is carried, sumdb-NNNN
  mkdir look && tar xf BUNDLE -C look && cd look
  minisign -V -p ../signer.pub -m manifest.json
  sed 's/{{"name":"\([^"]*\)","role":"[a-z]*","sha256":"\([^"]*\)"[^}}]*}}/\n#\2  \1\n/g' \
      manifest.json | sed -n 's/^#//p' | sha256sum -c

The last command must say OK for every file but manifest.json and its signature,
which minisign has checked. What is inside:

  zstd -dc entries.zst | grep '^go'      # the modules
  zstd -dc vol-0001.zst | less           # their files, one after the other
  less sumdb-*                           # signed records of checksum databases

Import it with: larder unpack --trust signer.pub BUNDLE
)txt",
      m.id, m.created, m.tool, m.source.empty() ? "" : " at " + m.source, key.id(), m.counts.modules,
      m.counts.requirements);
}

}  // namespace larder::bundle
