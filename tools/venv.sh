#!/bin/sh
# Make a virtual environment: sh tools/venv.sh FOLDER [PYTHON]
# Without PYTHON it is the newest fitting one on this machine.
set -eu
target=$1
for python in ${2:-python3.13 python3.12 python3.11 python3}; do
  if command -v "$python" >/dev/null 2>&1 &&
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
  then
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
      exec "$python" -m venv "$target"
    fi
    missing=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  fi
done
if [ -n "${missing:-}" ]; then
  echo "Python di sini belum lengkap. Jalankan dahulu: sudo apt install $missing" >&2
else
  echo "Perlu Python 3.11 sampai 3.13. Jalankan dahulu: sudo apt install python3 python3-venv" >&2
fi
exit 1
