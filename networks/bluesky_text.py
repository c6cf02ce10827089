"""What a text holds for Bluesky: links, mentions and tags, by UTF-8 byte offsets.

The network finds none of them by itself: each is a *facet* of the record. The rules are
those of the network's own library, packages/api/src/rich-text/detection.ts of
https://github.com/bluesky-social/atproto (seen 2026-11-24); C for the byte offsets
(https://docs.bsky.app/docs/advanced-guides/post-richtext).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import regex

from networks.counting import addresses

LONGEST_TAG = 64  # graphemes
MOST_FACETS = 100  # far more than 300 letters can hold with sense
_LINK = regex.compile(
    r"(?:^|(?<=[\s(]))(?:(https?://\S+)|([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+\S*))",
    regex.IGNORECASE | regex.MULTILINE,
)
_MENTION = regex.compile(r"(?:^|(?<=[\s(]))@([a-zA-Z0-9.-]*[a-zA-Z0-9])", regex.M)
_TAG = regex.compile(r"(?:^|(?<=\s))[#＃](?!\ufe0f)(\S+)", regex.MULTILINE)
_AFTER_LINK = regex.compile(r"[.,;:!?]+$")
_AFTER_TAG = regex.compile(r"\p{P}+$")
_NO_TAG = regex.compile(r"[\d\p{P}]*")
_GRAPHEME = regex.compile(r"\X")
_KIND = "app.bsky.richtext.facet"

Resolve = Callable[[str], str | None]
"""The lasting name (DID) behind a handle; None when there is no such account."""


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of a text that means something; ``start`` and ``end`` in letters."""

    kind: str  # "link", "mention", "tag"
    value: str  # address, handle, or tag without its sign
    start: int
    end: int


def facets(text: str, resolve: Resolve) -> list[dict[str, Any]]:
    """The facets of ``text``, in order; whom nobody knows is not linked."""
    made = []
    for found in sorted(_all(text), key=lambda one: one.start)[:MOST_FACETS]:
        feature = _feature(found, resolve)
        if feature is not None:
            index = {
                "byteStart": len(text[: found.start].encode()),
                "byteEnd": len(text[: found.end].encode()),
            }
            made.append({"index": index, "features": [feature]})
    return made


def _feature(found: Found, resolve: Resolve) -> dict[str, str] | None:
    match found.kind:
        case "link":
            return {"$type": f"{_KIND}#link", "uri": found.value}
        case "tag":
            return {"$type": f"{_KIND}#tag", "tag": found.value}
    did = resolve(found.value)
    return None if did is None else {"$type": f"{_KIND}#mention", "did": did}


def _all(text: str) -> Iterator[Found]:
    yield from _links(text)
    for found in _MENTION.finditer(text):
        if "." in found[1]:  # a handle is a domain
            yield Found("mention", found[1], found.start(), found.end())
    for found in _TAG.finditer(text):
        tag = _AFTER_TAG.sub("", found[1])
        short = 0 < len(_GRAPHEME.findall(tag)) <= LONGEST_TAG
        if short and not _NO_TAG.fullmatch(tag):
            yield Found("tag", tag, found.start(), found.start(1) + len(tag))


def _links(text: str) -> Iterator[Found]:
    for found in _LINK.finditer(text):
        shown = _AFTER_LINK.sub("", found[0])
        if shown.endswith(")") and "(" not in shown:
            shown = shown[:-1]
        if found[1]:
            yield Found("link", shown, found.start(), found.start() + len(shown))
        elif addresses(shown)[:1] and shown.startswith(addresses(shown)[0]):
            end = found.start() + len(shown)
            yield Found("link", f"https://{shown}", found.start(), end)
