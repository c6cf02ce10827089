"""A stranger's text on a terminal and in a log."""

import io
import json
import unicodedata
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.output import print_json, print_rows
from cli.output import say as told
from config.logging import blot_out
from config.printing import one_line, printable

TRAPS = [
    "\x1b[2J\x1b[1;1H bersih",
    "\x1b]0;judul jendela\x07",
    "\x9b31m merah",
    "hapus\x08\x08\x08",
    "balik\rmenimpa",
    "\u202etxet\u2066",
    "\x7f\x00",
]


def acts(text: str) -> list[str]:
    return [
        letter
        for letter in text
        if letter not in "\n\t"
        and (
            unicodedata.category(letter) == "Cc"
            or unicodedata.bidirectional(letter)
            in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        )
    ]


def shown(text: str) -> str:
    with redirect_stdout(io.StringIO()) as out:
        told(text)
    return out.getvalue()


@pytest.mark.parametrize("trap", TRAPS)
def test_what_would_act_is_only_shown(trap: str) -> None:
    assert not acts(printable(trap))
    assert not acts(shown(trap))
    for as_json in (False, True):
        with redirect_stdout(io.StringIO()) as out:
            print_rows([{"text": trap}], as_json=as_json)
        assert not acts(out.getvalue())


@pytest.mark.parametrize("trap", TRAPS)
def test_programs_read_back_exactly_what_was_written(trap: str) -> None:
    with redirect_stdout(io.StringIO()) as out:
        print_json({"text": trap + " \u201cya\u201d 🙏"})
    assert json.loads(out.getvalue()) == {"text": trap + " \u201cya\u201d 🙏"}


@given(st.text())
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    shown_as = printable(text)
    shown_as.encode()
    assert not acts(shown_as)
    if not acts(text) and "\u200e" not in text and "\u200f" not in text:
        assert shown_as == text


def test_half_a_letter_can_be_printed() -> None:
    printable("\ud83d rusak").encode()


def test_a_log_line_stays_one_line() -> None:
    event = blot_out(None, "info", {"event": "x", "title": "a\n\x1b[31mb"})
    assert event["title"] == "a \\x1b[31mb"
    assert one_line("satu\r\ndua\ttiga") == "satu dua tiga"
