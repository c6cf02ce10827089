"""A series on two accounts of a desk, for the tests of what is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from config.holidays import Holidays, load_holidays
from models.announcement import Announcement
from models.approval import Content
from models.person import Person
from models.series import Series
from models.series_plan import Plan
from models.states import Role
from pipeline import occurring, series
from tests.conftest import NOW
from tests.integration.ledger_kit import TEST, Desk

DAY = timedelta(days=1)
FIELDS: Mapping[str, str] = {
    "tempat": "Lapangan Harapan Baru",
    "mulai": "08:00",
    "selesai": "12:00",
    "layanan": "perpanjangan SIM A dan SIM C",
}


@dataclass
class Routine:
    """A desk that says something again and again."""

    desk: Desk
    holidays: Holidays = field(default_factory=load_holidays)
    accounts: tuple[int, ...] = ()

    @property
    def officer(self) -> Person:
        return self.desk.people[Role.OFFICER]

    @property
    def approver(self) -> Person:
        return self.desk.people[Role.APPROVER]

    def plan(self, **values: object) -> Plan:
        if not self.accounts:
            handles = ("humas", "lantas")
            made = [self.desk.account(one, network="mastodon") for one in handles]
            self.accounts = tuple(made)
        plan = Plan(
            template="sim_keliling",
            fields=FIELDS,
            accounts=self.accounts,
            rule="FREQ=DAILY",
            first=date(2026, 11, 1),
            until=date(2027, 10, 31),
            at=time(6),
        )
        return replace(plan, **values)  # type: ignore[arg-type]

    def add(self, plan: Plan | None = None, by: Person | None = None) -> int:
        with self.desk.store.write(self.desk.office) as work:
            return series.add(work, by or self.officer, plan or self.plan(), NOW)

    def ask(self, series_id: int, by: Person | None = None) -> str:
        with self.desk.store.write(self.desk.office) as work:
            series.ask(work, by or self.officer, series_id, NOW)
            asked = work.series.latest_approval(series_id)
            assert asked is not None
            return asked.content_hash

    def approve(self, series_id: int, code: str, by: Person | None = None) -> None:
        with self.desk.store.write(self.desk.office) as work:
            series.approve(work, by or self.approver, series_id, code, NOW)

    def running(self, plan: Plan | None = None) -> int:
        """A series that somebody else approved."""
        series_id = self.add(plan)
        self.approve(series_id, self.ask(series_id))
        return series_id

    def make(self, series_id: int, now: datetime = NOW) -> list[int]:
        with self.desk.store.write(self.desk.office) as work:
            return occurring.make(work, series_id, self.holidays, now)

    def row(self, series_id: int) -> Series:
        with self.desk.store.read(self.desk.office) as work:
            return work.series.get(series_id)

    def change(self, series_id: int, **values: object) -> None:
        self.desk.change(Series, series_id, **values)

    def announcements(self) -> list[Announcement]:
        with self.desk.store.read(TEST) as work:
            found = work.announcements.listed(limit=500)
        return sorted(found, key=lambda one: one.publish_at or one.created_at)

    def days(self, series_id: int) -> list[date]:
        """The days that are made, in order."""
        with self.desk.store.read(self.desk.office) as work:
            made = work.series.made(series_id)
        return sorted(one.day for one in made if one.announcement_id is not None)

    def content(self, announcement_id: int) -> Content:
        with self.desk.store.read(self.desk.office) as work:
            return work.announcements.content(announcement_id)
