"""What leaves the desk on paper holds no private data, and keeps the evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.masking import cut, mask, printable, quote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NIK saya 3275011234567890 ditolak", "NIK saya [NIK] ditolak"),
        ("NIK 3275 0112 3456 7890", "NIK [NIK]"),
        ("NIK 3275.0112.3456.7890", "NIK [NIK]"),
        ("NPWP 12.345.678.9-012.345", "NPWP [NPWP]"),
        ("kode 820261124000123", "kode [nomor identitas]"),
        ("hubungi 081234567890 ya", "hubungi [telepon] ya"),
        ("hubungi +62 812-3456-7890", "hubungi [telepon]"),
        ("WA 0812 3456 7890", "WA [telepon]"),
        ("telepon (021) 5550123", "telepon [telepon]"),
        ("cek wa.me/6281234567890", "cek [tautan]"),
        ("lihat https://contoh.id/a?b=1 min", "lihat [tautan] min"),
        ("surel budi@contoh.id", "surel [surel]"),
        ("kata @warga_kota dan @budi@mastodon.example", "kata [akun] dan [akun]"),
        ("motor B 1234 XYZ hilang", "motor [pelat nomor] hilang"),
        ("motor b1234xyz hilang", "motor [pelat nomor] hilang"),
        ("mobil D 12 AB", "mobil [pelat nomor]"),
        ("transfer ke rek 1234567890", "transfer ke rek [rekening]"),
        ("dilayani Bripka Budi Santoso tadi", "dilayani Bripka [nama] tadi"),
        ("oknum AKP SUDARSO minta uang", "oknum AKP [nama] minta uang"),
        ("makasih Pak Joko, cepat", "makasih Pak [nama], cepat"),
    ],
)  # fmt: skip
def test_private_data_is_masked(text: str, expected: str) -> None:
    assert mask(text) == expected


def test_f28_every_telephone_number_of_a_text_is_masked() -> None:
    text = "hubungi 081234567890 atau +62 813-4567-8901, kantor (021) 5550123"
    assert mask(text) == "hubungi [telepon] atau [telepon], kantor [telepon]"


@pytest.mark.parametrize(
    "text",
    [
        "dimintai Rp 650.000 di loket 2",
        "Rp1.250.000.000",
        "biaya 100.000 - 120.000",
        "SIM habis 260 ribu",
        "SIM A 150 rb, SIM C 100 rb",
        "SIM D 250 ribu",
        "buka 08.00–12.00, tutup 24/11/2026",
        "24-11-2026 pukul 08.30",
        "panggil 110 gak diangkat",
        "Pak Polisi terima kasih",
        "antre dari 05.30 sampai 11.00, 40 orang",
        "RT 05 RW 012",
        "pasal 281 UU 22/2009",
    ],
)
def test_money_hours_and_dates_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@humas_sukamaju Usul: buka Minggu", "Usul: buka Minggu"),
        (".@humas, @polda@contoh.test: tolong", "tolong"),
        ("tolong @humas_sukamaju dibantu", "tolong [akun] dibantu"),
        ("@humas_sukamaju", "[akun]"),
        ("budi@contoh.id ditolak", "[surel] ditolak"),
    ],
)
def test_a_quote_begins_with_what_is_said(text: str, expected: str) -> None:
    assert quote(text, 100) == expected


@given(st.text(alphabet="0123456789", min_size=16, max_size=16), st.text(max_size=40))
def test_no_sixteen_digits_survive(nik: str, around: str) -> None:
    masked = mask(f"{around} {nik} {around}")
    assert nik not in masked


@given(st.text(max_size=400), st.integers(min_value=10, max_value=200))
def test_a_cut_line_is_one_line_and_never_longer(text: str, longest: int) -> None:
    line = cut(text, longest)
    assert len(line) <= longest
    assert "\n" not in line


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_emoji_leave_and_other_scripts_are_told_in_words() -> None:
    assert printable("antre 😡🇮🇩 lagi") == "antre lagi"
    assert printable("kata شكرا min") == "kata [aksara lain] min"
    assert printable("Café “baik” – 50 %…") == "Café “baik” – 50 %…"


def test_a_quote_is_cut_at_a_word_and_says_so() -> None:
    assert quote("antrean panjang sekali dari pagi", 20) == "antrean panjang…"


def test_an_endless_word_is_cut_too() -> None:
    assert quote("a" * 500, 40) == "a" * 39 + "…"
