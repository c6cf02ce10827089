"""What the public did with posts: numbers read back now and then, less as they age.

A row is one reading at one time, so that a curve can be drawn; a number that a network
did not tell is empty and never zero. The ledger is not touched: that a post is gone
without us is said here, and decided by nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.account import Account
from models.base import Base, EnumText, OfficeOwned
from models.delivery import LONGEST_DETAIL, Delivery
from models.problems import Problem
from models.repository import Repository
from models.speech import Numbers
from models.states import AccountHealth, DeliveryState

AFTER = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
"""How long after it was published a post is read."""

AFTER_PAID = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
"""The same where every reading costs money."""

AGAIN = timedelta(hours=1)  # after a look that told nothing, or that found no post
LATEST = AFTER[-1] + timedelta(days=7)  # what is older is read no more
TOLD_FOR = timedelta(days=3)  # that a post is gone, on the first page
MOST = 10**15  # of anything; a larger number is none
IN_PUBLIC = (DeliveryState.PUBLISHED, DeliveryState.CORRECTED)


class Reading(OfficeOwned, Base):
    """The numbers of one post as they were read at one time."""

    __tablename__ = "readings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
        Index("ix_readings_delivery", "delivery_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    at: Mapped[datetime]
    views: Mapped[int | None] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    reposts: Mapped[int | None] = mapped_column(BigInteger)
    quotes: Mapped[int | None] = mapped_column(BigInteger)
    replies: Mapped[int | None] = mapped_column(BigInteger)


class ReadingTurn(OfficeOwned, Base):
    """When one post is read next, and what stood in the way last."""

    __tablename__ = "reading_turns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
        Index("ix_reading_turns_next", "next_at"),
        Index("ix_reading_turns_gone", "gone_at"),
    )

    delivery_id: Mapped[int] = mapped_column(primary_key=True)
    next_at: Mapped[datetime | None]  # None: never again
    absent_at: Mapped[datetime | None]  # when it was not found for the first time
    gone_at: Mapped[datetime | None]  # when it was not found again
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that is known of one post's numbers, the latest reading first."""

    readings: Sequence[Reading] = ()
    turn: ReadingTurn | None = None


class Readings(Repository):
    """Whose numbers are read when, and what they were."""

    def has_new(self, networks: Collection[str], now: datetime) -> bool:
        """Whether a post stands that has no turn yet."""
        return self._session.execute(_new(networks, now).limit(1)).first() is not None

    def gather(self, first: Mapping[str, timedelta], now: datetime, most: int) -> None:
        """Give posts that stand a turn.

        Args:
            first: by network, how long after it was published a post is read first.
        """
        wanted = _new(first, now).order_by(Delivery.published_at, Delivery.id)
        for row, network in self._session.execute(wanted.limit(most)).all():
            assert row.published_at is not None
            turn = ReadingTurn(
                office_id=row.office_id,
                delivery_id=row.id,
                next_at=row.published_at + first[network],
            )
            self._session.add(turn)
        self._session.flush()

    def any_due(self, now: datetime) -> bool:
        """Whether the turn of any post has come."""
        due = select(ReadingTurn.delivery_id).where(ReadingTurn.next_at <= now)
        return self._session.scalar(due.limit(1)) is not None

    def end_fallen(self, now: datetime) -> None:
        """Read no more of what was withdrawn, or is in doubt again."""
        fallen = exists().where(
            Delivery.id == ReadingTurn.delivery_id, Delivery.state.not_in(IN_PUBLIC)
        )
        self._session.execute(
            update(ReadingTurn)
            .where(ReadingTurn.next_at <= now, fallen)
            .values(next_at=None)
            .execution_options(synchronize_session=False)
        )

    def account_due(self, now: datetime) -> Account | None:
        """The account whose post has waited longest; not one that must rest."""
        return self._session.scalar(
            select(Account)
            .join(Delivery, Delivery.account_id == Account.id)
            .join(ReadingTurn, ReadingTurn.delivery_id == Delivery.id)
            .where(_is_due(now), *_may_ask(now))
            .order_by(ReadingTurn.next_at, ReadingTurn.delivery_id)
            .limit(1)
        )

    def take_due(
        self, account_id: int, now: datetime, again: datetime, most: int
    ) -> list[Delivery]:
        """Posts of an account whose turn has come; others see them ``again``."""
        rows = self._session.execute(
            select(Delivery, ReadingTurn)
            .join(ReadingTurn, ReadingTurn.delivery_id == Delivery.id)
            .where(Delivery.account_id == account_id, _is_due(now))
            .order_by(ReadingTurn.next_at, ReadingTurn.delivery_id)
            .limit(most)
            .with_for_update(of=ReadingTurn, skip_locked=True)
        ).all()
        for _, turn in rows:
            turn.next_at = again
        return [row for row, _ in rows]

    def turn(self, delivery_id: int) -> ReadingTurn:
        """The turn of one post.

        Raises:
            NotFound: it has none.
        """
        return self._need(ReadingTurn, delivery_id, lock=True)

    def keep(
        self, row: Delivery, numbers: Numbers, now: datetime, next_at: datetime | None
    ) -> None:
        """Keep what was told of a post; it stands."""
        turn = self.turn(row.id)
        turn.next_at, turn.absent_at = next_at, None
        turn.problem, turn.detail = None, ""
        self._session.add(
            Reading(
                office_id=row.office_id,
                delivery_id=row.id,
                at=now,
                views=_plausible(numbers.views),
                likes=_plausible(numbers.likes),
                reposts=_plausible(numbers.reposts),
                quotes=_plausible(numbers.quotes),
                replies=_plausible(numbers.replies),
            )
        )

    def not_found(self, delivery_id: int, now: datetime) -> None:
        """It is not there. Only when that is so twice, an hour apart, it is gone."""
        turn = self.turn(delivery_id)
        turn.problem, turn.detail = None, ""
        if turn.absent_at is None or now - turn.absent_at < AGAIN:
            turn.absent_at = turn.absent_at or now
            turn.next_at = turn.absent_at + AGAIN
        else:
            turn.next_at, turn.gone_at = None, now

    def note(
        self, delivery_id: int, problem: Problem, detail: str, next_at: datetime
    ) -> None:
        """Keep why nothing was told."""
        turn = self.turn(delivery_id)
        turn.next_at, turn.problem = next_at, problem
        turn.detail = detail[:LONGEST_DETAIL]

    # what is shown

    def seen(self, delivery_ids: Collection[int]) -> Mapping[int, Seen]:
        """What is known of each post, by the delivery's id; also of none."""
        found: dict[int, list[Reading]] = {one: [] for one in delivery_ids}
        for reading in self._session.scalars(
            select(Reading)
            .where(Reading.delivery_id.in_(delivery_ids))
            .order_by(Reading.at.desc(), Reading.id.desc())
        ):
            found[reading.delivery_id].append(reading)
        turns = {
            turn.delivery_id: turn
            for turn in self._session.scalars(
                select(ReadingTurn).where(ReadingTurn.delivery_id.in_(delivery_ids))
            )
        }
        return {one: Seen(rows, turns.get(one)) for one, rows in found.items()}

    def gone_of(self, delivery_ids: Collection[int]) -> set[int]:
        """Which of these are gone without us."""
        return set(
            self._session.scalars(
                select(ReadingTurn.delivery_id)
                .join(Delivery, Delivery.id == ReadingTurn.delivery_id)
                .where(
                    ReadingTurn.delivery_id.in_(delivery_ids),
                    ReadingTurn.gone_at.is_not(None),
                    Delivery.state.in_(IN_PUBLIC),
                )
            )
        )

    def gone_since(self, since: datetime) -> list[tuple[Delivery, ReadingTurn]]:
        """Posts that are gone without us, the latest first; withdrawn ones are not."""
        rows = self._session.execute(
            select(Delivery, ReadingTurn)
            .join(ReadingTurn, ReadingTurn.delivery_id == Delivery.id)
            .where(ReadingTurn.gone_at >= since, Delivery.state.in_(IN_PUBLIC))
            .order_by(ReadingTurn.gone_at.desc(), ReadingTurn.delivery_id)
        )
        return [(row, turn) for row, turn in rows]


def _plausible(number: object) -> int | None:
    """A number as a server may mean it; anything else was not told."""
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number <= MOST else None


def next_reading(
    published_at: datetime, now: datetime, after: Sequence[timedelta]
) -> datetime | None:
    """When a post is read after a reading made now; None when that was the last."""
    age = now - published_at
    return next((published_at + one for one in after if one > age), None)


def _new(networks: Collection[str], now: datetime) -> Select[Delivery, str]:
    known = exists().where(ReadingTurn.delivery_id == Delivery.id)
    return (
        select(Delivery, Account.network)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Delivery.published_at > now - LATEST,
            Delivery.published_at <= now,
            Delivery.state.in_(IN_PUBLIC),
            Delivery.remote_id != "",
            Account.network.in_(networks),
            ~known,
        )
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (ReadingTurn.next_at <= now) & Delivery.state.in_(IN_PUBLIC)


def _may_ask(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Account.removed_at.is_(None),
        Account.health == AccountHealth.CONNECTED,
        Account.next_allowed_at <= now,
    )
