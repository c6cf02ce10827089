"""The same text, nearly the same, and another one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.category import categories
from models.likeness import likeness, runs

TEXT = (
    "SIM keliling hari ini di halaman Pasar Mekarasih, pukul 08.00–12.00 WIB. "
    "Perpanjangan SIM A Rp 80.000 dan SIM C Rp 75.000. Bawa SIM lama dan KTP asli."
)
ALIKE = categories().alike


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(),
        TEXT.replace(",", " –").replace(".", "!"),
        TEXT.replace(" ", "  \n"),
        "🚗 " + TEXT,
    ],
)
def test_case_signs_and_spaces_do_not_make_another_text(other: str) -> None:
    assert likeness(runs(TEXT), runs(other)) == 1


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (TEXT + " Terima kasih.", True),
        (TEXT.replace("SIM lama", "SIM asli"), True),
        (
            TEXT.replace("Pasar Mekarasih", "Alun-Alun Sukamaju").replace("12", "14"),
            False,
        ),
        ("Loket SKCK buka Senin–Sabtu pukul 08.00–20.00 WIB. Biaya Rp 30.000.", False),
        ("", False),
        ("!!!", False),
    ],
)
def test_a_word_more_is_nearly_the_same_and_another_place_is_not(
    other: str, near: bool
) -> None:
    assert (ALIKE <= likeness(runs(TEXT), runs(other)) < 1) is near


def test_short_texts_are_the_same_only_as_a_whole() -> None:
    assert likeness(runs("Hubungi 110"), runs("hubungi 110!")) == 1
    assert likeness(runs("Hubungi 110"), runs("Hubungi 112")) == 0


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    there = likeness(runs(one), runs(other))
    assert 0 <= there <= 1
    assert there == likeness(runs(other), runs(one))
    assert likeness(runs(one), runs(one)) in ((1,) if runs(one) else (0,))
