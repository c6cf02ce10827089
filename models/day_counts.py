"""What each day's items count for, kept with the items themselves.

A dashboard that counts a year of items on every visit is slow; one that counts now and
then is wrong. Here the count moves in the transaction that changes the item: by itself
where the ORM writes one, by :func:`count` where a statement writes many. The rows are
written last before the commit and in one order, so that no two workers wait for each
other. :mod:`models.recounting` counts anew and compares.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Date, PrimaryKeyConstraint, String, event, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column
from sqlalchemy.orm.attributes import get_history

from models.base import Base, EnumText, OfficeOwned
from models.errors import KentonganError
from models.labels import Sentiment, Service
from models.office import Office
from models.upserts import insert_or_add

COUNTS_KEPT = "kentongan_counts_kept"  # of a statement that calls count() itself
_MOVES = "kentongan_day_counts"  # of a session: what is to be written


class CountedAs(StrEnum):
    """The one thing an item counts for; only the first four are stories."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"
    UNSURE = "unsure"  # below the cut-off, or not read yet
    COPY = "copy"  # of another item's story
    OWN = "own"  # the office's own release that came back


class DayCount(OfficeOwned, Base):
    """``number`` items of one calendar day of the office count for this."""

    __tablename__ = "day_counts"
    __table_args__ = (
        PrimaryKeyConstraint("office_id", "day", "service", "counted_as"),
        {"sqlite_with_rowid": False},
    )

    day: Mapped[date] = mapped_column(Date)
    service: Mapped[str] = mapped_column(String(40))  # a Service; "" for none
    counted_as: Mapped[CountedAs] = mapped_column(EnumText(CountedAs))
    number: Mapped[int]


class Counted(NamedTuple):
    """The columns of an item that decide where it counts."""

    office_id: int
    at: datetime
    sentiment: Sentiment | None
    sentiment_sure: bool
    story_id: int | None
    own_release: bool
    service: Service | None


class Place(NamedTuple):
    """Where one item counts; its day follows from the office's zone."""

    office_id: int
    at: datetime
    service: str
    counted_as: CountedAs


class Uncounted(KentonganError):
    """A statement would change items behind the back of their counts."""


def counted_as(
    sentiment: Sentiment | None, sure: bool, leads: bool, own: bool
) -> CountedAs:
    """What an item counts for: own releases and copies are never public sentiment."""
    if own:
        return CountedAs.OWN
    if not leads:
        return CountedAs.COPY
    if sentiment is None or not sure:
        return CountedAs.UNSURE
    return CountedAs(sentiment.value)


def count(session: Session, item: Counted, by: int) -> None:
    """Let an item count (1) or no longer count (-1) from this commit on."""
    moves = session.info.setdefault(_MOVES, Counter())
    moves[_place(item)] += by


def keep_day_counts(table: type[Base]) -> None:
    """Count what the ORM writes into ``table``; refuse bulk statements that do not.

    ``table`` has the columns of :class:`Counted`.
    """

    def added(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
        _count_row(row, now=1)

    def changed(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
        _count_row(row, before=-1, now=1)

    def removed(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
        _count_row(row, before=-1)

    event.listen(table, "after_insert", added)
    event.listen(table, "after_update", changed)
    event.listen(table, "after_delete", removed)

    @event.listens_for(Session, "do_orm_execute")
    def guard(state: ORMExecuteState) -> None:
        writes = state.is_insert or state.is_update or state.is_delete
        mapper = state.bind_mapper
        kept = state.execution_options.get(COUNTS_KEPT)
        if writes and mapper is not None and mapper.class_ is table and not kept:
            raise Uncounted(f"a statement on many {mapper.local_table}")


def _count_row(row: Any, *, before: int = 0, now: int = 0) -> None:
    session = inspect(row).session
    if before:
        count(session, Counted(*(_before(row, name) for name in Counted._fields)), -1)
    if now:
        count(session, Counted(*(getattr(row, name) for name in Counted._fields)), 1)


def _before(row: Any, name: str) -> Any:
    """The value of a column as the database had it."""
    history = get_history(row, name)
    return history.deleted[0] if history.deleted else getattr(row, name)


def _place(item: Counted) -> Place:
    return Place(
        item.office_id,
        item.at,
        item.service.value if item.service else "",
        counted_as(
            item.sentiment,
            item.sentiment_sure,
            item.story_id is None,
            item.own_release,
        ),
    )


@event.listens_for(Session, "before_commit")
def _write_moves(session: Session) -> None:
    session.flush()  # what it adds is counted too
    moves: Mapping[Place, int] = session.info.pop(_MOVES, {})
    moved = {place: by for place, by in moves.items() if by}
    if not moved:
        return
    days: Counter[tuple[int, date, str, CountedAs]] = Counter()
    zones = _zones(session, {place.office_id for place in moved})
    for place, by in moved.items():
        day = place.at.astimezone(zones[place.office_id]).date()
        days[place.office_id, day, place.service, place.counted_as] += by
    rows = [
        dict(zip(_KEY, key, strict=True)) | {"number": days[key]}
        for key in sorted(days)
        if days[key]
    ]
    if rows:
        session.execute(
            insert_or_add(session, DayCount, rows, unique=_UNIQUE, add=DayCount.number)
        )


@event.listens_for(Session, "after_rollback")
def _forget_moves(session: Session) -> None:
    session.info.pop(_MOVES, None)


_KEY = ("office_id", "day", "service", "counted_as")
_UNIQUE = (DayCount.office_id, DayCount.day, DayCount.service, DayCount.counted_as)


def _zones(session: Session, office_ids: set[int]) -> dict[int, ZoneInfo]:
    rows = session.execute(
        select(Office.id, Office.timezone).where(Office.id.in_(office_ids))
    )
    return {office_id: ZoneInfo(zone) for office_id, zone in rows}
