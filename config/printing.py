"""Text of strangers, made safe for a terminal and a log.

A citizen's post may hold escape sequences that move the cursor, rename the window or
hide a line (CWE-150), and direction marks that show a text as another one
(CVE-2021-42574).
"""

import re

_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_MARKS = re.compile(f"[{_DIRECTION}]")
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tab and line feed
    f"{_DIRECTION}"  # direction marks
    "\ud800-\udfff]"  # halves of a pair, which no encoding can write
)
_BROKEN_LINE = re.compile(r"\s*[\n\t\u2028\u2029]\s*")


def printable(text: str) -> str:
    """Show what would act on a terminal by its number, as Python writes it."""
    return _UNSAFE.sub(_named, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Printable, and on one line."""
    return printable(_BROKEN_LINE.sub(" ", text.replace("\r\n", "\n")))


def unmarked(text: str) -> str:
    """``text`` without direction marks, where no tag can isolate them: a title."""
    return _MARKS.sub("", text)


def _named(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
