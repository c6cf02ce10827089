"""The ledger: one announcement on its way to one account, every try, and the proof."""

import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.speech import Prepared, Receipt
from models.states import (
    DELIVERY_MOVES,
    STANDS,
    DeliveryState,
    goes_on,
    move,
    proven,
)
from models.thread import ThreadPart, key_of_part

LONGEST_DETAIL = 2_000

AT_WORK = (DeliveryState.CLAIMED, DeliveryState.PREPARED, DeliveryState.ARMED)
"""States that live under a worker's lease."""


class Delivery(OfficeOwned, Base):
    """One post to be; the row at send time decides, whatever was queued."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("announcement_id", "account_id", "round"),
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        Index("ix_deliveries_due", "account_id", "state", "due_at", "id"),
        Index("ix_deliveries_state", "state", "lease_until"),
        Index("ix_deliveries_ready", "state", "due_at", "id"),
        Index("ix_deliveries_office", "office_id", "due_at"),
        Index("ix_deliveries_changed", "office_id", "updated_at"),
        Index("ix_deliveries_remote", "account_id", "remote_id"),
        Index("ix_deliveries_published", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    account_id: Mapped[int]
    # a row of ``recipients``, whose rows stay; SQLite adds no foreign key to a table
    # that others refer to
    recipient_id: Mapped[int | None]
    round: Mapped[int] = mapped_column(
        default=1
    )  # a new round only after a new approval
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState))
    due_at: Mapped[datetime]
    not_after: Mapped[datetime | None]
    released_at: Mapped[datetime | None]  # it was held, and let go on: late from here

    # the worker's lease on this row; the account's lease guards the order
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)

    # what was prepared and armed
    media_ids: Mapped[str] = mapped_column(default="")  # JSON list
    record_key: Mapped[str | None] = mapped_column(String(200))  # its own name
    media_at: Mapped[datetime | None]  # when both were prepared
    sent_title: Mapped[str] = mapped_column(String(160), default="")  # as armed
    sent_text: Mapped[str] = mapped_column(default="")  # as armed
    armed_at: Mapped[datetime | None]  # since when something of it may be out

    # a thread is sent part by part: which part it is at, of how many, after what
    part: Mapped[int] = mapped_column(default=1, server_default="1")
    parts: Mapped[int] = mapped_column(default=1, server_default="1")
    reply_to: Mapped[str] = mapped_column(String(200), default="", server_default="")
    restored: Mapped[bool] = mapped_column(default=False, server_default=false())

    # settling
    uncertain_at: Mapped[datetime | None]  # since when nobody knows
    looks: Mapped[int] = mapped_column(default=0)
    next_look_at: Mapped[datetime | None]

    # how it stands
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")  # what the network said
    reason: Mapped[str] = mapped_column(default="")  # what a person said
    remote_id: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Attempt(OfficeOwned, Base):
    """One arming of one delivery and what came of it."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    number: Mapped[int]
    worker: Mapped[str] = mapped_column(String(80))
    armed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[DeliveryState | None] = mapped_column(EnumText(DeliveryState))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")


class ReceiptRow(OfficeOwned, Base):
    """The network's proof that a post stands; kept when the post is withdrawn."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(unique=True)
    remote_id: Mapped[str] = mapped_column(String(200))
    url: Mapped[str]
    posted_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    found_by: Mapped[str] = mapped_column(String(20))  # answer, replay, look_up, person


class FoundBy(StrEnum):
    """How a receipt came to us."""

    ANSWER = "answer"
    REPLAY = "replay"
    LOOK_UP = "look_up"
    PERSON = "person"


class Deliveries(Repository):
    """The ledger of deliveries."""

    def get(self, delivery_id: int, *, lock: bool = False) -> Delivery:
        """Return one delivery of this scope; ``lock`` keeps others off until commit.

        Raises:
            NotFound: there is none.
        """
        return self._need(Delivery, delivery_id, lock=lock)

    def of_account(self, account_id: int) -> list[Delivery]:
        """Every delivery of an account in the order it is sent."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(Delivery.account_id == account_id)
                .order_by(Delivery.due_at, Delivery.id)
            )
        )

    # what is prepared

    def keep_prepared(self, row: Delivery, prepared: Prepared, now: datetime) -> None:
        """Keep what the network holds of a post, for this try and later ones."""
        row.media_ids = json.dumps(prepared.media_ids) if prepared.media_ids else ""
        row.record_key = prepared.record_key
        row.media_at = now if row.media_ids or row.record_key else None

    def forget_prepared(self, row: Delivery) -> None:
        """The content may be another one now: its pictures and its name are too."""
        row.media_ids, row.record_key, row.media_at = "", None, None

    # how it stands

    def put(
        self,
        row: Delivery,
        to: DeliveryState,
        now: datetime,
        problem: Problem | None = None,
        detail: str = "",
    ) -> None:
        """Move a delivery by the table, with everything that hangs on its state.

        Raises:
            Conflict: the table has no such move.
        """
        row.state = move(DELIVERY_MOVES, row.state, to)
        row.problem = problem
        row.detail = detail[:LONGEST_DETAIL]
        row.updated_at = now
        if to not in AT_WORK:
            row.lease_token = ""
            row.lease_until = now
        if to is DeliveryState.UNCERTAIN:
            row.uncertain_at = now
            row.looks = 0
            row.next_look_at = now
        elif to is not DeliveryState.ARMED:
            row.next_look_at = None
        if to in (DeliveryState.SCHEDULED, DeliveryState.HELD):
            row.armed_at = None  # nothing of it is out
            row.sent_title = row.sent_text = ""

    def prove(
        self,
        row: Delivery,
        receipt: Receipt,
        found_by: FoundBy,
        now: datetime,
        *,
        part: int,
    ) -> bool:
        """Record that a part of a delivery stands; False when that was known already.

        After the last part the whole stands, under the address of its first part.
        """
        if row.state in STANDS or part != row.part:
            return False
        if row.parts > 1:
            self._keep_part(row, receipt, found_by, now)
            if row.part < row.parts:
                self._next_part(row, receipt, now)
                return True
            stands = self.thread(row.id)
            row.sent_text = "\n\n".join(one.text for one in stands if one.text)
            receipt = stands[0].receipt
        row.state = proven(row.state)
        row.problem = None
        row.detail = ""
        row.lease_token = ""
        row.lease_until = now
        row.next_look_at = None
        row.remote_id = receipt.remote_id
        row.url = receipt.url
        row.published_at = receipt.posted_at or now
        row.updated_at = now
        self._session.add(
            ReceiptRow(
                office_id=row.office_id,
                delivery_id=row.id,
                remote_id=receipt.remote_id,
                url=receipt.url,
                posted_at=receipt.posted_at,
                recorded_at=now,
                found_by=found_by.value,
            )
        )
        return True

    def _keep_part(
        self, row: Delivery, receipt: Receipt, found_by: FoundBy, now: datetime
    ) -> None:
        self._session.add(
            ThreadPart(
                office_id=row.office_id,
                delivery_id=row.id,
                number=row.part,
                text=row.sent_text,
                remote_id=receipt.remote_id,
                url=receipt.url,
                posted_at=receipt.posted_at,
                recorded_at=now,
                found_by=found_by.value,
            )
        )
        self._session.flush()

    def _next_part(self, row: Delivery, receipt: Receipt, now: datetime) -> None:
        """Let the next part begin, unless a person has given the delivery up."""
        doubted = row.restored and row.state is not DeliveryState.ARMED
        row.part += 1
        row.reply_to = receipt.remote_id
        row.key = key_of_part(row.key, row.part)
        self.forget_prepared(row)  # pictures go with the first part
        row.sent_title = row.sent_text = ""
        row.tries = 0
        row.lease_token, row.lease_until = "", now
        row.updated_at = now
        if doubted:  # the lost time after the backup may have sent this one too
            row.state = DeliveryState.UNCERTAIN
            row.uncertain_at = row.next_look_at = now
            row.looks = 0
            return
        row.state = goes_on(row.state)
        row.armed_at = row.next_look_at = None
        if row.state is DeliveryState.SCHEDULED:
            row.problem, row.detail = None, ""

    def thread(self, delivery_id: int) -> list[ThreadPart]:
        """The parts of a thread that stand, in order; none for a single post."""
        return list(
            self._session.scalars(
                select(ThreadPart)
                .where(ThreadPart.delivery_id == delivery_id)
                .order_by(ThreadPart.number)
            )
        )

    def stands_for_another(self, row: Delivery, remote_id: str) -> bool:
        """Whether this post proves another delivery of the account, or a part."""
        of_part = exists().where(
            ThreadPart.remote_id == remote_id,
            ThreadPart.delivery_id == Delivery.id,
        )
        return bool(
            self._session.scalar(
                select(
                    exists().where(
                        Delivery.account_id == row.account_id,
                        or_(
                            (Delivery.remote_id == remote_id) & (Delivery.id != row.id),
                            of_part,
                        ),
                    )
                )
            )
        )

    def superseded(self, row: Delivery) -> bool:
        """Whether a later approval made another delivery in this one's place."""
        return bool(
            self._session.scalar(
                select(
                    exists().where(
                        Delivery.announcement_id == row.announcement_id,
                        Delivery.account_id == row.account_id,
                        Delivery.recipient_id.is_not_distinct_from(row.recipient_id),
                        Delivery.round > row.round,
                    )
                )
            )
        )

    # tries

    def begin_attempt(self, row: Delivery, worker: str, now: datetime) -> int:
        """Write down that the delivery is armed, before the call; return which try."""
        number = self.last_attempt(row.id) + 1
        self._session.add(
            Attempt(
                office_id=row.office_id,
                delivery_id=row.id,
                number=number,
                worker=worker,
                armed_at=now,
            )
        )
        return number

    def last_attempt(self, delivery_id: int) -> int:
        """The number of the latest arming; 0 before the first."""
        return (
            self._session.scalar(
                select(func.max(Attempt.number)).where(
                    Attempt.delivery_id == delivery_id
                )
            )
            or 0
        )

    def end_attempt(
        self,
        delivery_id: int,
        number: int,
        outcome: DeliveryState,
        now: datetime,
        problem: Problem | None = None,
        detail: str = "",
    ) -> None:
        """Write down what came of an attempt, as far as is known now."""
        attempt = self._session.scalar(
            select(Attempt).where(
                Attempt.delivery_id == delivery_id, Attempt.number == number
            )
        )
        if attempt is None:
            return
        attempt.ended_at = now
        attempt.outcome = outcome
        attempt.problem = problem
        attempt.detail = detail[:LONGEST_DETAIL]

    def attempts(self, delivery_id: int) -> list[Attempt]:
        """Every arming of a delivery, oldest first."""
        return list(
            self._session.scalars(
                select(Attempt)
                .where(Attempt.delivery_id == delivery_id)
                .order_by(Attempt.number)
            )
        )

    def receipt(self, delivery_id: int) -> ReceiptRow | None:
        """The proof that a delivery stands."""
        return self._session.scalar(
            select(ReceiptRow).where(ReceiptRow.delivery_id == delivery_id)
        )
