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
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
ACCOUNT = re.compile(r"(?<![\w@])@[\w.]+(?:@[\w.-]+)?")
PHONE = re.compile(r"(?<![\w.])(?:\+?62[\s.-]?|0)8[1-9](?:[\s.-]?\d){6,10}(?!\w)")
LANDLINE = re.compile(r"(?<![\w.])(?:\(0\d{2,3}\)\s?|0\d{2,3}-)\d{5,8}(?!\w)")
LONG_NUMBER = re.compile(r"(?<!\w)\d(?:[ .-]?\d){14,18}(?!\w)")  # NIK, KK, NPWP, cards
PLAIN_NUMBER = re.compile(r"(?<![\w.,])\d{9,14}(?![\w.,]\d|\w)")  # accounts, SIM, LP
REGIONS = (  # first letters of plates; Perpol 7/2021
    "A|AA|AB|AD|AE|AG|B|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|D|DA|DB|DC|DD|DE|DG|DH|DK|DL"
    "|DM|DN|DP|DR|DS|DT|E|EA|EB|ED|F|G|H|K|KB|KH|KT|KU|L|M|N|P|PA|PB|R|S|T|W|Z"
)
_UNITS = r"(?:(?i:rb|rbu|jt|jta|org|km|kg|cm|cc|jam|hr|mnt|th|thn|an|x|k)\b)"
_PLACES = r"(?:(?:WIB|WITA|WIT|RT|RW|NO|JL|TK|SD|SMP|SMA|SMK)\b)"  # "Blok B 12 RT 03"
PLATE = re.compile(
    rf"\b(?:{REGIONS})[ -]?(?:\d{{3,4}}[ -]?(?!{_UNITS})[A-Z]{{1,3}}"
    rf"|\d{{1,2}}[ -]?(?!{_UNITS}|{_PLACES})[A-Z]{{2,3}})\b"
)
SMALL_PLATE = re.compile(
    rf"\b(?:{REGIONS.lower()})[ -]?\d{{3,4}}[ -]?(?!{_UNITS})[a-z]{{2,3}}\b"
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


SHAPES: Mapping[str, Shape] = {
    "long_number": _found(LONG_NUMBER),
    "phone": _found(PHONE),
    "landline": _found(LANDLINE),
    "chat_link": _numbers_in_chat_links,
    "email": _found(EMAIL),
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
