"""What one look at a source says of its health: silence is shown, never hidden."""

from dataclasses import dataclass
from datetime import timedelta

from config.listening import numbers
from models.problems import Problem
from models.states import SourceHealth
from networks.feed_schedule import Pace
from networks.feeds import Fetched, FetchState

_WEIGHT = 0.1  # of the newest gap in the learned one
_LEAST_WINDOW = 5  # a window of fewer entries says nothing when all are new
_LIMITS = frozenset({Problem.HOST_RESTING, Problem.FORBIDDEN, Problem.CHALLENGED})


@dataclass(frozen=True, slots=True)
class Look:
    """One visit and what is remembered of the ones before.

    Attributes:
        fetched: the visit.
        failures: in a row, this one included; 0 after a success.
        seen: entries in the answer; ``new``: those that were not known.
        first: whether it was the first answer ever, where all is new.
        silent_for: since something new came last; None when nothing ever did.
        usual_gap: learned between two new articles; None before.
        gap_at: the same for this hour of the week; None where it is not known.
    """

    fetched: Fetched
    failures: int
    seen: int = 0
    new: int = 0
    first: bool = False
    silent_for: timedelta | None = None
    usual_gap: timedelta | None = None
    gap_at: timedelta | None = None

    @property
    def overfull(self) -> bool:
        """Whether items may have been lost between this visit and the one before."""
        return not self.first and self.seen >= _LEAST_WINDOW and self.new == self.seen


def health_after(look: Look, before: SourceHealth, pace: Pace) -> SourceHealth:
    """The state to show; ``before`` stands while failures are still few."""
    fetched = look.fetched
    if fetched.gone:
        return SourceHealth.STOPPED
    if fetched.pause is not None or (
        fetched.problem in _LIMITS and look.failures >= pace.refusals
    ):
        return SourceHealth.LIMITED
    if fetched.state is FetchState.FAILED:
        return SourceHealth.SICK if look.failures >= pace.sick_after else before
    if look.overfull:
        return SourceHealth.OVERFULL
    return SourceHealth.QUIET if _quiet(look) else SourceHealth.HEALTHY


def _quiet(look: Look) -> bool:
    if look.new or look.silent_for is None or look.usual_gap is None:
        return False
    usual = max(look.usual_gap, look.gap_at or timedelta())
    return look.silent_for > usual * numbers().quiet_after


def learn_gap(
    known: timedelta | None, since_last: timedelta, new: int
) -> timedelta | None:
    """The usual time between two new articles, with what this visit taught.

    Args:
        known: as learned so far.
        since_last: since something new came before this.
        new: articles of this visit; none teach nothing.
    """
    if new <= 0:
        return known
    gap = since_last / new
    return gap if known is None else known + (gap - known) * _WEIGHT
