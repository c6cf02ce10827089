"""What has been kept for long enough goes, a few rows at a time.

The clock looks once an hour; ``kentongan retention`` shows what would go. What went is
written into each office's audit chain by class and number, never by content.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.failures import SettingsProblem
from config.keys import Vault
from models.erasing import Erasing
from models.item import Item
from models.office import Office
from models.pseudonym import bare_handle
from models.retention_rules import Class, load_keeping
from models.rewriting import Rewriting
from models.scope import SystemScope
from pipeline.rewriting import forget_pages, redact_some
from pipeline.unit import Store, Work

SCOPE = SystemScope("retention")
UNIT = 200  # rows
NEWS_UNIT = 20  # documents; each may be an item of many offices
FORGET = "forget"  # the note that words were erased and copies of them may be left


@dataclass(frozen=True, slots=True)
class Retaining:
    """Takes what is due, of all offices."""

    store: Store
    vault: Vault

    def next(self, now: datetime) -> bool:
        """One unit of work; False when nothing is due.

        Raises:
            StorageFailed: nothing was erased; the next look takes it again.
        """
        if redact_some(self.store.engine, now) is not None:
            return True
        for of, keeping in load_keeping().items():
            before = now - keeping.length
            with self.store.read(SCOPE) as work:
                if not Erasing(work.session).oldest(of, before, 1):
                    continue
            with self.store.write(SCOPE) as work:
                self._take(work, of, before, now)
            return True
        return self._forget(now)

    def _take(self, work: Work, of: Class, before: datetime, now: datetime) -> None:
        rows = Erasing(work.session)
        due = rows.oldest(of, before, NEWS_UNIT if of is Class.NEWS else UNIT)
        erased: Mapping[int, int] = {}
        match of:
            case Class.AUTHOR | Class.AUTHOR_OPEN:
                erased = Counter(self._drop_author(i) for i in rows.authors(due))
            case Class.CONTACT:
                erased = rows.contacts(due)
            case Class.VOICE | Class.INTEGRITY:
                erased = rows.items(due, now)
            case Class.NEWS:
                erased = rows.items(rows.items_of(due), now)
                rows.documents(due, now)
            case Class.REVISION | Class.FETCH:
                rows.drop(of, due)
        for office_id, number in erased.items():
            work.audit.record(
                "office.retained", Office.__tablename__, office_id,
                at=now, office_id=office_id, detail=f"{of.value}: {number}",
            )  # fmt: skip
        if of is not Class.FETCH:
            note_copies(work)

    def _drop_author(self, item: Item) -> int:
        """Forget who spoke, also in the address of what was said."""
        try:
            handle = bare_handle(self.vault.open(item.sealed_author or b""))
        except SettingsProblem:  # sealed with a key that is gone: nobody can read it
            handle = ""
        name = handle.partition("@")[0]
        if name and name in item.url.casefold():
            item.url = ""
        item.sealed_author = None
        return item.office_id

    def _forget(self, now: datetime) -> bool:
        with self.store.read(SCOPE) as work:
            if not Rewriting(work.session).is_noted(FORGET):
                return False
        forget_pages(self.store.engine)
        with self.store.write(SCOPE) as work:
            Rewriting(work.session).move(FORGET, 0, now)
        return False


def note_copies(work: Work) -> None:
    """Have copies of erased words taken out of index and log at the next look."""
    Rewriting(work.session).move(FORGET, 0, None)


def would_go(store: Store, now: datetime) -> dict[Class, int]:
    """How many rows of each class are due now, of all offices."""
    with store.read(SCOPE) as work:
        rows = Erasing(work.session)
        return {
            of: rows.count(of, now - keeping.length)
            for of, keeping in load_keeping().items()
        }
