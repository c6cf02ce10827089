"""From an office's rows to the one frozen value that every form of the page reads."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from models import labels_json
from models.account import Account
from models.labels import Element, Polarity, Severity
from models.office import Office
from models.shares import Share, change
from models.states import AccountHealth, AccountMode, DeliveryState, IdeaState
from models.summary import OVERDUE, Summaries
from models.summary_rows import IdeaRow, SaidRow, SourceRow, Span, WaitingRow
from reports.masking import cut, quote
from reports.summary import (
    Coverage,
    Decision,
    ElementSignal,
    Matter,
    Published,
    Said,
    Sent,
    ServiceCount,
    Signal,
    SilentSource,
    Story,
    Suggestion,
    Suggestions,
    Summary,
    Waiting,
)

SIGNAL_DAYS = 7
"""One day has too few voices per element; a week is shown, against the week before."""

LONGEST_QUOTE = 150
LONGEST_TITLE = 100
LONGEST_LABEL = 60  # feeds name themselves at any length
MOST_STORIES = 5
MOST_QUOTED = 10  # ideas whose quotes are read
UNDECIDED = frozenset({IdeaState.PROPOSED, IdeaState.FORWARDED, IdeaState.STUDIED})

Title = Callable[[str], str]
"""A network's name for people, from its code."""


def span_of_page(now: datetime, zone: ZoneInfo, report_at: time) -> Span:
    """From yesterday's page until now, and never less than 24 hours.

    A page that is made late, because the machine was off, so begins where
    yesterday's ended and leaves no hole.
    """
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    last_page = datetime.combine(yesterday, report_at, zone).astimezone(now.tzinfo)
    return Span(min(last_page, now - timedelta(days=1)), now)


def assemble(
    rows: Summaries, office: Office, now: datetime, report_at: time, title: Title
) -> Summary:
    """Read every number of the page; nothing is written."""
    zone = ZoneInfo(office.timezone)
    span = span_of_page(now, zone, report_at)
    ideas = rows.ideas(span)
    return Summary(
        office=office.name,
        zone=office.timezone,
        day=now.astimezone(zone).date(),
        since=span.since,
        until=span.until,
        published=_published(rows, span, _day_end(now, zone)),
        said=_said(rows.said(span), rows.said(span.before())),
        services=tuple(
            ServiceCount(one.service, one.stories, one.negative, one.positive)
            for one in rows.services(span)
        ),
        stories=tuple(
            Story(quote(one.words, LONGEST_TITLE), one.copies, one.sentiment)
            for one in rows.stories(span, MOST_STORIES)
        ),
        unanswered=_waiting(rows.unanswered()),
        emergencies=_waiting(rows.urgent(Severity.S0)),
        integrity=_waiting(rows.urgent(Severity.S1)),
        claims=_waiting(rows.urgent(Severity.S6)),
        suggestions=Suggestions(
            open=tuple(_suggestions(rows, ideas)),
            done=tuple(quote(one, LONGEST_TITLE) for one in rows.ideas_done(span)),
            loose=rows.loose_suggestions(span),
        ),
        signal=_signal(rows, now),
        coverage=_coverage(rows.accounts(), rows.feeds(now), now, title),
        decisions=tuple(_decisions(rows, ideas, title)),
    )


def _day_end(now: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), zone)


def _published(rows: Summaries, span: Span, day_end: datetime) -> Published:
    ended = rows.deliveries_ended(span)
    return Published(
        sent=tuple(
            Sent(quote(one.title, LONGEST_TITLE), one.accounts, one.first_at)
            for one in rows.published(span)
        ),
        refused=ended.get(DeliveryState.REJECTED, 0),
        missed=ended.get(DeliveryState.MISSED, 0),
        withdrawn=ended.get(DeliveryState.WITHDRAWN, 0),
        today=rows.going_out(span.until, day_end),
    )


def _said(now: SaidRow, before: SaidRow) -> Said:
    n = now.negative + now.neutral + now.positive
    n_before = before.negative + before.neutral + before.positive
    negative_before = Share(before.negative, n_before)
    return Said(
        negative=now.negative,
        neutral=now.neutral,
        positive=now.positive,
        unsure=now.unsure,
        unread=now.unread,
        copies=now.copies,
        own_releases=now.own_releases,
        before=negative_before,
        stories_before=n_before + before.unsure + before.unread,
        change=change(negative_before, Share(now.negative, n)),
    )


def _waiting(row: WaitingRow) -> Waiting:
    return Waiting(row.count, row.oldest)


def _suggestions(rows: Summaries, ideas: Sequence[IdeaRow]) -> Iterable[Suggestion]:
    for place, one in enumerate(ideas):
        quotes = rows.quotes(one.idea_id) if place < MOST_QUOTED else []
        yield Suggestion(
            title=quote(one.title, LONGEST_TITLE),
            state=one.state,
            people=one.people,
            unnamed=one.unnamed,
            recent=one.recent,
            since=one.since,
            quotes=tuple(quote(words, LONGEST_QUOTE) for words in quotes),
        )


def _signal(rows: Summaries, now: datetime) -> Signal:
    week = Span(now - timedelta(days=SIGNAL_DAYS), now)
    current = count_elements(rows.labels(week))
    before = count_elements(rows.labels(week.before()))
    return Signal(SIGNAL_DAYS, tuple(_elements(current, before)))


Counts = Mapping[tuple[Element, Polarity], int]


def count_elements(labels: Iterable[str]) -> Counts:
    """Sure mentions per element and polarity; an item counts once for each."""
    counts: Counter[tuple[Element, Polarity]] = Counter()
    for one in labels:
        counts.update(
            {
                (guess.element, guess.polarity)
                for guess in labels_json.from_json(one).elements
                if guess.sure
            }
        )
    return counts


def _elements(now: Counts, before: Counts) -> Iterable[ElementSignal]:
    for element in Element:
        negative = now.get((element, Polarity.NEGATIVE), 0)
        positive = now.get((element, Polarity.POSITIVE), 0)
        if not negative + positive:
            continue
        worse = before.get((element, Polarity.NEGATIVE), 0)
        base = worse + before.get((element, Polarity.POSITIVE), 0)
        moved = change(Share(worse, base), Share(negative, negative + positive))
        yield ElementSignal(element, negative, positive, moved)


def _coverage(
    accounts: Sequence[Account], feeds: Sequence[SourceRow], now: datetime, title: Title
) -> Coverage:
    heard = [
        SourceRow(account_name(one, title), one.heard_at, silent=_silent(one, now))
        for one in accounts
        if one.hears
    ]
    listened = [*heard, *feeds]
    return Coverage(
        sources=len(listened),
        silent=tuple(
            SilentSource(cut(one.label, LONGEST_LABEL), one.last_data)
            for one in listened
            if one.silent
        ),
        rehearsing=tuple(
            account_name(one, title)
            for one in accounts
            if one.mode is AccountMode.REHEARSAL
        ),
    )


def _silent(account: Account, now: datetime) -> bool:
    return (
        account.heard_at is None
        or account.hear_problem is not None
        or account.health is AccountHealth.DISCONNECTED
        or account.hear_next_at < now - OVERDUE
    )


def account_name(account: Account, title: Title) -> str:
    """X @polreskotasukamaju: an office's own account, the network first."""
    return f"{title(account.network)} @{account.handle.lstrip('@')}"


def _decisions(
    rows: Summaries, ideas: Sequence[IdeaRow], title: Title
) -> Iterable[Decision]:
    counted = (
        (Matter.EMERGENCY, rows.urgent(Severity.S0)),
        (Matter.INTEGRITY, rows.urgent(Severity.S1)),
        (Matter.UNCERTAIN_POSTS, rows.uncertain_posts()),
    )
    for matter, waiting in counted:
        if waiting.count:
            yield Decision(matter, waiting.count, waiting.oldest)
    for account in rows.accounts():
        if account.health is AccountHealth.DISCONNECTED:
            yield Decision(Matter.RECONNECT, subject=account_name(account, title))
    asked = rows.asked()
    if asked.count:
        yield Decision(Matter.APPROVALS, asked.count, asked.oldest)
    for one in ideas:
        if one.state in UNDECIDED:
            yield Decision(
                Matter.IDEA,
                one.people,
                one.since,
                quote(one.title, LONGEST_TITLE),
                one.state,
            )
