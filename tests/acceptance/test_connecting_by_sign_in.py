"""Connecting an account by signing in on the network: dashboard and command line."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.keys import Vault
from config.settings import Settings
from models.errors import InvalidInput
from models.person import Person
from models.scope import SystemScope
from pipeline import permissions, signing_in, wiring
from sandbox.site import Site, Tokens
from tests.acceptance.test_web_connecting import admin, signed_in
from tests.terminal import Terminal
from tests.web_kit import AT, Dashboard, build


@pytest.fixture
def network() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    made = build(tmp_path)
    yield made
    made.store.close()


BOTH = pytest.mark.parametrize("name", wiring.SIGN_INS)


def typed(name: str, tokens: Tokens, network: Site) -> dict[str, str]:
    module = wiring.sign_in(name)
    assert module is not None
    keys = {f"kunci-{key}": tokens[key] for key in module.TYPED}
    return {"jaringan": name, "alamat": network.url} | keys


def address_of(page: str) -> str:
    (found,) = re.findall(r'href="(http[^"]*/oauth/authorize[^"]*)"', page)
    return unescape(found)


def sealed_of(page: str) -> str:
    (found,) = re.findall(r'name="titipan" value="([^"]+)"', page)
    return unescape(found)


@BOTH
def test_an_account_is_connected_by_signing_in_and_begins_in_rehearsal(
    dashboard: Dashboard,
    network: Site,
    name: str,
) -> None:
    browser = admin(dashboard, network)
    tokens = network.add_account(name, "polres_baru", "Polres Baru")
    begin = browser.get("/akun", params={"jaringan": name}).text
    assert 'action="/akun/masuk"' in begin
    assert 'action="/akun"' in begin, "keys may still be pasted"
    page = browser.post("/akun/masuk", data=typed(name, tokens, network)).text
    for value in tokens.secrets.values():
        assert value not in page
    for scope, why in permissions.needed(wiring.capabilities(name)):
        assert f"<code>{scope}</code> {why}" in page
    code = network.approve(address_of(page), name, tokens.handle)
    told = {"titipan": sealed_of(page), "kode": f" {code} "}
    answer = browser.post("/akun/masuk/kode", data=told)
    assert answer.headers["location"].startswith("/akun")
    assert "polres_baru" in browser.get("/akun").text
    with dashboard.store.read(SystemScope("test")) as work:
        (kept,) = [a for a in work.accounts.listed() if a.handle == "polres_baru"]
        assert kept.mode.value == "rehearsal"
    again = browser.post("/akun/masuk/kode", data=told)
    assert again.status_code == 400, "a code is good once"


@BOTH
def test_a_refused_code_is_explained_and_nothing_is_kept(
    dashboard: Dashboard,
    network: Site,
    name: str,
) -> None:
    browser = admin(dashboard, network)
    tokens = network.add_account(name, "polres_baru", "Polres Baru")
    page = browser.post("/akun/masuk", data=typed(name, tokens, network)).text
    network.approve(address_of(page), name, tokens.handle)
    told = {"jaringan": name, "titipan": sealed_of(page), "kode": "9999999x"}
    answer = browser.post("/akun/masuk/kode", data=told)
    assert answer.status_code == 400
    assert "Jaringan menolak kode itu" in answer.text
    assert "9999999x" not in answer.text
    assert told["titipan"] not in answer.text
    assert f'href="/akun?jaringan={name}#sambung"' in answer.text, "to begin again"
    assert "polres_baru" not in browser.get("/akun").text


@pytest.mark.parametrize("of", ["", "telegram", "../keluar", "x"])
def test_a_sign_in_that_nobody_began_leads_to_the_accounts(
    dashboard: Dashboard, network: Site, of: str
) -> None:
    told = {"jaringan": of, "titipan": "bukan titipan", "kode": "1234567"}
    answer = admin(dashboard, network).post("/akun/masuk/kode", data=told)
    assert answer.status_code == 400
    assert "Proses masuk ini tidak dapat dilanjutkan" in answer.text
    again = "/akun?jaringan=x#sambung" if of == "x" else "/akun#sambung"
    assert f'href="{again}"' in answer.text
    assert network.requests() == []


def test_wrong_keys_of_the_app_are_told_before_the_person_goes_anywhere(
    dashboard: Dashboard,
    network: Site,
) -> None:
    browser = admin(dashboard, network)
    tokens = network.add_account("x", "polres_baru", "Polres Baru")
    given = typed("x", tokens, network) | {"kunci-consumer_secret": "salah"}
    answer = browser.post("/akun/masuk", data=given)
    assert answer.status_code == 400
    assert "Jaringan menolak kunci aplikasi ini" in answer.text


def test_only_who_administers_signs_in_and_only_from_the_dashboard_itself(
    dashboard: Dashboard,
    network: Site,
) -> None:
    tokens = network.add_account("mastodon", "polres_baru", "Polres Baru")
    given = typed("mastodon", tokens, network)
    officer = signed_in(dashboard, network, "ratna")
    told = {"titipan": "x", "kode": "y"}
    assert officer.post("/akun/masuk", data=given).status_code == 403
    assert officer.post("/akun/masuk/kode", data=told).status_code == 403
    foreign = {"origin": "https://lain.example"}
    for path, data in (("/akun/masuk", given), ("/akun/masuk/kode", told)):
        answer = admin(dashboard, network).post(path, data=data, headers=foreign)
        assert answer.status_code == 403
    assert network.requests() == []


def test_what_travels_with_the_page_serves_one_person_of_one_office_for_a_time(
    dashboard: Dashboard,
    network: Site,
) -> None:
    vault = Vault([Fernet.generate_key().decode()])
    settings = Settings(inner_hosts=frozenset({network.url.removeprefix("http://")}))
    with dashboard.store.read(SystemScope("test")) as work:
        user = work.offices.user_by_login("admin")
        assert user is not None
        who = Person(user.id, user.office_id, user.login, user.role)
    begun = signing_in.begin(
        vault, settings, who, network="mastodon", base_url=network.url, typed={}, now=AT
    )
    late = AT + signing_in.WITHIN + timedelta(seconds=1)
    other = Person(user.id + 1, user.office_id, user.login, user.role)
    elsewhere = Person(user.id, user.office_id + 1, user.login, user.role)
    keys = vault.seal(json.dumps({"access_token": "abc"})).decode()
    for by, sealed, now in (
        (who, begun.sealed, late),
        (other, begun.sealed, AT),
        (elsewhere, begun.sealed, AT),
        (who, begun.sealed[:-4], AT),
        (who, keys, AT),
        (who, "bukan titipan", AT),
    ):
        with pytest.raises(InvalidInput):
            signing_in.finish(
                dashboard.store, vault, settings, by, sealed=sealed, code="1", now=now
            )
    assert len(network.requests("POST")) == 1, "no code was sent anywhere"


@BOTH
@pytest.mark.parametrize("right", [True, False])
def test_the_command_line_shows_the_address_and_asks_for_the_code(
    tmp_path: Path,
    network: Site,
    name: str,
    right: bool,
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    tokens = network.add_account(name, "polres_baris", "Polres Baris")
    hosts = json.dumps([network.url.removeprefix("http://")])
    process = subprocess.Popen(
        [
            sys.executable, "-m", "cli", "account", "connect", name,
            "--base-url", network.url, "--pin" if name == "x" else "--oauth",
        ],
        cwd=terminal.folder,
        env=terminal.environment
        | {"KENTONGAN_INNER_HOSTS": hosts}
        | {key.upper(): value for key, value in tokens.secrets.items()},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    address = ""
    while not address.startswith(network.url):
        line = process.stderr.readline()
        assert line, "the address was never shown"
        address = line.strip()
    code = network.approve(address, name, tokens.handle)
    said, errors = process.communicate((code if right else "0") + "\n", timeout=60)
    assert "Traceback" not in errors
    assert tokens["access_token"] not in said + errors
    listed = terminal.json("account", "list")
    if right:
        assert process.returncode == 0, errors
        assert "polres_baris" in said
        assert len(listed) == 1  # type: ignore[arg-type]
    else:
        assert process.returncode == 1
        assert "Jaringan menolak kode itu" in errors
        assert listed == []


def test_a_network_without_sign_in_says_so(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    done = terminal.try_("account", "connect", "telegram", "--pin")
    assert done.returncode == 1
    assert "dengan kunci, bukan dengan masuk" in done.stderr
