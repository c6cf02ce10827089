"""When a feed is asked again: pure decisions over values that the caller stores."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.problems import Problem
from networks.feeds import Fetched, FetchState


@dataclass(frozen=True, slots=True)
class Pace:
    """How often sources are asked; defaults of the reference, set by the office.

    Attributes:
        shortest: floor of one feed, to spare publishers.
        usual: interval of a feed of which nothing is known.
        slowest: an adaptive interval is never longer than this.
        longest: nothing a server says makes it longer than this.
        manual: between two requests of one feed by hand.
        host_gap: between two requests to one host.
        host_hold: how long a request may occupy its host, should its worker die.
        sick_after: failures in a row before a source is shown as sick.
        refusals: 403 in a row from one host before it counts as a soft limit.
        refused_for: first rest of such a host; it doubles each time.
    """

    shortest: timedelta = timedelta(minutes=15)
    usual: timedelta = timedelta(minutes=30)
    slowest: timedelta = timedelta(hours=2)
    longest: timedelta = timedelta(hours=24)
    manual: timedelta = timedelta(minutes=30)
    host_gap: timedelta = timedelta(seconds=5)
    host_hold: timedelta = timedelta(seconds=90)
    sick_after: int = 3
    refusals: int = 3
    refused_for: timedelta = timedelta(hours=1)


# ------------------------------------------------------------------- one feed


def adaptive_interval(
    usual_gap: timedelta | None, pace: Pace, *, overfull: bool = False
) -> timedelta:
    """The interval that fits how often a feed has something new.

    Args:
        usual_gap: learned, see :func:`networks.feed_health.learn_gap`; None before.
        pace: the office's.
        overfull: every item of the last fetch was new, so some may have been missed.
    """
    if overfull:
        return pace.shortest
    if usual_gap is None:
        return min(max(pace.usual, pace.shortest), pace.slowest)
    return min(max(usual_gap, pace.shortest), pace.slowest)


def next_check(
    fetched: Fetched,
    *,
    adaptive: timedelta,
    pace: Pace,
    ttl_minutes: int | None = None,
    failures: int = 0,
    rng: random.Random | None = None,
) -> datetime:
    """When to ask next: the longest of all wishes, between the floor and a day.

    Args:
        fetched: the fetch that just ended.
        adaptive: see :func:`adaptive_interval`.
        pace: the office's.
        ttl_minutes: of the feed itself, as last parsed.
        failures: in a row, this one included.
        rng: for the jitter; of the machine when not given.
    """
    wishes = [
        adaptive,
        fetched.fresh_for,
        timedelta(minutes=min(ttl_minutes or 0, 9**6)),
    ]
    if fetched.pause is not None:
        wishes.append(fetched.pause.until - fetched.at)
    if failures:
        wishes.append(backoff(failures, pace, rng))
    return fetched.at + min(max(pace.shortest, *wishes), pace.longest)


def backoff(failures: int, pace: Pace, rng: random.Random | None = None) -> timedelta:
    """How long to wait after ``failures`` in a row: exponential, full jitter.

    Feeds of one host that failed together are spread over the whole interval, so they
    do not come back together. A source is never given up: it is asked once a day.
    """
    rng = rng or random.SystemRandom()
    most = pace.longest
    if failures < 32:
        most = min(most, pace.shortest * 2 ** max(failures, 0))
    return most * rng.random()


def may_refresh_by_hand(
    now: datetime, last_fetch: datetime | None, bucket: "HostBucket", pace: Pace
) -> bool:
    """Whether a person may ask now: not too often, and never inside Retry-After."""
    if bucket.blocked_until is not None and now < bucket.blocked_until:
        return False
    return last_fetch is None or now - last_fetch >= pace.manual


# ------------------------------------------------------------------- one host


@dataclass(frozen=True, slots=True)
class HostBucket:
    """What is known of one host: a row, keyed by ``networks.feeds.host_key``.

    Attributes:
        free_at: no request before (gap, or one is on its way).
        blocked_until: the host asked for silence, or refuses us.
        refusals: 403 in a row.
    """

    host: str
    free_at: datetime | None = None
    blocked_until: datetime | None = None
    refusals: int = 0

    def may_ask_at(self) -> datetime | None:
        """The first moment at which a request is allowed; None for at once."""
        known = [at for at in (self.free_at, self.blocked_until) if at is not None]
        return max(known, default=None)

    def may_ask(self, now: datetime) -> bool:
        """Whether a request may go now."""
        first = self.may_ask_at()
        return first is None or first <= now


def taken(bucket: HostBucket, now: datetime, pace: Pace) -> HostBucket:
    """The bucket while one request is on its way: one at a time per host."""
    return replace(bucket, free_at=now + pace.host_hold)


def released(
    bucket: HostBucket,
    fetched: Fetched,
    now: datetime,
    pace: Pace,
    rng: random.Random | None = None,
) -> HostBucket:
    """The bucket after the request, with what the host asked for.

    Args:
        bucket: as it was.
        fetched: what came of it.
        now: when it ended.
        pace: the office's.
        rng: for the jitter of the gap (up to half of it).
    """
    rng = rng or random.SystemRandom()
    gap = pace.host_gap * (1 + rng.random() / 2)
    after = replace(bucket, free_at=now + gap)
    if fetched.pause is not None and fetched.pause.host == bucket.host:
        after = _blocked(after, fetched.pause.until)
    if fetched.problem in {Problem.FORBIDDEN, Problem.CHALLENGED}:
        return _refused(replace(after, refusals=bucket.refusals + 1), now, pace)
    if fetched.state is not FetchState.FAILED:
        return replace(after, refusals=0)
    return after


def paused(bucket: HostBucket, fetched: Fetched) -> HostBucket:
    """Another host's bucket, when it was the one that answered after a redirect."""
    if fetched.pause is None or fetched.pause.host != bucket.host:
        return bucket
    return _blocked(bucket, fetched.pause.until)


def _refused(bucket: HostBucket, now: datetime, pace: Pace) -> HostBucket:
    over = bucket.refusals - pace.refusals
    if over < 0:
        return bucket
    rest = pace.longest if over > 16 else min(pace.refused_for * 2**over, pace.longest)
    return _blocked(bucket, now + rest)


def _blocked(bucket: HostBucket, until: datetime) -> HostBucket:
    known = bucket.blocked_until
    return replace(bucket, blocked_until=max(known, until) if known else until)


# ------------------------------------------------------------------ a moved feed


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect on its way to be believed.

    ``sighted`` is stored with the source; ``rewrite_to`` is its new address.
    """

    sighted: str = ""
    rewrite_to: str = ""


def follow_move(sighted: str, fetched: Fetched) -> Move:
    """Believe a new address when it is seen for the second time in a row.

    A failed answer at the end of the chain proves nothing and changes nothing.
    """
    if fetched.state is FetchState.FAILED:
        return Move(sighted)
    to = fetched.moved_to or ""
    if to and to == sighted and to != fetched.url:
        return Move(rewrite_to=to)
    return Move(to if to != fetched.url else "")
