<?php
// PHP's own server: a file is served as it is, everything else is WordPress's.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$file = $_SERVER['DOCUMENT_ROOT'] . $path;
if ($path !== '/' && is_file($file) && !str_ends_with($path, '.php')) {
    return false;
}
chdir($_SERVER['DOCUMENT_ROOT']);
require is_file($file) ? $file : 'index.php';
