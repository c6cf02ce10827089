"""Rows of several offices, each in a unit of its own: one that fails stops no other."""

from collections.abc import Callable, Iterable

import structlog

from models.database import StorageFailed
from models.scope import OfficeScope
from pipeline.unit import Store, Work

log = structlog.get_logger(__name__)


def each_apart(
    store: Store,
    found: Iterable[tuple[int, int]],
    act: Callable[[Work, int], bool],
    job: str,
) -> int:
    """Run ``act`` on each row in its office's scope; return how many it changed.

    Args:
        found: office and row.
        act: whether it changed the row of that number.
        job: named in the log when one fails; the others go on.

    Raises:
        StorageFailed: the database failed; what was done before stays done.
    """
    changed = 0
    for office_id, row_id in found:
        try:
            with store.write(OfficeScope(office_id)) as work:
                changed += act(work, row_id)
        except StorageFailed:
            raise
        except Exception:  # the edge of this job: the others go on
            log.exception("row_failed", job=job, row=row_id)
    return changed
