"""Connecting an account by signing in on the network, in two steps.

Between the steps nothing is stored: what must be kept travels sealed with the person's
page, bound to the person, the office and a time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.failures import SettingsProblem
from config.keys import Vault
from config.settings import Settings
from config.words import N_
from models.errors import Disconnected, InvalidInput, Refused
from models.person import May, Person
from models.problems import Problem
from networks.base import AccountSecret
from pipeline import wiring
from pipeline.accounts import connect_account
from pipeline.unit import Store

WITHIN = timedelta(minutes=15)
"""How long a person may take to bring the code."""

_PURPOSE = "sign-in"
_MOST_LETTERS = 8_000  # of what is sealed; a form's own is far shorter
_LONGEST_CODE = 500
_NO_SIGN_IN = N_("Jaringan ini disambungkan dengan kunci, bukan dengan masuk.")
_KEYS_REFUSED = N_("Jaringan menolak kunci aplikasi ini. Periksa, lalu mulai lagi.")
_NO_APP = N_("Server ini tidak menerima pendaftaran aplikasi. Periksa alamatnya.")
_CODE_REFUSED = N_(
    "Jaringan menolak kode itu. Mulai lagi dari awal dan salin kode yang baru."
)
_TOO_LATE = N_("Waktu untuk memasukkan kode sudah habis. Mulai lagi dari awal.")
_NOT_YOURS = N_("Proses masuk ini tidak dapat dilanjutkan. Mulai lagi dari awal.")
_NO_CODE = N_("Tulis kode yang ditampilkan jaringan.")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the person goes, and what comes back with the code."""

    network: str
    address: str = field(repr=False)
    sealed: str = field(repr=False)


def begin(
    vault: Vault,
    settings: Settings,
    by: Person,
    *,
    network: str,
    base_url: str,
    typed: Mapping[str, str],
    now: datetime,
) -> Begun:
    """Ask a network where the person lets us in.

    Raises:
        InvalidInput: something is missing, or the network refuses what was typed.
        Disconnected: the address is no server. TryLater: no answer.
    """
    by.must(May.ADMINISTER)
    module = _module(network)
    base_url = base_url.strip().rstrip("/")
    if wiring.capabilities(network).needs_base_url and not base_url:
        raise InvalidInput(N_("Isi alamat server akun ini."), "base_url")
    for name in module.TYPED:
        if not typed.get(name, "").strip():
            raise InvalidInput(N_("Isi semua kunci yang diminta jaringan ini."), name)
    keys = {name: typed[name].strip() for name in module.TYPED}
    account = AccountSecret(0, network, "", base_url, keys)
    try:
        asked = module.begin(account, wiring.http_limits(settings))
    except (Disconnected, Refused) as error:
        if error.problem in {Problem.ADDRESS_INVALID, Problem.ADDRESS_REFUSED}:
            raise
        refused = _KEYS_REFUSED if module.TYPED else _NO_APP
        raise InvalidInput(refused, "consumer_key") from None
    page = {
        "for": _PURPOSE,
        "person": by.user_id,
        "office": by.office_id,
        "until": (now + WITHIN).isoformat(),
        "network": network,
        "base_url": base_url,
        "kept": dict(asked.kept),
    }
    return Begun(network, asked.address, vault.seal(json.dumps(page)).decode())


def finish(
    store: Store,
    vault: Vault,
    settings: Settings,
    by: Person,
    *,
    sealed: str,
    code: str,
    now: datetime,
) -> int:
    """Give the code for the account's keys, and connect it; in rehearsal.

    Returns:
        The account's id.

    Raises:
        InvalidInput: no code, a refused or late one, or another person's sign-in.
        Disconnected, TryLater: as in :func:`pipeline.accounts.connect_account`.
    """
    by.must(May.ADMINISTER)
    account = _opened(vault, by, sealed, now)
    code = code.strip()
    if not code:
        raise InvalidInput(_NO_CODE, "kode")
    if len(code) > _LONGEST_CODE or not code.isascii() or not code.isprintable():
        raise InvalidInput(_CODE_REFUSED, "kode")
    limits = wiring.http_limits(settings)
    try:
        secrets = _module(account.network).finish(account, code, limits)
    except (Disconnected, Refused) as error:
        if error.problem is Problem.SCOPE_MISSING:
            raise
        raise InvalidInput(_CODE_REFUSED, "kode") from None
    return connect_account(
        store,
        vault,
        settings,
        by,
        network=account.network,
        base_url=account.base_url,
        secrets=secrets,
        now=now,
    )


def _module(network: str) -> wiring.SignInModule:
    module = wiring.sign_in(network)
    if module is None:
        raise InvalidInput(_NO_SIGN_IN, "network")
    return module


def _opened(vault: Vault, by: Person, sealed: str, now: datetime) -> AccountSecret:
    """What :func:`begin` sealed for this person, while it holds."""
    if len(sealed) > _MOST_LETTERS or not sealed.isascii():
        raise InvalidInput(_NOT_YOURS)
    try:
        page = json.loads(vault.open(sealed.encode()))
    except (SettingsProblem, ValueError):
        raise InvalidInput(_NOT_YOURS) from None
    if not isinstance(page, dict) or page.get("for") != _PURPOSE:
        raise InvalidInput(_NOT_YOURS)
    if (page["person"], page["office"]) != (by.user_id, by.office_id):
        raise InvalidInput(_NOT_YOURS)
    if now > datetime.fromisoformat(page["until"]):
        raise InvalidInput(_TOO_LATE)
    return AccountSecret(0, page["network"], "", page["base_url"], page["kept"])
