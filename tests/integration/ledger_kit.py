"""A wall to post on, and an office with accounts on it, for the tests of the ledger.

The wall is a file that several processes append to under a lock: a network without any
wire, so that these tests are about the ledger alone. The networks' own wire is met in
``tests/contract`` and ``tests/acceptance``.
"""

import fcntl
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from models.account import LONG_AGO, Account
from models.announcement import Announcement, Approval, Variant
from models.delivery import Delivery
from models.person import Person
from models.schedule import NOBODY
from models.scope import OfficeScope, SystemScope
from models.speech import Gate, Image, Outgoing, Prepared, Receipt
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    Role,
)
from models.stop import Target
from models.thread import packed
from networks.capabilities import LookUp, ReadBack, Replay, Settling
from pipeline.approving import signature_of
from pipeline.ledger import OnStep, Pace, no_step
from pipeline.publishing import Publishing
from pipeline.stopping import stop
from pipeline.unit import Store, Work
from tests.conftest import NOW

TEST = SystemScope("test")
LOOKS = (LookUp(times=2, apart=timedelta(minutes=1)),)
REPLAYS = (Replay(within=timedelta(minutes=50)),)
BOTH = (*REPLAYS, *LOOKS)
RECORDS = (ReadBack(times=2, apart=timedelta(minutes=1)), *LOOKS)


@dataclass(frozen=True)
class Wall:
    """What stands in public, oldest first."""

    file: Path

    def post(self, account_id: int, key: str, text: str) -> Receipt:
        with self._locked() as rows:
            number = len(rows) + 1
            row = {"account": account_id, "key": key, "text": text, "id": str(number)}
            rows.append(row)
        return self.receipt(row)

    def find(self, account_id: int, **values: str) -> Receipt | None:
        wanted = {"account": account_id, **values}
        for row in self.rows():
            if wanted.items() <= row.items():
                return self.receipt(row)
        return None

    def rows(self) -> list[dict[str, Any]]:
        with self._locked() as rows:
            return rows

    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows()]

    @staticmethod
    def receipt(row: dict[str, Any]) -> Receipt:
        return Receipt(row["id"], f"https://dinding.example/{row['id']}")

    @contextmanager
    def _locked(self) -> Iterator[list[dict[str, Any]]]:
        with self.file.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            rows = [json.loads(line) for line in file]
            before = len(rows)
            yield rows
            for row in rows[before:]:
                file.write(json.dumps(row) + "\n")


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one write: ``accepted`` says whether the post stands."""

    error: BaseException | None = None
    accepted: bool = False
    before_gate: Callable[[], object] | None = None
    after_gate: Callable[[], object] | None = None


@dataclass
class WallPublisher:
    """Posts on the wall; what goes wrong is ordered beforehand."""

    wall: Wall
    account_id: int
    keeps_keys: bool = True
    keeps_records: bool = False
    named: int = 0
    writes: deque[Fault] = field(default_factory=deque)
    looks: deque[BaseException | None] = field(default_factory=deque)
    uploads: deque[BaseException | None] = field(default_factory=deque)
    uploaded: list[str] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:
        error = self.uploads.popleft() if self.uploads else None
        if error is not None:
            raise error
        self.uploaded += [image.sha256 for image in images]
        media_ids = tuple(f"media-{len(self.uploaded)}" for _ in images)
        return Prepared(media_ids, self._name(post))

    def _name(self, post: Outgoing) -> str | None:
        if not self.keeps_records:
            return None
        if post.record_key is None:
            self.named += 1
        return post.record_key or f"nama-{self.named}"

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        fault = self.writes.popleft() if self.writes else Fault(accepted=True)
        if fault.before_gate:
            fault.before_gate()
        if fault.error is not None and not fault.accepted and not fault.after_gate:
            raise fault.error
        gate()
        self.sent.append(outgoing)
        receipt = self._post(outgoing) if fault.accepted else None
        if fault.after_gate:
            fault.after_gate()
        if fault.error is not None:
            raise fault.error
        assert receipt is not None
        return receipt

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        return self.publish(outgoing, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        error = self.looks.popleft() if self.looks else None
        if error is not None:
            raise error
        if outgoing.record_key is not None:
            return self.wall.find(self.account_id, key=outgoing.record_key)
        return self.wall.find(self.account_id, text=outgoing.text)

    def _post(self, outgoing: Outgoing) -> Receipt:
        found, name = None, outgoing.record_key
        if name is not None:
            found = self.wall.find(self.account_id, key=name)
            return found or self.wall.post(self.account_id, name, outgoing.text)
        if self.keeps_keys:
            found = self.wall.find(self.account_id, key=outgoing.key)
        return found or self.wall.post(self.account_id, outgoing.key, outgoing.text)


@dataclass
class House:
    """One office with its people: what stands in the database before a send."""

    store: Store
    office: OfficeScope
    people: dict[Role, Person]

    def account(self, handle: str = "humas", **values: Any) -> int:
        with self.store.write(self.office) as work:
            return work.accounts.add(
                Account(
                    **{
                        "office_id": self.office.office_id,
                        "network": "dinding",
                        "handle": handle,
                        "sealed_secrets": b"",
                        "mode": AccountMode.LIVE,
                        "health": AccountHealth.CONNECTED,
                        "created_at": NOW,
                        "lease_until": LONG_AGO,
                        "next_allowed_at": LONG_AGO,
                        "hear_next_at": NOW,
                        "hear_lease_until": NOW,
                        **values,
                    }
                )
            )

    def announce(
        self,
        text: str,
        *accounts: int,
        due_at: datetime = NOW,
        not_after: datetime | None = None,
        image: Image | None = None,
        video: int | None = None,
        thread: Sequence[str] = (),
        category: str = "umum",
        recipients: Mapping[int, Sequence[int]] = NOBODY,
    ) -> list[int]:
        """An approved announcement, scheduled; the ids of its deliveries."""
        with self.store.write(self.office) as work:
            announcement = Announcement(
                office_id=self.office.office_id,
                title=text[:100],
                body=text,
                category=category,
                state=AnnouncementState.APPROVED,
                author_id=self.people[Role.OFFICER].user_id,
                media_id=work.announcements.store_media(image, NOW) if image else video,
                alt_text=image.alt if image else "Antrean" if video else "",
                not_after=not_after,
                created_at=NOW,
                updated_at=NOW,
            )
            announcement_id = work.announcements.add(announcement)
            for account_id in accounts:
                work.session.add(
                    Variant(
                        office_id=self.office.office_id,
                        announcement_id=announcement_id,
                        account_id=account_id,
                        parts=packed(thread),
                    )
                )
            work.session.flush()
            self._approve(work, announcement)
            return work.schedule.put(
                announcement,
                accounts,
                due_at=due_at,
                not_after=not_after,
                now=NOW,
                recipients=recipients,
            )

    def approve_anew(self, delivery_id: int) -> None:
        """What the announcement of a delivery says now is asked for and approved."""
        with self.store.write(self.office) as work:
            row = work.deliveries.get(delivery_id)
            self._approve(work, work.announcements.get(row.announcement_id))

    def _approve(self, work: Work, announcement: Announcement) -> None:
        approver = self.people[Role.APPROVER].user_id
        approval = Approval(
            office_id=self.office.office_id,
            announcement_id=announcement.id,
            content_hash=work.announcements.content(announcement.id).hash,
            author_id=announcement.author_id,
            asked_by=announcement.author_id,
            asked_at=NOW,
            decided_by=approver,
            decided_at=NOW,
            approved=True,
        )
        work.session.add(approval)
        work.session.flush()
        work.signatures.add(signature_of(approval, approver, 1, NOW))

    def row(self, delivery_id: int) -> Delivery:
        with self.store.read(self.office) as work:
            return work.deliveries.get(delivery_id)

    def account_row(self, account_id: int) -> Account:
        with self.store.read(self.office) as work:
            return work.accounts.get(account_id)

    def state(self, delivery_id: int) -> DeliveryState:
        return self.row(delivery_id).state

    def change(self, table: type[Any], row_id: int, **values: Any) -> None:
        """Another person or program changes a row."""
        with self.store.write(TEST) as work:
            row = work.session.get(table, row_id)
            for name, value in values.items():
                assert hasattr(row, name), name
                setattr(row, name, value)

    def stop(self, account_id: int, until: datetime | None = None) -> None:
        """Somebody stops an account."""
        target = Target(account_id)
        with self.store.write(self.office) as work:
            stop(work, self.people[Role.ADMIN], target, "diretas", until, LONG_AGO)

    def edit(self, delivery_id: int, body: str) -> None:
        """The announcement is changed after it was approved."""
        self.change(Announcement, self.row(delivery_id).announcement_id, body=body)


@dataclass
class Desk(House):
    """An office with a wall to post on, and the publishing job."""

    wall: Wall
    ways: Sequence[Settling] = LOOKS
    pace: Pace = field(default_factory=Pace)
    publishers: dict[int, WallPublisher] = field(default_factory=dict)

    def job(self, on_step: OnStep = no_step, **pace: timedelta) -> Publishing:
        return Publishing(
            self.store,
            self.publisher,
            lambda _network: self.ways,
            Pace(**pace) if pace else self.pace,
            on_step,
        )

    def publisher(self, account: Account) -> WallPublisher:
        return self.on(account.id)

    def on(self, account_id: int) -> WallPublisher:
        if account_id not in self.publishers:
            self.publishers[account_id] = WallPublisher(self.wall, account_id)
        return self.publishers[account_id]
