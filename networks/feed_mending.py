"""Repairs on the text of a feed, before and after an XML parser has seen it."""

import re
from collections import Counter
from html.entities import name2codepoint

from models.errors import Refused, TryLater
from models.problems import Problem
from networks.feed_values import FeedWarning

_ENTRY_TAG = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_PROLOG = 65_536  # characters in which the root element is looked for

_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_PAGE_ROOTS = frozenset(
    {"html", "head", "body", "meta", "title", "script", "div", "link", "center", "p"}
)
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>", re.IGNORECASE)
_NOT_ROOT = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s+([^>]*)>", re.IGNORECASE)
_SAFE_ENTITY = re.compile(r"\s*([\"'])[^&%<\"']{0,200}\1\s*")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
# XML 1.0 section 2.2: neither written out nor as a reference
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_BARE = re.compile(r"&(?!#?\w+;)")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


def ends_within_an_entry(text: str) -> bool:
    """Whether a malformed feed was cut: half an article looks like another one."""
    tags = [found[1] for found in _ENTRY_TAG.finditer(text)]
    return bool(tags) and not tags[-1] and not _END.search(text)


def root_first(text: str, warnings: Counter[FeedWarning]) -> str:
    """Cut what stands before the XML, and refuse what is no feed at all."""
    name = _root_name(text)
    if name in _FEED_ROOTS:
        return text
    at = text.find("<?xml", 1, _PROLOG)
    if at > 0 and _root_name(text[at : at + _PROLOG]) in _FEED_ROOTS:
        warnings[FeedWarning.MALFORMED] += 1  # a script's complaints before it
        return text[at:]
    if name in _PAGE_ROOTS or "<html" in text[:_PROLOG].lower():
        raise Refused(Problem.NOT_A_FEED, f"root element {name or 'missing'}")
    raise TryLater(Problem.FEED_UNREADABLE, f"root element {name[:40] or 'missing'}")


def _root_name(text: str) -> str:
    root = _ROOT.search(_NOT_ROOT.sub("", text[:_PROLOG]))
    return root[1].lower() if root else ""


def legal_xml(text: str) -> str:
    """Without what XML forbids or what could grow: characters, entities."""
    text = _DECLARATION.sub("", text, count=1)
    return _REFERENCE.sub(_legal, _FORBIDDEN.sub("", _without_bombs(text)))


def mended_xml(text: str) -> str:
    """What a strict parser may read where it failed: the two common slips of editors.

    A bare "&" becomes "&amp;", and a name of HTML such as "&nbsp;" its number. Inside
    CDATA both are undone when the text is decoded for display.
    """
    return _NAMED.sub(_numbered, _BARE.sub("&amp;", text))


def _numbered(named: re.Match[str]) -> str:
    code = None if named[1] in _XML_NAMES else name2codepoint.get(named[1])
    return named[0] if code is None else f"&#{code};"


def _without_bombs(text: str) -> str:
    """Empty every reference to an entity that is external or built of others."""
    prolog = text[:_PROLOG]
    if "<!ENTITY" not in prolog.upper():
        return text
    for name, value in _ENTITY.findall(prolog):
        if not _SAFE_ENTITY.fullmatch(value):
            text = text.replace(f"&{name};", "")
    return text


def _legal(reference: re.Match[str]) -> str:
    """A character reference, or nothing for a character that XML forbids."""
    digits = reference[1] or reference[2]
    code = int(digits, 16 if reference[1] else 10) if len(digits) < 9 else 0
    legal = (
        code in {9, 10, 13}
        or 0x20 <= code < 0xD800
        or 0xE000 <= code < 0xFFFE
        or 0x10000 <= code < 0x110000
    )
    return reference[0] if legal else ""
