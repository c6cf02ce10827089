"""Reading what was heard: items without labels of the current model, the newest first.

Nothing is read twice by one model version; the same words in many offices cost one
reading. No transaction is open while the engine reads.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog

from classifiers.base import Classifier
from models.item import Unlabelled, full_text
from models.labels import Labels
from models.scope import SystemScope
from pipeline.tally import NoTally, Tally
from pipeline.unit import Store

log = structlog.get_logger(__name__)

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
        self._unreadable: set[int] = set()  # items that broke this engine

    def label_next(self, now: datetime, most: int = 200) -> int:
        """Read up to ``most`` items; 0 when the current model has read everything.

        New items come before those that an older model has read, so a new model never
        keeps the desk waiting. An item whose words changed meanwhile is read again.

        Raises:
            StorageFailed: what is not stored is read again.
        """
        engine = self._engine()
        with self._store.read(SCOPE) as work:
            room = most + len(self._unreadable)
            found = work.items.unlabelled(engine.version, room)
        waiting = [one for one in found if one.item_id not in self._unreadable][:most]
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
        fresh = {
            key: text for key, text in texts.items() if key not in self._remembered
        }
        self._remembered |= _predict(engine, fresh)
        read = []
        for one, key in zip(waiting, keys, strict=True):
            if key in self._remembered:
                read.append((one, self._remembered[key]))
            else:
                self._unreadable.add(one.item_id)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return read


def _predict(engine: Classifier, texts: Mapping[bytes, str]) -> dict[bytes, Labels]:
    """Labels by key; a text that breaks the engine is left out and said."""
    try:
        labels = engine.predict(list(texts.values())) if texts else []
        return dict(zip(texts, labels, strict=True))
    except Exception:  # one text must not keep the others from being read
        if len(texts) == 1:
            log.exception("text_unreadable", engine=engine.version)
            return {}
    halves = list(texts.items())
    middle = len(halves) // 2
    return _predict(engine, dict(halves[:middle])) | _predict(
        engine, dict(halves[middle:])
    )


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
