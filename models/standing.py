"""How the tables stand, in numbers for machines: cheap whatever their size."""

from datetime import datetime

from sqlalchemy import func, select

from models.delivery import Delivery
from models.item import Item
from models.repository import Repository
from models.source import Source
from models.states import DELIVERY_MOVES, DeliveryState

MOST = 10_000


class Standing(Repository):
    """Counts over all offices; for a named job only."""

    def deliveries(self) -> dict[str, int]:
        """Deliveries by state; those that are over are not counted."""
        moving = [state for state in DeliveryState if DELIVERY_MOVES[state]]
        open_ones = [one for one in moving if one is not DeliveryState.PUBLISHED]
        rows = self._session.execute(
            select(Delivery.state, func.count())
            .where(Delivery.state.in_(open_ones))
            .group_by(Delivery.state)
        )
        return {state.value: count for state, count in rows}

    def overdue(self, before: datetime) -> int:
        """Deliveries that were due before then and still wait to go."""
        counted = select(func.count()).where(
            Delivery.state == DeliveryState.SCHEDULED, Delivery.due_at < before
        )
        return self._session.scalar(counted) or 0

    def unlabelled(self) -> int:
        """Items that no model has read, counted up to :data:`MOST`."""
        first = select(Item.id).where(Item.labelled_by == "").limit(MOST).subquery()
        return self._session.scalar(select(func.count()).select_from(first)) or 0

    def sources(self) -> dict[str, int]:
        """Sources by health."""
        rows = self._session.execute(
            select(Source.health, func.count()).group_by(Source.health)
        )
        return {health.value: count for health, count in rows}
