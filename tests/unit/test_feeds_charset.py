"""Text from bytes, whatever their label says."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks.feed_charset import decode, repair_double_encoding

QUOTED = "Kapolres: “Aman” – kata dia’"
LATIN = "text/xml; charset=iso-8859-1"


def document(text: str, label: str, charset: str) -> bytes:
    prolog = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    return f"{prolog}<t>{text}</t>".encode(charset)


@pytest.mark.parametrize(
    ("body", "content_type", "text", "guessed"),
    [
        (document("café", "ISO-8859-1", "utf-8"), "", "café", False),
        (document("café", "windows-1252", "utf-8"), LATIN, "café", False),
        (document(QUOTED, "UTF-8", "cp1252"), "", QUOTED, True),
        (document(QUOTED, "", "cp1252"), "text/xml; charset=utf-8", QUOTED, True),
        (document(QUOTED, "", "cp1252"), "", QUOTED, True),
        (document(QUOTED, "ISO-8859-1", "cp1252"), "", QUOTED, False),
        (document("café", "", "latin-1"), LATIN, "café", False),
        (
            codecs.BOM_UTF8 + document("café", "ISO-8859-1", "utf-8"),
            LATIN,
            "café",
            False,
        ),
        (document("café", "ISO-8859-1", "utf-16"), LATIN, "café", False),
        (document("café", "utf-16", "utf-16-le"), "", "café", False),
        (document("café", "utf-16", "utf-16-be"), "", "café", False),
        (document("Москва", "koi8-r", "koi8-r"), "", "Москва", False),
        (document("東京", "iso-2022-jp", "iso-2022-jp"), "", "東京", False),
        (document("café", "tidak-ada", "latin-1"), "", "café", True),
        (document("café", "base64", "latin-1"), "", "café", True),
    ],
)
def test_f21_the_bytes_decide_and_the_label_helps(body, content_type, text, guessed):
    decoded = decode(body, content_type)
    assert text in decoded.text
    assert decoded.guessed is guessed


def test_one_stray_byte_does_not_spoil_a_utf8_feed():
    body = document("café “aman” ", "UTF-8", "utf-8") + b"<t>\x93lagi\x94</t>"
    decoded = decode(body)
    assert "café “aman”" in decoded.text
    assert "“lagi”" in decoded.text
    assert decoded.guessed


def test_a_label_in_a_page_is_found_beyond_its_first_kilobyte():
    body = b"<html><!--" + b"-" * 1_500 + b'--><meta charset="koi8-r">'
    assert "Москва" in decode(body + "Москва".encode("koi8-r")).text


@given(st.binary(max_size=200), st.text(max_size=40))
def test_decoding_always_succeeds(body: bytes, content_type: str):
    decode(body, content_type)


@given(st.text(max_size=100))
def test_utf8_is_never_changed(text: str):
    try:
        body = b"<t>" + text.encode("utf-8")
    except UnicodeEncodeError:
        return
    assert decode(body, LATIN).text == "<t>" + text


def twice(text: str) -> str:
    return text.encode("utf-8").decode("cp1252")


@pytest.mark.parametrize(
    "text", ["“Aman”, kata Kapolres".replace("”", '"'), "Harga – naik", "Café buka",
             "😀 Mantap", "Suhu 30° – 33°", "Kami… datang", "È una prova – ecco"]
)  # fmt: skip
def test_text_that_was_encoded_twice_is_repaired(text: str):
    assert repair_double_encoding(twice(text)) == text


def test_a_closing_quote_encoded_twice_is_repaired_too():
    assert repair_double_encoding("â€œAmanâ€\x9d") == "“Aman”"


def test_a_whole_text_of_another_script_is_repaired():
    assert repair_double_encoding("Ø§Ù„Ø³Ù„Ø§Ù…") == "السلام"


@pytest.mark.parametrize(
    "text", ["", "Aman", "café", "“CAFÉ”", "voilà”", "“À bientôt…”", "Ð", "São – “Ã”",
             "naïve", "東京", "😀", "“Café…” kata"]
)  # fmt: skip
def test_sound_text_is_left_alone(text: str):
    assert repair_double_encoding(text) == text
