"""What comes in from outside, as it may be stored: marks where private data stood.

Both doors call :func:`cleaned` before a row is made, and so does whoever reads stored
words again. The address of a page stays, save for numbers that its own words held
privately (a headline becomes part of an address) or that it names itself (``?nik=``).
"""

import re
from dataclasses import dataclass

from models.guard import Own
from models.private import NAMED_IN_ADDRESS, digits
from models.redaction import Redacted, redact

_SHORTEST = 9  # digits of a number that is looked for in an address
_GAP = r"(?:[-._+]|%20)?"
_AWAY = "x"
_HANDLE = re.compile(r"(?<!\d)(?:\d{16}|(?:62|0)8\d{7,11})(?!\d)")


@dataclass(frozen=True, slots=True)
class Clean:
    """Title, text and address without private data."""

    title: str
    text: str
    url: str
    changed: bool  # something was taken out of title or text


def cleaned(title: str, text: str, url: str, keep: Own | None = None) -> Clean:
    """The three without private data; what is clean already stays as it is.

    Args:
        keep: contacts that stay; those of public bodies always do.
    """
    about, said = redact(title, keep), redact(text, keep)
    numbers = _numbers(title, about) | _numbers(text, said)
    return Clean(
        about.text, said.text, _address(url, numbers), bool(about.spans or said.spans)
    )


def cleaned_name(name: str) -> str:
    """A name or a handle without numbers that are somebody's; "budi0812…" too."""
    return _HANDLE.sub("…", redact(name).text)


def _numbers(text: str, redacted: Redacted) -> set[str]:
    """The long numbers that were taken out, each as its digits."""
    taken = (re.sub(r"\D", "", text[s.start : s.end]) for s in redacted.spans)
    found = {number for number in taken if len(number) >= _SHORTEST}
    return found | {digits(number) for number in found}


def _address(url: str, numbers: set[str]) -> str:
    if not any(map(str.isdigit, url)):
        return url
    for number in numbers:
        shape = rf"(?<!\d){_GAP.join(number)}(?!\d)"
        url = re.sub(shape, _AWAY * len(number), url)
    return NAMED_IN_ADDRESS.sub(_blotted, url)


def _blotted(found: re.Match[str]) -> str:
    return found["name"] + _AWAY * len(found["number"])
