<?php
// Installs WordPress, makes one author and prints their application password.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
require 'wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
function wp_new_blog_notification() {} // it would send a letter
ob_start();
wp_install('Polres Kota Sukamaju', 'admin', 'admin@sukamaju.example', true, '', wp_generate_password());
update_option('permalink_structure', '/%postname%/');
$author = wp_insert_user([
    'user_login' => 'humas',
    'user_pass' => wp_generate_password(),
    'user_email' => 'humas@sukamaju.example',
    'role' => 'author',
]);
[$password] = WP_Application_Passwords::create_new_application_password($author, ['name' => 'Kentongan']);
ob_end_clean();
echo $password;
