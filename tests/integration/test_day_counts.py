"""The daily counts always equal a count of the items, whatever happened to these."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.day_counts import DayCount, Uncounted
from models.item import Item, Unlabelled
from models.labels import (
    SEVERITY_OF,
    Kind,
    KindGuess,
    Labels,
    Sentiment,
    SentimentGuess,
    Service,
    ServiceGuess,
)
from models.mood import Moods
from models.office import Office
from models.recounting import Recounting
from models.scope import OfficeScope, SystemScope
from models.source import Document, Source
from models.states import Reply, SourceHealth
from pipeline.unit import Store, Work
from tests.conftest import NOW, add_office

TEST = SystemScope("test")
DAYS = [(NOW + timedelta(days=n)).date() for n in range(-4, 3)]


def mention(office: OfficeScope, number: int, at: datetime = NOW) -> dict[str, object]:
    return {
        "office_id": office.office_id,
        "network": "x",
        "url": "",
        "text": f"suara {number}",
        "published_at": at,
        "first_seen_at": at,
        "at": at,
        "story_key": f"{number:064x}",
    }


def differences(store: Store) -> int:
    with store.read(TEST) as work:
        return Recounting(work.session).differences()


def kept(store: Store) -> int:
    with store.read(TEST) as work:
        return sum(work.session.scalars(select(DayCount.number)))


@dataclass
class Town:
    """Two offices in two zones, and the hazards of their days."""

    store: Store
    chance: random.Random
    offices: list[OfficeScope]
    source_id: int
    model: int = 0
    number: int = 0
    stories: list[str] = field(default_factory=list)

    def hear(self, work: Work) -> None:
        office = work.session.info["scope"]
        rows = [self._mention(office) for _ in range(self.chance.randint(1, 6))]
        assert work.items.hear(rows) == len(rows)

    def take_over(self, work: Work) -> None:
        documents = [self._document(work) for _ in range(self.chance.randint(3, 8))]
        work.session.flush()
        releases = self.stories[: len(self.stories) // 4]
        added = work.items.take_over(documents, releases)
        assert added == len(documents)
        assert work.items.take_over(documents, releases) == 0

    def revise(self, work: Work) -> None:
        documents = work.session.scalars(select(Document)).all()
        for one in self.chance.sample(documents, min(len(documents), 2)):
            one.text += " (diralat)"
            work.items.revise([one])

    def mark(self, work: Work) -> None:
        for item in self._some(work):
            item.reply = self.chance.choice(list(Reply))

    def merge(self, work: Work) -> None:
        leads = [item for item in self._some(work) if item.story_id is None]
        for item in leads[1:]:
            item.story_id = leads[0].id
            item.own_release = self.chance.random() < 0.3

    def erase(self, work: Work) -> None:
        led = set(work.session.scalars(select(Item.story_id)))
        for item in self._some(work):
            if item.id not in led:
                work.session.delete(item)

    def label(self, work: Work) -> None:
        self.model += self.chance.random() < 0.5
        name = f"rules-{self.model}"
        found = work.items.unlabelled(name, 8)
        stale = [
            Unlabelled(one.item_id, one.office_id, "berubah", one.text)
            if self.chance.random() < 0.2
            else one
            for one in found
        ]
        read = [(one, labels_by(self.chance, name)) for one in stale]
        work.items.write_labels(read, name, NOW)

    def live(self, steps: int) -> None:
        """Do so many things; now and then one of them fails and is taken back."""
        acts: list[Callable[[Work], None]] = [
            self.hear, self.take_over, self.revise, self.mark, self.merge,
            self.erase, self.label, self.label,
        ]  # fmt: skip
        for _ in range(steps):
            office = self.chance.choice(self.offices)
            fails = self.chance.random() < 0.15
            with pytest.raises(Failed) if fails else nullcontext():
                self._unit(office, self.chance.sample(acts, 3), fails)

    def _unit(
        self, office: OfficeScope, acts: Sequence[Callable[[Work], None]], fails: bool
    ) -> None:
        with self.store.write(office) as work:
            for act in acts:
                act(work)
            if fails:
                raise Failed

    def _at(self) -> datetime:
        """Often near a midnight of one of the two offices."""
        midnight = datetime(2026, 11, 24, self.chance.choice((15, 17)), tzinfo=UTC)
        return midnight + timedelta(
            days=self.chance.randint(-3, 1), seconds=self.chance.randint(-3, 3)
        )

    def _mention(self, office: OfficeScope) -> dict[str, object]:
        self.number += 1
        return mention(office, self.number, self._at())

    def _document(self, work: Work) -> Document:
        self.number += 1
        if not self.stories or self.chance.random() < 0.5:
            self.stories.append(f"story-{self.number}")
        one = Document(
            source_id=self.source_id,
            identity=f"{self.number}",
            url="",
            title=f"berita {self.number}",
            text="isi",
            published_at=self._at(),
            precision="",
            first_seen_at=NOW,
            updated_at=NOW,
            content_hash="",
            story_key=self.chance.choice(self.stories),
        )
        work.session.add(one)
        return one

    def _some(self, work: Work) -> Sequence[Item]:
        items = work.session.scalars(select(Item).order_by(Item.id)).all()
        return self.chance.sample(items, min(len(items), 4))


class Failed(Exception):
    """A unit of work that is taken back."""


def labels_by(chance: random.Random, model: str) -> Labels:
    feeling, kind = chance.choice(list(Sentiment)), chance.choice(list(Kind))
    service = chance.choice([None, *list(Service)[:3]])
    return Labels(
        SentimentGuess(feeling, {feeling: 1.0}, sure=chance.random() < 0.7),
        KindGuess(kind, {kind: 1.0}, sure=True),
        ServiceGuess(service, 1.0, sure=True) if service else None,
        (),
        SEVERITY_OF[kind],
        (),
        model,
    )


def by_hand(session: Session, zone: ZoneInfo) -> Counter[tuple[object, str]]:
    """Count one office's items in Python, without any query that counts."""
    found: Counter[tuple[object, str]] = Counter()
    for item in session.scalars(select(Item)):
        if item.own_release:
            name = "own"
        elif item.story_id is not None:
            name = "copies"
        elif item.sentiment is None or not item.sentiment_sure:
            name = "unsure"
        else:
            name = item.sentiment.value
        found[item.at.astimezone(zone).date(), name] += 1
    return found


@pytest.fixture
def town(store: Store, office: OfficeScope, request: pytest.FixtureRequest) -> Town:
    other = add_office(store, "timur", "Polres Kota Timur")
    with store.write(TEST) as work:
        work.session.get_one(Office, other.office_id).timezone = "Asia/Jayapura"
        source = Source(
            url="https://warta.example/rss",
            host="warta.example",
            next_check_at=NOW,
            lease_until=NOW,
            health=SourceHealth.HEALTHY,
            created_at=NOW,
        )
        work.session.add(source)
        work.session.flush()
    seed = getattr(request, "param", 0)
    return Town(store, random.Random(seed), [office, other], source.id)


@pytest.mark.parametrize("town", range(4), indirect=True)
def test_the_counts_equal_a_recount_after_anything(store: Store, town: Town) -> None:
    for _ in range(5):
        town.live(steps=6)
        assert differences(store) == 0
    assert kept(store) > 20
    for office, zone in zip(
        town.offices, ("Asia/Jakarta", "Asia/Jayapura"), strict=True
    ):
        with store.read(office) as work:
            mood = Moods(work.session).of(DAYS)
            counted = by_hand(work.session, ZoneInfo(zone))
        shown = Counter(
            {
                (day.day, name): getattr(day, name)
                for day in mood.days
                for name in (
                    "negative",
                    "neutral",
                    "positive",
                    "unsure",
                    "copies",
                    "own",
                )
            }
        )
        assert +shown == counted
    with store.write(TEST) as work:
        assert Recounting(work.session).recount() == 0


def test_workers_side_by_side_neither_lose_a_count_nor_wait_in_a_circle(
    store: Store, office: OfficeScope
) -> None:
    with store.write(office) as work:
        work.items.hear([mention(office, number) for number in range(60)])

    def worker(number: int) -> None:
        chance = random.Random(number)
        for turn in range(6):
            with store.write(TEST) as work:
                model = f"rules-{number}-{turn}"
                found = work.items.unlabelled(model, 60)
                some = chance.sample(found, min(len(found), 20))
                read = [(one, labels_by(chance, model)) for one in some]
                work.items.write_labels(read, model, NOW)
            with store.write(office) as work:
                start = 1000 * (1 + number) + 10 * turn
                at = NOW - timedelta(hours=chance.randint(0, 40))
                work.items.hear([mention(office, start + n, at) for n in range(10)])
            with store.write(TEST) as work:
                assert Recounting(work.session).recount() == 0

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))
    assert kept(store) == 60 + 4 * 6 * 10
    assert differences(store) == 0


def test_a_wrong_count_is_found_and_put_right(
    store: Store, office: OfficeScope
) -> None:
    with store.write(office) as work:
        work.items.hear([mention(office, number) for number in range(3)])
    with store.write(TEST) as work:
        work.session.execute(update(DayCount).values(number=7))
    assert differences(store) == 1
    with store.write(TEST) as work:
        assert Recounting(work.session).recount() == 1
    assert differences(store) == 0
    assert kept(store) == 3


def test_a_move_to_another_zone_is_counted_anew(
    store: Store, office: OfficeScope
) -> None:
    evening = datetime(2026, 11, 24, 16, tzinfo=UTC)  # 23.00 WIB, 01.00 WIT
    with store.write(office) as work:
        work.items.hear([mention(office, 1, evening)])
    with store.write(TEST) as work:
        work.session.get_one(Office, office.office_id).timezone = "Asia/Jayapura"
    assert differences(store) == 2
    with store.write(TEST) as work:
        Recounting(work.session).recount()
    assert differences(store) == 0


def test_items_are_not_changed_behind_the_back_of_their_counts(
    store: Store, office: OfficeScope
) -> None:
    with store.write(office) as work:
        for statement in (update(Item).values(own_release=True), delete(Item)):
            with pytest.raises(Uncounted):
                work.session.execute(statement)
