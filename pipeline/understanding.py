"""Reading what was heard: items without labels of the current model, the newest first.

Nothing is read twice by one model version; the same words in many offices cost one
reading. No transaction is open while the engine reads.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime

from classifiers.base import Classifier
from models.item import Unlabelled, full_text
from models.labels import Labels
from models.scope import SystemScope
from pipeline.tally import NoTally, Tally
from pipeline.unit import Store

SCOPE = SystemScope("understanding")
UNIT = 66  # items a unit; each writes its labels and its own columns
REMEMBERED = 2_000  # texts read last


class Understanding:
    """Labels items; the engine is loaded when the first text waits.

    Args:
        store: the database.
        classifier: an engine, or what loads one.
        tally: told of what was read.
    """

    def __init__(
        self,
        store: Store,
        classifier: Classifier | Callable[[], Classifier],
        tally: Tally | None = None,
    ) -> None:
        self._store = store
        self._given = classifier
        self._loaded: Classifier | None = None
        self._tally = tally or NoTally()
        self._remembered: OrderedDict[bytes, Labels] = OrderedDict()

    def label_next(self, now: datetime, most: int = 200) -> int:
        """Read up to ``most`` items; 0 when the current model has read everything.

        New items come before those that an older model has read, so a new model never
        keeps the desk waiting. An item whose words changed meanwhile is read again.

        Raises:
            StorageFailed: what is not stored is read again.
        """
        engine = self._engine()
        with self._store.read(SCOPE) as work:
            waiting = work.items.unlabelled(engine.version, most)
        if not waiting:
            return 0
        read = self._read(engine, waiting)
        for start in range(0, len(read), UNIT):
            with self._store.write(SCOPE) as work:
                work.items.write_labels(read[start : start + UNIT], engine.version, now)
        self._tally.labelled(len(read))
        return len(read)

    def _engine(self) -> Classifier:
        if self._loaded is None:
            given = self._given
            self._loaded = given() if callable(given) else given
        return self._loaded

    def _read(
        self, engine: Classifier, waiting: Sequence[Unlabelled]
    ) -> list[tuple[Unlabelled, Labels]]:
        texts = {}
        keys = []
        for one in waiting:
            text = full_text(one.title, one.text)
            keys.append(_key(text))
            texts[keys[-1]] = text
        fresh = [key for key in texts if key not in self._remembered]
        if fresh:
            labels = engine.predict([texts[key] for key in fresh])
            self._remembered.update(zip(fresh, labels, strict=True))
        read = [
            (one, self._remembered[key]) for one, key in zip(waiting, keys, strict=True)
        ]
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return read


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
