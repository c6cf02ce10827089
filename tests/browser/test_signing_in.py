"""Connecting an account by signing in on the network, as a person does it in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from networks import mastodon_sign_in, x_sign_in
from sandbox.site import Site, Tokens
from tests.browser.conftest import Served, Watched
from tests.web_kit import build

pytestmark = pytest.mark.chromium
HANDLE = "polres_baru"
TYPED = {"x": x_sign_in.TYPED, "mastodon": mastodon_sign_in.TYPED}
NAMES = {"x": "X", "mastodon": "Mastodon"}
ELSEWHERE = """(form, address) => { const one = document.createElement('input');
  one.type = 'hidden'; one.name = 'alamat'; one.value = address; form.append(one); }"""


@pytest.fixture
def network() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.fixture
def served(tmp_path: Path, network: Site) -> Iterator[Served]:
    """A dashboard that may call the sandbox."""
    inner = frozenset({network.url.removeprefix("http://")})
    running = Served(build(tmp_path), Settings(inner_hosts=inner))
    running.start()
    yield running
    running.stop()
    running.dashboard.store.close()


def begin(watched: Watched, network: Site, tokens: Tokens) -> None:
    """From the page of accounts to that of the code; X's own host is not asked."""
    page, name = watched.page, tokens.network
    watched.open(f"/akun?jaringan={name}#sambung")
    form = page.locator("form[action='/akun/masuk']")
    for key in TYPED[name]:
        form.locator(f"[name=kunci-{key}]").fill(tokens[key])
    if name == "x":
        form.evaluate(ELSEWHERE, network.url)
    else:
        form.locator("[name=alamat]").fill(network.url)
    watched.whole(f"masuk-{name}-formulir")
    form.get_by_role("button", name=f"Masuk di {NAMES[name]}").click()
    page.wait_for_url("**/akun/masuk")


def code_of(watched: Watched) -> str:
    """Let the office's program in, in the tab that opens, and copy what it shows."""
    with watched.page.context.expect_page() as opened:
        watched.page.locator("a.btn[target=_blank]").click()
    tab = opened.value
    tab.get_by_role("button", name=f"@{HANDLE}").click()
    code = tab.locator("code").inner_text()
    tab.close()
    return str(code)


@pytest.mark.parametrize("name", ["x", "mastodon"])
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_an_account_is_connected_by_a_code_that_a_person_copies(
    chromium: Any, served: Served, network: Site, name: str, width: int, theme: Any
) -> None:
    tokens = network.add_account(name, HANDLE, "Polres Baru")
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=theme
    )
    watched = Watched(context, served, "admin")
    page = watched.page
    begin(watched, network, tokens)
    watched.whole(f"masuk-{name}-kode")
    code_of(watched)
    page.get_by_label("2. Salin kode").fill("0000000")
    page.get_by_role("button", name="Sambungkan").click()
    page.wait_for_url("**/akun/masuk/kode")
    assert "Jaringan menolak kode itu" in page.locator("main").inner_text()
    watched.whole(f"masuk-{name}-ditolak")
    assert [one for one in watched.complaints if "400" not in one] == []
    watched.complaints.clear()
    begin(watched, network, tokens)
    page.get_by_label("2. Salin kode").fill(code_of(watched))
    page.get_by_role("button", name="Sambungkan").click()
    page.wait_for_url("**/akun?kabar=gladi*")
    assert HANDLE in page.locator("main").inner_text()
    watched.whole(f"masuk-{name}-tersambung")
    assert watched.complaints == []
    context.close()
