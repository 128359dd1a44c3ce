#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Fuzzes every target of the tree for a time each: fuzz.sh 30s
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rl --include='*_test.go' --exclude-dir=node_modules '^func Fuzz' . | while read -r file; do
  for target in $(grep -oE '^func Fuzz[A-Za-z0-9_]*' "$file" | cut -c6-); do
    echo "== $(dirname "$file") $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${1:-30s}" -fuzzminimizetime 10x "$(dirname "$file")"
  done
done
