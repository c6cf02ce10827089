"""The feeds an office reads, a page at a time, each with its last two weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from models.base import EnumText
from models.coverage import Coverage, Ribbon, Standing
from models.repository import Repository
from models.source import Host, Source, Subscription
from models.states import SourceHealth

PAGE = 50
_FIRST = (  # those that need a person stand above
    SourceHealth.SICK,
    SourceHealth.LIMITED,
    SourceHealth.OVERFULL,
    SourceHealth.STOPPED,
    SourceHealth.QUIET,
    SourceHealth.NEW,
    SourceHealth.HEALTHY,
)
_TEXT = EnumText(SourceHealth)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed the office reads, or has stopped reading.

    Attributes:
        health: as it stands now, with the rest of the whole host.
        blocked_until: of the whole host, while it lasts.
    """

    subscription: Subscription
    source: Source
    health: SourceHealth
    blocked_until: datetime | None
    ribbon: Ribbon

    @property
    def name(self) -> str:
        return self.subscription.label or self.source.title or self.source.host


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which feeds to show; None and empty mean all that are read."""

    health: SourceHealth | None = None
    words: str = ""


class SourceBoard(Repository):
    """Few statements, whatever the number of sources."""

    def counts(self, now: datetime) -> dict[SourceHealth, int]:
        """How many feeds stand how; those the office stopped count as stopped."""
        health = _health(now)
        rows = self._session.execute(
            select(health, func.count())
            .select_from(Subscription)
            .join(Source, Source.id == Subscription.source_id)
            .outerjoin(Host, Host.host == Source.host)
            .group_by(health)
        )
        found = {SourceHealth(row[0]): row[1] for row in rows}
        return {one: found[one] for one in _FIRST if one in found}

    def page(self, wanted: Wanted, number: int, now: datetime) -> Sequence[Feed]:
        """The feeds of a page (from 0), those in trouble first; one more than fits."""
        health = _health(now)
        rank = case(*((health == one, n) for n, one in enumerate(_FIRST)), else_=9)
        rows = self._session.execute(
            select(Subscription, Source, health, Host.blocked_until)
            .join(Source, Source.id == Subscription.source_id)
            .outerjoin(Host, Host.host == Source.host)
            .where(*_chosen(wanted, health))
            .order_by(rank, Source.failures.desc(), Source.id)
            .limit(PAGE + 1)
            .offset(number * PAGE)
        ).all()
        ribbons = Coverage(self._session).ribbons(
            {source.id: _standing(source, reads) for reads, source, *_ in rows}, now
        )
        return [
            Feed(
                reads,
                source,
                SourceHealth(state),
                until if until and until > now else None,
                ribbons[source.id],
            )
            for reads, source, state, until in rows
        ]


def _chosen(
    wanted: Wanted, health: ColumnElement[SourceHealth]
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.health is not None:
        chosen.append(health == wanted.health)
    elif not wanted.words:
        chosen.append(Subscription.stopped_at.is_(None))
    if wanted.words:
        fields = (Subscription.label, Source.title, Source.url)
        chosen.append(
            or_(*(f.icontains(wanted.words, autoescape=True) for f in fields))
        )
    return chosen


def _health(now: datetime) -> ColumnElement[SourceHealth]:
    stopped = literal(SourceHealth.STOPPED, _TEXT)
    return case(
        (Subscription.stopped_at.is_not(None), stopped),
        (Source.health == SourceHealth.STOPPED, stopped),
        (
            and_(Host.blocked_until.is_not(None), Host.blocked_until > now),
            literal(SourceHealth.LIMITED, _TEXT),
        ),
        else_=Source.health,
    )


def _standing(source: Source, reads: Subscription) -> Standing:
    stopped = reads.stopped_at is not None
    return Standing(
        source.fetched_at,
        source.next_check_at,
        SourceHealth.STOPPED if stopped else source.health,
        source.failures,
    )
