"""feedparser, held so that one odd element costs itself and not the feed.

It gets bytes that are UTF-8 already, never an address and never a string that it might
take for one; it neither sanitises nor resolves links inside markup, which doubles its
time. Importing this changes feedparser for the whole process: the parsing process.
"""

import io
from collections.abc import Mapping
from typing import Any

import feedparser
import feedparser.api
import feedparser.datetimes

SLIPS = "odd elements"  # a key of the feed that no element can have
_ITEMS = frozenset({"item", "entry"})
_RAISED = (AttributeError, IndexError, KeyError, TypeError, ValueError)

# Two habits of feedparser/mixin.py (``pop``) that would cost items. It undoes latin-1
# mojibake silently, though only when its encoding is spelled "utf-8"; ours keeps the
# original and counts. And it joins a guid of "1" to the address of the feed, which then
# looks like an identity that holds for ever.
_RELATIVE = frozenset(feedparser.api.StrictFeedParser.can_be_relative_uri) - {"id"}
_ENCODING = "utf8"

# Dates are read by ``collectors.dates`` alone; a handler here could only lose a feed.
feedparser.datetimes._date_handlers.clear()  # noqa: SLF001 - there is no other way


def parse(text: str) -> Any:
    """What feedparser makes of a document; ``feed[SLIPS]`` counts where it tripped."""
    return feedparser.parse(
        io.BytesIO(text.encode("utf-8", errors="replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


class _Contained:
    """Each item begins afresh, and an element that trips a handler is left out."""

    can_be_relative_uri = _RELATIVE
    feeddata: dict[str, Any]

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        if tag.rpartition(":")[2] in _ITEMS:
            self._begin_afresh()
        try:
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]
        except _RAISED:
            self._slipped()

    def unknown_endtag(self, tag: str) -> None:
        try:
            super().unknown_endtag(tag)  # type: ignore[misc]
        except _RAISED:
            self._slipped()

    def _slipped(self) -> None:
        self.feeddata[SLIPS] = self.feeddata.get(SLIPS, 0) + 1

    def _begin_afresh(self) -> None:
        """Forget what an element before left open."""
        self.incontent = self.insource = self.inimage = self.intextinput = 0
        self.inauthor = self.incontributor = self.inpublisher = 0
        self.svgOK = self.hasContent = 0
        self.contentparams: Any = feedparser.FeedParserDict()
        self._summaryKey = None


class _Strict(_Contained, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    def __init__(self, baseuri: str, baselang: str, _encoding: str) -> None:
        super().__init__(baseuri, baselang, _ENCODING)


class _Loose(_Contained, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    def __init__(
        self, baseuri: str, baselang: str, _encoding: str, entities: Mapping[str, str]
    ) -> None:
        super().__init__(baseuri, baselang, _ENCODING, entities)


feedparser.api.StrictFeedParser = _Strict
feedparser.api.LooseFeedParser = _Loose
