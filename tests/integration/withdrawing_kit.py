"""An office whose posts stand on a sandbox, to take them back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.states import DeliveryState, Role, WithdrawalState
from models.withdrawal import Withdrawal
from pipeline import wiring, withdrawing
from pipeline.ledger import OnStep, no_step
from pipeline.publishing import Publishing
from pipeline.takedown import Takedown
from pipeline.unit import Store
from publishers.base import Publisher
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import Desk as Place
from tests.contract.network_kit import desk as place_on
from tests.integration.ledger_kit import House

LATER = NOW + timedelta(minutes=10)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Office(House):
    """An office with accounts on the sandbox."""

    site: Site | None = None
    places: dict[int, Place] = field(default_factory=dict)

    def connect(self, account: Account) -> Publisher:
        return self.places[account.id].publisher

    def publishing(self) -> Publishing:
        ways = lambda name: wiring.capabilities(name).settles_by  # noqa: E731
        return Publishing(self.store, self.connect, ways)

    def takedown(self, on_step: OnStep = no_step) -> Takedown:
        return Takedown(self.store, self.connect, on_step=on_step)

    def publish(self, text: str, *accounts: int, **more: object) -> list[int]:
        """Posts that stand."""
        ids = self.announce(text, *accounts, **more)  # type: ignore[arg-type]
        job = self.publishing()
        while job.send_next(NOW):
            pass
        assert {self.state(one) for one in ids} == {DeliveryState.PUBLISHED}
        return ids

    def withdraw(self, delivery_id: int, reason: str = "Jamnya keliru.") -> None:
        with self.store.write(self.office) as work:
            approver = self.people[Role.APPROVER]
            withdrawing.withdraw(work, approver, delivery_id, reason, NOW)

    def asked(self, delivery_id: int) -> Withdrawal:
        with self.store.read(self.office) as work:
            found = work.withdrawals.of(delivery_id)
            assert found is not None
            return found

    def how(self, delivery_id: int) -> WithdrawalState:
        return self.asked(delivery_id).state


@contextmanager
def office_on(
    site: Site,
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    *networks: str,
) -> Iterator[tuple[Office, list[int]]]:
    """An office with one account on each of ``networks``."""
    made = Office(store, office, people, site)
    with ExitStack() as stack:
        accounts = []
        for network in networks:
            number = made.account(network=network)
            made.places[number] = stack.enter_context(place_on(network, site))
            accounts.append(number)
        yield made, accounts
