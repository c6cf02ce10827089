"""From the markup of others to plain text.

Nothing here is ever shown as markup; templates escape it again on top.
"""

import html
import re
from functools import cache
from typing import Any

MOST_MARKUP = 2  # times ``longest``: what is read of a text before it is cut

_BLOCKS = (
    "address article aside blockquote br dd details div dl dt fieldset figcaption "
    "figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary "
    "table tbody td tfoot th thead tr ul"
)
_DROPPED = (
    "audio canvas embed head iframe math noembed noframes noscript object script "
    "select style svg template textarea title video"
)
_TAG = re.compile(r"<[^>]*>")  # of what the cleaner wrote, where "<" in text is escaped
_MARKUP = re.compile(
    r"</?(?:a|abbr|acronym|b|big|br|center|cite|code|del|div|em|figure|font|h[1-6]|hr"
    r"|i|iframe|img|ins|li|mark|object|ol|p|pre|q|s|script|small|span|strike|strong"
    r"|style|sub|sup|svg|table|td|tr|tt|u|ul|video)(?:\s[^<>]*|\s*/)?>",
    re.IGNORECASE,
)
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufeff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")  # and no single space: there are many
_BREAKS = re.compile(r"\s*\n\s*")


def plain_text(markup: str, longest: int) -> str:
    """The words of an HTML fragment; a line break between blocks.

    Scripts, styles, and comments go with their content; entities are decoded once.
    """
    markup = markup[: longest * MOST_MARKUP]
    if "<" in markup:
        cleaned = _cleaner().clean(markup).replace("\n", " ")
        markup = _TAG.sub(_between, cleaned)
    return _fold(html.unescape(markup))[:longest]


def plain_line(text: str, longest: int) -> str:
    """A title or a name on one line: entities decoded once, known tags taken out.

    "Skor < 3" stays; "<b>Skor</b>" becomes "Skor". The controls of latin-1 are left
    for :func:`printable`, since a text that was encoded twice holds them.
    """
    text = text[: longest * MOST_MARKUP]
    if _MARKUP.search(text):
        return " ".join(plain_text(text, longest).split())
    return " ".join(_UNPRINTED.sub("", html.unescape(text)).split())[:longest]


def printable(text: str) -> str:
    """Without control characters and lone surrogates, which databases refuse."""
    return _CONTROLS.sub("", text)


def _fold(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BREAKS.sub("\n", _SPACES.sub(" ", _UNPRINTED.sub("", text))).strip()


def _between(tag: re.Match[str]) -> str:
    return " " if tag[0][1:3] in {"td", "th"} else "\n"


@cache
def _cleaner() -> Any:
    import nh3

    return nh3.Cleaner(
        tags=set(_BLOCKS.split()),
        attributes={},
        clean_content_tags=set(_DROPPED.split()),
        link_rel=None,
        strip_comments=True,
    )
