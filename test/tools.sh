#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Says in one line what is missing to build (tools.sh build), and installs what the tests need from Debian
# (tools.sh test).
set -euo pipefail

fail() { echo "rivage: $*" >&2; exit 1; }

version() { printf '%s\n' "$1" | grep -oE '[0-9]+(\.[0-9]+)?' | head -1; }
atleast() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]; }

command -v go >/dev/null || fail "Go 1.26 or newer is needed"
atleast 1.26 "$(version "$(go version | cut -d' ' -f3)")" || fail "Go 1.26 or newer is needed, this is $(go version | cut -d' ' -f3)"
command -v node >/dev/null || fail "Node 20 or newer with npm is needed (Debian: nodejs, npm)"
atleast 20 "$(version "$(node --version)")" || fail "Node 20 or newer is needed, this is $(node --version)"
command -v npm >/dev/null || fail "npm is needed (Debian: npm)"
[ "${1:-build}" = test ] || exit 0

missing=()
need() { [ -x "$2" ] || command -v "$2" >/dev/null || missing+=("$1"); }
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
need sip-tester sipp
need baresip-core baresip
need chromium chromium
need espeak-ng espeak-ng
need nftables /usr/sbin/nft
need iproute2 ip
[ ${#missing[@]} -eq 0 ] && exit 0
echo "rivage: installing ${missing[*]}" >&2
[ "$(id -u)" = 0 ] || fail "the tests need these Debian packages: ${missing[*]} (as root: apt-get install ${missing[*]})"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  fail "could not install ${missing[*]}: install them, then run make test again"
