"""Whether what is due soon could go out: asked while there is time to mend it.

The database is asked what the sender would ask, as of the due time; the network is
asked by the account's own client, once for all of its deliveries. Only reads: nothing
is written on a network, no account is disconnected or leased, and no send waits.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import cast
from zoneinfo import ZoneInfo

import structlog

from models.account import Account
from models.announcement import Media
from models.database import StorageFailed
from models.delivery import Delivery
from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.preflight import Found
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.speech import Image
from models.states import AccountHealth, DeliveryState
from models.video import facts_of
from networks.base import Client, TellsQuota, TellsToken
from networks.capabilities import Capabilities
from networks.http import Http
from networks.images import fitted
from networks.mp4 import PIECE
from pipeline import wiring
from pipeline.addresses import Address, no_address
from pipeline.budget import load_prices, month_of
from pipeline.ledger import images_of, problem_of
from pipeline.measuring import measured
from pipeline.templating import cost
from pipeline.unit import Store, Work
from pipeline.videos import opened

log = structlog.get_logger(__name__)

SCOPE = SystemScope("looking ahead")
MOST_AT_ONCE = 50  # deliveries of one account
_LOOKED_AT = 4_096  # bytes of a video at its public address
MOST_BEFORE = 200  # that use quota and money before them
KEPT_FOR = timedelta(minutes=5)  # what an account answered
KEPT_FOR_PAID = timedelta(minutes=30)  # asking costs money there
_MEANT_TO_WAIT = frozenset({Problem.QUIET_HOURS})
_SAID = frozenset(
    {Problem.RATE_LIMITED, Problem.BUDGET_SPENT, Problem.KEY_WRONG, Problem.OUR_FAULT}
)
"""Of what stands in the way for now; anything else is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an account's network said of it."""

    found: tuple[Found, ...] = ()
    posts_left: int | None = None
    ends_at: datetime | None = None  # of its token


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    sealed: bytes
    until: float  # monotonic seconds


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one account is to send soon, as the database has it."""

    account: Account
    rows: Sequence[Delivery]  # to be looked at
    standing: Mapping[int, Problem | None]
    made: Mapping[int, tuple[tuple[str, ...], str | None]]  # posts, words for a picture
    places: Mapping[int, int]  # posts of the account up to and with this one
    costs: Mapping[int, int]  # rupiah up to and with this one
    left_idr: int | None  # None where nothing costs money


@dataclass(frozen=True, slots=True)
class LookingAhead:
    """Looks at the deliveries of one account after another.

    Args:
        store: the one database.
        fresh: opens a client of an account for us alone.
        http: opens a picture's public address as a network would.
        address: where a network that fetches pictures finds one.
    """

    store: Store
    fresh: Callable[[Account], Client]
    http: Http
    address: Address = no_address
    _kept: dict[int, _Kept] = field(default_factory=dict, repr=False)

    def next(self, now: datetime) -> bool:
        """Look at what one account is to send soon; False when there is nothing.

        Raises:
            StorageFailed: nothing was kept; it is looked at again at the next tick.
        """
        batch = self._batch(now)
        if batch is None:
            return False
        try:
            answer = self._ask(batch)
            found = {row.id: self._found(batch, row, answer) for row in batch.rows}
        except StorageFailed:
            raise
        except Exception as error:
            log.exception("not_looked_ahead", account=batch.account.id)
            fault = [Found(Problem.OUR_FAULT, type(error).__name__)]
            found = {row.id: fault for row in batch.rows}
        self._keep(batch, found, now)
        return True

    # what the database knows

    def _batch(self, now: datetime) -> _Batch | None:
        with self.store.read(SCOPE) as work:
            first = work.preflights.first(now)
            if first is None:
                return None
            account = work.accounts.get(first.account_id)
            rows = work.preflights.wanting(account.id, now, MOST_AT_ONCE)
            until = rows[-1].due_at
            before = work.preflights.before(account.id, until, MOST_BEFORE)
            line = list({row.id: row for row in (*before, *rows)}.values())
            made = {row.id: _content(work, row) for row in line}
            paid = [_cost(account, *made[row.id]) for row in line]
            counts = [len(made[row.id][0]) for row in line]
            return _Batch(
                account,
                rows,
                {row.id: _standing(work, account, row) for row in rows},
                made,
                _summed(line, counts),
                _summed(line, paid),
                _left(work, account, until),
            )

    def _keep(
        self, batch: _Batch, found: Mapping[int, Sequence[Found]], now: datetime
    ) -> None:
        """Keep what was found of those that still wait to go at the same time."""
        with self.store.write(SCOPE) as work:
            for row in batch.rows:
                current = work.deliveries.get(row.id)
                waits = current.state is DeliveryState.SCHEDULED
                if waits and current.due_at == row.due_at:
                    work.preflights.keep(current, found[row.id], now)

    # what the network says

    def _ask(self, batch: _Batch) -> Answer:
        """Ask the account's network, where that is any use and not done just now."""
        account, can = batch.account, wiring.capabilities(batch.account.network)
        disconnected = account.health is AccountHealth.DISCONNECTED
        if account.removed_at or disconnected or can.asked_by_writing:
            return Answer()
        if can.paid and not _can_pay_to_ask(batch):
            return Answer()  # the money is for the posts
        kept = self._kept.get(account.id)
        same = kept is not None and kept.sealed == account.sealed_secrets
        if kept and same and time.monotonic() < kept.until:
            return kept.answer
        answer = self._asked(account, can)
        lasts = KEPT_FOR_PAID if can.paid else KEPT_FOR
        if not answer.found:  # what may be mended is asked anew
            until = time.monotonic() + lasts.total_seconds()
            self._kept[account.id] = _Kept(answer, account.sealed_secrets, until)
        return answer

    def _asked(self, account: Account, can: Capabilities) -> Answer:
        try:
            with closing(self.fresh(account)) as client:
                client.whoami()
                return _more(client, can)
        except NetworkError as error:
            return Answer((_said(error),))

    # what is found

    def _found(self, batch: _Batch, row: Delivery, answer: Answer) -> list[Found]:
        """Everything that would keep a delivery from going, the gravest first."""
        account, found = batch.account, list(answer.found)
        standing = batch.standing[row.id]
        if standing is not None and standing not in _MEANT_TO_WAIT:
            found.insert(0, Found(standing))
        ends = answer.ends_at or account.token_ends_at
        if ends is not None and ends <= row.due_at:
            found.append(Found(Problem.TOKEN_ENDS))
        if account.next_allowed_at > row.due_at:
            found.append(Found(Problem.RATE_LIMITED))
        left = answer.posts_left
        if left is not None and batch.places[row.id] > left:
            found.append(Found(Problem.QUOTA_SPENT))
        if batch.left_idr is not None and batch.costs[row.id] > batch.left_idr:
            found.append(Found(Problem.CREDIT_SHORT))
        return found + self._content_found(batch, row)

    def _content_found(self, batch: _Batch, row: Delivery) -> list[Found]:
        """Whether text and picture still fit, by the limits as they are now."""
        with self.store.read(SCOPE) as work:
            account = work.accounts.get(row.account_id)  # with the limits just told
            images = images_of(work, row.announcement_id) if row.part == 1 else ()
            film = _film(work, row)
        can = wiring.account_capabilities(account)
        found: list[Found] = []
        posts, alt = batch.made[row.id]
        problem = measured(account, posts, alt, facts_of(film)).problem
        if problem is not None:
            found.append(Found(problem))
        if film is not None:
            wrong = self._film_found(account, film, can)
            return found + ([wrong] if wrong else [])
        if alt is not None and not images:
            found.append(Found(Problem.MEDIA_MISSING))
        for image in images:
            wrong = self._picture_found(account, image, can)
            found += [wrong] if wrong else []
        return found

    def _picture_found(
        self, account: Account, image: Image, can: Capabilities
    ) -> Found | None:
        if not image.whole:
            return Found(Problem.MEDIA_MISSING, "other bytes than were approved")
        if can.fetches_pictures:
            return self._fetched(image, self.address(account, image))
        try:
            fitted(image, can.media)
        except Refused as error:
            return Found(error.problem, error.detail)
        return None

    def _film_found(
        self, account: Account, media: Media, can: Capabilities
    ) -> Found | None:
        """Whether all of a video is kept, and a network that fetches it finds it."""
        video = opened(self.store, media, "")
        with self.store.read(OfficeScope(media.office_id)) as work:
            kept = work.videos.pieces_kept(media.sha256)
        if kept * PIECE < video.facts.size:
            return Found(Problem.MEDIA_MISSING, f"{kept} pieces")
        if not can.fetches_pictures:
            return None
        address = self.address(account, video)
        if not address:
            return Found(Problem.NO_PUBLIC_ADDRESS)
        first = next(video.pieces())[:_LOOKED_AT]
        return self._opened(address, 206, first, f"bytes=0-{_LOOKED_AT - 1}")

    def _fetched(self, image: Image, address: str) -> Found | None:
        """Open a picture's public address as the network would.

        An inner address proves nothing: names may lead elsewhere outside.
        """
        if not address:
            return Found(Problem.NO_PUBLIC_ADDRESS)
        return self._opened(address, 200, image.content)

    def _opened(
        self, address: str, status: int, content: bytes, span: str = ""
    ) -> Found | None:
        try:
            told = self.http.get(address, {"range": span} if span else None)
        except NetworkError as error:
            inner = error.problem is Problem.ADDRESS_REFUSED
            return None if inner else Found(Problem.MEDIA_UNREACHABLE, error.detail)
        if told.status != status or told.body != content:
            return Found(Problem.MEDIA_UNREACHABLE, f"HTTP {told.status}")
        return None


def _summed(line: Sequence[Delivery], counts: Sequence[int]) -> dict[int, int]:
    """How much there is of something up to and with each delivery of the line."""
    ids = [row.id for row in line]
    return dict(zip(ids, accumulate(counts), strict=True))


def _standing(work: Work, account: Account, row: Delivery) -> Problem | None:
    """Why it would not go, as the sender finds it at its time."""
    return problem_of(work, account, row, row.due_at)


def _content(work: Work, row: Delivery) -> tuple[tuple[str, ...], str | None]:
    """What is still to be posted, and the words for its picture, if it has one."""
    content = work.announcements.content(row.announcement_id)
    mine = (one.posts for one in content.parts if one.account_id == row.account_id)
    posts = next(mine, ("",))[row.part - 1 :] or ("",)
    pictured = bool(content.media_sha256) and row.part == 1
    return tuple(posts), content.alt_text if pictured else None


def _film(work: Work, row: Delivery) -> Media | None:
    """The video that goes with a delivery, if one does."""
    if row.part > 1:
        return None
    media = work.announcements.media(work.announcements.get(row.announcement_id))
    return media if media is not None and media.facts else None


def _cost(account: Account, posts: Sequence[str], alt: str | None) -> int:
    """What is still to be paid, in rupiah."""
    if not wiring.capabilities(account.network).paid:
        return 0
    alone = sum(cost(account.network, post) for post in posts)
    return alone + (load_prices().idr(f"{account.network}.alt_text") if alt else 0)


def _left(work: Work, account: Account, at: datetime) -> int | None:
    """What may still be spent in the office's month, in rupiah."""
    if not wiring.capabilities(account.network).paid:
        return None
    office = work.offices.by_id(account.office_id)
    month = month_of(at, ZoneInfo(office.timezone))
    return office.monthly_cap_idr - work.accounts.spent(month, office.id)


def _can_pay_to_ask(batch: _Batch) -> bool:
    """Whether asking leaves enough for everything that is to go."""
    price = load_prices().idr(f"{batch.account.network}.owned_read")
    needed = max(batch.costs.values(), default=0)
    return batch.left_idr is not None and batch.left_idr - needed >= price


def _more(client: Client, can: Capabilities) -> Answer:
    """What some networks tell beside that the account is who it is."""
    answer = Answer()
    if isinstance(client, TellsQuota):
        answer = replace(answer, posts_left=client.posts_left())
    if can.token is not None and not can.token.renews:
        state = cast("TellsToken", client).token_state()
        lacks = Found(Problem.SCOPE_MISSING, ", ".join(state.lacks))
        found = (lacks,) if state.lacks else ()
        answer = replace(answer, found=found, ends_at=state.ends_at)
    return answer


def _said(error: NetworkError) -> Found:
    """What a failed question means for what is to go: its refusal, or no answer."""
    refused = isinstance(error, (Disconnected, Refused))
    known = isinstance(error, TryLater) and error.problem in _SAID
    problem = error.problem if refused or known else Problem.NO_ANSWER_AHEAD
    return Found(problem, error.detail)
