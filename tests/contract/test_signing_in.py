"""Signing in to X and Mastodon over loopback HTTP, and what the networks refuse."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.problems import Problem
from networks import mastodon, mastodon_sign_in, x, x_sign_in
from networks.base import AccountSecret, FreePurse, HttpLimits
from sandbox.faults import FaultKind
from sandbox.site import Site, Tokens

MODULES: Any = {"x": x_sign_in, "mastodon": mastodon_sign_in}
CLIENTS: Any = {"x": x, "mastodon": mastodon}
BOTH = pytest.mark.parametrize("name", MODULES)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


@pytest.fixture
def limits(site: Site) -> HttpLimits:
    return HttpLimits(inner_hosts=frozenset({urlsplit(site.url).netloc}))


def opened(site: Site, name: str) -> Tokens:
    return site.add_account(name, "polres_baru", "Polres Baru")


def account(site: Site, name: str, secrets: Any) -> AccountSecret:
    return AccountSecret(0, name, "", site.url, dict(secrets))


def typed(name: str, tokens: Tokens) -> dict[str, str]:
    return {key: tokens[key] for key in MODULES[name].TYPED}


@BOTH
def test_a_code_of_the_network_becomes_keys_that_work(
    site: Site, limits: HttpLimits, name: str
) -> None:
    tokens = opened(site, name)
    asked = MODULES[name].begin(account(site, name, typed(name, tokens)), limits)
    code = site.approve(asked.address, name, tokens.handle)
    keys = MODULES[name].finish(account(site, name, asked.kept), code, limits)
    assert keys == dict(tokens.secrets)
    client = CLIENTS[name].connect(account(site, name, keys), limits, FreePurse())
    assert client.whoami() == tokens.handle
    client.close()


@BOTH
def test_the_sandbox_shows_the_code_on_a_page_and_only_for_its_own_address(
    site: Site, limits: HttpLimits, name: str
) -> None:
    tokens = opened(site, name)
    asked = MODULES[name].begin(account(site, name, typed(name, tokens)), limits)
    assert tokens.handle in requests.get(asked.address, timeout=5).text
    who = {"handle": tokens.handle}
    shown = requests.post(asked.address, data=who, timeout=5).text
    (code,) = re.findall("<code>(.+)</code>", shown)
    keys = MODULES[name].finish(account(site, name, asked.kept), code, limits)
    assert keys == dict(tokens.secrets)
    for address, given in (
        (asked.address.replace("=", "=a"), who),
        (asked.address, {"handle": "siapa"}),
    ):
        assert requests.post(address, data=given, timeout=5).status_code == 400


@BOTH
@pytest.mark.parametrize("wrong", ["unknown", "used", "not let in"])
def test_a_wrong_or_used_code_is_refused_and_stands_in_no_message(
    site: Site,
    limits: HttpLimits,
    name: str,
    wrong: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = opened(site, name)
    asked = MODULES[name].begin(account(site, name, typed(name, tokens)), limits)
    code = "0000000"
    if wrong != "not let in":
        code = site.approve(asked.address, name, tokens.handle)
    kept = account(site, name, asked.kept)
    if wrong == "used":
        MODULES[name].finish(kept, code, limits)
    sent = code + "0" if wrong == "unknown" else code
    with pytest.raises((Disconnected, Refused)) as caught:
        MODULES[name].finish(kept, sent, limits)
    told = f"{caught.value!r} {caught.value} {caught.value.detail} {caplog.text}"
    for secret in (*asked.kept.values(), *tokens.secrets.values(), code):
        assert secret not in told
    assert tokens.secrets["access_token"] not in repr(asked)


@pytest.mark.parametrize("key", x_sign_in.TYPED)
def test_a_wrong_key_of_the_app_is_refused_before_anybody_is_sent_anywhere(
    site: Site, limits: HttpLimits, key: str
) -> None:
    given = typed("x", opened(site, "x")) | {key: "salah"}
    with pytest.raises(Disconnected) as caught:
        x_sign_in.begin(account(site, "x", given), limits)
    assert caught.value.problem is Problem.TOKEN_REFUSED


def test_mastodon_is_asked_for_the_rights_that_are_stated_and_no_other(
    site: Site, limits: HttpLimits
) -> None:
    opened(site, "mastodon")
    asked = mastodon_sign_in.begin(account(site, "mastodon", {}), limits)
    (scope,) = parse_qs(urlsplit(asked.address).query)["scope"]
    assert tuple(scope.split()) == mastodon.CAPABILITIES.scopes
    assert asked.kept["client_secret"] not in asked.address


def test_a_code_of_mastodon_that_is_ten_minutes_old_is_refused(
    site: Site, limits: HttpLimits
) -> None:
    tokens = opened(site, "mastodon")
    asked = mastodon_sign_in.begin(account(site, "mastodon", {}), limits)
    code = site.approve(asked.address, "mastodon", tokens.handle)
    site.forward(timedelta(minutes=11))
    with pytest.raises(Refused):
        mastodon_sign_in.finish(account(site, "mastodon", asked.kept), code, limits)


def test_fewer_rights_than_asked_for_are_told(site: Site, limits: HttpLimits) -> None:
    tokens = opened(site, "mastodon")
    asked = mastodon_sign_in.begin(account(site, "mastodon", {}), limits)
    narrow = asked.address.replace("+write%3Amedia", "")
    code = site.approve(narrow, "mastodon", tokens.handle)
    with pytest.raises(Disconnected) as caught:
        mastodon_sign_in.finish(account(site, "mastodon", asked.kept), code, limits)
    assert caught.value.problem is Problem.SCOPE_MISSING


@BOTH
@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.ANSWER])
def test_a_lost_or_failed_answer_is_tried_later_and_breaks_nothing(
    site: Site, limits: HttpLimits, name: str, kind: FaultKind
) -> None:
    tokens = opened(site, name)
    path = "/oauth/request_token" if name == "x" else "/api/v1/apps"
    site.fault(kind, path, **({"status": 500} if kind is FaultKind.ANSWER else {}))
    with pytest.raises(TryLater):
        MODULES[name].begin(account(site, name, typed(name, tokens)), limits)


@BOTH
def test_a_host_inside_the_house_is_never_asked(site: Site, name: str) -> None:
    tokens = opened(site, name)
    with pytest.raises(NetworkError) as caught:
        MODULES[name].begin(account(site, name, typed(name, tokens)), HttpLimits())
    assert caught.value.problem is Problem.ADDRESS_REFUSED
    assert site.requests() == []
