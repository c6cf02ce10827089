"""From the bytes of a feed to its text, whatever its label says.

Bytes that are valid UTF-8 are UTF-8 (Miniflux, ``reader/encoding/encoding.go``); a
byte order mark wins over every label; "ISO-8859-1" means windows-1252 as in browsers
(https://encoding.spec.whatwg.org/#names-and-labels).
"""

import codecs
import re
from dataclasses import dataclass

SNIFFED = 4_096  # bytes in which a label inside the document is looked for

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
_LATIN = frozenset({"ascii", "iso8859-1", "cp1252"})
_NO_CHARSETS = frozenset(  # codecs of Python that no document is written in
    {"unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined"}
)
_LABELS = (
    re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']\s*([\w.:-]+)", re.IGNORECASE),
    re.compile(rb"<meta[^>]*?\bcharset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE),
)
_HEADER_LABEL = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and whether its bytes contradicted their label."""

    text: str
    charset: str
    guessed: bool = False


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode a document; always succeeds.

    Args:
        body: the bytes as they came, after decompression.
        content_type: the HTTP header, for its ``charset``.
    """
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return _with_mark(body[len(mark) :], charset)
    for start, charset in _UNMARKED:
        if body.lstrip(b" \t\r\n").startswith(start):
            return _with_mark(body, charset)
    label = _label(body, content_type)
    if not (label.startswith("iso2022") and b"\x1b" in body):  # 7 bits, yet not UTF-8
        try:
            return Decoded(body.decode("utf-8"), "utf-8")
        except UnicodeDecodeError:
            pass
    if label and label != "utf-8" and label not in _LATIN:
        try:
            return Decoded(body.decode(label), label)
        except (UnicodeDecodeError, LookupError):
            pass
    text = body.decode("utf-8", errors="kentongan_cp1252")
    return Decoded(text, "cp1252", guessed=label not in _LATIN)


def _with_mark(body: bytes, charset: str) -> Decoded:
    if charset == "utf-8":
        text = body.decode("utf-8", errors="kentongan_cp1252")
    else:
        text = body.decode(charset, errors="replace")
    return Decoded(text, charset, guessed="\ufffd" in text)


def _label(body: bytes, content_type: str) -> str:
    """The declared charset under Python's own name, or empty."""
    found = _HEADER_LABEL.search(content_type)
    written = [found[1]] if found else []
    for pattern in _LABELS:
        inside = pattern.search(body[:SNIFFED])
        if inside:
            written.append(inside[1].decode("ascii", errors="ignore"))
    for label in written:
        try:
            name = codecs.lookup(label).name
        except (LookupError, ValueError):
            continue
        if name not in _NO_CHARSETS:
            return name
    return ""


def _cp1252_bytes(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes that are not UTF-8 as windows-1252, one by one.

    So one stray byte does not spoil a feed that is UTF-8 otherwise.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="replace"), error.end


codecs.register_error("kentongan_cp1252", _cp1252_bytes)


# ------------------------------------------------------------- encoded twice


def _as_byte(char: str) -> str:
    """The latin-1 form of a character that windows-1252 made of one byte."""
    try:
        return char.encode("cp1252").decode("latin-1")
    except UnicodeEncodeError:
        return char


_HIGH = "".join(
    bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xC0)
)
_TAIL = f"[{re.escape(_HIGH)}\x80-\xbf]"
# What two encodings make of quotes, dashes and symbols (E2), of full-width forms (EF)
# and of emoji (F0): sure. Of latin letters (C2, C3): sure before a character that no
# word is followed by; "É”" is how a capital stands before a closing quote.
_SURE = re.compile(
    f"â{_TAIL}{{2}}|ï[»¼½¾¿]{_TAIL}|ð[Ÿ\x9f]{_TAIL}{{2}}|[ÂÃ][\x80-\xbf]"
)
_LIKELY = re.compile(f"â{_TAIL}{{2}}|ï{_TAIL}{{2}}|ð{_TAIL}{{3}}|[ÂÃ]{_TAIL}")
_FOREIGN_RUNS = 3  # whole sequences, before a text is taken as encoded twice throughout


def repair_double_encoding(text: str) -> str:
    """Undo UTF-8 that was read as windows-1252 and encoded again, where reversible.

    Returns the same object when there is nothing to repair.
    """
    if text.isascii():
        return text
    if _SURE.search(text):
        return _LIKELY.sub(_undo, text)
    whole = _undo_whole(text)
    return text if whole is None else whole


def _undo(found: re.Match[str]) -> str:
    return _undo_whole(found[0], runs=1) or found[0]


def _undo_whole(text: str, runs: int = _FOREIGN_RUNS) -> str | None:
    data = "".join(map(_as_byte, text))
    try:
        undone = data.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    return undone if sum(not char.isascii() for char in undone) >= runs else None
