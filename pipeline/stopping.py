"""Stops: by account, by category, or of everything; made, ended, and run out.

A stop is honoured at the last look: no send starts once it is committed. Everybody may
stop; whoever made a stop, an approver or an administrator ends it. One with a time ends
by itself, and what it held goes on unless another stop stands.
"""

from datetime import datetime

from config.words import N_
from models.errors import Conflict, InvalidInput, NotAllowed
from models.person import May, Person
from models.stop import Stop, Target
from pipeline.holding import known_category
from pipeline.queue import TaskName
from pipeline.unit import Work

LONGEST_REASON = 300


def stop(
    work: Work,
    by: Person,
    target: Target,
    reason: str,
    until: datetime | None,
    now: datetime,
) -> int:
    """Let nothing of ``target`` leave; no send starts once this is committed.

    It takes the place of a stop of the same target that ``by`` may end.

    Args:
        until: when it ends by itself; None for a stop that a person must end.

    Returns:
        The number of the stop.

    Raises:
        NotAllowed, NotFound: as named. InvalidInput: no reason, or ``until`` is past.
        Conflict: another stopped the same, and ``by`` may not end that stop.
    """
    by.must(May.STOP)
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInput(
            N_("Tulis alasan penghentian, paling panjang 300 huruf."), "reason"
        )
    if until is not None and until <= now:
        raise InvalidInput(N_("Waktu akhir penghentian sudah lewat."), "until")
    if target.category:
        known_category(target.category)
    if target.account_id is not None:
        work.accounts.get(target.account_id)
    for earlier in work.stops.of(target, now):
        if not may_end(by, earlier):
            raise Conflict(f"another stopped it: stop {earlier.id}")
        earlier.ended_at, earlier.ended_by = now, by.user_id
    stop_id = work.stops.add(
        Stop(
            office_id=by.office_id,
            account_id=target.account_id,
            category=target.category,
            reason=why,
            made_by=by.user_id,
            made_at=now,
            until=until,
        )
    )
    work.audit.act(by, "stop.begin", Stop, stop_id, now, why)
    return stop_id


def may_end(by: Person, made: Stop) -> bool:
    """Whether ``by`` may end the stop: whoever approves or administers, or made it.

    Everybody may stop; what another stopped, an officer does not let go on.
    """
    stands_above = by.may(May.APPROVE) or by.may(May.ADMINISTER)
    return stands_above or (by.may(May.STOP) and made.made_by == by.user_id)


def end(work: Work, by: Person, stop_id: int, now: datetime) -> int:
    """End a stop; what it held is scheduled again.

    Returns:
        How many deliveries go on; those under another stop are held again.

    Raises:
        NotAllowed: see :func:`may_end`. NotFound: as named. Conflict: it is over.
    """
    row = work.stops.get(stop_id, lock=True)
    if row.ended_at is not None:
        raise Conflict(f"stop {stop_id} is over")
    if not may_end(by, row):
        raise NotAllowed(f"another made stop {stop_id}")
    row.ended_at, row.ended_by = now, by.user_id
    work.audit.act(by, "stop.end", Stop, stop_id, now)
    work.session.flush()
    work.enqueue(TaskName.PUBLISH)
    return work.schedule.let_go_on(now)


def end_all_of(work: Work, by: Person, target: Target, now: datetime) -> int:
    """End every stop of exactly this target; see :func:`end`.

    Raises:
        NotAllowed: one of them is not for ``by`` to end; none is ended.
        NotFound: as named.
        Conflict: none stands.
    """
    if target.account_id is not None:
        work.accounts.get(target.account_id)
    standing = work.stops.of(target, now)
    if not standing:
        raise Conflict("nothing is stopped there")
    return sum(end(work, by, one.id, now) for one in standing)


def run_out(work: Work, now: datetime) -> int:
    """End the stops whose time is over; return how many deliveries go on."""
    work.stops.run_out(now)
    return work.schedule.let_go_on(now)
