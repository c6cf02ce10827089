#!/bin/bash
# A real WordPress on loopback, and our tests of it:
#   apt-get install --no-install-recommends wordpress php-cli php-mysql php-gd php-xml mariadb-server
#   tools/wordpress/try.sh            # starts it, runs the tests, stops it
#   tools/wordpress/try.sh --keep     # leaves it running and prints its address
# Everything it writes lies in one temporary folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$(pwd)
folder=$(mktemp -d /tmp/kentongan-wordpress.XXXXXX)
port=${PORT:-8085}
started=() # each in a process group of its own: PHP's workers outlive their parent
set -m
(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && { echo "port $port is taken"; exit 1; }

stop() {
  for pid in "${started[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
[ "${1:-}" = --keep ] || trap stop EXIT

# a database of its own, reached by a socket only
mkdir "$folder/db" && chown mysql "$folder" "$folder/db"
mariadb-install-db --no-defaults --user=mysql --datadir="$folder/db" \
  --auth-root-authentication-method=normal --skip-test-db > "$folder/install.log"
mariadbd --no-defaults --user=mysql --datadir="$folder/db" --skip-networking \
  --socket="$folder/db.sock" --pid-file="$folder/db.pid" > "$folder/db.log" 2>&1 &
started+=($!)
for _ in $(seq 100); do
  mariadb-admin --no-defaults --socket="$folder/db.sock" ping > /dev/null 2>&1 && break
  sleep 0.2
done
mariadb --no-defaults --socket="$folder/db.sock" -u root -e "
  CREATE DATABASE wordpress CHARACTER SET utf8mb4;
  CREATE USER wp@localhost IDENTIFIED BY 'wp'; GRANT ALL ON wordpress.* TO wp@localhost"

# Debian's files are links into other folders; a copy stands on its own
cp -rL /usr/share/wordpress "$folder/www"
cp tools/wordpress/router.php "$folder/router.php"
mkdir -p "$folder/www/wp-content/uploads"
cat > "$folder/www/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wp');
define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:$folder/db.sock');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', 'http://127.0.0.1:$port');
define('WP_SITEURL', 'http://127.0.0.1:$port');
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords without TLS
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', '$folder/www/');
require_once ABSPATH . 'wp-settings.php';
PHP

password=$(cd "$folder/www" && php "$here/tools/wordpress/install.php")
PHP_CLI_SERVER_WORKERS=4 php -q -S "127.0.0.1:$port" -t "$folder/www" \
  "$folder/router.php" > "$folder/php.log" 2>&1 &
started+=($!)
for _ in $(seq 100); do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.2
done

export KENTONGAN_TEST_WORDPRESS="http://humas:$password@127.0.0.1:$port"
if [ "${1:-}" = --keep ]; then
  echo "KENTONGAN_TEST_WORDPRESS=$KENTONGAN_TEST_WORDPRESS"
  echo "stop: kill -- ${started[*]/#/-}; rm -rf $folder"
  exit 0
fi
"${PYTHON:-.venv/bin/python}" -m pytest -n 0 -q -rA tests/integration/test_wordpress_real.py
