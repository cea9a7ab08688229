# SPDX-License-Identifier: Apache-2.0
# Sourced: finds a go command that is new enough. Needs $root, the repository.
#
#   find_go          puts it first on PATH; 1 if there is none
#   require_go       the same, but says what to do and ends the script
#   fetch_go         gets one through the module proxy that an older go names, below build/ (scripts/setup)

go_wanted=1.24      # the oldest release that Larder is tested with
go_toolchain=1.26.8 # the one that fetch_go gets

# The name that Go gives to this machine.
go_arch() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

go_home="$root/build/tools/go$go_toolchain.linux-$(go_arch)"

# new_enough GO: is this command of release $go_wanted or later?
new_enough() {
  local found
  found=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  found=${found#go}
  [ "$(printf '%s\n' "$go_wanted" "${found%%[!0-9.]*}" | sort -V | head -n 1)" = "$go_wanted" ]
}

find_go() {
  if command -v go >/dev/null && new_enough go; then
    return 0
  fi
  if [ -x "$go_home/bin/go" ] && new_enough "$go_home/bin/go"; then
    export PATH="$go_home/bin:$PATH"
    unset GOROOT
    return 0
  fi
  return 1
}

require_go() {
  find_go && return 0
  echo "$(basename "$0"): no go command of version $go_wanted or later; scripts/setup gets one" >&2
  exit 1
}

# The toolchain is an ordinary module, so that any go command can fetch and verify it. Its files come without
# execute bits, and the go.mod files of the standard library under another name.
fetch_go() {
  local version="v0.0.1-go$go_toolchain.linux-$(go_arch)" work="$root/build/tools/go-download" dir
  mkdir -p "$work"
  echo "fetching golang.org/toolchain@$version"
  dir=$(cd "$work" && GOTOOLCHAIN=local GOFLAGS=-modcacherw GOMODCACHE="$work/mod" GO111MODULE=on \
    go mod download -json "golang.org/toolchain@$version" | sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  if [ -z "$dir" ]; then
    echo "setup: the toolchain module could not be fetched through GOPROXY=$(go env GOPROXY)" >&2
    return 1
  fi
  chmod -R u+w "$dir"
  chmod +x "$dir"/bin/* "$dir"/pkg/tool/*/*
  find "$dir" -name _go.mod -execdir mv -n {} go.mod \;
  rm -rf "$go_home"
  mv "$dir" "$go_home"
  rm -rf "$work"
}
