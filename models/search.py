"""Searching what an office heard, the newest first, page by page.

The index (:mod:`models.search_table`) brings places of candidates, some hundred at a
time; their items are read with the other filters of the page, and
:mod:`models.query_match` decides. A page looks at so many candidates at most: where
that does not fill it, it says how far it looked, and its cursor goes on from there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, TextClause, func, select, text, tuple_

from models.filters import PAGE, Cursor, Filters, Voices, wanted
from models.item import Item
from models.query import Query, parse
from models.query_index import (
    IDS,
    WEEK,
    fts5,
    item_of,
    office_query,
    place,
    second,
    second_of,
    time_of,
    tsquery,
    weeks_query,
)
from models.query_match import Marks, Reading
from models.repository import Repository
from models.search_table import host_of

FIRST_LOOK = 100  # candidates
MOST_AT_ONCE = 1_000
MOST_LOOKED_AT = 10_000  # candidates for one page
ABOVE_ALL = 2**63 - 1  # places
_LAST_WEEKS = 4
_MOST_WEEKS = 64  # of one statement on PostgreSQL

_SQLITE = text(
    "SELECT rowid FROM item_words WHERE item_words MATCH :asked AND rowid < :below"
    " ORDER BY rowid DESC LIMIT :most"
)
_POSTGRESQL = text(
    "SELECT place FROM item_words WHERE words @@ CAST(:asked AS tsquery)"
    " AND place < :below ORDER BY place DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some candidates in the order of the list, of which filters left ``items``."""

    items: Sequence[Item]
    looked_at: int
    last: Cursor


class Search(Repository):
    """What an office heard, asked by its words."""

    def voices(
        self, filters: Filters, after: Cursor | None, *, integrity: bool
    ) -> Voices:
        """One page in the order of ``filters``; S1 only for those who may read them.

        Raises:
            InvalidInput: the words cannot be read as a query.
        """
        return self.pages(parse(filters.words), filters, after, integrity=integrity)

    def pages(
        self,
        query: Query,
        filters: Filters,
        after: Cursor | None,
        *,
        integrity: bool,
        most: int = PAGE,
    ) -> Voices:
        """As :meth:`voices`, ``most`` a page, for a query that has been read."""
        conditions = [Item.office_id == self._office_id, *wanted(filters, integrity)]
        pieces = (
            self._waiting(filters, conditions, after)
            if filters.waiting
            else self._newest(query, conditions, after)
        )
        return _page(query, pieces, most)

    def _waiting(
        self,
        filters: Filters,
        conditions: Sequence[ColumnElement[bool]],
        after: Cursor | None,
    ) -> Iterator[Piece]:
        """What waits is little, whatever was heard: all of it is looked at."""
        columns = (Item.at, Item.id)
        rising = filters.oldest_first
        order = columns if rising else [column.desc() for column in columns]
        while True:
            more = list(conditions)
            if after is not None:
                last, here = (after.at, after.id), tuple_(*columns)
                more.append(here > last if rising else here < last)
            found = self._session.scalars(
                select(Item).where(*more).order_by(*order).limit(MOST_AT_ONCE)
            ).all()
            if found:
                after = Cursor(found[-1].at, found[-1].id)
                yield Piece(found, len(found), after)
            if len(found) < MOST_AT_ONCE:
                return

    def _newest(
        self,
        query: Query,
        conditions: Sequence[ColumnElement[bool]],
        after: Cursor | None,
    ) -> Iterator[Piece]:
        below = place(after.at, after.id) if after else ABOVE_ALL
        for places in self.candidates(query, below):
            found = self._session.scalars(
                select(Item).where(
                    *conditions, Item.id.in_([item_of(one) for one in places])
                )
            )
            in_order = sorted(found, key=lambda item: -place(item.at, item.id))
            last = places[-1]
            yield Piece(in_order, len(places), Cursor(time_of(last), item_of(last)))

    def candidates(self, query: Query, below: int = ABOVE_ALL) -> Iterator[list[int]]:
        """Places of what may answer, the newest first, in growing pieces."""
        if self._session.get_bind().dialect.name == "postgresql":
            yield from self._from_weeks(query, below)
        else:
            yield from self._from(_SQLITE, fts5(query, self._office_id), below)

    def _from(
        self, statement: TextClause, asked: str, below: int
    ) -> Iterator[list[int]]:
        most = FIRST_LOOK
        while True:  # each time anew, so in few and growing steps
            found = list(
                self._session.connection().scalars(
                    statement, {"asked": asked, "below": below, "most": most}
                )
            )
            for start in range(0, len(found), MOST_AT_ONCE):
                yield found[start : start + MOST_AT_ONCE]
            if len(found) < most:
                return
            below, most = found[-1], min(10 * most, MOST_LOOKED_AT)

    def _from_weeks(self, query: Query, below: int) -> Iterator[list[int]]:
        """The newest week first, then two and four: GIN knows no order.

        What is rare in seven weeks is looked up in all that is left; what names nothing
        to look up stays with weeks, ever more of them.
        """
        ends = self._weeks()
        if ends is None:
            return
        oldest, newest = ends
        newest = min(newest, second_of(below) // WEEK)
        (asked, narrow), size = tsquery(query), 1
        while newest >= oldest:
            if narrow and size > _LAST_WEEKS:
                below = min(below, (newest + 1) * WEEK * IDS)
                within = office_query(self._office_id)
                yield from self._from(_POSTGRESQL, f"{within} & {asked}", below)
                return
            weeks = range(newest, max(newest - size, oldest - 1), -1)
            within = weeks_query(self._office_id, weeks)
            yield from self._from(_POSTGRESQL, f"{within} & {asked}", below)
            newest, size = newest - size, min(2 * size, _MOST_WEEKS)

    def _weeks(self) -> tuple[int, int] | None:
        """The oldest and the newest week in which the office heard something."""
        mine = Item.office_id == self._office_id
        first, last = (
            self._session.scalar(select(end(Item.at)).where(mine))
            for end in (func.min, func.max)
        )
        if first is None or last is None:
            return None
        return second(first) // WEEK, second(last) // WEEK


def _page(query: Query, pieces: Iterable[Piece], most: int) -> Voices:
    """The first items of the pieces that answer, with where their words stand."""
    items: list[Item] = []
    marks: dict[int, Marks] = {}
    looked = 0
    for piece in pieces:
        for item in piece.items:
            reading = reading_of(item)
            if not reading.answers(query):
                continue
            if len(items) == most:
                onward = Cursor(items[-1].at, items[-1].id)
                return Voices(tuple(items), onward, marks=marks)
            items.append(item)
            marks[item.id] = reading.marks(query)
        looked += piece.looked_at
        if looked >= MOST_LOOKED_AT:
            return Voices(tuple(items), piece.last, piece.last.at, marks)
    return Voices(tuple(items), None, marks=marks)


def reading_of(item: Item) -> Reading:
    """An item, ready to be asked."""
    return Reading(item.title, item.text, item.network, host_of(item.url))
