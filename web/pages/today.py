"""*Hari ini*: four numbers, then what they are made of."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response

from models.category import categories
from models.dashboard import Dashboard, Outing, Waiting
from models.labels import Severity
from models.mood import Mood, Moods
from models.reading import TOLD_FOR
from models.shares import Change, change
from models.states import DeliveryState
from models.token import token_trouble
from web.site import Desk, Signed

router = APIRouter()
WEEK = 7  # days
_S = DeliveryState


@dataclass(frozen=True, slots=True)
class Going:
    """How the day's announcements stand, counted in announcements."""

    total: int
    out: int
    failed: int
    unsure: int
    held: int


@router.get("/")
def show(desk: Signed) -> Response:
    with desk.read() as work:
        numbers = Dashboard(work.session)
        accounts = work.accounts.listed()
        outings = numbers.outings(desk.day(desk.today))
        this_week, last_week = weeks(desk, Moods(work.session))
        values: dict[str, Any] = {
            "voices": numbers.waiting(),
            "oldest": numbers.oldest_waiting(7),
            "urgent": urgent(numbers),
            "outings": outings,
            "going": going(outings),
            "week": this_week,
            "last_week": last_week,
            "turn": change(last_week.negative, this_week.negative),
            "announcements": work.announcements.listed(limit=1),
            "accounts": accounts,
            "ending": [
                (one, trouble)
                for one in accounts
                if (trouble := token_trouble(one, desk.now))
            ],
            "gone": work.readings.gone_since(desk.now - TOLD_FOR),
            "at_risk": work.preflights.at_risk(desk.now),
            "countersigns": work.countersigns.waiting(3),
            "expired": numbers.expired(desk.day(desk.today - timedelta(days=1)).since),
            "late": numbers.late(desk.day(desk.today - timedelta(days=1)).since),
            "stops": [
                one for one in work.stops.standing(desk.now) if one.account_id is None
            ],
            "categories": categories(),
            "Change": Change,
            "S": DeliveryState,
        }
    return desk.page("pages/today.jinja", **values)


def urgent(numbers: Dashboard) -> dict[Severity, Waiting]:
    """What cannot wait, by severity."""
    return {
        one: numbers.waiting(one) for one in (Severity.S0, Severity.S1, Severity.S6)
    }


def weeks(desk: Desk, moods: Moods) -> tuple[Mood, Mood]:
    """The mood of the last seven days, and of the seven before."""
    days = [desk.today - timedelta(days=back) for back in range(2 * WEEK - 1, -1, -1)]
    mood = moods.of(days).days
    return Mood(mood[WEEK:]), Mood(mood[:WEEK])


def going(outings: list[Outing]) -> Going:
    """Count the day's announcements by how they stand."""

    def having(*states: DeliveryState) -> int:
        return sum(bool(outing.having(*states)) for outing in outings)

    return Going(
        total=len(outings),
        out=sum(outing.out for outing in outings),
        failed=having(_S.REJECTED, _S.MISSED),
        unsure=having(_S.UNCERTAIN, _S.NEEDS_PERSON),
        held=having(_S.HELD),
    )
