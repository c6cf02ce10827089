"""Private data gives way to marks; money, hours, dates and meaning stay."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.redact import KEPT, KINDS, hidden, ours, sentences, touching
from models.entering import cleaned, cleaned_name
from models.guard import Own
from models.redaction import Private, Redacted, redact

PRIVATE = {
    "NIK 3275012505900001 ditolak": "NIK [NIK] ditolak",
    "nik3275012505900001 buat antre": "nik[NIK] buat antre",
    "3275012505900001 08.00 antre": "[NIK] 08.00 antre",
    "12 3275 0125 0590 0001 gagal": "12 [NIK] gagal",
    "ktp 3275.0165.0590.0001 hilang": "ktp [NIK] hilang",
    "327501-250590-0001": "[NIK]",
    "32.75.01.250590.0001": "[NIK]",
    "KK 3275012505900001, nik 3275012505900002": "KK [KK], nik [NIK]",
    "NIK 3275019934567890 salah ketik": "NIK [NIK] salah ketik",
    "npwp 12.345.678.9-012.345 bocor": "npwp [NPWP] bocor",
    "npwp saya 123456789012345 itu": "npwp saya [NPWP] itu",
    "wa 0812-1234-5678 ya": "wa [telepon] ya",
    "(0812) 3456 7890": "[telepon]",
    "hubungi 081234567890 3 kali": "hubungi [telepon] 3 kali",
    "nomor saya nol delapan satu dua tiga empat lima enam tujuh delapan": "nomor saya [telepon]",
    "wa.me/6281234567890": "wa.me/[telepon]",
    "rumah (021) 7654321": "rumah [telepon]",
    "motor B 1234 XYZ kabur": "motor [pelat nomor] kabur",
    "mobil tipe Avanza B1234XYZ": "mobil tipe Avanza [pelat nomor]",
    "laptop dicuri, B1234XYZ lari": "laptop dicuri, [pelat nomor] lari",
    "tipe B 1234 XYZ": "tipe [pelat nomor]",
    "d1234abc ngebut": "[pelat nomor] ngebut",
    "transfer 50rb ke BCA 1234567890": "transfer 50rb ke BCA [rekening]",
    "rek 0812345678 bank BTN 2 juta": "rek [rekening] bank BTN 2 juta",
    "rumah di Jl. Melati No. 12 RT 03/RW 05": "rumah di [alamat]",
    "jalan melati nomor 3, malam": "[alamat], malam",
    "Perum Griya Asri Blok C2 No 7 sepi": "[alamat] sepi",
    "lp/b/12/iii/2026/spkt mandek": "[nomor laporan] mandek",
    "LP/B/12/III/2026/JABAR/RES SKM mandek": "[nomor laporan] mandek",
    "nomor LP/634/VII/2017/Bareskrim itu": "nomor [nomor laporan] itu",
    "LP/1151/III/2017/PMJ / Ditreskrimum": "[nomor laporan]",
    "tulis ke budi@surat.example ya": "tulis ke [surel] ya",
}  # fmt: skip


@pytest.mark.parametrize(("text", "marked"), PRIVATE.items(), ids=PRIVATE.keys())
def test_private_data_gives_way_to_its_mark(text: str, marked: str) -> None:
    assert redact(text).text == marked


@pytest.mark.parametrize(
    "text",
    [
        "bayar Rp 50.000-75.000, padahal Rp1.250.000,- tahun lalu 350000000 rupiah",
        "dimintai 1,5 jt, 50rb, 20k, 75.000 dan 150 ribu lewat BRI",
        "buka 08.00-12.00 WIB, Sabtu 08:30 s.d. 11.30, jam 9",
        "sejak 12/11/2026, 01-02-2026, 2026-11-24, 24 November 2026 dan 22.05.2026",
        "Pasal 281 ayat (1) UU 22/2009, PP 76/2020, UU No. 1 Tahun 2023",
        "telepon 110 08.00 ga diangkat, d 110 aja, coba 112 atau 1500 669",
        "tahun 2021-2022 hadiah ditransfer ke pemenang",
        "d 500 aja bayarnya, f 2000 dan seterusnya",
        "hotline layanan pengaduan 0812-3456-7890 mati, call center (021) 7654321 juga",
        "kirim ke humas@sukamaju.polri.go.id mental",
        "kantor samsat di Jl. Merdeka No. 12 penuh; jalan rusak paling parah nomor 1",
        "warga RT 05 RW 012 di blok M, antrean A-012 SIM",
        "kode billing 820261124000123, tiket #123456, resi JP1234567890",
        "berita https://contoh.test/berita/3275012505900001 bohong",
        "mesin cuci W1100H, tipe W1100H, Vivobook 14 A416JA, POCO F4 GT laku",
        "koordinat -6.917464, 107.619123, versi 4.12.1, skor 3-1, tensi 120/80",
    ],
)
def test_what_is_nobody_s_stays(text: str) -> None:
    assert redact(text) == Redacted(text, ())


def test_the_office_s_own_contacts_stay() -> None:
    own = Own.of("0812-1000-2000, humas@contoh.test")
    text = "WA 6281210002000 atau humas@contoh.test, bukan 081210002001"
    assert redact(text, own).text.endswith("humas@contoh.test, bukan [telepon]")
    assert "6281210002000" in redact(text, own).text


def test_spans_say_where_the_words_stood_in_the_text_that_was_given() -> None:
    text = "npwp 123456789012345 123456789012346 123456789012347 lalu 0812-1234-5678"
    done = redact(text)
    assert [text[one.start : one.end] for one in done.spans] == [
        "123456789012345",
        "123456789012346",
        "123456789012347",
        "0812-1234-5678",
    ]
    assert done.text.count("[NPWP]") == 3
    rebuilt = text
    for one in reversed(done.spans):
        rebuilt = rebuilt[: one.start] + one.kind.mark + rebuilt[one.end :]
    assert rebuilt == done.text


def test_every_mark_is_read_as_a_mark() -> None:
    marks = " ".join(kind.mark for kind in Private)
    assert redact(f"rek BCA {marks} ktp").spans == ()


_NIK = st.builds(
    "{:02}75{:02}{:02}{:02}{:02}{:04}".format,
    st.sampled_from([11, 32, 51, 73]),
    st.integers(1, 40),
    st.integers(1, 28),
    st.integers(1, 12),
    st.integers(0, 99),
    st.integers(1, 9999),
)
_SECRET = st.one_of(
    _NIK,
    _NIK.map(lambda n: " ".join((n[:4], n[4:8], n[8:12], n[12:]))),
    st.integers(10**8, 10**9 - 1).map("081{}".format),
    st.integers(1000, 9999).map("B {} XYZ".format),
    st.integers(10**9, 10**10 - 1).map("rek BCA {}".format),
    st.integers(1, 99).map("Jl. Melati No. {}".format),
)
_AMOUNTS = st.integers(1, 999)
_KEPT = st.one_of(
    _AMOUNTS.map("Rp {}.000".format),
    _AMOUNTS.map("{}rb".format),
    _AMOUNTS.map("{} ribu".format),
    st.integers(1, 9).map("{},5 juta".format),
    st.builds("{:02}.{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.builds("{}/{}/2026".format, st.integers(1, 28), st.integers(1, 12)),
    st.integers(1, 28).map("{} November 2026".format),
    st.integers(1, 28).map("2026-11-{:02}".format),
)
_JOIN = st.sampled_from([" ", ", ", "\n", " di ", "; ", ". "])


@given(st.lists(st.tuples(st.booleans(), _SECRET, _KEPT, _JOIN), max_size=6))
def test_money_hours_and_dates_stay_beside_whatever_is_private(
    parts: list[tuple[bool, str, str, str]],
) -> None:
    text = "".join((k if keep else s) + join for keep, s, k, join in parts)
    done = redact(text)
    at = 0
    for keep, _, kept, _ in parts:
        if keep:
            at = done.text.index(kept, at) + len(kept)
    assert redact(done.text).spans == ()


@given(
    st.lists(
        st.sampled_from(
            [
                "1",
                "0812",
                "3275",
                "12345678",
                "npwp",
                "nik",
                "rek",
                "BCA",
                "RT",
                "Jl.",
                "No.",
                "B",
                "XYZ",
                "/",
                ".",
                "-",
                ",",
                "@",
                "a.b",
                "\n",
                "nol",
                "delapan",
                "hotline",
                "[NIK]",
                "LP/",
                "08.00",
                "rb",
                "jam",
                "\0",
                "٣",
            ]
        )
    ).map(" ".join)
    | st.text(max_size=200)
)
def test_redacting_again_changes_nothing(text: str) -> None:
    done = redact(text)
    assert redact(done.text).text == done.text
    end = 0
    for one in done.spans:
        assert end <= one.start < one.end <= len(text)
        end = one.end


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "12.", "081-", "a.@", "Jl. a ", "rt 1 ", "LP/1/", "B 1 ", "npwp 123456789012345 ",
     "rek 12345678 ", "nol delapan ", "3275 ", "Rp 1.", "[NIK] ",
     "hotline 08", "3275012505900001 ", "0812345678 "],
)  # fmt: skip
def test_a_hundred_thousand_letters_take_seconds_at_most(piece: str) -> None:
    def took(size: int) -> float:
        text = (piece * size)[:size]
        began = time.process_time()
        redact(text)
        return time.process_time() - began

    took(1000)
    assert took(100_000) < 5


def test_f29_on_the_labelled_set_nothing_private_is_left_and_every_amount_is() -> None:
    read = sentences()
    assert len(read) >= 500
    for one in read:
        made = ours(one.text)
        left = [place for place in one.of(KINDS) if not hidden(one.text, place, made)]
        lost = [place for place in one.of(KEPT) if touching(place, made)]
        assert (left, lost) == ([], []), one.text


@pytest.mark.parametrize(
    ("said", "url", "stored"),
    [
        ("NIK 3275012505900001", "https://w.test/a-3275012505900001-b", "a-xxxxxxxxxxxxxxxx-b"),
        ("NIK 3275 0125 0590 0001", "https://w.test/3275-0125-0590-0001", "xxxxxxxxxxxxxxxx"),
        ("tanpa nomor", "https://w.test/?no_ktp=3275012505900001", "?no_ktp=xxxxxxxxxxxxxxxx"),
        ("tanpa nomor", "https://w.test/3275012505900001", "3275012505900001"),
        ("WA 0812-3456-7890", "https://w.test/wa-6281234567890", "wa-xxxxxxxxxxxxx"),
    ],
)  # fmt: skip
def test_an_address_is_left_alone_but_for_what_its_words_or_itself_call_private(
    said: str, url: str, stored: str
) -> None:
    assert cleaned("", said, url).url == f"https://w.test/{stored}"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Budi Santoso", "Budi Santoso"),
        ("budi_1990", "budi_1990"),
        ("081234567890", "[telepon]"),
        ("budi081234567890", "budi…"),
        ("budi_3275012505900001", "budi_[NIK]"),
        ("@warga@mastodon.example", "@warga@mastodon.example"),
    ],
)
def test_a_name_keeps_its_letters_and_loses_somebody_s_number(
    name: str, stored: str
) -> None:
    assert cleaned_name(name) == stored


def test_a_number_that_a_link_in_a_text_calls_nik_is_a_mark() -> None:
    text = "cek https://dukcapil.test/?nik=3275012505900001&id=3275012505900002"
    marked = "cek https://dukcapil.test/?nik=[NIK]&id=3275012505900002"
    assert redact(text).text == marked
    assert redact(marked).text == marked
