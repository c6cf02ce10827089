"""Fetching one public source: lease, ask, read, and store with the validators.

No transaction is open while a server is awaited or a feed is parsed. Documents are
stored in small units; the validators move with the last of them, so that a crash costs
one more request and no article.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from collectors.feeds import FeedSource, Heard, hear
from collectors.identity import content_hash, identity_of_words, text_fingerprint
from config.failures import SettingsProblem
from config.keys import Vault
from models.database import StorageFailed
from models.documents import Article, Stored
from models.entering import cleaned, cleaned_name
from models.errors import TryLater
from models.guard import Own
from models.problems import Problem
from models.redaction import redact
from models.scope import SystemScope
from models.source_values import LeasedSource, LeaseLost
from models.speech import Utterance
from networks.feed_parser import FeedParser
from networks.feed_schedule import Pace
from networks.feeds import Fetched, FetchState, Validators
from networks.http import Http
from pipeline.cadence import (
    Look,
    fetch_row,
    hosts_after,
    new_address,
    seems_quiet,
    source_after,
)
from pipeline.contacts import contacts_that_stay
from pipeline.queue import TaskName
from pipeline.reading_pages import want_pages
from pipeline.tally import NoTally, Tally
from pipeline.unit import Now, Store

log = structlog.get_logger(__name__)

SCOPE = SystemScope("fetching")
UNIT = 95  # articles a unit; each may write a document and its revision


@dataclass(frozen=True, slots=True)
class Fetching:
    """What fetching needs: the database, the door, the parser and manners."""

    store: Store
    vault: Vault
    http: Http
    parser: FeedParser
    pace: Pace
    lease: timedelta
    tally: Tally = field(default_factory=NoTally)

    def next(self, now: Now) -> bool:
        """Fetch the source that waits longest; False when none is due.

        Raises:
            StorageFailed: nothing was moved on; the source is fetched again after its
                lease.
            LeaseLost: another worker took over; what was stored stays.
        """
        leased = self._lease(now())
        if leased is None:
            return False
        began = time.monotonic()
        try:
            heard = hear(self._feed(leased), self.http, self.parser, now())
            stored = self._keep(leased, heard, now)
        except (StorageFailed, LeaseLost):
            raise
        except Exception as error:  # the edge of one source: it must not starve others
            log.exception("fetching_failed", source=leased.id)
            heard = _our_fault(leased, error, now())
            stored = self._keep(leased, heard, now)
        took = time.monotonic() - began
        self.tally.fetched(heard.fetched.problem, stored, took)
        return True

    def _lease(self, now: datetime) -> LeasedSource | None:
        with self.store.read(SCOPE) as work:
            if not work.sources.any_due(now, self.lease):
                return None
        with self.store.write(SCOPE) as work:
            return work.sources.lease_next(now, self.lease)

    def _feed(self, leased: LeasedSource) -> FeedSource:
        login = self.vault.open(leased.sealed_login) if leased.sealed_login else ""
        return FeedSource(
            leased.url,
            zone_named(leased.timezone),
            Validators(leased.etag, leased.last_modified, leased.body_hash),
            login,
        )

    def _contacts(self) -> Own:
        with self.store.read(SCOPE) as work:
            return contacts_that_stay(work)

    def _keep(self, leased: LeasedSource, heard: Heard, now: Now) -> Stored:
        """Store the articles, the oldest first, and the rest with the last of them."""
        keep = self._contacts() if heard.items else Own()
        heard = replace(heard, title=redact(heard.title, keep).text)
        articles = [article_of(item, heard.fetched.at, keep) for item in heard.items]
        articles.reverse()
        *first, last = in_units(articles)
        answered = frozenset(one.identity for one in articles)
        stored = Stored()
        for unit in first:
            with self.store.write(SCOPE) as work:
                work.sources.keep(leased, now() + self.lease)
                stored += work.documents.store(leased, unit, heard.fetched.at, answered)
        with self.store.write(SCOPE) as work:
            ended = now()
            work.sources.keep(leased, ended)
            stored += work.documents.store(leased, last, heard.fetched.at, answered)
            address = new_address(leased, heard.fetched)
            gap = work.documents.usual_gap(leased.id)
            quiet = seems_quiet(leased, stored, gap, ended)
            look = Look(
                heard,
                ended,
                stored,
                usual_gap=gap,
                gap_at=work.documents.usual_gap_at(leased.id, ended) if quiet else None,
                address_taken=bool(address)
                and work.sources.by_url(address) is not None,
            )
            after = source_after(leased, look, self.pace)
            work.sources.finish(
                leased,
                after,
                hosts_after(leased, look, self.pace),
                fetch_row(leased, look),
            )
            work.coverage.mark(leased, after, stored.new)
            if leased.reads_pages and stored.new:
                want_pages(work, leased.id, [one.url for one in articles], ended)
            if stored.new or stored.revised:
                work.enqueue(TaskName.DELIVER)
        return stored


def _our_fault(leased: LeasedSource, error: Exception, now: datetime) -> Heard:
    """A look that failed by a fault of ours; what is remembered stays as it was."""
    known = Validators(leased.etag, leased.last_modified, leased.body_hash)
    locked = isinstance(error, SettingsProblem)  # the login of the source
    problem = Problem.KEY_WRONG if locked else Problem.OUR_FAULT
    fault = TryLater(problem, type(error).__name__)
    asked = Fetched(leased.url, now, FetchState.FAILED, answered_by=leased.url)
    return Heard(asked.failed_because(fault, known))


def article_of(item: Utterance, fetched_at: datetime, keep: Own) -> Article:
    """One entry of a feed as it is stored, with marks in place of private data.

    A date of the future is held down. Every hash is of the words with the marks.
    """
    published = item.published_at
    said = cleaned(item.title, item.text, item.url, keep)
    identity = item.remote_id
    if said.changed:
        identity = identity_of_words(identity, said.title, said.text, said.url)
    return Article(
        identity=identity,
        url=said.url,
        title=said.title,
        text=said.text,
        author=cleaned_name(item.author_name or item.author)[:200],
        published_at=published and min(published, fetched_at),
        precision=item.precision,
        published_raw=item.published_raw
        if published
        else redact(item.published_raw).text,
        content_hash=content_hash(said.title, said.text),
        story_key=story_key(said.title, said.text),
        via=redact(item.via).text,
    )


def story_key(title: str, text: str) -> str:
    """What all copies of one text share; the headline counts for short texts only.

    Outlets give one release forty headlines, so the text decides where there is one.
    """
    return text_fingerprint(text) or content_hash(title, text)


def in_units(articles: Sequence[Article]) -> list[Sequence[Article]]:
    """Cut into what one transaction may write; at least one, maybe empty."""
    return [articles[i : i + UNIT] for i in range(0, len(articles) or 1, UNIT)]


def zone_named(name: str) -> tzinfo:
    """A source's zone; one that this machine does not know is read as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
