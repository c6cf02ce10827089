"""Citizens' words on a page that is passed around: private data out, meaning kept.

Money, hours and dates stay: the amount is the evidence in a complaint. What is
masked: all that :func:`models.redaction.redact` takes out, and, since paper travels
further, every other long number, public bodies' contacts, account names, links, and
names after a rank or a form of address.
"""

import re
from functools import cache

from models.private import (
    ACCOUNT,
    EMAIL,
    LANDLINE,
    LINK,
    LONG_NUMBER,
    PHONE,
    PLAIN_NUMBER,
)
from models.redaction import Private, redact

_ADDRESSED = re.compile(rf"(?:[\s.]*{ACCOUNT.pattern}[\s,:;]*)+")
_MONEY = re.compile(
    r"(?:\brp\.?\s?)\d[\d.,]*|\b\d{1,3}(?:\.\d{3})+(?:\s?[-–]\s?\d{1,3}(?:\.\d{3})+)?\b",
    re.IGNORECASE,
)
_TITLES = (
    r"Bripda|Briptu|Brigadir|Brigpol|Bripka|Aipda|Aiptu|Ipda|Iptu|AKP|Kompol|AKBP"
    r"|Kombes(?: Pol\.?)?|Brigjen|Bharada|Bharatu|Pak|Bapak|Bpk\.?|Bu|Ibu|Sdr\.?"
    r"|Sdri\.?|Mas|Mbak|Bang|Saudara|Saudari|a\.n\.|atas nama|nama saya|namanya"
)
_NAME = re.compile(
    rf"\b({_TITLES})(\s+)((?:[A-Z][a-z'.]+)(?:\s+[A-Z][a-z'.]+){{0,3}})"
    rf"|\b({_TITLES.upper()})(\s+)([A-Z]{{3,}}(?:\s+[A-Z]{{3,}}){{0,2}})"
)
_OFFICES = frozenset(
    {
        "admin", "babinsa", "bhabin", "bpkb", "bupati", "camat", "gubernur", "kanit",
        "kapolda", "kapolres", "kapolri", "kapolsek", "kasat", "lurah", "min",
        "petugas", "polantas", "polisi", "polres", "polsek", "presiden", "rt", "rw",
        "satpam", "sim", "skck", "spkt", "stnk", "wali",
    }
)  # fmt: skip


def mask(text: str) -> str:
    """``text`` without private data; each kind leaves its own mark in brackets."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\ue000{len(kept) - 1}\ue001"

    text = text.replace("\ue000", "").replace("\ue001", "")
    text = LINK.sub("[tautan]", text)
    text = ACCOUNT.sub("[akun]", text)
    text = redact(text).text
    text = EMAIL.sub(Private.EMAIL.mark, text)
    text = LONG_NUMBER.sub("[nomor identitas]", text)
    text = PHONE.sub(Private.PHONE.mark, text)
    text = LANDLINE.sub(Private.PHONE.mark, text)
    text = _MONEY.sub(keep, text)
    text = PLAIN_NUMBER.sub("[nomor]", text)
    text = _NAME.sub(_name, text)
    return re.sub("\ue000(\\d+)\ue001", lambda found: kept[int(found[1])], text)


def _name(found: re.Match[str]) -> str:
    title, gap, name = found[1] or found[4], found[2] or found[5], found[3] or found[6]
    if name.split()[0].rstrip(".").lower() in _OFFICES:
        return found[0]
    return f"{title}{gap}[nama]"


def quote(text: str, longest: int) -> str:
    """A citizen's words on one line: unaddressed, masked, then :func:`cut`."""
    return cut(mask(unaddressed(text)), longest)


def unaddressed(text: str) -> str:
    """``text`` without the accounts it begins with: whom it is said to, not what.

    Nothing but accounts stays as it is.
    """
    begins = _ADDRESSED.match(text)
    return text[begins.end() :] or text if begins else text


def cut(text: str, longest: int) -> str:
    """One line of at most ``longest`` characters; cut at a word, with "…"."""
    line = printable(" ".join(text.split()))
    if len(line) <= longest:
        return line
    start = line[: longest - 1]
    at_word = start.rpartition(" ")[0]
    if len(at_word) < longest // 2:  # one endless word
        at_word = start
    return at_word.rstrip(" ,.;:–-") + "…"


def printable(text: str) -> str:
    """``text`` with the signs that our letters cannot print told in words.

    Emoji leave; a run of another script becomes "[aksara lain]".
    """
    drawable = _drawable()
    text = text.translate(_LIKE)
    out: list[str] = []
    for sign in text:
        if ord(sign) in drawable or sign == "\n":
            out.append(sign)
        elif sign.isalpha() and (not out or out[-1] != _OTHER_SCRIPT):
            out.append(_OTHER_SCRIPT)
        elif sign.isspace():
            out.append(" ")
    return re.sub(r" {2,}", " ", "".join(out)).strip()


_OTHER_SCRIPT = "[aksara lain]"
_LIKE = {0x2010: "-", 0x2011: "-", 0x2012: "–", 0x2015: "—", 0xAD: None, 0x200B: None}


@cache
def _drawable() -> frozenset[int]:
    """Code points that both vendored fonts hold: basic and western Latin."""
    return frozenset(
        {
            *range(0x20, 0x7F),
            *range(0xA0, 0x100),
            0x131, 0x152, 0x153,
            0x2013, 0x2014, *range(0x2018, 0x201B), *range(0x201C, 0x201F),
            0x2022, 0x2026,
            0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122, 0x2212,
        }
        - {0xAD}
    )  # fmt: skip
