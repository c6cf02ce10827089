"""Erasing because somebody asked: one voice, or all that one author said.

The act stays in the audit chain, by number and without a word of what was erased. A
document of the news goes for good when no office of the installation keeps it.
"""

from datetime import datetime

from config.keys import Vault
from config.words import N_
from models.erasing import Erasing
from models.errors import InvalidInput
from models.item import FEED, Item
from models.office import Office
from models.person import May, Person
from models.pseudonym import bare_handle, pseudonym
from models.scope import OfficeScope, SystemScope
from pipeline.inbox import may_touch
from pipeline.pseudonyms import salt_of
from pipeline.retaining import note_copies
from pipeline.unit import Store

SCOPE = SystemScope("erasing")
UNIT = 200  # items


def erase_item(store: Store, by: Person, item_id: int, now: datetime) -> bool:
    """Erase one item's words; False when they were erased before.

    Raises:
        NotAllowed: this person may not. NotFound: there is no such item.
    """
    by.must(May.ERASE)
    with store.write(OfficeScope(by.office_id)) as work:
        item = work.items.by_id(item_id)
        may_touch(by, item)
        document = item.document_id
        erased = Erasing(work.session).items([item_id], now)
        if not erased:
            return False
        work.audit.act(by, "item.erased", Item, item_id, now)
        note_copies(work)
    if document is not None:
        with store.write(SCOPE) as work:
            rows = Erasing(work.session)
            rows.documents(rows.orphans([document]), now)
    return True


def erase_author(
    store: Store, vault: Vault, by: Person, network: str, handle: str, now: datetime
) -> int:
    """Erase all that one author said to this office; how many items.

    Raises:
        NotAllowed: this person may not. InvalidInput: nobody is named.
        SettingsProblem: the key file is of another installation.
    """
    by.must(May.ERASE)
    if not bare_handle(handle) or network == FEED:
        raise InvalidInput(N_("Tulis jaringan dan nama akunnya."), "handle")
    scope = OfficeScope(by.office_id)
    with store.write(scope) as work:
        name = pseudonym(salt_of(work, vault, by.office_id), network, handle)
    total = 0
    while True:
        with store.write(scope) as work:
            rows = Erasing(work.session)
            some = rows.items_by(network, name, UNIT)
            rows.items(some, now)
            total += len(some)
            if len(some) < UNIT:
                work.audit.act(
                    by, "office.author_erased", Office, by.office_id, now,
                    detail=f"{network}: {total}",
                )  # fmt: skip
                note_copies(work)
                return total
