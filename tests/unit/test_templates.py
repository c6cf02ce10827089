"""Templates are data: fields to texts, one for each network, nothing invented."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from models.errors import InvalidInput, NotFound
from models.template import (
    ORDER,
    FieldType,
    Filled,
    Template,
    fill,
    template,
    templates,
    with_date,
)
from networks.capabilities import Capabilities
from networks.counting import addresses, fits
from pipeline import wiring
from pipeline.budget import load_prices
from pipeline.templating import cost, filled, text_on

EXAMPLES = {
    "tanggal": "2026-11-26",
    "kembali": "2026-11-27",
    "mulai": "08:00",
    "selesai": "12:00",
    "tempat": "Lapangan Harapan Baru",
    "kontak": "0700-0110",
    "tautan": "https://sukamaju-contoh.id/jadwal",
    "telepon": "0700-0110",
    "libur": "Tahun Baru Imlek",
    "lokasi": "Simpang Mekarasih",
    "nama": "Pak Darma",
    "umur": "64 tahun",
    "ciri": "Kemeja batik cokelat, celana hitam",
    "pukul": "17:30",
    "jalan": "Jl. Melati",
    "sebab": "pawai budaya",
    "pengganti": "Jl. Kenanga",
    "pokok": "SIM gratis",
    "fakta": "Tidak ada pembuatan SIM gratis.",
    "klaim": "SIM dibuat gratis sampai akhir bulan",
    "sumber": "PP 76/2020",
    "cadangan": "0700-1100",
    "biaya_a": "80000",
    "bahaya": "banjir",
    "langkah": "Pindah ke tempat tinggi",
    "kumpul": "Balai kelurahan",
}
NETWORKS = wiring.all_capabilities()


def typed(one: Template) -> dict[str, str]:
    known = {f.code: EXAMPLES[f.code] for f in one.fields if f.code in EXAMPLES}
    return one.defaults() | known


def done(code: str, **other: str) -> Filled:
    one = template(code)
    return fill(one, typed(one) | other, office="Polres Kota Sukamaju", zone_name="WIB")


def test_the_ten_announcements_of_a_desk_and_a_warning_are_there() -> None:
    assert len(templates()) == 11
    assert set(templates()) == set(ORDER)
    assert all(code == one.code for code, one in templates().items())


@pytest.mark.parametrize("code", ORDER)
@pytest.mark.parametrize("can", NETWORKS, ids=lambda can: can.name)
def test_every_template_filled_in_usually_fits_every_network(
    code: str, can: Capabilities
) -> None:
    text = text_on(done(code), can)
    assert fits(text, can.text)
    assert "{" not in text
    assert "  " not in text


@pytest.mark.parametrize("code", ORDER)
def test_what_a_desk_leaves_empty_leaves_no_gap_behind(code: str) -> None:
    one = template(code)
    least = {f.code: typed(one)[f.code] if f.required else "" for f in one.fields}
    made = fill(one, least, office="Polres Kota Sukamaju", zone_name="WITA")
    for text in (made.text(), made.text(short=True)):
        assert "{" not in text
        assert not re.search(r"(?m): *$|\n\n\n| ,|\.\.", text), text


def test_a_post_says_the_fields_as_people_read_them() -> None:
    text = done("sim_keliling", biaya_a="Rp 85.000").text()
    assert "Hari/tanggal: Kamis, 26 November 2026" in text
    assert "Pukul: 08.00–12.00 WIB" in text
    assert "SIM A Rp85.000, SIM C Rp75.000" in text
    assert text.startswith("SIM KELILING Polres Kota Sukamaju")


def test_where_posts_are_paid_for_the_link_is_left_out_and_elsewhere_it_stands() -> (
    None
):
    made = done("sim_keliling")
    for can in NETWORKS:
        found = addresses(text_on(made, can))
        assert found == ([] if can.paid else [EXAMPLES["tautan"]])


def test_the_cost_is_the_price_of_the_post_as_it_goes_out() -> None:
    prices = load_prices()
    made = done("sim_keliling")
    assert cost("x", made.text(short=True, linked=False)) == prices.idr("x.post")
    assert cost("x", made.text(short=True)) == prices.idr("x.post_with_url")


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [
        ("sim_keliling", "tanggal", "26 November"),
        ("sim_keliling", "tanggal", "2026-02-30"),
        ("sim_keliling", "tanggal", ""),
        ("sim_keliling", "mulai", "25:00"),
        ("sim_keliling", "mulai", "8 pagi"),
        ("sim_keliling", "mulai", "08:00:30"),
        ("sim_keliling", "selesai", "07:59"),
        ("sim_keliling", "selesai", "08:00"),
        ("sim_keliling", "biaya_a", "delapan puluh"),
        ("sim_keliling", "biaya_a", "-5"),
        ("sim_keliling", "biaya_a", "²"),
        ("sim_keliling", "tautan", "polres.example"),
        ("sim_keliling", "tautan", "javascript:alert(1)"),
        ("sim_keliling", "tempat", "   "),
        ("sim_keliling", "tempat", "x" * 501),
        ("klarifikasi_hoaks", "fakta", ""),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    code: str, field: str, value: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        done(code, **{field: value})
    assert caught.value.field == field


def test_a_field_that_the_template_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput):
        done("sim_keliling", rahasia="x")
    with pytest.raises(NotFound):
        template("tidak_ada")


def test_a_brace_in_what_was_typed_stays_as_it_was_typed() -> None:
    text = done("sim_keliling", tempat="Pasar {tautan} {0} {kantor}").text()
    assert "Tempat: Pasar {tautan} {0} {kantor}" in text


def test_for_another_day_only_the_first_date_changes() -> None:
    one = template("hari_libur")
    moved = with_date(one, typed(one), date(2027, 1, 1))
    assert moved == typed(one) | {"tanggal": "2027-01-01"}


def test_the_zone_in_a_text_is_the_offices() -> None:
    one = template("sim_keliling")
    made = filled(one, typed(one), "Polres", ZoneInfo("Asia/Jayapura"))
    assert "08.00–12.00 WIT\n" in made.text()


def test_every_field_of_a_template_has_a_label_in_both_languages() -> None:
    for one in templates().values():
        assert one.note("id") != one.note("en")
        assert one.source
        for field in one.fields:
            assert field.label("id")
            assert field.label("en")
            assert field.label("de") == field.label("id")
        types = {field.type for field in one.fields}
        assert FieldType.TEXT in types


@every(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_stands_in_the_text_or_is_refused(
    place: str, contact: str
) -> None:
    try:
        text = done("sim_keliling", tempat=place, kontak=contact).text()
    except InvalidInput:
        return
    assert f"Tempat: {' '.join(place.split())}\n" in text
