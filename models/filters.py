"""What a person wants to see of the voices, and one page of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, text

from models.dashboard import NEEDS_ANSWER
from models.item import WAITING, Item
from models.labels import Kind, Sentiment, Service, Severity
from models.query_match import Marks
from models.states import Reply

PAGE = 25


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: lists go by time, then by id."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.timestamp():.6f}_{self.id}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person wants to see of the voices; None and empty mean everything."""

    waiting: bool = False  # mentions that need an answer and have none
    unsure: bool = False  # a label below its cut-off
    sentiment: Sentiment | None = None
    kind: Kind | None = None
    service: Service | None = None
    severity: Severity | None = None
    network: str = ""
    reply: Reply | None = None
    words: str = ""
    oldest_first: bool = False  # in the order to answer them; only with ``waiting``


@dataclass(frozen=True, slots=True)
class Voices:
    """One page of items; ``onward`` leads on, ``searched_to`` says it looked so far.

    ``marks`` says by an item's id where the words that were searched stand.
    """

    items: tuple[Item, ...]
    onward: Cursor | None
    searched_to: datetime | None = None
    marks: Mapping[int, Marks] = field(default_factory=dict)


def wanted(filters: Filters, integrity: bool) -> list[ColumnElement[bool]]:
    """The conditions of a list of voices."""
    wanted: list[ColumnElement[bool]] = [Item.erased_at.is_(None)]
    if filters.waiting:
        wanted.append(text(WAITING))  # type: ignore[arg-type]
        wanted.append(Item.severity.in_(NEEDS_ANSWER))
    for column, value in (
        (Item.sentiment, filters.sentiment),
        (Item.kind, filters.kind),
        (Item.service, filters.service),
        (Item.severity, filters.severity),
        (Item.network, filters.network or None),
        (Item.reply, filters.reply),
    ):
        if value is not None:
            wanted.append(column == value)
    if filters.unsure:
        wanted.append(
            and_(
                Item.labelled_by != "",
                or_(Item.sentiment_sure.is_(False), Item.kind_sure.is_(False)),
            )
        )
    if not integrity:
        wanted.append(or_(Item.severity.is_(None), Item.severity != Severity.S1))
    return wanted
