"""From a feed to what was said: one fetch, its entries, and nothing dropped.

All of it is values: the caller decides when to ask (``networks.feed_schedule``), and
stores the items together with ``Heard.fetched.validators`` in one transaction. A crash
in between costs one more request and no item.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from collectors.aggregators import direct
from collectors.dates import ReadDate, clamp_future, read_date
from collectors.identity import Article, identify
from models.errors import NetworkError
from models.problems import Problem
from models.speech import Utterance
from networks.feed_discovery import NamedFeed, feeds_named
from networks.feed_parser import FeedParser
from networks.feed_values import FeedWarning, ParsedEntry, ParsedFeed
from networks.feeds import Fetched, FetchState, Validators, fetch
from networks.http import Http


class EntryWarning(StrEnum):
    """What was odd about single entries; counted."""

    REPEATED = "repeated"  # the same article twice in one feed
    EMPTY = "empty"  # neither title nor text
    FUTURE = "future"  # dated after the fetch; held down to it


@dataclass(frozen=True, slots=True)
class FeedSource:
    """What must be known to listen to one feed.

    Attributes:
        url: without credentials.
        zone: of the newsroom, for dates that name none.
        validators: as stored with the items of the last fetch.
        userinfo: "name:password", a secret; empty for most.
    """

    url: str
    zone: tzinfo
    validators: Validators = field(default_factory=Validators)
    userinfo: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one visit to a feed brought.

    Attributes:
        fetched: the outcome; a feed that cannot be parsed is a failed fetch.
        items: every entry once, in the feed's order; new and known ones alike.
        title: of the feed, empty unless the body was parsed; ``site_url`` likewise.
        ttl_minutes: what the feed asks for, None unless it says so.
        warnings: how often each oddity was met, by its name.
        named: feeds that the answer names, when it is a web page and no feed.
    """

    fetched: Fetched
    items: tuple[Utterance, ...] = ()
    title: str = ""
    site_url: str = ""
    ttl_minutes: int | None = None
    warnings: Mapping[str, int] = field(default_factory=dict)
    named: tuple[NamedFeed, ...] = ()


def hear(source: FeedSource, http: Http, parser: FeedParser, now: datetime) -> Heard:
    """Visit one feed. Raises nothing for what the source or the network does.

    Args:
        source: the feed and what is remembered of it.
        http: the guarded door.
        parser: the parsing process.
        now: aware time of the visit.
    """
    fetched = fetch(source.url, source.validators, http, now, userinfo=source.userinfo)
    if fetched.state is not FetchState.CHANGED:
        return Heard(fetched)
    try:
        feed = parser.parse(fetched.body, fetched.content_type, fetched.answered_by)
    except NetworkError as error:
        return Heard(
            fetched.failed_because(error, source.validators),
            named=_named(fetched) if error.problem is Problem.NOT_A_FEED else (),
        )
    if FeedWarning.CUT_SHORT in feed.warnings:  # what is missing must come again
        fetched = replace(fetched, validators=source.validators)
    items, odd = utterances(feed, zone=source.zone, fetched_at=now)
    return Heard(
        fetched=fetched,
        items=items,
        title=feed.title,
        site_url=feed.link,
        ttl_minutes=feed.ttl_minutes,
        warnings={name.value: n for name, n in feed.warnings.items()} | odd,
    )


def _named(page: Fetched) -> tuple[NamedFeed, ...]:
    return feeds_named(page.body, page.content_type, page.answered_by)


def utterances(
    feed: ParsedFeed, *, zone: tzinfo, fetched_at: datetime
) -> tuple[tuple[Utterance, ...], dict[str, int]]:
    """The articles of a feed, each once, and how often what was odd.

    ``remote_id`` is the identity of :func:`collectors.identity.identify`. A missing
    date stays missing; one of the future is held down to ``fetched_at``, while
    ``published_raw`` keeps what the source wrote.
    """
    odd: Counter[str] = Counter()
    identities = identify([_article(entry) for entry in feed.entries], feed.link)
    found: dict[str, Utterance] = {}
    for identity, entry in zip(identities, feed.entries, strict=True):
        if identity in found:
            odd[EntryWarning.REPEATED.value] += 1
        elif not entry.title and not _text(entry):
            odd[EntryWarning.EMPTY.value] += 1
        else:
            found[identity] = _utterance(identity, entry, zone, fetched_at, odd)
    return tuple(found.values()), dict(odd)


def _article(entry: ParsedEntry) -> Article:
    link = direct(entry.link) or entry.link
    return Article(entry.guid, link, entry.title, _text(entry))


def _text(entry: ParsedEntry) -> str:
    return entry.content_text or entry.summary_text


def _utterance(
    identity: str,
    entry: ParsedEntry,
    zone: tzinfo,
    fetched_at: datetime,
    odd: Counter[str],
) -> Utterance:
    published = _read(entry.published_raw, zone, fetched_at, odd)
    updated = _read(entry.updated_raw, zone, fetched_at, odd)
    if published.is_update:
        published, updated = ReadDate(None), published
    elif not entry.published_raw and not updated.is_update:
        published = updated  # dc:date of RSS 1.0, Atom without <published>
    own = direct(entry.link)
    return Utterance(
        remote_id=identity,
        url=own or entry.link,
        via=entry.link if own else "",
        text=_text(entry),
        title=entry.title,
        author_name=entry.author,
        published_at=published.at,
        published_raw=entry.published_raw or entry.updated_raw,
        precision=published.precision.value,
        updated_at=updated.at if updated.at != published.at else None,
    )


def _read(raw: str, zone: tzinfo, fetched_at: datetime, odd: Counter[str]) -> ReadDate:
    read = read_date(raw, zone=zone, fetched_at=fetched_at)
    odd.update(warning.value for warning in read.warnings)
    at = clamp_future(read.at, fetched_at)
    if at == read.at:
        return read
    odd[EntryWarning.FUTURE.value] += 1
    return ReadDate(at, read.precision, read.is_update)
