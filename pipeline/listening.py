"""Listening: public sources, their documents as items, and mentions of accounts."""

from datetime import datetime, timedelta

from config.keys import Vault
from config.settings import Settings
from networks.feed_parser import FeedParser
from networks.http import Http
from pipeline import delivering
from pipeline.cadence import pace_of
from pipeline.fetching import Fetching
from pipeline.hearing import Collectors, Hearing
from pipeline.reading_pages import ReadingPages, robots_limits
from pipeline.tally import NoTally, Tally
from pipeline.unit import Now, Store
from pipeline.wiring import http_limits


class Listening:
    """Everything that comes in; each call is one piece of work, safe to run in threads.

    Args:
        store: the database.
        vault: opens the logins of sources.
        http: the guarded door.
        parser: the parsing process.
        collectors: opens the clients of accounts.
        settings: intervals and leases.
        tally: told of what came.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        http: Http,
        parser: FeedParser,
        collectors: Collectors,
        settings: Settings,
        tally: Tally | None = None,
    ) -> None:
        self._store = store
        self._tally = tally or NoTally()
        self._parser = parser
        self._stopping = False
        self._fetching = Fetching(
            store,
            vault,
            http,
            parser,
            pace_of(settings),
            _lease(settings),
            self._tally,
        )
        limits = http_limits(settings)
        self._pages = ReadingPages(
            store,
            http,
            Http(robots_limits(limits)),
            parser,
            pace_of(settings),
            _lease(settings),
        )
        self._hearing = Hearing(
            store,
            vault,
            collectors,
            settings.mentions_every,
            _lease(settings),
            lambda: self._stopping,
            self._tally,
        )

    def fetch_next(self, now: Now) -> bool:
        """Fetch the source that waits longest; False when none is due."""
        return self._fetching.next(now)

    def read_next_page(self, now: Now) -> bool:
        """Read the page of one article, or the rules of its site; False for none."""
        return self._pages.next(now)

    def deliver_documents(self, now: datetime) -> int:
        """Make items of stored documents for every subscribed office."""
        added = delivering.deliver_documents(self._store, now)
        self._tally.delivered(added)
        return added

    def hear_next(self, now: Now) -> bool:
        """Hear the account that waits longest; False when none is due."""
        return self._hearing.next(now)

    def stop(self) -> None:
        """Finish what is being read after the page or the feed at hand."""
        self._stopping = True

    def close(self) -> None:
        """End the parsing process."""
        self._parser.close()


def _lease(settings: Settings) -> timedelta:
    """Longer than one whole call with its parsing and storing can take."""
    return max(settings.lease, 3 * settings.total_timeout)
