"""Reading the pages of articles, of sources whose office asked for it.

One request at a time and host, with the pauses of feeds; robots.txt of a site is asked
first, once a day. A page that lies on another host is asked there only after the rules
of that host. No transaction is open while a site is awaited.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from collectors.own_address import own_address
from models.entering import cleaned
from models.errors import NetworkError, NotFound, Refused
from models.page import BACK, PageState, TakenPage
from models.person import May, Person
from models.scope import SystemScope
from models.source import Source
from networks.base import HttpLimits
from networks.feed_parser import FeedParser, ReadPage
from networks.feed_schedule import Pace
from networks.feeds import host_key, pause_of
from networks.http import Answer, Http
from networks.robots import MOST_BYTES, WITHIN, RobotsFile, ask_robots
from pipeline.contacts import contacts_that_stay
from pipeline.queue import TaskName
from pipeline.unit import Now, Store, Work

log = structlog.get_logger(__name__)

SCOPE = SystemScope("reading pages")
REST = timedelta(minutes=15)  # of a host that answered a page with an error of its own
MOST_HOPS = 2
ACCEPT = "text/html,application/xhtml+xml;q=0.9"
_HTML = ("text/html", "application/xhtml+xml", "")


def robots_limits(limits: HttpLimits) -> HttpLimits:
    """Times and sizes of asking for robots.txt."""
    return replace(limits, max_bytes=MOST_BYTES, total=min(limits.total, WITHIN))


@dataclass(frozen=True, slots=True)
class ReadingPages:
    """What it needs: the database, two doors, the parser and manners."""

    store: Store
    http: Http
    robots_http: Http
    parser: FeedParser
    pace: Pace
    hold: timedelta

    def next(self, now: Now) -> bool:
        """Read one page, or the rules of its site; False when none is due.

        Raises:
            StorageFailed: nothing was kept; the page is asked again after its hold.
        """
        page = self._take(now())
        if page is None:
            return False
        origin = _origin(page.url)
        robots = self._robots(origin)
        if robots is None or not robots.is_fresh(now()):
            self._ask_robots(origin, page, robots, now)
        elif not robots.allows(page.url, now()):
            self._end(page, PageState.FORBIDDEN, now(), robots.pause())
        else:
            self._read(page, robots, now)
        return True

    def _take(self, now: datetime) -> TakenPage | None:
        with self.store.write(SCOPE) as work:
            return work.pages.take_next(now, self.hold)

    def _robots(self, origin: str) -> RobotsFile | None:
        with self.store.read(SCOPE) as work:
            row = work.pages.robots(origin)
            if row is None:
                return None
            return RobotsFile(row.asked_at, row.status, row.body, row.read_at)

    def _ask_robots(
        self, origin: str, page: TakenPage, before: RobotsFile | None, now: Now
    ) -> None:
        found = ask_robots(origin, self.robots_http, now(), before)
        with self.store.write(SCOPE) as work:
            work.pages.keep_robots(
                origin, found.asked_at, found.status, found.body, found.read_at
            )
            work.pages.release(page.host, self._free_at(now(), found.pause()))

    def _read(self, page: TakenPage, robots: RobotsFile, now: Now) -> None:
        try:
            answer = self.http.get(page.url, {"accept": ACCEPT})
            there = host_key(answer.url)
            if there != page.host:
                self._moved(page, answer.url, there, now())
                return
            problem = self._trouble(answer, page, now())
            if problem:
                return
            read = self.parser.page(
                answer.body, answer.headers.get("content-type", ""), answer.url
            )
        except Refused:
            self._end(page, PageState.FAILED, now(), robots.pause())
        except NetworkError:
            with self.store.write(SCOPE) as work:
                work.pages.release(page.host, now() + REST)
        else:
            self._keep(page, answer, read, robots, now())

    def _trouble(self, answer: Answer, page: TakenPage, now: datetime) -> bool:
        """Whether an answer is no page; what it leads to is written down."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status == 200 and kind in _HTML:
            return False
        pause = pause_of(answer, now)
        if pause is not None or answer.status >= 500:
            until = pause.until if pause else now + REST
            with self.store.write(SCOPE) as work:
                work.pages.release(page.host, now, until)
        else:
            self._end(page, PageState.FAILED, now, timedelta())
        return True

    def _moved(self, page: TakenPage, url: str, host: str, now: datetime) -> None:
        with self.store.write(SCOPE) as work:
            if page.hops + 1 > MOST_HOPS or not host:
                work.pages.set(page, PageState.FAILED, now)
            else:
                work.pages.move(page, url, host, now)
            work.pages.release(page.host, self._free_at(now, timedelta()))

    def _keep(
        self,
        page: TakenPage,
        answer: Answer,
        read: ReadPage,
        robots: RobotsFile,
        now: datetime,
    ) -> None:
        with self.store.read(SCOPE) as work:
            keep = contacts_that_stay(work)
        address = own_address(answer.url, read.canonical, read.og_url)
        said = cleaned("", read.text, address, keep)
        with self.store.write(SCOPE) as work:
            document = work.pages.words_of(page.document_id)
            if document is not None and document.erased_at is None:
                work.pages.hold_shelf(document.source_id)
                more = said.text if len(said.text) > len(document.text) else ""
                url = cleaned("", "", answer.url, keep).url
                work.pages.read(document, page, url, said.url, more, now)
                if more:
                    work.enqueue(TaskName.DELIVER)
            work.pages.release(page.host, self._free_at(now, robots.pause()))

    def _end(
        self, page: TakenPage, state: PageState, now: datetime, pause: timedelta
    ) -> None:
        with self.store.write(SCOPE) as work:
            work.pages.set(page, state, now)
            work.pages.release(page.host, self._free_at(now, pause))

    def _free_at(self, now: datetime, pause: timedelta) -> datetime:
        return now + max(self.pace.host_gap, pause)


def want_pages(work: Work, source_id: int, urls: list[str], now: datetime) -> None:
    """Have the pages of these articles of a source read; those that have an address."""
    hosts = {url: host_key(url) for url in urls if url}
    work.pages.want(source_id, {u: h for u, h in hosts.items() if h}, now)


def set_reading(
    work: Work, by: Person, source_id: int, now: datetime, *, on: bool
) -> None:
    """Read the pages of a source's articles from now on, or no longer.

    It holds for every office that reads the source: a page is read once for all.

    Raises:
        NotAllowed: this person may not. NotFound: this office does not read it.
    """
    by.must(May.ADMINISTER)
    if work.subscriptions.to_source(source_id) is None:
        raise NotFound(f"source {source_id}")
    source = work.sources.by_id(source_id)
    source.reads_pages = on
    if on:
        want_pages(
            work, source_id, work.documents.urls_since(source_id, now - BACK), now
        )
    action = "source.pages" if on else "source.no_pages"
    work.audit.act(by, action, Source, source_id, now)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
