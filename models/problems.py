"""Everything that can go wrong, as codes, with the words a person reads.

The words are Indonesian message ids for gettext; English stands in the catalogue.
Each says what happened, what is safe, and what to do.
"""

from collections.abc import Mapping
from enum import StrEnum

from config.words import N_


class Problem(StrEnum):
    """A cause, stored beside the state it led to."""

    # publishing
    TEXT_TOO_LONG = "text_too_long"
    TEXT_EMPTY = "text_empty"
    DUPLICATE_TEXT = "duplicate_text"
    MEDIA_REFUSED = "media_refused"
    CONTENT_REFUSED = "content_refused"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a code, not a secret
    ACCOUNT_CLOSED = "account_closed"
    SCOPE_MISSING = "scope_missing"
    TOKEN_ENDS = "token_ends"  # noqa: S105 - a code, not a secret
    TOKEN_NOT_RENEWED = "token_not_renewed"  # noqa: S105 - a code, not a secret
    MAY_NOT_POST = "may_not_post"
    CHANNEL_UNKNOWN = "channel_unknown"
    READ_ELSEWHERE = "read_elsewhere"
    PICTURE_MISSING = "picture_missing"
    VIDEO_UNSUPPORTED = "video_unsupported"
    VIDEO_TOO_LARGE = "video_too_large"
    VIDEO_LENGTH = "video_length"
    VIDEO_SHAPE = "video_shape"
    VIDEO_CODEC = "video_codec"
    VIDEO_NOT_READY = "video_not_ready"
    NO_PUBLIC_ADDRESS = "no_public_address"
    MEDIA_MISSING = "media_missing"
    MEDIA_UNREACHABLE = "media_unreachable"
    QUOTA_SPENT = "quota_spent"
    CREDIT_SHORT = "credit_short"
    NO_ANSWER_AHEAD = "no_answer_ahead"
    RATE_LIMITED = "rate_limited"
    BUDGET_SPENT = "budget_spent"
    UNREACHABLE = "unreachable"
    SERVER_FAILED = "server_failed"
    ANSWER_LOST = "answer_lost"
    WORKER_DIED = "worker_died"
    RESTORED_BACKUP = "restored_backup"
    REHEARSAL = "rehearsal"
    ACCOUNT_STOPPED = "account_stopped"
    CATEGORY_STOPPED = "category_stopped"
    ALL_STOPPED = "all_stopped"
    QUIET_HOURS = "quiet_hours"
    OVERDUE = "overdue"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    APPROVAL_VOID = "approval_void"
    WINDOW_PASSED = "window_passed"
    NOT_FOUND_AFTER_LOOKING = "not_found_after_looking"
    COULD_NOT_LOOK = "could_not_look"
    LEASE_LOST = "lease_lost"
    OUR_FAULT = "our_fault"
    RECIPIENT_REFUSED = "recipient_refused"
    RECIPIENT_OFF = "recipient_off"
    PUT_OFF = "put_off"
    NOT_ENCRYPTED = "not_encrypted"
    NOT_DELETABLE = "not_deletable"
    ONLY_BY_HAND = "only_by_hand"
    BEYOND_RECALL = "beyond_recall"
    NUMBERS_UNTOLD = "numbers_untold"
    NUMBERS_SHARE_SPENT = "numbers_share_spent"
    # fetching
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_INVALID = "address_invalid"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    NOT_A_FEED = "not_a_feed"
    FEED_EMPTY = "feed_empty"
    FEED_UNREADABLE = "feed_unreadable"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    CHALLENGED = "challenged"
    HOST_RESTING = "host_resting"
    HTTP_STATUS = "http_status"
    # the machine
    DISK_FULL = "disk_full"
    DATABASE_LOCKED = "database_locked"
    DATABASE_UNREACHABLE = "database_unreachable"
    DATABASE_UNOPENED = "database_unopened"
    DATABASE_READ_ONLY = "database_read_only"
    DATABASE_DAMAGED = "database_damaged"
    KEY_MISSING = "key_missing"
    KEY_WRONG = "key_wrong"


WORDS: Mapping[Problem, str] = {
    Problem.TEXT_TOO_LONG: N_(
        "Teks melebihi batas jaringan ini. Pendekkan, lalu minta persetujuan lagi."
    ),
    Problem.TEXT_EMPTY: N_("Teks masih kosong. Tulis dahulu isi pengumuman."),
    Problem.DUPLICATE_TEXT: N_(
        "Jaringan menolak karena teks yang sama sudah pernah terbit. Ubah teksnya, lalu minta persetujuan lagi."
    ),
    Problem.MEDIA_REFUSED: N_(
        "Gambar atau video ditolak jaringan. Ganti berkasnya (JPEG, PNG, atau MP4), lalu minta persetujuan lagi."
    ),
    Problem.CONTENT_REFUSED: N_(
        "Jaringan menolak isi kiriman. Periksa teks dan gambar, lalu minta persetujuan lagi."
    ),
    Problem.TOKEN_REFUSED: N_(
        "Token akun ditolak jaringan. Teks Anda aman. Sambungkan lagi akunnya."
    ),
    Problem.ACCOUNT_CLOSED: N_(
        "Akun ini dihapus, ditutup, atau dibekukan di jaringannya. Teks Anda aman dan kirimannya ditahan. Periksa akunnya di jaringan itu, lalu sambungkan lagi."
    ),
    Problem.SCOPE_MISSING: N_(
        "Akun belum diberi izin yang diperlukan. Teks Anda aman. Sambungkan lagi dengan izin lengkap."
    ),
    Problem.TOKEN_ENDS: N_(
        "Token akun ini segera berakhir. Sambungkan lagi dengan token baru sebelum itu; nomor dan riwayat akun tetap."
    ),
    Problem.TOKEN_NOT_RENEWED: N_(
        "Jaringan tidak mau memperpanjang token akun ini. Token lama masih dipakai sampai berakhir. Sambungkan lagi dengan token baru."
    ),
    Problem.MAY_NOT_POST: N_(
        "Akun ini belum boleh mengirim ke kanal atau halamannya. Teks Anda aman. Di jaringannya, jadikan bot admin kanal dengan hak mengirim pesan, atau pakai token halaman (bukan token orang), lalu sambungkan lagi."
    ),
    Problem.CHANNEL_UNKNOWN: N_(
        "Kanal tidak ditemukan. Periksa nama kanalnya (misalnya @polres_sukamaju), dan pastikan bot sudah menjadi admin di sana."
    ),
    Problem.READ_ELSEWHERE: N_(
        "Pesan bot ini sudah dibaca program lain. Matikan webhook atau program itu; satu bot hanya untuk Kentongan."
    ),
    Problem.PICTURE_MISSING: N_(
        "Jaringan ini hanya menerima kiriman bergambar. Tambahkan gambar, atau jangan pilih akun ini."
    ),
    Problem.VIDEO_UNSUPPORTED: N_(
        "Video belum bisa dikirim ke jaringan ini. Jangan pilih akun ini, atau pakai gambar."
    ),
    Problem.VIDEO_TOO_LARGE: N_(
        "Berkas video terlalu besar untuk jaringan ini. Ekspor ulang dengan mutu lebih rendah atau potong videonya."
    ),
    Problem.VIDEO_LENGTH: N_(
        "Video terlalu panjang atau terlalu pendek untuk jaringan ini. Potong videonya, lalu unggah lagi."
    ),
    Problem.VIDEO_SHAPE: N_(
        "Ukuran, bentuk, atau kecepatan gambar video ini tidak diterima jaringan ini. Ekspor ulang, misalnya 1280 × 720 pada 30 gambar per detik."
    ),
    Problem.VIDEO_CODEC: N_(
        "Sandi video ini tidak diterima jaringan ini. Ekspor ulang sebagai MP4 dengan H.264 dan suara AAC."
    ),
    Problem.VIDEO_NOT_READY: N_(
        "Jaringan masih mengolah video ini. Belum ada yang terbit; akan dicoba lagi."
    ),
    Problem.NO_PUBLIC_ADDRESS: N_(
        "Jaringan ini mengambil gambar dari alamat publik kantor, dan kantor belum punya. Minta pengelola mengisi public_url (https) di pengaturan, lalu minta persetujuan lagi."
    ),
    Problem.MEDIA_MISSING: N_(
        "Berkas gambarnya tidak ada lagi atau rusak. Pasang lagi gambarnya, lalu minta persetujuan lagi."
    ),
    Problem.MEDIA_UNREACHABLE: N_(
        "Gambar tidak dapat dibuka lewat alamat publik kantor, padahal jaringan ini mengambilnya dari sana. Minta pengelola memeriksa public_url dan servernya."
    ),
    Problem.QUOTA_SPENT: N_(
        "Jatah kiriman akun ini di jaringannya tidak cukup. Pindahkan waktunya, atau batalkan kiriman lain yang lebih dahulu."
    ),
    Problem.CREDIT_SHORT: N_(
        "Biaya kiriman ini melebihi sisa batas biaya bulan ini. Naikkan batasnya, atau hapus tautan dari teksnya dan minta persetujuan lagi."
    ),
    Problem.NO_ANSWER_AHEAD: N_(
        "Jaringan tidak menjawab waktu diperiksa lebih dahulu. Kiriman tetap dicoba pada waktunya."
    ),
    Problem.RATE_LIMITED: N_(
        "Jaringan meminta menunggu. Kiriman akan dicoba lagi pada waktunya."
    ),
    Problem.BUDGET_SPENT: N_(
        "Batas biaya bulan ini sudah tercapai. Naikkan batas atau tunggu bulan berikutnya."
    ),
    Problem.UNREACHABLE: N_(
        "Jaringan tidak dapat dihubungi. Tidak ada yang terkirim; akan dicoba lagi."
    ),
    Problem.SERVER_FAILED: N_(
        "Server jaringan gagal menjawab. Mungkin sudah terkirim; sedang diperiksa."
    ),
    Problem.ANSWER_LOST: N_(
        "Jawaban jaringan tidak sampai. Mungkin sudah terkirim; sedang diperiksa."
    ),
    Problem.WORKER_DIED: N_(
        "Proses pengirim berhenti di tengah pengiriman. Mungkin sudah terkirim; sedang diperiksa."
    ),
    Problem.RESTORED_BACKUP: N_(
        "Basis data dipulihkan dari cadangan. Kiriman ini mungkin sudah terbit sebelumnya; periksa dahulu."
    ),
    Problem.REHEARSAL: N_(
        "Akun masih gladi. Kiriman ditahan dan tidak keluar sampai akun diaktifkan."
    ),
    Problem.ACCOUNT_STOPPED: N_(
        "Akun sedang dihentikan. Kiriman ditahan sampai penghentian dicabut."
    ),
    Problem.CATEGORY_STOPPED: N_(
        "Jenis pengumuman ini sedang dihentikan. Kiriman ditahan sampai penghentian dicabut."
    ),
    Problem.ALL_STOPPED: N_(
        "Semua kiriman kantor sedang dihentikan. Kiriman ditahan sampai penghentian dicabut."
    ),
    Problem.QUIET_HOURS: N_(
        "Jam tenang kantor. Kiriman ditahan sampai jam tenang selesai, lalu terbit sendiri."
    ),
    Problem.OVERDUE: N_(
        "Terlambat dari waktunya. Periksa apakah isinya masih benar, lalu lepaskan atau batalkan."
    ),
    Problem.ACCOUNT_DISCONNECTED: N_(
        "Akun terputus. Kiriman ditahan. Sambungkan lagi akunnya."
    ),
    Problem.APPROVAL_VOID: N_("Isi berubah setelah disetujui. Minta persetujuan lagi."),
    Problem.WINDOW_PASSED: N_(
        "Batas waktu terbit sudah lewat. Kiriman tidak dikeluarkan."
    ),
    Problem.NOT_FOUND_AFTER_LOOKING: N_(
        "Sudah dicari dua kali di jaringan dan tidak ditemukan. Putuskan: sudah tayang, kirim lagi, atau batalkan."
    ),
    Problem.COULD_NOT_LOOK: N_(
        "Jaringan tidak dapat ditanyai. Periksa sendiri di akunnya, lalu putuskan: sudah tayang, kirim lagi, atau batalkan."
    ),
    Problem.LEASE_LOST: N_(
        "Pengirim kehabisan waktu sebelum mengirim. Tidak ada yang terkirim; akan dicoba lagi."
    ),
    Problem.OUR_FAULT: N_(
        "Terjadi kesalahan di Kentongan sendiri; catatannya ada di log. Hubungi pengelola."
    ),
    Problem.RECIPIENT_REFUSED: N_(
        "Alamat surel penerima ditolak servernya. Alamat ini tidak dipakai lagi; periksa di daftar wartawan."
    ),
    Problem.RECIPIENT_OFF: N_(
        "Penerima ini sudah dihapus atau alamatnya tidak dipakai lagi. Tidak ada yang dikirim kepadanya."
    ),
    Problem.PUT_OFF: N_(
        "Server penerima meminta menunggu. Surat ini akan dicoba lagi; yang lain tetap jalan."
    ),
    Problem.NOT_ENCRYPTED: N_(
        "Sambungan tersandi (TLS) ke server surel tidak dapat dipastikan, jadi kata sandi tidak dikirim. Periksa alamat servernya."
    ),
    Problem.NOT_DELETABLE: N_(
        "Jaringan tidak mau menghapus kiriman ini. Hapus sendiri di jaringannya, lalu catat di sini, atau terbitkan ralat."
    ),
    Problem.ONLY_BY_HAND: N_(
        "Kiriman ini tidak dapat dihapus dari sini. Hapus sendiri di jaringannya, lalu catat di sini."
    ),
    Problem.BEYOND_RECALL: N_(
        "Surat yang sudah sampai tidak dapat ditarik siapa pun. Kirim ralat kepada penerima yang sama."
    ),
    Problem.NUMBERS_UNTOLD: N_(
        "Jaringan tidak menyebut angka kiriman ini. Ditanyakan lagi nanti."
    ),
    Problem.NUMBERS_SHARE_SPENT: N_(
        "Angka tidak dibaca dulu: bagian batas biaya bulan ini untuk membaca angka sudah habis. Yang lain untuk menerbitkan."
    ),
    Problem.ADDRESS_REFUSED: N_(
        "Alamat ini tidak boleh dihubungi. Pakai alamat publik, atau izinkan di pengaturan."
    ),
    Problem.ADDRESS_INVALID: N_(
        "Alamat tidak dapat dibaca. Tulis lengkap, misalnya https://contoh.go.id/rss."
    ),
    Problem.TOO_LARGE: N_("Jawaban sumber terlalu besar dan dihentikan."),
    Problem.TOO_SLOW: N_("Sumber terlalu lama menjawab dan dihentikan."),
    Problem.TOO_MANY_REDIRECTS: N_("Sumber mengalihkan alamat berulang-ulang."),
    Problem.NOT_A_FEED: N_(
        "Alamat ini halaman web, bukan umpan berita (RSS/Atom). Cari tautan RSS di situsnya."
    ),
    Problem.FEED_EMPTY: N_("Sumber menjawab kosong."),
    Problem.FEED_UNREADABLE: N_("Isi sumber tidak dapat dibaca sebagai umpan berita."),
    Problem.GONE: N_("Sumber menyatakan sudah ditutup. Pengambilan dihentikan."),
    Problem.FORBIDDEN: N_("Sumber menolak permintaan. Akan dicoba lagi lebih jarang."),
    Problem.CHALLENGED: N_(
        "Sumber meminta pemeriksaan peramban. Hubungi pengelola situs atau pakai sumber lain."
    ),
    Problem.HOST_RESTING: N_(
        "Sumber meminta menunggu. Akan diambil lagi pada waktunya."
    ),
    Problem.HTTP_STATUS: N_("Sumber menjawab dengan galat. Akan dicoba lagi."),
    Problem.DISK_FULL: N_(
        "Ruang penyimpanan penuh. Tidak ada yang hilang; kosongkan ruang, lalu proses berlanjut sendiri."
    ),
    Problem.DATABASE_LOCKED: N_(
        "Basis data sedang dipakai program lain. Akan dicoba lagi."
    ),
    Problem.DATABASE_UNREACHABLE: N_(
        "Server basis data tidak dapat dihubungi. Tidak ada yang hilang; periksa servernya dan database_url, lalu muat lagi."
    ),
    Problem.DATABASE_UNOPENED: N_(
        "Berkas basis data tidak dapat dibuka. Periksa folder dan hak aksesnya, lalu muat lagi."
    ),
    Problem.DATABASE_READ_ONLY: N_(
        "Berkas basis data hanya dapat dibaca. Beri hak tulis pada berkas dan foldernya, lalu muat lagi."
    ),
    Problem.DATABASE_DAMAGED: N_(
        "Berkas ini rusak atau bukan basis data. Pulihkan dari cadangan: kentongan db restore."
    ),
    Problem.KEY_MISSING: N_(
        "Berkas kunci tidak ditemukan. Kembalikan berkas kunci dari cadangan."
    ),
    Problem.KEY_WRONG: N_(
        "Berkas kunci tidak cocok dengan basis data. Kembalikan kunci yang benar dari cadangan."
    ),
}
