"""One process that writes acts: ``python -m tests.integration.audit_worker``."""

import sys

from models.person import Person
from models.scope import OfficeScope
from models.states import Role
from pipeline.unit import Store
from tests.integration.audit_kit import act


def main(url: str, office_id: str, user_id: str, times: str) -> None:
    """Write ``times`` acts, each in a unit of its own."""
    store = Store(url)
    office = OfficeScope(int(office_id))
    by = Person(int(user_id), office.office_id, "x", Role.OFFICER)
    act(store, office, by, int(times))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
