"""Sources: added, tried, asked again and stopped by people of an office.

A source is shared: the second office that adds an address reads what is there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collectors.feeds import FeedSource, hear
from config.keys import Vault
from config.settings import Settings
from config.words import N_
from models.entering import cleaned, cleaned_name
from models.errors import Conflict, InvalidInput, NotFound, Refused
from models.person import May, Person
from models.problems import WORDS, Problem
from models.redaction import redact
from models.source import Source, Subscription
from models.source_values import SourceRow
from models.speech import Utterance
from models.states import SourceHealth
from networks.addresses import Guard
from networks.feed_discovery import NamedFeed
from networks.feed_parser import FeedParser
from networks.feed_schedule import HostBucket, Pace, may_refresh_by_hand
from networks.feeds import host_key, split_credentials
from networks.http import Http, parsed, safe
from pipeline.queue import TaskName
from pipeline.unit import Work
from pipeline.wiring import http_limits

BACKLOG = timedelta(days=7)  # what a new reader of a known source still gets
LONGEST_URL = 1_000
LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a feed holds now; nothing of it was stored.

    Attributes:
        url: where it answered, without credentials.
        named: the feeds that a web page names; then there is nothing else.
    """

    url: str
    title: str = ""
    items: tuple[Utterance, ...] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)
    named: tuple[NamedFeed, ...] = ()

    @property
    def count(self) -> int:
        return len(self.items)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs; times are aware."""
        return {
            "url": self.url,
            "title": self.title,
            "count": self.count,
            "warnings": dict(self.warnings),
            "items": [
                {
                    "identity": one.remote_id,
                    "url": one.url,
                    "title": one.title,
                    "text": one.text,
                    "author": one.author_name,
                    "published_at": one.published_at,
                    "precision": one.precision,
                    "published_raw": one.published_raw,
                }
                for one in self.items
            ],
            "feeds": [{"url": one.url, "title": one.title} for one in self.named],
        }


def add_source(
    work: Work,
    by: Person,
    url: str,
    label: str,
    now: datetime,
    *,
    vault: Vault | None = None,
    inner_hosts: frozenset[str] = frozenset(),
) -> int:
    """Read a source from now on; return its id. It is fetched at the next tick.

    Args:
        work: a unit of the person's office.
        by: who adds it.
        url: address of a feed; a login in it is sealed and never shown.
        label: name on the screens, else the feed's own title.
        now: aware.
        vault: seals a login in the address.
        inner_hosts: ``host:port`` that may be read though not public; a setting.

    Raises:
        NotAllowed: this person may not.
        InvalidInput: no usable address, or one inside our own network.
        Conflict: this office reads it already.
    """
    by.must(May.ADMINISTER)
    address, login = _address(url, vault)
    check_public(address, Guard(inner_hosts))
    source = work.sources.by_url(address)
    source_id = source.id if source else _new(work, by, address, login, vault, now)
    if source is not None:
        _wake(source, login, vault, now)
    _subscribe(work, by, source_id, label.strip()[:LONGEST_LABEL], now)
    work.audit.act(by, "source.added", Source, source_id, now)
    work.enqueue(TaskName.FETCH)
    return source_id


def stop_source(work: Work, by: Person, source_id: int, now: datetime) -> None:
    """Stop reading a source in this office; others read on.

    Raises:
        NotAllowed: this person may not. NotFound: this office does not read it.
    """
    by.must(May.ADMINISTER)
    reads = work.subscriptions.to_source(source_id)
    if reads is None:
        raise NotFound(f"source {source_id}")
    if reads.stopped_at is None:
        reads.stopped_at = now
        work.audit.act(by, "source.stopped", Source, source_id, now)


def refresh_source(
    work: Work, by: Person, source_id: int, now: datetime, pace: Pace | None = None
) -> bool:
    """Ask a source again at once; False when its host or our manners forbid it.

    Raises:
        NotAllowed: this person may not. NotFound: this office does not read it.
    """
    by.must(May.READ)
    if work.subscriptions.to_source(source_id) is None:
        raise NotFound(f"source {source_id}")
    source = work.sources.by_id(source_id)
    bucket = HostBucket(
        source.host, blocked_until=work.sources.blocked_until(source.host)
    )
    if not may_refresh_by_hand(now, source.fetched_at, bucket, pace or Pace()):
        return False
    source.next_check_at = now
    work.enqueue(TaskName.FETCH)
    return True


def check_source(
    url: str, settings: Settings, now: datetime, *, zone: ZoneInfo | None = None
) -> SourceCheck:
    """Fetch a feed once and say what it holds; nothing is stored.

    It is read as at every tick, with the last step left out. A web page that names
    feeds gives these instead; none of them is asked.

    Raises:
        InvalidInput: no usable address.
        Refused: it cannot be read as a feed and names none; the problem says why.
    """
    address, login = split_credentials(url)
    usable(address)
    with FeedParser() as parser:
        feed = FeedSource(address, zone or settings.timezone, userinfo=login)
        heard = hear(feed, Http(http_limits(settings)), parser, now)
    if heard.named:
        return SourceCheck(heard.fetched.answered_by, named=heard.named)
    if heard.fetched.problem is not None:
        raise Refused(heard.fetched.problem, heard.fetched.detail)
    items = tuple(_as_stored(one) for one in heard.items)
    title = redact(heard.title).text
    return SourceCheck(heard.fetched.answered_by, title, items, heard.warnings)


def _as_stored(one: Utterance) -> Utterance:
    """With marks, and no contact of an office kept: whose, is not known here."""
    said = cleaned(one.title, one.text, one.url)
    name = cleaned_name(one.author_name)
    return replace(
        one, title=said.title, text=said.text, url=said.url, author_name=name
    )


def list_sources(work: Work, now: datetime | None = None) -> list[SourceRow]:
    """What this office reads, with its health; with ``now``, also of the host."""
    return work.subscriptions.rows(now)


def _address(url: str, vault: Vault | None) -> tuple[str, str]:
    address, login = split_credentials(url)
    address = usable(address)
    if login and vault is None:
        raise InvalidInput(N_("Alamat tidak boleh memuat nama masuk di sini."), "url")
    return address, login


def usable(address: str) -> str:
    """An address without login as it is stored.

    Raises:
        InvalidInput: it is no http or https address, or too long.
    """
    try:
        found = safe(parsed(address))
    except Refused:
        found = ""
    if not found or len(found) > LONGEST_URL:
        raise InvalidInput(WORDS[Problem.ADDRESS_INVALID], "url")
    return found


def check_public(address: str, guard: Guard) -> None:
    """Refuse at once what every fetch would refuse; a name is looked up only then.

    Raises:
        InvalidInput: the address lies inside our own network.
    """
    url = parsed(address)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        guard.check_literal(url.raw_host.decode("ascii"), port)
    except Refused as refused:
        raise InvalidInput(WORDS[refused.problem], "url") from None


def _new(
    work: Work,
    by: Person,
    address: str,
    login: str,
    vault: Vault | None,
    now: datetime,
) -> int:
    return work.sources.add(
        Source(
            url=address,
            host=host_key(address),
            sealed_login=vault.seal(login) if login and vault else None,
            timezone=work.offices.by_id(by.office_id).timezone,
            created_at=now,
            next_check_at=now,
            lease_until=now,
            health=SourceHealth.NEW,
        )
    )


def _wake(source: Source, login: str, vault: Vault | None, now: datetime) -> None:
    """A source that somebody stopped, or that said 410, is tried again."""
    if login and vault:
        source.sealed_login = vault.seal(login)
    if source.health is SourceHealth.STOPPED:
        source.health = SourceHealth.NEW
        source.next_check_at = now


def _subscribe(
    work: Work, by: Person, source_id: int, label: str, now: datetime
) -> None:
    reads = work.subscriptions.to_source(source_id)
    if reads is not None and reads.stopped_at is None:
        raise Conflict(f"source {source_id} is read already")
    if reads is not None:  # what came meanwhile is taken over too
        reads.stopped_at = None
        reads.label = label or reads.label
        return
    document, revision = work.subscriptions.end_of_backlog(source_id, now - BACKLOG)
    work.subscriptions.add(
        Subscription(
            office_id=by.office_id,
            source_id=source_id,
            label=label,
            added_by=by.user_id,
            created_at=now,
            read_up_to=document,
            revised_up_to=revision,
        )
    )
