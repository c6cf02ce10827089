"""Connecting an account in the dashboard, and how its limits show to the author."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from config.keys import Vault
from config.settings import Settings
from models.problems import WORDS, Problem
from models.scope import OfficeScope, SystemScope
from pipeline import doctor, people, permissions, wiring
from sandbox.site import Site, Tokens
from tests.pictures import jpeg
from tests.web_kit import AT, BASE, Dashboard, build
from web.app import create_app

NETWORKS = ("telegram", "facebook", "instagram", "threads")


@pytest.fixture
def network() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    made = build(tmp_path)
    yield made
    made.store.close()


def signed_in(
    dashboard: Dashboard, network: Site, login: str, public_url: str = BASE
) -> TestClient:
    """A person's browser; the sandbox may be called."""
    settings = Settings(
        inner_hosts=frozenset({urlsplit(network.url).netloc}), public_url=public_url
    )
    vault = Vault([Fernet.generate_key().decode()])
    app = create_app(dashboard.store, settings, vault, now=lambda: AT)
    browser = TestClient(
        app, base_url=BASE, headers={"origin": BASE}, follow_redirects=False
    )
    with dashboard.store.read(SystemScope("test")) as work:
        user = work.offices.user_by_login(login)
        assert user is not None
    scope = OfficeScope(user.office_id)
    code = people.make_link(dashboard.store, scope, user.id, AT)
    assert browser.post("/masuk/tautan", data={"kode": code}).status_code == 303
    return browser


def admin(dashboard: Dashboard, network: Site) -> TestClient:
    return signed_in(dashboard, network, "admin")


def typed(name: str, tokens: Tokens, network: Site) -> dict[str, str]:
    keys = {f"kunci-{key}": value for key, value in tokens.secrets.items()}
    return {"jaringan": name, "alamat": network.url} | keys


@pytest.mark.parametrize("name", NETWORKS)
def test_an_account_is_connected_by_its_form_and_begins_in_rehearsal(
    dashboard: Dashboard, network: Site, name: str
) -> None:
    browser = admin(dashboard, network)
    tokens = network.add_account(name, "polres_baru", "Polres Baru")
    page = browser.get("/akun", params={"jaringan": name}).text
    for key in tokens.secrets:
        assert f'name="kunci-{key}"' in page
    answer = browser.post("/akun", data=typed(name, tokens, network))
    assert answer.headers["location"].startswith("/akun")
    shown = browser.get("/akun").text
    assert "polres_baru" in shown
    for key, value in tokens.secrets.items():
        assert key == "channel" or value not in shown


@pytest.mark.parametrize("name", wiring.NETWORKS)
def test_the_form_says_which_rights_the_keys_need_and_why(
    dashboard: Dashboard, network: Site, name: str
) -> None:
    page = admin(dashboard, network).get("/akun", params={"jaringan": name}).text
    known = permissions.needed(wiring.capabilities(name))
    assert ("Izin yang dibutuhkan" in page) is bool(known)
    for scope, why in known:
        assert f"<code>{scope}</code> {why}" in page


def test_only_what_is_no_secret_may_be_read_while_it_is_typed(
    dashboard: Dashboard, network: Site
) -> None:
    page = admin(dashboard, network).get("/akun", params={"jaringan": "telegram"}).text
    assert 'type="text" name="kunci-channel"' in page
    assert 'type="password" name="kunci-bot_token"' in page


def test_a_bot_that_is_no_administrator_of_its_channel_is_not_connected(
    dashboard: Dashboard, network: Site
) -> None:
    browser = admin(dashboard, network)
    tokens = network.add_account("telegram", "polres_baru", "Polres Baru")
    network.world.rules.telegram_status = "member"
    answer = browser.post("/akun", data=typed("telegram", tokens, network))
    assert answer.status_code >= 400
    assert "jadikan bot admin kanal" in answer.text
    assert tokens["bot_token"] not in answer.text
    assert "polres_baru" not in browser.get("/akun").text


def test_the_author_sees_that_a_long_text_goes_without_its_picture(
    dashboard: Dashboard, network: Site
) -> None:
    tokens = network.add_account("telegram", "polres_baru", "Polres Baru")
    admin(dashboard, network).post("/akun", data=typed("telegram", tokens, network))
    browser = signed_in(dashboard, network, "ratna")
    with dashboard.store.read(SystemScope("test")) as work:
        (account,) = [a for a in work.accounts.listed() if a.network == "telegram"]
    told = {"judul": "Jadwal", "alt": "Peta lokasi", "akun": str(account.id)}
    short = browser.post("/tulis/hitung", data=told | {"isi": "SIM keliling"}).text
    assert "gambar tidak ikut" not in short
    assert "[Gambar: Peta lokasi]" in short
    long = browser.post("/tulis/hitung", data=told | {"isi": "a" * 1_010}).text
    assert "gambar tidak ikut" in long
    assert "1.010/4.096" in long
    saved = browser.post(
        "/tulis",
        data=told | {"isi": "a" * 1_010, "aksi": "simpan"},
        files={"gambar": ("peta.jpg", jpeg(), "image/jpeg")},
    )
    assert "gambar tidak ikut" in browser.get(saved.headers["location"]).text


def test_an_account_that_fetches_pictures_needs_a_public_address(
    dashboard: Dashboard, network: Site
) -> None:
    browser = signed_in(dashboard, network, "admin", public_url="")
    tokens = network.add_account("instagram", "polres_baru", "Polres Baru")
    answer = browser.post("/akun", data=typed("instagram", tokens, network))
    assert answer.status_code >= 400
    assert "alamat publik kantor" in answer.text
    assert network.requests() == []


def test_the_author_sees_that_a_network_takes_no_text_alone(
    dashboard: Dashboard, network: Site
) -> None:
    tokens = network.add_account("instagram", "polres_baru", "Polres Baru")
    admin(dashboard, network).post("/akun", data=typed("instagram", tokens, network))
    browser = signed_in(dashboard, network, "ratna")
    with dashboard.store.read(SystemScope("test")) as work:
        (account,) = [a for a in work.accounts.listed() if a.network == "instagram"]
    told = {"judul": "Jadwal", "akun": str(account.id), "isi": "SIM keliling"}
    assert (
        "hanya menerima kiriman bergambar"
        in browser.post("/tulis/hitung", data=told).text
    )
    asked = browser.post("/tulis", data=told | {"aksi": "minta"})
    assert asked.status_code == 400
    assert "hanya menerima kiriman bergambar" in asked.text
    assert (
        "hanya menerima kiriman bergambar"
        not in browser.post("/tulis/hitung", data=told | {"alt": "Peta"}).text
    )


def test_a_token_that_is_not_renewed_is_told_on_the_pages_and_by_the_doctor(
    dashboard: Dashboard, network: Site
) -> None:
    browser = signed_in(dashboard, network, "admin")
    assert "Token akun ini segera berakhir" not in browser.get("/").text
    with dashboard.store.write(SystemScope("test")) as work:
        account = work.accounts.get(1)
        account.token_ends_at = AT + timedelta(days=3)
        account.token_problem = Problem.TOKEN_NOT_RENEWED
    for page in ("/", "/akun"):
        shown = browser.get(page).text
        assert "tidak mau memperpanjang token" in shown
        assert "27 November 2026" in shown or "27 Nov" in shown
    (found,) = doctor.tokens(dashboard.store, lambda: AT)
    assert found.advice == WORDS[Problem.TOKEN_NOT_RENEWED]
    assert account.handle in found.name
