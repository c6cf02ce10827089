#!/bin/sh
# snac2, a real server with Mastodon's API, for tests/integration/test_real_snac.py, into
# the folder $1 (one file, some seconds). Afterwards: KENTONGAN_TEST_SNAC=$1 make test
# It is taken out of Debian's own package (bookworm-backports, checked by apt with
# Debian's key) and not installed; apt's own lists stay as they are.
set -eu
mkdir -p "${1:?which folder}"
cd "$1"
folder=$(pwd)
[ -x snac ] && exit 0
mkdir -p lists cache/archives/partial
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
  "http://deb.debian.org/debian bookworm-backports main" >sources.list
apt() {
  apt-get -qq -o "Dir::Etc::sourcelist=$folder/sources.list" \
    -o Dir::Etc::sourceparts=/nonexistent -o "Dir::State::lists=$folder/lists" \
    -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root "$@"
}
apt update
apt download snac2
dpkg -x snac2_*.deb unpacked
mv unpacked/usr/bin/snac snac
rm -rf unpacked lists cache sources.list snac2_*.deb
