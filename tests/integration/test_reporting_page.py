"""The morning page from real rows: who is counted, who is not, and when it is made."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest

from config.settings import Settings
from models import labels_json
from models.account import Account
from models.announcement import Announcement, Approval
from models.delivery import Delivery
from models.errors import NotFound
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import FEED, Item, ItemLabels
from models.labels import (
    Element,
    ElementGuess,
    Kind,
    KindGuess,
    Labels,
    Polarity,
    Sentiment,
    SentimentGuess,
    Service,
    Severity,
)
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.source import Source, Subscription
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    IdeaState,
    Reply,
    Role,
    SourceHealth,
)
from pipeline.reporting import (
    latest,
    make_due_reports,
    make_report,
    report_of,
    reports,
    summarise,
    summary_of,
)
from pipeline.unit import Store
from reports.summary import Matter, Summary
from tests.conftest import add_office

NOW = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)  # Tuesday 24 November, 06.00 WIB
MODEL = "test-1"


class Desk:
    """Puts rows into one office, with sensible defaults."""

    def __init__(self, store: Store, office: OfficeScope, person: Person) -> None:
        self.store, self.office, self.person = store, office, person
        self._numbers = count(1)

    def add(self, table: Callable[..., Any], **values: Any) -> int:
        with self.store.write(self.office) as work:
            row = table(office_id=self.office.office_id, **values)
            work.session.add(row)
            work.session.flush()
            return int(row.id)

    def account(self, **values: Any) -> int:
        defaults = {
            "network": "mastodon",
            "handle": f"polres{next(self._numbers)}",
            "sealed_secrets": b"",
            "mode": AccountMode.LIVE,
            "health": AccountHealth.CONNECTED,
            "created_at": NOW,
            "lease_until": NOW,
            "next_allowed_at": NOW,
            "hear_next_at": NOW,
            "hear_lease_until": NOW,
            "heard_at": NOW,
        }
        return self.add(Account, **{**defaults, **values})

    def item(self, *, hours: float = 2, **values: Any) -> int:
        number = next(self._numbers)
        at = NOW - timedelta(hours=hours)
        defaults = {
            "network": "mastodon",
            "remote_id": str(number),
            "url": f"https://contoh.example/{number}",
            "text": "Antre dari subuh",
            "author_pseudonym": f"w{number}",
            "first_seen_at": at,
            "at": at,
            "story_key": str(number),
            "labelled_by": MODEL,
            "sentiment": Sentiment.NEUTRAL,
            "sentiment_sure": True,
            "severity": Severity.S7,
        }
        return self.add(Item, **{**defaults, **values})

    def negative(self, **values: Any) -> int:
        return self.item(sentiment=Sentiment.NEGATIVE, **values)

    def announcement(self, title: str = "SIM keliling", **values: Any) -> int:
        defaults = {
            "body": "x",
            "state": AnnouncementState.APPROVED,
            "author_id": self.person.user_id,
            "created_at": NOW,
            "updated_at": NOW,
        }
        return self.add(Announcement, title=title, **{**defaults, **values})

    def delivery(
        self, announcement: int, account: int, state: DeliveryState, hours: float = 3
    ) -> int:
        at = NOW - timedelta(hours=hours)
        return self.add(
            Delivery,
            announcement_id=announcement,
            account_id=account,
            key=f"k{next(self._numbers)}",
            state=state,
            due_at=at,
            lease_until=at,
            published_at=at if state is DeliveryState.PUBLISHED else None,
            updated_at=at,
        )

    def idea(
        self, title: str, *evidence: int, quote: str = "usul", **values: Any
    ) -> int:
        defaults = {
            "state": IdeaState.PROPOSED,
            "created_by": self.person.user_id,
            "created_at": NOW - timedelta(days=3),
            "updated_at": NOW,
        }
        idea = self.add(Idea, title=title, **{**defaults, **values})
        for item in evidence:
            self.add(
                IdeaEvidence,
                idea_id=idea,
                item_id=item,
                quote=quote,
                added_by=self.person.user_id,
                added_at=NOW - timedelta(hours=1),
            )
        return idea

    def labels(self, item: int, element: Element, polarity: Polarity) -> None:
        labels = Labels(
            sentiment=SentimentGuess(
                Sentiment.NEUTRAL, dict.fromkeys(Sentiment, 1 / 3), sure=True
            ),
            kind=KindGuess(Kind.OPINION, {Kind.OPINION: 1.0}, sure=True),
            service=None,
            elements=(ElementGuess(element, polarity, 0.9, sure=True),),
            severity=Severity.S7,
            evidence=(),
            model=MODEL,
        )
        self.add(
            ItemLabels,
            item_id=item,
            model=MODEL,
            labels=labels_json.to_json(labels),
            created_at=NOW,
        )

    def feed(self, label: str, **values: Any) -> None:
        defaults = {
            "url": f"https://{next(self._numbers)}.example/rss",
            "host": "contoh.example:443",
            "created_at": NOW,
            "next_check_at": NOW,
            "lease_until": NOW,
            "health": SourceHealth.HEALTHY,
            "succeeded_at": NOW - timedelta(minutes=20),
        }
        with self.store.write(SystemScope("test")) as work:
            source = Source(**{**defaults, **values})
            work.session.add(source)
            work.session.flush()
            source_id = source.id
        self.add(Subscription, source_id=source_id, label=label, created_at=NOW)

    def page(self) -> Summary:
        return summarise(self.store, self.office, NOW)


@pytest.fixture
def desk(store: Store, office: OfficeScope, people: dict[Role, Person]) -> Desk:
    return Desk(store, office, people[Role.OFFICER])


def test_stories_copies_releases_and_unsure_texts_are_counted_apart(desk: Desk) -> None:
    leader = desk.negative()
    desk.negative(story_id=leader)
    desk.negative(sentiment_sure=False)
    desk.item(own_release=True)
    desk.item(sentiment=None, labelled_by="")
    desk.item(sentiment=Sentiment.POSITIVE)
    desk.negative(hours=40)  # of the day before
    said = desk.page().said
    assert (said.negative, said.neutral, said.positive) == (1, 0, 1)
    assert (said.unsure, said.unread, said.copies, said.own_releases) == (1, 1, 1, 1)
    assert (said.before.count, said.before.base) == (1, 1)


def test_an_old_article_found_today_is_not_said_today(desk: Desk) -> None:
    desk.negative(at=NOW - timedelta(days=30))
    assert desk.page().said.stories == 0


def test_an_announcement_on_two_accounts_is_one(desk: Desk) -> None:
    x, mastodon = desk.account(network="x"), desk.account()
    first, second = desk.announcement("SIM keliling"), desk.announcement("Samsat")
    desk.delivery(first, x, DeliveryState.PUBLISHED, 5)
    desk.delivery(first, mastodon, DeliveryState.PUBLISHED, 4)
    desk.delivery(second, x, DeliveryState.REJECTED)
    desk.delivery(second, mastodon, DeliveryState.SCHEDULED, -4)
    published = desk.page().published
    assert [(one.title, one.accounts) for one in published.sent] == [
        ("SIM keliling", 2)
    ]
    assert (published.refused, published.missed, published.today) == (1, 0, 1)


def test_what_waits_is_counted_whenever_it_was_said(desk: Desk) -> None:
    account = desk.account()
    complaint = {"account_id": account, "severity": Severity.S2, "kind": Kind.COMPLAINT}
    desk.negative(hours=100, **complaint)
    desk.negative(hours=1, **complaint)
    desk.negative(hours=200, reply=Reply.ANSWERED, **complaint)
    desk.negative(severity=Severity.S2, network=FEED)  # news: nobody to answer
    waiting = desk.page().unanswered
    assert (waiting.count, waiting.oldest) == (2, NOW - timedelta(hours=100))


def test_integrity_items_are_counts_and_their_words_stay_away(desk: Desk) -> None:
    account = desk.account()
    secret = desk.negative(
        account_id=account,
        severity=Severity.S1,
        text="dimintai 650 ribu oleh Bripka Anton",
    )
    for _ in range(3):
        desk.negative(story_id=secret)
    desk.idea("Bayar hanya di bank", secret, quote="dimintai 650 ribu")
    page = make_report(desk.store, desk.office, NOW)
    assert summary_of(page).integrity.count == 1
    for where in (page.numbers, page.text):
        assert "650" not in where
        assert "Anton" not in where


def test_people_are_counted_once_and_quotes_are_masked(desk: Desk) -> None:
    again = {"author_pseudonym": "sama"}
    items = [desk.item(**again), desk.item(**again), desk.item()]
    nameless = desk.item(author_pseudonym="")
    desk.idea(
        "Nomor antrean daring", *items, nameless, quote="hubungi saya 081234567890 min"
    )
    desk.idea("Kursi di ruang tunggu", desk.item())
    desk.idea("Sudah selesai", desk.item(), state=IdeaState.DONE)
    suggestions = desk.page().suggestions
    first = suggestions.open[0]
    assert [one.title for one in suggestions.open] == [
        "Nomor antrean daring",
        "Kursi di ruang tunggu",
    ]
    assert (first.people, first.unnamed, first.recent) == (2, 1, 4)
    assert first.quotes[0] == "hubungi saya [telepon] min"


def test_a_finished_idea_and_loose_suggestions_are_told(desk: Desk) -> None:
    suggestion = {"kind": Kind.SUGGESTION, "kind_sure": True}
    used = desk.item(**suggestion)
    desk.item(**suggestion)
    idea = desk.idea("Loket kedua", used, state=IdeaState.DONE)
    desk.add(
        IdeaMove,
        idea_id=idea,
        was=IdeaState.IN_PROGRESS,
        became=IdeaState.DONE,
        by=desk.person.user_id,
        at=NOW - timedelta(hours=2),
    )
    suggestions = desk.page().suggestions
    assert (suggestions.done, suggestions.loose) == (("Loket kedua",), 1)


def test_elements_are_net_mentions_of_a_week(desk: Desk) -> None:
    for hours in (2, 30, 100):
        desk.labels(desk.item(hours=hours), Element.U3, Polarity.NEGATIVE)
    desk.labels(desk.item(), Element.U3, Polarity.POSITIVE)
    desk.labels(desk.item(labelled_by="newer"), Element.U3, Polarity.POSITIVE)
    desk.labels(desk.item(hours=24 * 8), Element.U3, Polarity.NEGATIVE)
    signal = desk.page().signal
    assert [(one.element, one.net, one.n) for one in signal.elements] == [
        (Element.U3, -2, 4)
    ]


def test_services_are_counted_by_story(desk: Desk) -> None:
    desk.negative(service=Service.SIM)
    leader = desk.item(service=Service.SIM)
    desk.item(service=Service.SIM, story_id=leader)
    desk.item(service=Service.SKCK)
    services = [
        (one.service, one.stories, one.negative) for one in desk.page().services
    ]
    assert services == [(Service.SIM, 2, 1), (Service.SKCK, 1, 0)]


def test_silent_sources_are_named_with_their_last_data(desk: Desk) -> None:
    long_ago = NOW - timedelta(hours=30)
    desk.account(handle="baik")
    desk.account(handle="putus", hear_problem=Problem.TOKEN_REFUSED, heard_at=long_ago)
    desk.account(handle="gladi", mode=AccountMode.REHEARSAL)
    desk.feed("Kabar baik")
    desk.feed("Kabar sakit", health=SourceHealth.SICK, succeeded_at=long_ago)
    desk.feed("Kabar baru", health=SourceHealth.NEW, succeeded_at=None)
    desk.feed("Kabar tertunda", next_check_at=NOW - timedelta(hours=9))
    coverage = desk.page().coverage
    assert coverage.sources == 7
    assert {one.label: one.last_data for one in coverage.silent} == {
        "Mastodon @putus": long_ago,
        "Kabar sakit": long_ago,
        "Kabar baru": None,
        "Kabar tertunda": NOW - timedelta(minutes=20),
    }
    assert coverage.rehearsing == ("Mastodon @gladi",)


def test_what_needs_a_decision_stands_in_order_of_weight(desk: Desk) -> None:
    account = desk.account(health=AccountHealth.DISCONNECTED, handle="putus")
    desk.idea("Nomor antrean daring", desk.item(), desk.item())
    asked = desk.announcement(state=AnnouncementState.ASKED)
    desk.add(
        Approval,
        announcement_id=asked,
        content_hash="h",
        author_id=desk.person.user_id,
        asked_by=desk.person.user_id,
        asked_at=NOW - timedelta(hours=5),
    )
    desk.delivery(desk.announcement(), account, DeliveryState.NEEDS_PERSON)
    desk.negative(severity=Severity.S0, account_id=account)
    decisions = desk.page().decisions
    assert [one.matter for one in decisions] == [
        Matter.EMERGENCY,
        Matter.UNCERTAIN_POSTS,
        Matter.RECONNECT,
        Matter.APPROVALS,
        Matter.IDEA,
    ]
    assert decisions[3].oldest == NOW - timedelta(hours=5)
    assert (decisions[4].count, decisions[4].subject) == (2, "Nomor antrean daring")


def test_another_offices_rows_are_on_no_page_of_ours(desk: Desk) -> None:
    other = add_office(desk.store, "lain", "Polres Lain")
    desk.negative()
    assert summarise(desk.store, other, NOW).said.stories == 0


def test_making_the_page_again_replaces_it(desk: Desk) -> None:
    first = make_report(desk.store, desk.office, NOW, by=desk.person)
    desk.negative()
    second = make_report(desk.store, desk.office, NOW + timedelta(hours=1))
    assert (first.id, first.day) == (second.id, second.day)
    with desk.store.read(desk.office) as work:
        page = latest(work)
        assert page is not None
        assert page.made_at == NOW + timedelta(hours=1)
        assert summary_of(page).said.negative == 1
        assert page.pdf == second.pdf  # loaded while the unit is open
        assert len(reports(work)) == 1
        with pytest.raises(NotFound):
            report_of(work, page.day - timedelta(days=1))


def test_the_clock_makes_each_offices_page_at_its_own_morning(
    store: Store, office: OfficeScope
) -> None:
    add_office(store, "timur", "Polres Timur")
    with store.write(SystemScope("test")) as work:
        east = work.offices.all()[-1]
        east.timezone = "Asia/Jayapura"  # two hours before Jakarta
    settings = Settings(report_at=time(6))
    early = NOW - timedelta(hours=2)  # 06.00 WIT, 04.00 WIB
    assert make_due_reports(store, settings, early - timedelta(minutes=1)) == 0
    assert make_due_reports(store, settings, early) == 1
    assert make_due_reports(store, settings, early + timedelta(minutes=5)) == 0
    assert make_due_reports(store, settings, NOW) == 1


def test_a_machine_that_was_off_at_six_makes_the_page_later_and_once(
    desk: Desk,
) -> None:
    late = NOW + timedelta(hours=5)
    assert make_due_reports(desk.store, Settings(), late) == 1
    assert make_due_reports(desk.store, Settings(), late + timedelta(hours=1)) == 0
    with desk.store.read(desk.office) as work:
        page = latest(work)
        assert page is not None
        assert summary_of(page).since == NOW - timedelta(days=1)


def test_a_page_asked_for_before_dawn_does_not_take_the_mornings_place(
    desk: Desk,
) -> None:
    make_report(desk.store, desk.office, NOW - timedelta(hours=3))
    assert make_due_reports(desk.store, Settings(), NOW) == 1


def test_one_offices_failure_does_not_keep_the_page_from_others(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    broken = add_office(desk.store, "rusak", "Polres Rusak")
    with desk.store.write(broken) as work:
        work.session.add(
            Item(
                office_id=broken.office_id, network="feed", url="", text="x",
                first_seen_at=NOW - timedelta(hours=1), at=NOW - timedelta(hours=1),
                story_key="s", labelled_by=MODEL, remote_id="r",
            )
        )  # fmt: skip
        work.session.flush()
        item = work.session.query(Item).one()
        work.session.add(
            ItemLabels(
                office_id=broken.office_id, item_id=item.id, model=MODEL,
                labels="not json", created_at=NOW,
            )
        )  # fmt: skip
    assert make_due_reports(desk.store, Settings(), NOW) == 1
    with desk.store.read(broken) as work:
        assert latest(work) is None
