"""What a look at a source leads to: its health, its next look, its validators.

Decisions only; ``networks.feed_schedule`` has the arithmetic of intervals and hosts.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collectors.feeds import Heard
from config.listening import numbers
from config.settings import Settings
from models.documents import Stored
from models.source import Fetch
from models.source_values import HostAfter, LeasedSource, SourceAfter
from models.states import SourceHealth
from networks import feed_health as health
from networks.feed_schedule import (
    HostBucket,
    Pace,
    adaptive_interval,
    follow_move,
    next_check,
    paused,
    released,
)
from networks.feeds import Fetched, FetchState, host_key


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a source: what was heard and stored.

    Attributes:
        usual_gap: learned seconds between two documents; None when unknown.
        gap_at: the same for this hour of the week, where silence made us ask.
        address_taken: another source has the address this one moved to.
    """

    heard: Heard
    ended_at: datetime
    stored: Stored = field(default_factory=Stored)
    usual_gap: int | None = None
    gap_at: int | None = None
    address_taken: bool = False

    @property
    def fetched(self) -> Fetched:
        return self.heard.fetched


def pace_of(settings: Settings) -> Pace:
    """How often this installation asks; never slower than the office set."""
    return Pace(
        shortest=settings.feed_floor,
        usual=max(settings.feed_interval, settings.feed_floor),
        slowest=max(settings.feed_interval, settings.feed_floor),
        host_gap=settings.host_gap,
    )


def source_after(
    before: LeasedSource, look: Look, pace: Pace, rng: random.Random | None = None
) -> SourceAfter:
    """What becomes of the source."""
    fetched, failed = look.fetched, look.fetched.state is FetchState.FAILED
    blocked = _bucket_after(before, look, pace, rng).blocked_until
    limited = failed and blocked is not None and blocked > look.ended_at
    failures = _failures(before, failed=failed, limited=limited)
    new_at = look.ended_at if look.stored.new else before.new_at
    url, sighted = _address(before, look)
    parsed = fetched.state is FetchState.CHANGED
    ttl = look.heard.ttl_minutes if parsed else before.ttl_minutes
    gap = look.usual_gap if look.usual_gap is not None else before.usual_gap
    verdict = _verdict(before, look, failures, gap, new_at)
    shown = health.health_after(verdict, before.health, pace)
    adaptive = adaptive_interval(verdict.usual_gap, pace, overfull=verdict.overfull)
    return SourceAfter(
        next_check_at=next_check(
            fetched,
            adaptive=adaptive,
            pace=pace,
            ttl_minutes=ttl,
            failures=failures if failed and not limited else 0,
            rng=rng,
        ),
        fetched_at=look.ended_at,
        health=SourceHealth.LIMITED if limited else shown,
        problem=fetched.problem,
        problem_detail=fetched.detail[:500],
        failures=failures,
        succeeded_at=before.succeeded_at if failed else look.ended_at,
        new_at=new_at,
        etag=fetched.validators.etag,
        last_modified=fetched.validators.last_modified,
        body_hash=fetched.validators.body_hash,
        title=look.heard.title[:200] or before.title,
        usual_gap=gap,
        ttl_minutes=ttl,
        url=url,
        host=host_key(url),
        moved_to=sighted,
        moved_seen=int(bool(sighted)),
    )


def _address(before: LeasedSource, look: Look) -> tuple[str, str]:
    """Where the source is asked next, and the new address seen once, if any."""
    move = follow_move(before.moved_to, look.fetched)
    believed = move.rewrite_to and not look.address_taken
    return (move.rewrite_to if believed else before.url), move.sighted


def hosts_after(
    before: LeasedSource, look: Look, pace: Pace, rng: random.Random | None = None
) -> list[HostAfter]:
    """What becomes of the source's host, and of one that answered in its place."""
    bucket = _bucket_after(before, look, pace, rng)
    hosts = [
        HostAfter(
            bucket.host,
            next_allowed_at=bucket.free_at,
            blocked_until=bucket.blocked_until,
            problem=look.fetched.problem,
            forbidden=bucket.refusals,
        )
    ]
    pause = look.fetched.pause
    if pause is not None and pause.host != before.host:
        other = paused(HostBucket(pause.host), look.fetched)
        hosts.append(
            HostAfter(
                pause.host,
                blocked_until=other.blocked_until,
                problem=look.fetched.problem,
            )
        )
    return hosts


def new_address(before: LeasedSource, fetched: Fetched) -> str:
    """The address to be stored in place of the one known, or ""."""
    return follow_move(before.moved_to, fetched).rewrite_to


def fetch_row(before: LeasedSource, look: Look) -> Fetch:
    """The line of this look in the source's history."""
    return Fetch(
        source_id=before.id,
        started_at=look.fetched.at,
        ended_at=look.ended_at,
        status=look.fetched.status,
        unchanged=look.fetched.state.unchanged,
        seen=len(look.heard.items),
        new=look.stored.new,
        revised=look.stored.revised,
        warnings=sum(look.heard.warnings.values()),
        size=len(look.fetched.body),
        problem=look.fetched.problem,
    )


def _verdict(
    before: LeasedSource,
    look: Look,
    failures: int,
    gap: int | None,
    new_at: datetime | None,
) -> health.Look:
    return health.Look(
        look.fetched,
        failures,
        seen=len(look.heard.items),
        new=look.stored.new,
        first=before.succeeded_at is None,
        silent_for=None if new_at is None else look.ended_at - new_at,
        usual_gap=None if gap is None else timedelta(seconds=gap),
        gap_at=None if look.gap_at is None else timedelta(seconds=look.gap_at),
    )


def seems_quiet(
    before: LeasedSource, stored: Stored, gap: int | None, now: datetime
) -> bool:
    """Whether it is silent beyond its usual gap, whatever the hour."""
    if stored.new or before.new_at is None or gap is None:
        return False
    return now - before.new_at > timedelta(seconds=gap) * numbers().quiet_after


def _bucket_after(
    before: LeasedSource, look: Look, pace: Pace, rng: random.Random | None
) -> HostBucket:
    bucket = HostBucket(
        before.host, blocked_until=before.blocked_until, refusals=before.forbidden
    )
    return released(bucket, look.fetched, look.ended_at, pace, rng)


def _failures(before: LeasedSource, *, failed: bool, limited: bool) -> int:
    """Failures in a row; being asked to wait is none."""
    if not failed:
        return 0
    return before.failures if limited else before.failures + 1
