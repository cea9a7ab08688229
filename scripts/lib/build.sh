# SPDX-License-Identifier: Apache-2.0
# Sourced: builds one preset. Needs $root, the repository.

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  cmake -S "$root" --preset "$preset" >"$root/build/$preset.log" 2>&1 || {
    cat "$root/build/$preset.log"
    return 1
  }
  cmake --build "$root/build/$preset" ${1:+--target "$@"}
}

# larder_of PRESET: where the program of a preset is.
larder_of() {
  echo "$root/build/$1/larder"
}
