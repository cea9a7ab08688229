# SPDX-License-Identifier: Apache-2.0
# Sourced first: --help prints the comment that the script begins with.
for word in "$@"; do
  case $word in
  --help | -h)
    sed -n '3,/^[^#]/ { s/^# \{0,1\}//p }' "$0"
    exit 0
    ;;
  esac
done
