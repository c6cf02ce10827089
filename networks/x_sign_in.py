"""Sign in to X by OAuth 1.0a with a PIN: tweepy's handler on our guarded door.

Source: https://docs.x.com/fundamentals/authentication/oauth-1-0a/pin-based-oauth
(seen 2026-11-25).

tweepy's ``get_access_token`` opens a session of its own, past our door, so that the
last step is sent here, signed by the same handler.
"""

from collections.abc import Mapping
from urllib.parse import parse_qs

import requests
import tweepy

from networks.base import AccountSecret, HttpLimits
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.sign_in import Asked
from networks.x import HOST
from networks.x_verdicts import judge

TYPED = ("consumer_key", "consumer_secret")
"""What a person types before the network is asked."""


def begin(account: AccountSecret, limits: HttpLimits) -> Asked:
    """Ask X for a request token, and where the person lets the app in.

    Raises:
        Disconnected, Refused: X refuses the app's keys. TryLater: no answer.
    """
    keys = usable_secrets(account, TYPED)
    handler = tweepy.OAuth1UserHandler(**keys, callback="oob")
    door = _door(account, limits, keys)
    door.take_over(handler.oauth)
    with handler.oauth, door.errand():
        address = str(handler.get_authorization_url())
        token = {
            "request_token": str(handler.request_token["oauth_token"]),
            "request_secret": str(handler.request_token["oauth_token_secret"]),
        }
    if account.base_url:
        address = account.base_url + address.removeprefix(HOST)
    return Asked(address, keys | token)


def finish(account: AccountSecret, code: str, limits: HttpLimits) -> dict[str, str]:
    """Give the PIN for the account's token, which does not expire.

    Args:
        account: its secrets are what ``begin`` said to keep.
        code: the PIN as X showed it.
        limits: times and sizes.

    Raises:
        Disconnected, Refused: X refuses the PIN. TryLater: no answer.
    """
    kept = usable_secrets(account, (*TYPED, "request_token", "request_secret"))
    keys = {name: kept[name] for name in TYPED}
    door = _door(account, limits, {**kept, "pin": code})
    signed = tweepy.OAuth1UserHandler(
        **keys,
        access_token=kept["request_token"],
        access_token_secret=kept["request_secret"],
    ).apply_auth()
    with door.session() as session, door.errand():
        answer = session.post(
            f"{HOST}/oauth/access_token", data={"oauth_verifier": code}, auth=signed
        )
        told = _form(answer)
        return keys | {
            "access_token": told["oauth_token"],
            "access_token_secret": told["oauth_token_secret"],
        }


def _form(answer: requests.Response) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(answer.text).items()}


def _door(
    account: AccountSecret, limits: HttpLimits, hidden: Mapping[str, str]
) -> GuardedAdapter:
    rebase = (HOST, account.base_url) if account.base_url else None
    return GuardedAdapter(limits, judge, hidden.values(), rebase)
