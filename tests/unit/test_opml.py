"""OPML of other readers: read whatever they write, refuse what is hostile."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.opml import (
    DEEPEST,
    MOST_BYTES,
    MOST_ROWS,
    Outline,
    read_opml,
    write_opml,
)
from config.listening import numbers
from models.errors import InvalidInput

AT = datetime(2026, 11, 25, tzinfo=UTC)


def opml(inside: str, head: str = "") -> bytes:
    return f"{head}<opml version='2.0'><body>{inside}</body></opml>".encode()


def feed(url: str, label: str = "Warta") -> str:
    return f"<outline type='rss' text='{label}' xmlUrl='{url}'/>"


def test_nested_folders_are_opened_and_their_feeds_stand_in_order() -> None:
    inside = (
        f"<outline text='Daerah'>{feed('https://a.example/rss')}"
        f"<outline text='Kota'>{feed('https://b.example/rss', 'B')}</outline></outline>"
        f"{feed('https://c.example/rss')}"
    )
    rows = read_opml(opml(inside))
    assert [row.url[8] for row in rows] == ["a", "b", "c"]
    assert [row.number for row in rows] == [1, 2, 3]
    assert rows[1].label == "B"


def test_attributes_are_found_in_any_case_and_the_title_names_the_feed() -> None:
    row = "<OUTLINE TITLE='Judul' Text='teks' XMLURL=' https://a.example/ '/>"
    assert read_opml(opml(row)) == (Outline(1, "Judul", "https://a.example/"),)


def test_a_row_without_an_address_is_told_and_an_opened_folder_is_not() -> None:
    inside = f"<outline text='tanpa'/><outline text='folder'>{feed('x:y')}</outline>"
    assert [(row.label, row.url) for row in read_opml(opml(inside))] == [
        ("tanpa", ""),
        ("Warta", "x:y"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_file_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{encoding}'?>"
    body = opml(feed("https://a.example/", "Café"), head).decode().encode(encoding)
    assert read_opml(body)[0].label == "Café"


BOMB = "<!DOCTYPE opml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE opml SYSTEM 'file:///etc/passwd'>"
SECRET = "<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, SECRET])
def test_a_document_type_is_refused_before_any_entity_is_read(doctype: str) -> None:
    with pytest.raises(InvalidInput, match="DOCTYPE"):
        read_opml(opml(feed("https://a.example/", "&x;"), doctype))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"bukan xml",
        b"<html><body><outline xmlUrl='https://a.example'/></body></html>",
        b"<opml><body><outline></body></opml>",
        opml(feed("https://a.example/"))[:-9],
        b"<?xml version='1.0' encoding='tidak-ada'?><opml/>",
        b"\xff\xfe\x00",
        opml("<outline text='" + "x" * MOST_BYTES + "'/>"),
        opml("<outline text='a'>" * (DEEPEST + 2) + "</outline>" * (DEEPEST + 2)),
        opml(feed("https://a.example/") * (MOST_ROWS + 1)),
    ],
)
def test_what_is_no_list_or_too_much_is_refused_whole(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_opml(body)
    assert refused.value.field == "berkas"


def test_a_list_of_many_rows_is_read_in_little_time() -> None:
    inside = "".join(feed(f"https://s{n}.example/rss") for n in range(5_000))
    began = time.monotonic()
    assert len(read_opml(opml(inside))) == 5_000
    assert time.monotonic() - began < 5


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reader(junk: bytes) -> None:
    for body in (junk, b"<opml><body>" + junk + b"</body></opml>"):
        try:
            read_opml(body)
        except InvalidInput:
            continue


_TEXT = st.text(max_size=60).map(lambda text: " ".join(text.split()))


@given(
    st.lists(
        st.tuples(
            _TEXT,
            st.from_regex(r"https://[a-z]{1,9}\.example/[!-~]{0,20}", fullmatch=True),
        )
    )
)
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    written = write_opml(
        'Polres "Kota" & <Sukamaju>',
        AT,
        [Outline(n, label, url) for n, (label, url) in enumerate(rows, 1)],
    )
    assert [one.url for one in read_opml(written)] == [url for _, url in rows]


def test_every_number_of_listening_stands_in_its_file_with_a_reason() -> None:
    numbers.cache_clear()
    assert numbers().alike == 0.2
    file = Path(__file__).resolve().parents[2] / "config" / "data" / "listening.toml"
    text = file.read_text("utf-8")
    assert len(re.findall(r"^value = ", text, re.MULTILINE)) == len(
        re.findall(r'^reason = "\S', text, re.MULTILINE)
    )
