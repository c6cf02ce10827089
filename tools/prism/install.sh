#!/bin/sh
# prism, which holds requests against a published contract, for
# tests/contract/test_x_prism.py, into the folder $1 (90 MB, a minute). Afterwards:
# KENTONGAN_TEST_PRISM=$1 make test. It runs with Node 18 or newer.
set -eu
mkdir -p "${1:?which folder}"
cd "$1"
[ -f installed ] && exit 0
printf '{"private": true}\n' >package.json
npm install --no-audit --no-fund --silent @stoplight/prism-cli@5
: >installed
