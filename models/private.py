"""What private data looks like in Indonesian texts: one set of shapes for all.

Used to mask what leaves the desk on paper, and by the guard on what goes to the public.
Money, hours and dates are none of these shapes.
"""

import re
from collections.abc import Callable, Iterator, Mapping

LINK = re.compile(
    r"https?://\S+|\bwww\.\S+|\b(?:wa\.me|bit\.ly|t\.me)/\S+", re.IGNORECASE
)
CHAT_LINK = re.compile(
    r"\b(?:https?://)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?phone=)"
    r"\+?(?P<number>\d{9,15})",
    re.IGNORECASE,
)
EMAIL = re.compile(r"(?<![\w.+@-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
ACCOUNT = re.compile(r"(?<![\w@])@[\w.]+(?:@[\w.-]+)?")
PHONE = re.compile(  # whole, else in groups, so that "0812… 2 kali" keeps its 2
    r"(?<![\w.])(?:(?:\+?62[ \u00a0.-]?|0)8[1-9]"
    r"(?:\d{6,10}(?!\w)|(?:(?:[ \u00a0.-](?=\d\d))?\d){6,10}(?!\w))"
    r"|\(0?8[1-9]\d{1,2}\)[ -]?\d{3,4}[ .-]?\d{3,5}(?!\w))"
)
_SPOKEN = r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan)"
SPOKEN_PHONE = re.compile(
    rf"\b(?:nol|kosong)[ ,-]{{1,2}}(?:de)?lapan(?:[ ,-]{{1,2}}{_SPOKEN}){{6,11}}\b",
    re.IGNORECASE,
)
LANDLINE = re.compile(r"(?<![\w.])(?:\(0\d{2,3}\)\s?|0\d{2,3}-)\d{5,8}(?!\w)")
LONG_NUMBER = re.compile(r"(?<!\w)\d(?:[ .-]?\d){14,18}(?!\w)")  # NIK, KK, NPWP, cards
IDENTITY = re.compile(  # 16 digits in even groups; looked for at every start
    r"(?<!\d)(?=(?P<number>\d{16}|\d{4}(?P<a>[ .-])\d{4}(?P=a)\d{4}(?P=a)\d{4}"
    r"|\d{6}(?P<b>[ .-])\d{6}(?P=b)\d{4}|\d{8}[ .-]\d{8}|\d{6}[ .-]\d{10}"
    r"|\d\d(?P<c>[ .-])\d\d(?P=c)\d\d(?P=c)\d{6}(?P=c)\d{4})(?!\d))"
)
NAMED_IN_ADDRESS = re.compile(  # "?nik=…", "/ktp-…"
    r"(?<![a-z])(?P<name>(?:no[-_]?)?(?:nik|ktp|kk|npwp)(?:[=:/_+-]|%3A|%20){1,3})"
    r"(?P<number>\d{15,16})(?!\d)",
    re.IGNORECASE,
)
NPWP = re.compile(r"(?<!\d)\d\d\.\d{3}\.\d{3}\.\d[-.]\d{3}\.\d{3}(?!\d)")
REPORT = re.compile(
    r"\b(?:LP|STTLP|STPL)\s?[/.-]\s?(?:[A-Z]\s?/\s?)?\d{1,6}"
    r"(?:\s?/\s?[\w.-]{0,30}\w){1,8}"
    r"(?:(?:(?<=/POLRES)|(?<=/POLSEK)|(?<=/RES)|(?<=/SEK))(?-i: [A-Z]\w*))?",
    re.IGNORECASE,
)
PLAIN_NUMBER = re.compile(r"(?<![\w.,])\d{9,14}(?![\w.,]\d|\w)")  # accounts, SIM, LP
REGIONS = (  # first letters of plates; Perpol 7/2021
    "A|AA|AB|AD|AE|AG|B|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|D|DA|DB|DC|DD|DE|DG|DH|DK|DL"
    "|DM|DN|DP|DR|DS|DT|E|EA|EB|ED|F|G|H|K|KB|KH|KT|KU|L|M|N|P|PA|PB|R|S|T|W|Z"
)
_UNITS = r"(?:(?i:rb|rbu|jt|jta|org|km|kg|cm|cc|jam|hr|mnt|th|thn|an|x|k)\b)"
_PLACES = (
    r"(?:(?:WIB|WITA|WIT|RT|RW|NO|JL|TK|SD|SMP|SMA|SMK|RAM|GB)\b)"  # "Blok B 12 RT 03"
)
PLATE = re.compile(
    rf"\b(?:{REGIONS})[ -]?(?:\d{{3,4}}[ -]?(?!{_UNITS})[A-Z]{{1,3}}"
    rf"|\d{{1,2}}[ -]?(?!{_UNITS}|{_PLACES})[A-Z]{{2,3}})\b"
)
_SMALL_WORDS = (  # "d 110 aja", "f 2000 dan"
    r"(?:aja|dan|yg|di|ke|kok|sih|dr|lgi|lg|tp|udh|gak|ga|gk|ya|min|pak|bu|bpk|itu|ini|bgt"
    r"|deh|nih|tuh|kan|lah|klo|kl|pas|wib|sd|utk|bs|bsa|dgn|per|tdk|dpt|jd|kpd|no)"
)
SMALL_PLATE = re.compile(
    rf"\b(?:{REGIONS.lower()})(?:[ -]?(?!11\d\b)\d{{3,4}}[ -]?"
    rf"(?!{_UNITS}|{_SMALL_WORDS}\b)[a-z]{{2,3}})\b"
)
_STREET = (
    r"(?:jl|jln|gg|gang"
    r"|jalan(?! (?:rusak|macet|hancur|jelek|berlubang|ditutup|paling)))"
)
_PLACE = r"(?:kp|kampung|dusun|dsn|perum|perumahan|kompleks?|komp|griya|desa|ds)"
_HOUSE = r"(?:no|nomor|nmr)\.?\s?\d{1,4}[a-z]?\b"
_BLOCK = r"blok\s?[a-z]{1,2}\s?-?\s?\d{0,3}\b"
_HAMLET = r"rt\b\.?\s?\d{1,3}(?:\s?[/,]?\s?(?:rw\b\.?\s?)?\d{1,3}\b)?"
ADDRESS = re.compile(  # down to a house, a block or a hamlet; a street alone is none
    rf"\b(?:{_STREET}|{_PLACE})\b\.?(?:\s[\w'’-]{{1,20}}){{1,4}}?"
    rf"(?:,?\s?(?:{_HOUSE}|{_BLOCK}|{_HAMLET}))+",
    re.IGNORECASE,
)

Span = tuple[int, int]
Shape = Callable[[str], Iterator[Span]]


def _found(*patterns: re.Pattern[str]) -> Shape:
    def shape(text: str) -> Iterator[Span]:
        for pattern in patterns:
            for found in pattern.finditer(text):
                yield found.span()

    return shape


def _numbers_in_chat_links(text: str) -> Iterator[Span]:
    for found in CHAT_LINK.finditer(text):
        yield found.span("number")


def _long_numbers(text: str) -> Iterator[Span]:
    for found in IDENTITY.finditer(text):
        yield found.span("number")
    yield from _found(LONG_NUMBER)(text)


SHAPES: Mapping[str, Shape] = {
    "long_number": _long_numbers,
    "phone": _found(PHONE),
    "landline": _found(LANDLINE),
    "chat_link": _numbers_in_chat_links,
    "email": _found(EMAIL),
    "report": _found(REPORT),
    "plate": _found(PLATE, SMALL_PLATE),
}
"""By the names that data files use."""


def without_links(text: str) -> str:
    """``text`` of the same length with blanks where links stand.

    Numbers of an address name a page, not a person.
    """
    return LINK.sub(lambda found: " " * len(found[0]), text)


def digits(text: str) -> str:
    """The digits of ``text``, a telephone number as ``62…``."""
    only = re.sub(r"\D", "", text)
    return "62" + only[1:] if only.startswith("0") else only
