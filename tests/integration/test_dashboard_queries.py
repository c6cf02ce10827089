"""The numbers and lists of the dashboard, on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.formats import Formats
from models import dashboard, lists
from models.boards import Boards
from models.dashboard import Count, Dashboard, Day
from models.errors import NotFound
from models.filters import Filters
from models.item import Item
from models.labels import Kind, Sentiment, Service, Severity
from models.lists import Lists
from models.mood import Moods
from models.states import DeliveryState, Reply
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.seeding import Seeded, add_voice, labels_of, seed

HERE = Formats("id", ZoneInfo("Asia/Jakarta"))


@pytest.fixture
def seeded(store: Store) -> Iterator[Seeded]:
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    other = add_office(store, "lain", "Polres Kota Lain")
    filled = seed(store, office, NOW)
    with store.write(other) as work:
        row = Item(
            office_id=other.office_id,
            network="feed",
            document_id=None,
            url="https://lain.test/1",
            text="Milik kantor lain tentang loket",
            first_seen_at=NOW,
            at=NOW,
            story_key="s",
            reply=Reply.OPEN,
            severity=Severity.S0,
            kind=Kind.EMERGENCY,
        )
        work.session.add(row)
    return filled


def day(of: date) -> Day:
    start = HERE.start_of(of)
    return Day(of, start, start + timedelta(days=1))


def test_what_waits_is_counted_once_and_without_the_restricted(
    store: Store, seeded: Seeded
) -> None:
    with store.read(seeded.office) as work:
        numbers = Dashboard(work.session)
        assert numbers.waiting().count == Count(9)
        assert numbers.waiting().oldest == NOW - timedelta(hours=26)
        assert numbers.waiting(Severity.S0).count == Count(1)
        assert numbers.waiting(Severity.S1).count == Count(1)
        shown = numbers.oldest_waiting(20)
        assert len(shown) == 9
        assert shown == sorted(shown, key=lambda item: item.at)


def test_a_count_stops_where_it_no_longer_matters(
    store: Store, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "MOST", 3)
    with store.read(seeded.office) as work:
        assert Dashboard(work.session).waiting().count == Count(3, more=True)


def test_the_day_s_outings_tell_how_each_account_stands(
    store: Store, seeded: Seeded
) -> None:
    with store.read(seeded.office) as work:
        found = Dashboard(work.session).outings(day(HERE.day_of(NOW)))
    assert [one.title for one in found] == [
        "SIM keliling Selasa: Mekarasih",
        "Syarat SKCK terbaru",
        "Hotline 110 gratis 24 jam",
        "Jam layanan SPKT",
    ]
    assert [one.out for one in found] == [True, False, False, False]
    assert found[3].having(DeliveryState.HELD)[0].network == "mastodon"


def test_silence_is_named_with_its_hour(store: Store, seeded: Seeded) -> None:
    with store.read(seeded.office) as work:
        coverage = Dashboard(work.session).coverage()
    assert coverage.total == 4
    assert [one.name for one in coverage.silent] == ["Kabar Kota"]
    assert coverage.silent[0].since == NOW - timedelta(minutes=200)


def test_the_mood_counts_stories_and_keeps_the_rest_apart(
    store: Store, seeded: Seeded
) -> None:
    words = "Antre dari subuh"
    labels = labels_of(
        words, Kind.COMPLAINT, Sentiment.NEGATIVE, Service.SIM, ["subuh"], None, True
    )
    morning = day(date(2026, 12, 1))
    with store.write(seeded.office) as work:
        ids = [
            add_voice(
                work,
                seeded.office,
                account_id=seeded.accounts["x"],
                network="x",
                text=words,
                labels=labels if number != 4 else None,
                at=morning.since + timedelta(hours=number),
            )
            for number in range(5)
        ]
        rows = [work.session.get_one(Item, one) for one in ids]
        rows[1].story_id = ids[0]
        rows[2].own_release = True
        rows[3].sentiment_sure = False
    with store.read(seeded.office) as work:
        mood = Moods(work.session).of([date(2026, 12, 1), date(2026, 12, 2)])
    first, second = mood.days
    assert (first.negative, first.copies, first.own, first.unsure) == (1, 1, 1, 2)
    assert second.stories == 0
    assert (mood.sure, mood.stories, mood.negative.base) == (1, 3, 1)


def test_a_page_ends_and_goes_on_among_equal_times(
    store: Store, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    with store.write(seeded.office) as work:
        for _ in range(11):
            add_voice(
                work,
                seeded.office,
                account_id=seeded.accounts["x"],
                network="x",
                text="sama",
                labels=None,
                at=NOW + timedelta(days=1),
            )
    seen: list[int] = []
    after = None
    with store.read(seeded.office) as work:
        for _ in range(3):
            page = Lists(work.session).voices(Filters(), after, integrity=True)
            seen += [item.id for item in page.items]
            after = page.onward
    assert len(seen) == len(set(seen)) == 12
    assert seen[:11] == sorted(seen[:11], reverse=True)


def test_a_narrow_filter_says_how_far_it_looked_and_goes_on(
    store: Store, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SPAN", 40)
    wanted = Filters(service=Service.SPKT)
    found, after, looks = [], None, 0
    with store.read(seeded.office) as work:
        while True:
            page = Lists(work.session).voices(wanted, after, integrity=True)
            found += [item.text for item in page.items]
            looks += 1
            after = page.onward
            if after is None:
                break
            assert page.searched_to is not None
    assert len(found) == 1
    assert looks > 3


def test_what_waits_is_paged_in_the_order_to_answer_it(
    store: Store, seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    wanted = Filters(waiting=True, oldest_first=True)
    seen: list[Item] = []
    after = None
    with store.read(seeded.office) as work:
        for _ in range(3):
            page = Lists(work.session).voices(wanted, after, integrity=False)
            seen += page.items
            after = page.onward
        newest_first = Lists(work.session).voices(
            Filters(waiting=True), None, integrity=False
        )
    assert after is None
    assert len(seen) == 9
    assert [(one.at, one.id) for one in seen] == sorted((o.at, o.id) for o in seen)
    assert seen[-1].id == newest_first.items[0].id


def test_filters_find_what_they_name_and_never_the_restricted(
    store: Store, seeded: Seeded
) -> None:
    wanted = {
        Filters(waiting=True): 9,
        Filters(kind=Kind.SUGGESTION): 2,
        Filters(severity=Severity.S6): 1,
        Filters(network="mastodon"): 4,
        Filters(service=Service.SPKT): 1,
        Filters(words="100%"): 0,
        Filters(words="celurit"): 1,
        Filters(severity=Severity.S1): 0,
    }
    with store.read(seeded.office) as work:
        lists_ = Lists(work.session)
        found = {
            one: len(lists_.voices(one, None, integrity=False).items) for one in wanted
        }
    assert found == wanted


def test_no_list_shows_a_row_of_another_office(store: Store, seeded: Seeded) -> None:
    everything = Filters(words="kantor lain")
    with store.read(seeded.office) as work:
        page = Lists(work.session).voices(everything, None, integrity=True)
        numbers = Dashboard(work.session)
        assert page.items == ()
        assert len(numbers.emergencies()) == 1


def test_people_are_counted_once_for_an_idea(store: Store, seeded: Seeded) -> None:
    with store.read(seeded.office) as work:
        boards = Boards(work.session)
        card = boards.idea(seeded.idea)
        assert (card.people, card.voices) == (2, 2)
        assert len(boards.quotes(seeded.idea)) == 2
        with pytest.raises(NotFound):
            boards.idea(999_999)


def test_deliveries_are_listed_by_state_latest_first(
    store: Store, seeded: Seeded
) -> None:
    with store.read(seeded.office) as work:
        rows, older = Lists(work.session).sent((), None)
        counts = Lists(work.session).count_deliveries()
    assert older is None
    assert [one.delivery.due_at for one in rows] == sorted(
        (one.delivery.due_at for one in rows), reverse=True
    )
    assert counts[DeliveryState.NEEDS_PERSON] == 1
