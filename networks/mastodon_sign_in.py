"""Sign in to a Mastodon server by OAuth 2, with a code that the person brings back.

Source: https://docs.joinmastodon.org/client/authorized/ and ``methods/apps``,
``methods/oauth`` (known, not read for this: T).

The three requests are written here, on the guarded door: Mastodon.py's ``log_in`` would
send the app's secret to whichever host the server names as its ``token_endpoint``, and
its client opens a ``client_id`` that is the name of a file.
"""

from typing import Any
from urllib.parse import urlencode

from models.errors import Disconnected
from models.problems import Problem
from networks.base import AccountSecret, HttpLimits
from networks.mastodon import CAPABILITIES
from networks.mastodon_verdicts import judge
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.sign_in import Asked

TYPED: tuple[str, ...] = ()
"""What a person types before the network is asked, besides the address."""

APP = "Kentongan"
HERE = "urn:ietf:wg:oauth:2.0:oob"  # the server shows the code to the person
SCOPES = " ".join(CAPABILITIES.scopes)


def begin(account: AccountSecret, limits: HttpLimits) -> Asked:
    """Register the app on the server, with the rights it needs and no other.

    Raises:
        Disconnected, Refused: the server registers none. TryLater: no answer.
    """
    base = _base(account)
    door = GuardedAdapter(limits, judge)
    with door.session() as session, door.errand():
        told: dict[str, Any] = session.post(
            f"{base}/api/v1/apps",
            data={"client_name": APP, "redirect_uris": HERE, "scopes": SCOPES},
        ).json()
        kept = {name: str(told[name]) for name in ("client_id", "client_secret")}
    query = urlencode(
        {
            "response_type": "code",
            "client_id": kept["client_id"],
            "redirect_uri": HERE,
            "scope": SCOPES,
        }
    )
    return Asked(f"{base}/oauth/authorize?{query}", kept)


def finish(account: AccountSecret, code: str, limits: HttpLimits) -> dict[str, str]:
    """Give the code for the account's token.

    Args:
        account: its secrets are what ``begin`` said to keep.
        code: as the server showed it.
        limits: times and sizes.

    Raises:
        Disconnected: also when the server gave fewer rights than asked for
            (``SCOPE_MISSING``). Refused: the code is refused. TryLater: no answer.
    """
    base = _base(account)
    kept = usable_secrets(account, ("client_id", "client_secret"))
    door = GuardedAdapter(limits, judge, (*kept.values(), code))
    with door.session() as session, door.errand():
        told: dict[str, Any] = session.post(
            f"{base}/oauth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": HERE,
                "scope": SCOPES,
                **kept,
            },
        ).json()
        token = str(told["access_token"])
        given = str(told.get("scope") or SCOPES).split()
    lacking = [one for one in SCOPES.split() if not {one, _wide(one)} & {*given}]
    if lacking:
        raise Disconnected(Problem.SCOPE_MISSING, f"not given: {' '.join(lacking)}")
    return {"access_token": token}


def _wide(scope: str) -> str:
    """``write`` holds ``write:media``."""
    return scope.partition(":")[0]


def _base(account: AccountSecret) -> str:
    if not account.base_url.startswith(("https://", "http://")):
        raise Disconnected(Problem.ADDRESS_INVALID, "the instance is not named")
    return account.base_url.rstrip("/")
