"""Who acts, and what each role may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from models.errors import NotAllowed
from models.states import Role


class May(StrEnum):
    """Something a role permits."""

    READ = "read"
    WRITE = "write"  # draft, edit, ask for approval, cancel what is not out yet
    APPROVE = "approve"  # decide on what others wrote
    WITHDRAW = "withdraw"  # take down what stands in public
    SETTLE = "settle"  # say what became of an uncertain delivery; release held ones
    STOP = "stop"  # stop an account, and end one's own stop
    TRIAGE = "triage"  # mark items, make ideas
    DECIDE = "decide"  # move an idea to a decision
    READ_INTEGRITY = "read_integrity"  # the words of S1 items
    AUDIT = "audit"  # read who did what, and take the proof of it
    ERASE = "erase"  # take a citizen's words out for good, because of a request
    LIST_PRESS = "list_press"  # keep the list of journalists, who are personal data
    ADMINISTER = "administer"  # accounts, sources, people


_EVERYBODY = frozenset(Role)
_OFFICER_UP = frozenset({Role.OFFICER, Role.APPROVER})

PERMISSIONS: Mapping[May, frozenset[Role]] = {
    May.READ: _EVERYBODY,
    May.WRITE: _OFFICER_UP,
    May.APPROVE: frozenset({Role.APPROVER}),
    May.WITHDRAW: frozenset({Role.APPROVER}),
    May.SETTLE: _OFFICER_UP,
    May.STOP: _EVERYBODY,
    May.TRIAGE: _OFFICER_UP,
    May.DECIDE: frozenset({Role.APPROVER}),
    May.READ_INTEGRITY: frozenset({Role.APPROVER}),
    May.AUDIT: frozenset({Role.APPROVER, Role.ADMIN}),
    May.ERASE: frozenset({Role.APPROVER}),
    May.LIST_PRESS: _EVERYBODY,
    May.ADMINISTER: frozenset({Role.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person of one office."""

    user_id: int
    office_id: int
    name: str
    role: Role
    language: str = "id"

    def may(self, what: May) -> bool:
        return self.role in PERMISSIONS[what]

    def must(self, what: May) -> None:
        """Raise :class:`NotAllowed` unless this person may do ``what``."""
        if not self.may(what):
            raise NotAllowed(f"role {self.role.value} may not {what.value}")
