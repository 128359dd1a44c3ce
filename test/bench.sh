#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Measures what docs/performance.md reports and prints it: the journal against a raw file, the acd, the media plane,
# verification, then whole calls against `rivage serve`. Quick parts first; about twenty minutes on two free cores.
#
#   RATE=300 AGENTS=2000 LASTS=60s   the signalling run
#   CALLS=500 MEDIA=30s              the media run; each wants CPU that nothing else takes
#   TMPDIR                           on a disk: the journal's benchmarks refuse memory
set -euo pipefail
cd "$(dirname "$0")/.."

export TMPDIR="${TMPDIR:-/var/tmp}"
title() { printf '\n== %s (load %s)\n' "$1" "$(cut -d' ' -f1-3 /proc/loadavg)"; }
bench() { go test -run '^$' -bench "$1" -benchmem "${@:3}" "$2" | grep -E "^Benchmark"; }

title "machine"
grep -m1 'model name' /proc/cpuinfo | cut -d: -f2-
echo "$(nproc) processors, $(go version), $(df --output=fstype "$TMPDIR" | tail -1) under $TMPDIR"

title "journal: durable appends of whole calls, 256 callers, against a raw file of the same run"
bench Append ./record/store/sqlite -benchtime 60000x
bench Append ./record/store/postgres -benchtime 60000x

title "acd: one decision"
bench . ./engine/acd

title "policy: one decision, and a field drawn as a picture"
bench Decide ./engine/policy
bench TenThousand ./engine/floor
bench . ./edge/api/glass

title "media: one packet forwarded, no allocation"
bench 'Forward|Bridges' ./edge/voice/media

title "memory of an established call, 500 bridged and recorded"
bench EstablishedCall ./test/load -timeout 20m

title "verification"
bench Folder ./verify
bench Verify ./wire/tlog

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/rivage" ./cmd/rivage
go build -o "$work/load" ./test/load

title "signalling"
"$work/load" signalling -rivage "$work/rivage" -rate "${RATE:-300}" -agents "${AGENTS:-2000}" -for "${LASTS:-60s}"

title "desk"
"$work/load" desk -rivage "$work/rivage" -rate 5 -agents 100 -for "${LASTS:-60s}" -sentence 4500ms

title "media"
"$work/load" media -rivage "$work/rivage" -calls "${CALLS:-500}" -for "${MEDIA:-30s}"

title "ready"
"$work/load" ready -rivage "$work/rivage" -agents 1 -entries "${ENTRIES:-1000000}"

title "stop: a thousand sessions told that their country is stopped"
"$work/load" stop -rivage "$work/rivage" -agents 1000
