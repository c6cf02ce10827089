"""The guard flags what must not go out, and leaves ordinary announcements alone."""

import time
import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.guard import (
    RULES,
    Own,
    Severity,
    content_hash,
    in_force,
    is_nik,
    load_rules,
    look,
)

OWN = Own.of("0812-1000-2000, (021) 5550110\nhumas.sukamaju@contoh.test")

ORDINARY = {
    "sim keliling": """SIM Keliling Polres Kota Sukamaju, Kamis 26 November 2026
Pasar Mekarasih, 08.00–12.00 WIB
Syarat: KTP asli, SIM lama, surat keterangan sehat, hasil tes psikologi.
Biaya: SIM A Rp 80.000, SIM C Rp 75.000 (PP 76/2020).
Info: WA 0812-1000-2000 atau call center 110.""",
    "a week of places": """Jadwal SIM Keliling pekan ini:
Senin – Alun-alun Sukamaju (08.00-12.00)
Selasa – Terminal Blok B 12 RT 03
Rabu – Pasar Lama, Loket B 08 WIB
Kuota 100 pemohon per hari.""",
    "tariffs": "Tarif BPKB: roda 2 Rp 225.000, roda 4 Rp 375.000. Pembayaran melalui BRI dengan kode billing 820261124000123. Tidak ada biaya lain.",
    "skck": "Layanan SKCK buka Senin–Jumat 08.00–15.00 WIB di Jl. Merdeka No. 1. Tarif Rp 30.000. Isi NIK (16 digit) dan unggah KTP di skck.polri.go.id.",
    "hotlines": "Ada gangguan keamanan? Hubungi 110, gratis 24 jam. Hotline Polsek: (021) 5550110. Surel: humas@sukamaju.polri.go.id atau humas.sukamaju@contoh.test",
    "school": "Police Goes to School: 120 siswa SMPN 2 Sukamaju belajar tertib lalu lintas bersama Kapolres AKBP Budi Santoso. Polisi mengimbau pelajar tidak menjadi korban atau pelaku perundungan.",
    "fraud": "Waspada penipuan online! Pelaku mengaku petugas bank dan meminta OTP. Jangan transfer ke rekening siapa pun sebelum memastikan. Laporkan ke 110 atau patrolisiber.id.",
    "closed road": "Penutupan Jalan Ahmad Yani, Minggu 29 November 2026 pukul 05.30–10.00 WIB untuk hari bebas kendaraan. Gunakan Jalan Veteran atau Jalan Diponegoro. KM 12 s.d. KM 15.",
    "operation": "Operasi Zebra 2026 digelar 14–27 November. Sasaran: pengendara di bawah umur, tidak memakai helm, melawan arus. Denda paling banyak Rp 250.000 (Pasal 291 UU 22/2009).",
    "hoax": "KLARIFIKASI HOAKS: pesan berantai tentang razia STNK mati 2 tahun adalah tidak benar. Data kendaraan tidak langsung dihapus. Cek https://contoh.test/berita/3275011204870003",
    "jumat curhat": "Jumat Curhat bersama Kapolsek di Balai RW 05, Kelurahan Mekarasih, pukul 09.00 WIB. Warga RT 01 sampai RT 07 diundang.",
    "ppa": "Unit PPA melayani laporan kekerasan dalam rumah tangga dan pencabulan. Datang ke Jl. Merdeka No. 1 atau hubungi 110; identitas pelapor dirahasiakan.",
    "blood": "Donor darah di Polres, Sabtu 28 November. Usia 17–60 tahun, berat minimal 45 kg. Bawa kartu donor.",
    "samsat": "Samsat Keliling: mobil samsat B melayani pajak tahunan. Bawa STNK, KTP asli sesuai STNK, dan BPKB. ETLE aktif di 12 titik.",
    "patrol": "Polisi menggelar patroli malam untuk mencegah tawuran dan balap liar. Orang tua diminta mengawasi anak. Ancaman pidana 10 tahun penjara.",
    "contest": "Lomba mewarnai anak TK dan SD Hari Bhayangkara: usia 5 tahun sampai 10 tahun. Daftar di WA 0812-1000-2000.",
    "flood": "Kapolres Sukamaju AKBP Budi Santoso (45) menyerahkan bantuan kepada 50 warga korban banjir di Kelurahan Mekarasih.",
    "changed": "Anda usul, kami kerjakan: loket SIM kini buka pukul 07.00. Terima kasih atas 1.250 masukan. Anggaran Rp1.250.000.000.",
    "careful release": "Polres Kota Sukamaju mengungkap kasus pencurian kendaraan bermotor. Dua tersangka berinisial AR dan BS diamankan bersama 3 unit sepeda motor. Keduanya dijerat Pasal 363 KUHP dengan ancaman 7 tahun penjara.",
    "results": "Hasil operasi: 12 perkara, 15 tersangka, barang bukti 2,5 kg sabu, uang Rp 12.500.000. Kerugian korban sekitar Rp 300 juta.",
    "judgment": "Terdakwa terbukti melakukan pencurian menurut putusan Pengadilan Negeri Sukamaju.",
    "traffic": "Arus mudik: one way dari KM 70 sampai KM 414. Info lalu lintas 1500669. Pos 1 Terminal, Pos 2 R 10 JL Raya.",
}  # fmt: skip


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY.keys())
def test_an_ordinary_announcement_is_not_flagged(text: str) -> None:
    assert [(f.rule.code, f.words) for f in look(text, load_rules(), OWN)] == []


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("NIK pelapor 3275011204870003 dicatat", "nik", "3275011204870003"),
        ("pemilik: 3275 0152 0487 0003", "nik", "3275 0152 0487 0003"),
        ("pemilik 3275.0112.0487.0003", "nik", "3275.0112.0487.0003"),
        ("antre 3275012505900001 08.00 WIB", "nik", "3275012505900001"),
        ("nik3275012505900001 terdaftar", "nik", "3275012505900001"),
        ("NIK 3275019934567890 salah ketik", "nik_named", "3275019934567890"),
        ("Nomor keluarga 081345678901", "phone", "081345678901"),
        ("keluarga: +62 813-4567-8901", "phone", "+62 813-4567-8901"),
        ("keluarga 62 813 4567 8901", "phone", "62 813 4567 8901"),
        ("Hotline baru 0813-4567-8901", "phone_service", "0813-4567-8901"),
        ("chat https://wa.me/6281345678901", "chat_link", "6281345678901"),
        ("rumah (021) 7654321 milik korban", "landline", "(021) 7654321"),
        ("Motor B 1234 XYZ ditemukan", "plate", "B 1234 XYZ"),
        ("motor b1234xyz ditemukan", "plate", "b1234xyz"),
        ("kirim ke BCA 1234567890 a.n. Siti", "bank_account", "1234567890"),
        ("rekening 0123-4567-8901-23", "bank_account", "0123-4567-8901-23"),
        ("surel budi@contoh.test", "private_email", "budi@contoh.test"),
        ("alamat rumah tersangka Jl. Melati RT 03/RW 05", "home_address", "alamat rumah tersangka Jl. Melati RT 03/RW 05"),
        ("Laporan LP/B/123/XI/2026/SPKT diterima", "report_number", "LP/B/123/XI/2026/SPKT"),
        ("Korban Siti Aminah (32) dirawat", "victim_identity", "Korban Siti Aminah (32)"),
        ("korban bernama Siti dirawat", "victim_identity", "korban bernama Siti"),
        ("menurut saksi Budi Santoso, mobil melaju", "victim_identity", "saksi Budi Santoso"),
        ("Pelapor: Siti Aminah\nWaktu: Senin", "victim_identity", "Pelapor: Siti Aminah"),
        ("Seorang pelajar SMPN 2 Sukamaju diamankan.", "child_identity", "SMPN 2 Sukamaju"),
        ("Korban, anak berusia 8 tahun, bernama Rina, dirawat.", "child_identity", "bernama Rina"),
        ("Anak di bawah umur menjadi korban. Identitas: Rafi Pratama (12).", "child_identity", "Rafi Pratama (12)"),
        ("Polisi menangkap AR (16). Ia anak dari Bapak Joko.", "child_identity", "anak dari Bapak Joko"),
        ("Rafi Pratama (8) hilang sejak Senin", "child_missing", "Rafi Pratama (8)"),
        ("Ayah tiri korban ditangkap atas dugaan pencabulan.", "sexual_violence", "Ayah tiri korban"),
        ("Polisi akan menggerebek gudang besok.", "investigation", "akan menggerebek"),
        ("Isi BAP tersangka bocor.", "investigation", "Isi BAP"),
        ("Ini nota dinas rahasia Kapolres.", "classified", "nota dinas rahasia"),
        ("Hasil visum korban menunjukkan luka.", "health", "Hasil visum"),
        ("Polisi menangkap pelaku curanmor.", "presumption", "pelaku"),
        ("Maling motor ditangkap warga.", "guilt", "Maling"),
        ("AR terbukti melakukan pencurian.", "proven", "terbukti melakukan"),
    ],
)  # fmt: skip
def test_what_must_not_go_out_is_flagged_where_it_stands(
    text: str, code: str, words: str
) -> None:
    flags = look(text, load_rules(), OWN)
    (one,) = [flag for flag in flags if flag.rule.code == code]
    assert one.words == words == text[one.start : one.end]


def test_a_number_to_call_and_a_price_are_no_plate() -> None:
    for text in ("telepon d 110 aja", "bayar d 500 aja", "d 2000 dan seterusnya"):
        assert look(text, load_rules(), OWN) == ()


def test_the_office_s_own_numbers_are_known_in_every_form() -> None:
    for number in ("081210002000", "+62 812 1000 2000", "62812-1000-2000"):
        assert look(f"Keluarga dapat menelepon {number}", load_rules(), OWN) == ()
    assert look("wa.me/6281210002000", load_rules(), OWN) == ()
    (flag,) = look("Keluarga: 081210002001", load_rules(), OWN)
    assert flag.rule.code == "phone"


@pytest.mark.parametrize(
    ("number", "whole"),
    [
        ("3275011204870003", True),
        ("3275015204870003", True),  # a woman born on the twelfth
        ("3275013204870003", False),  # day 32
        ("3275017204870003", False),  # day 32 of a woman
        ("3275011213870003", False),  # month 13
        ("9975011204870003", False),  # no such province
        ("3275011204870000", False),  # numbers begin with 0001
        ("327501120487000", False),
    ],
)
def test_a_nik_names_a_province_and_a_date_of_birth(number: str, whole: bool) -> None:
    with RULES.open("rb") as file:
        provinces = frozenset(tomllib.load(file)["nik"]["provinces"])
    assert is_nik(number, provinces) is whole


def test_careful_words_in_the_place_of_guilt_are_not_flagged() -> None:
    for text in (
        "Polisi menangkap terduga pelaku curanmor.",
        "Tersangka pencurian diamankan.",
        "Pelaku usaha berinisial AR menerima penghargaan.",
        "AR divonis; hakim menyatakan pelaku bersalah.",
    ):
        assert look(text, load_rules(), OWN) == ()


@given(st.text(max_size=300))
def test_flags_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for flag in look(text, load_rules(), OWN):
        assert end <= flag.start < flag.end <= len(text)
        assert text[flag.start : flag.end] == flag.words
        end = flag.end


@pytest.mark.parametrize(
    "piece",
    ["a", "Aa ", "korban ", "1", "1 ", "081-", "anak 1 ", "inisial A ", "@a.", ". "],
)
def test_twenty_thousand_letters_are_read_in_a_breath(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    began = time.process_time()
    look(text, load_rules(), OWN)
    assert time.process_time() - began < 2


def test_a_rule_holds_from_its_day() -> None:
    rules = load_rules()
    assert len(in_force(rules, date(2026, 11, 24))) == len(rules) > 15
    assert {r.code for r in in_force(rules, date(2012, 1, 1))} < {
        rule.code for rule in rules
    }


def test_every_rule_says_why_in_both_languages_and_names_its_source() -> None:
    codes = [rule.code for rule in load_rules()]
    assert len(codes) == len(set(codes))
    for rule in load_rules():
        assert set(rule.names) == set(rule.reasons) == {"id", "en"}
        assert set(rule.proposals) in (set(), {"id", "en"})
        assert rule.basis
        assert rule.source
        assert rule.sureness in {"C", "S", "T", "P"}
        assert rule.name("en") != rule.name("id") or rule.code == "nik"
    blocks = {r.code for r in load_rules() if r.severity is Severity.BLOCK}
    assert {"nik", "child_identity", "victim_identity", "alt_text"} <= blocks


def test_the_hash_of_what_is_seen_changes_with_every_part_of_it() -> None:
    seen = content_hash({1: "a", 2: "b"}, "alt", "sha", "t")
    assert seen == content_hash({2: "b", 1: "a"}, "alt", "sha", "t")
    others = {
        content_hash({1: "a ", 2: "b"}, "alt", "sha", "t"),
        content_hash({1: "b", 2: "a"}, "alt", "sha", "t"),
        content_hash({1: "a"}, "alt", "sha", "t"),
        content_hash({1: "a", 2: "b"}, "alt.", "sha", "t"),
        content_hash({1: "a", 2: "b"}, "alt", "sha2", "t"),
        content_hash({1: "a", 2: "b"}, "alt", "sha", "t."),
    }
    assert len(others | {seen}) == 7
