"""Lists of sources in and out: a whole OPML file in one unit, or nothing of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from collectors.opml import Outline, read_opml, write_opml
from config.keys import Vault
from config.words import N_
from models.errors import InvalidInput
from models.office import Office
from models.person import May, Person
from models.source import Source, Subscription
from models.source_lists import NewSource, SourceLists
from models.states import SourceHealth
from networks.addresses import Guard
from networks.feeds import host_key, split_credentials
from pipeline.queue import TaskName
from pipeline.sources import BACKLOG, LONGEST_LABEL, check_public, usable
from pipeline.unit import Work


class Verdict(StrEnum):
    """What became of one row of a list."""

    ADDED = "added"
    RESUMED = "resumed"  # was stopped in this office
    KNOWN = "known"  # is read already
    TWICE = "twice"  # stands in the file above
    NO_ADDRESS = "no_address"
    INVALID = "invalid"
    INNER = "inner"

    @property
    def taken(self) -> bool:
        """Whether the office reads it because of this list."""
        return self in {Verdict.ADDED, Verdict.RESUMED}


WORDS: Mapping[Verdict, str] = {
    Verdict.ADDED: N_("ditambahkan"),
    Verdict.RESUMED: N_("dibaca lagi; tadinya dihentikan"),
    Verdict.KNOWN: N_("sudah dibaca"),
    Verdict.TWICE: N_("sudah ada di atas di berkas ini"),
    Verdict.NO_ADDRESS: N_("tidak memuat alamat umpan"),
    Verdict.INVALID: N_("bukan alamat http atau https yang dapat dipakai"),
    Verdict.INNER: N_("alamat di dalam jaringan sendiri; tidak diambil"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file and what became of it.

    Attributes:
        url: without a login; as written, and cut, where it is no address.
    """

    number: int
    label: str
    url: str
    verdict: Verdict

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs."""
        return {
            "number": self.number,
            "label": self.label,
            "url": self.url,
            "result": self.verdict.value,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    """The report of an import, row by row."""

    rows: tuple[Row, ...]

    @property
    def taken(self) -> int:
        """How many sources the office reads because of it."""
        return sum(row.verdict.taken for row in self.rows)

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How often each verdict, in the order of their list."""
        times = Counter(row.verdict for row in self.rows)
        return {verdict: times[verdict] for verdict in Verdict if times[verdict]}


@dataclass(frozen=True, slots=True)
class _Read:
    row: Outline
    address: str
    login: str
    refused: Verdict | None = None


def import_list(
    work: Work,
    by: Person,
    body: bytes,
    now: datetime,
    *,
    vault: Vault,
    inner_hosts: frozenset[str] = frozenset(),
) -> Imported:
    """Read every feed of an OPML file from now on; rows that cannot be are told.

    All of it is this one unit: a file that cannot be read changes nothing.

    Raises:
        NotAllowed: this person may not.
        InvalidInput: the file is no OPML, or too large.
    """
    by.must(May.ADMINISTER)
    read = [_read(one, Guard(inner_hosts)) for one in read_opml(body)]
    first: dict[str, _Read] = {}
    for one in read:
        if one.refused is None:
            first.setdefault(one.address, one)
    verdicts = _subscribe(work, by, first, now, vault)
    rows = []
    for one in read:
        verdict = one.refused or (
            verdicts[one.address] if first[one.address] is one else Verdict.TWICE
        )
        rows.append(Row(one.row.number, one.row.label, one.address, verdict))
    done = Imported(tuple(rows))
    if done.taken:
        detail = str(done.taken)
        work.audit.act(by, "source.imported", Office, by.office_id, now, detail)
        work.enqueue(TaskName.FETCH)
    return done


def export_list(work: Work, by: Person, now: datetime) -> bytes:
    """The feeds this office reads as OPML, without logins.

    Raises:
        NotAllowed: this person may not.
    """
    by.must(May.READ)
    office = work.offices.by_id(by.office_id)
    rows = SourceLists(work.session).read_now()
    return write_opml(
        office.name,
        now,
        [Outline(n, one.label, one.url, one.site_url) for n, one in enumerate(rows, 1)],
    )


def _read(row: Outline, guard: Guard) -> _Read:
    address, login = split_credentials(row.url)
    if not row.url:
        return _Read(row, "", "", Verdict.NO_ADDRESS)
    try:
        address = usable(address)
    except InvalidInput:
        return _Read(row, address[:LONGEST_LABEL], "", Verdict.INVALID)
    try:
        check_public(address, guard)
    except InvalidInput:
        return _Read(row, address, "", Verdict.INNER)
    return _Read(row, address, login)


def _subscribe(
    work: Work, by: Person, wanted: Mapping[str, _Read], now: datetime, vault: Vault
) -> dict[str, Verdict]:
    """Store what is not known, and let the office read all of it."""
    lists = SourceLists(work.session)
    zone = work.offices.by_id(by.office_id).timezone
    known = lists.by_urls(wanted)
    fresh = [one for one in wanted.values() if one.address not in known]
    lists.add([_new(one, vault) for one in fresh], zone, now)
    sources = known | lists.by_urls([one.address for one in fresh])
    for address, source in known.items():
        _wake(source, wanted[address].login, vault, now)
    reads = lists.subscriptions([one.id for one in sources.values()])
    unread = [one for one in sources.values() if one.id not in reads]
    lists.subscribe(
        unread,
        {one.id: wanted[one.url].row.label[:LONGEST_LABEL] for one in unread},
        by,
        now,
        since=now - BACKLOG,
    )
    return {url: _verdict(reads.get(one.id)) for url, one in sources.items()}


def _new(one: _Read, vault: Vault) -> NewSource:
    login = vault.seal(one.login) if one.login else None
    return NewSource(one.address, host_key(one.address), login, one.row.site_url)


def _wake(source: Source, login: str, vault: Vault, now: datetime) -> None:
    """A source that somebody stopped, or that said 410, is tried again."""
    if login:
        source.sealed_login = vault.seal(login)
    if source.health is SourceHealth.STOPPED:
        source.health = SourceHealth.NEW
        source.next_check_at = now


def _verdict(reads: Subscription | None) -> Verdict:
    """What the office's subscription says; a stopped one is taken up again."""
    if reads is None:
        return Verdict.ADDED
    if reads.stopped_at is None:
        return Verdict.KNOWN
    reads.stopped_at = None
    return Verdict.RESUMED


def summary(done: Imported) -> Sequence[tuple[int, str]]:
    """How many of each, with message ids, for a page and for the terminal."""
    return [(count, WORDS[verdict]) for verdict, count in done.counts.items()]
