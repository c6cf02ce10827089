"""Every message for people has its English translation.

After a change of messages, in the repository's root::

    pybabel extract -F babel.cfg -k N_ --no-location --sort-output -o words.pot .
    pybabel update -i words.pot -d config/locale -D kentongan -l en -w 88 \\
        --no-fuzzy-matching --ignore-obsolete
    (translate what is empty)
    pybabel compile -d config/locale -D kentongan
    rm words.pot

The header stays: without it, compile takes the whole catalogue for unfinished.
"""

import io
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from config.words import DOMAIN, FOLDER, words

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = FOLDER / "en" / "LC_MESSAGES"


@pytest.fixture(scope="module")
def english() -> Catalog:
    with (ENGLISH / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def messages() -> set[str]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = set()
    for folder in (
        "cli", "web", "models", "pipeline", "collectors", "config", "reports",
    ):  # fmt: skip
        mapping = [(glob.removeprefix(f"{folder}/"), way) for glob, way in methods]
        chosen = {g.removeprefix(f"{folder}/"): o for g, o in options.items()}
        keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, mapping, chosen, keywords
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def test_every_message_is_translated(english: Catalog, messages: set[str]) -> None:
    assert len(messages) > 400
    missing = [m for m in messages if m not in english or not english[m].string]
    assert sorted(missing) == []


def test_the_catalogue_holds_no_message_that_nobody_says(
    english: Catalog, messages: set[str]
) -> None:
    assert sorted({str(m.id) for m in english if m.id} - messages) == []


def test_the_compiled_catalogue_is_that_of_the_source(english: Catalog) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, english)
    fresh.seek(0)
    with (ENGLISH / f"{DOMAIN}.mo").open("rb") as file:
        compiled = read_mo(file)
    again = read_mo(fresh)
    assert {m.id: m.string for m in compiled if m.id} == {
        m.id: m.string for m in again if m.id
    }


def test_the_command_line_and_the_settings_speak_english_too(
    messages: set[str],
) -> None:
    assert {
        "Kentongan berjalan: {address}",  # cli
        "salah satu dari DEBUG, INFO, WARNING, ERROR",  # config/settings.py
        "Berkas kunci kosong. Kembalikan kunci dari cadangan.",  # config/keys.py
        "Sentimen",  # told by `kentongan classify`
    } <= messages


def test_no_command_says_a_message_that_the_catalogue_cannot_find() -> None:
    """Babel reads ``_("…")`` and ``N_("…")``, and no call of a call."""
    for file in (ROOT / "cli").glob("*.py"):
        assert "words()(" not in file.read_text().replace(
            "return words()(message)", ""
        ), file.name


def test_the_catalogue_has_its_header(english: Catalog) -> None:
    with (ENGLISH / f"{DOMAIN}.po").open("rb") as file:
        assert b"Content-Type: text/plain; charset=utf-8" in file.read(1_000)
    assert not english.fuzzy


def test_translations_keep_the_names_in_braces(english: Catalog) -> None:
    for message in english:
        if message.id and "python-brace-format" in message.flags:
            here, there = str(message.id), str(message.string)
            assert _braces(here) == _braces(there), here


def _braces(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


def test_translations_keep_the_places_of_values(english: Catalog) -> None:
    class Probe(dict[str, str]):
        def __missing__(self, name: str) -> str:
            self[name] = "·"
            return "·"

    for message in english:
        if not message.id or "python-format" not in message.flags:
            continue
        here, there = Probe(), Probe()
        _ = str(message.id) % here, str(message.string) % there
        assert set(here) == set(there), message.id


def test_an_unknown_language_says_the_message_itself() -> None:
    assert words("xx").gettext("Hari ini") == "Hari ini"
    assert words("en").gettext("Hari ini") == "Today"
