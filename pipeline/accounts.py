"""Accounts: connected with their secrets, rehearsed, and let go live."""

import json
from collections.abc import Mapping
from datetime import datetime

from config.keys import Vault
from config.settings import Settings
from config.words import N_
from models.account import Account
from models.errors import Conflict, InvalidInput
from models.hearing import HeardAccount
from models.office import Office
from models.person import May, Person
from models.problems import WORDS, Problem
from models.scope import OfficeScope
from models.states import AccountHealth, AccountMode
from networks.base import AccountSecret, FreePurse
from pipeline import wiring
from pipeline.credentials import REFUSALS
from pipeline.queue import TaskName
from pipeline.unit import Store, Work

MOST_IDR = 2_000_000_000  # a month; what both databases hold in a plain integer

_HELD_WHILE_DISCONNECTED = (
    Problem.ACCOUNT_DISCONNECTED,
    Problem.ADDRESS_INVALID,
    Problem.ADDRESS_REFUSED,
    *sorted(REFUSALS),
)


def connect_account(
    store: Store,
    vault: Vault,
    settings: Settings,
    by: Person,
    *,
    network: str,
    base_url: str,
    secrets: Mapping[str, str],
    now: datetime,
) -> int:
    """Try the credentials on the network, then keep them encrypted; in rehearsal.

    The handle is the one the network tells. Connecting the same account again replaces
    its secrets only after the new ones have worked, and keeps its mode.

    Returns:
        The account's id.

    Raises:
        InvalidInput: a secret is missing. Disconnected: the network refuses them.
        TryLater: the network does not answer.
    """
    by.must(May.ADMINISTER)
    known = wiring.capabilities(network)
    missing = [name for name in known.secrets if not secrets.get(name, "").strip()]
    if missing:
        raise InvalidInput(N_("Isi semua kunci yang diminta jaringan ini."), missing[0])
    if known.needs_base_url and not base_url:
        raise InvalidInput(N_("Isi alamat server akun ini."), "base_url")
    if known.needs_picture and known.fetches_pictures and not settings.public_url:
        raise InvalidInput(WORDS[Problem.NO_PUBLIC_ADDRESS], "public_url")
    kept = {name: secrets[name].strip() for name in known.secrets}
    base_url = base_url.rstrip("/")
    secret = AccountSecret(0, network, "", base_url, kept)
    client = wiring.connect(secret, settings, FreePurse())
    try:
        handle = client.whoami()
        limits = wiring.limits_of(client.capabilities)
    finally:
        client.close()
    sealed = vault.seal(json.dumps(kept))
    session = secret.session.read()
    with store.write(OfficeScope(by.office_id)) as work:
        account_id = _keep(work, by, network, handle, base_url, sealed, now)
        account = work.accounts.get(account_id)
        account.sealed_session = vault.seal(session) if session else None
        account.limits = limits
        account.limits_at = now
        work.audit.act(by, "account.connect", Account, account.id, now, _name(account))
        return account_id


def golive(work: Work, by: Person, account_id: int, now: datetime) -> int:
    """End the rehearsal: from now on posts leave the house.

    What was rehearsed stays held until a person releases it: nothing old goes out by
    surprise.

    Returns:
        How many deliveries wait, held by the rehearsal.
    """
    by.must(May.ADMINISTER)
    account = work.accounts.get(account_id)
    if account.mode is AccountMode.LIVE:
        raise Conflict(f"account {account_id} is live already")
    account.mode = AccountMode.LIVE
    work.audit.act(by, "account.golive", Account, account.id, now, _name(account))
    work.enqueue(TaskName.PUBLISH)
    return work.schedule.count_held(account_id, Problem.REHEARSAL)


def back_to_rehearsal(work: Work, by: Person, account_id: int, now: datetime) -> None:
    """From now on nothing of this account leaves the house."""
    by.must(May.ADMINISTER)
    account = work.accounts.get(account_id)
    account.mode = AccountMode.REHEARSAL
    work.audit.act(by, "account.rehearse", Account, account.id, now, _name(account))


def set_cap(work: Work, by: Person, idr: int, now: datetime) -> int:
    """Set how much the office may spend in a month; what waited for money goes on.

    Returns:
        How many deliveries go on.

    Raises:
        NotAllowed: only who administers may. InvalidInput: less than nothing.
    """
    by.must(May.ADMINISTER)
    if not 0 <= idr <= MOST_IDR:
        raise InvalidInput(N_("Batas biaya antara Rp0 dan Rp2 miliar."), "idr")
    office = work.session.get_one(Office, by.office_id)
    before, office.monthly_cap_idr = office.monthly_cap_idr, idr
    spent = Problem.BUDGET_SPENT
    accounts = work.accounts.listed()
    released = sum(work.schedule.release(one.id, spent, now) for one in accounts)
    if released:
        work.enqueue(TaskName.PUBLISH)
    said = f"Rp{before} -> Rp{idr}"
    work.audit.act(by, "office.cap", Office, office.id, now, said)
    return released


def number_of(account: Account | HeardAccount) -> int:
    """An account's id, whichever way it was read."""
    return account.id if isinstance(account, Account) else account.account_id


def secret_of(vault: Vault, account: Account | HeardAccount) -> AccountSecret:
    """Open an account's secrets for its client.

    Raises:
        SettingsProblem: the key file does not fit this database.
    """
    return AccountSecret(
        number_of(account),
        account.network,
        account.handle,
        account.base_url,
        json.loads(vault.open(account.sealed_secrets)),
    )


def _keep(
    work: Work,
    by: Person,
    network: str,
    handle: str,
    base_url: str,
    sealed: bytes,
    now: datetime,
) -> int:
    found = work.accounts.find(network, handle, base_url)
    if found is not None:
        found.sealed_secrets = sealed
        found.health = AccountHealth.CONNECTED
        found.problem = None
        begun(found, now)
        found.removed_at = None
        found.hear_next_at = now
        found.hear_failures = 0
        found.hear_problem = None
        for problem in _HELD_WHILE_DISCONNECTED:
            work.schedule.release(found.id, problem, now)
        work.enqueue(TaskName.PUBLISH)
        work.enqueue(TaskName.HEAR)
        return found.id
    account = Account(
        office_id=by.office_id,
        network=network,
        handle=handle,
        base_url=base_url,
        sealed_secrets=sealed,
        hears=wiring.capabilities(network).hears,
        mode=AccountMode.REHEARSAL,
        health=AccountHealth.CONNECTED,
        created_at=now,
        lease_until=now,
        next_allowed_at=now,
        hear_next_at=now,
        hear_lease_until=now,
    )
    begun(account, now)
    return work.accounts.add(account)


def begun(account: Account, now: datetime) -> None:
    """Its secrets are other ones from now on: nothing is known of their end."""
    life = wiring.capabilities(account.network).token
    account.token_made_at = now
    account.token_ends_at = account.token_problem = None
    account.token_next_at = now + life.least_age if life else None


def _name(account: Account) -> str:
    return f"{account.network} {account.handle}"
