"""The guard at a terminal: what is held is said, and a reason lets it through."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.site import Site
from tests.terminal import Terminal


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


def test_what_is_held_is_said_and_asked_for_only_with_a_reason(
    tmp_path: Path, site: Site
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    terminal.run("user", "add", "wira", "--name", "Wirawan", "--role", "approver")
    terminal.environment["KENTONGAN_INNER_HOSTS"] = json.dumps(
        [site.url.removeprefix("http://")]
    )
    tokens = site.add_account("mastodon", "polres_baris")
    account = terminal.json(
        "account", "connect", "mastodon", "--base-url", site.url,
        **{name.upper(): value for name, value in tokens.secrets.items()},
    )  # fmt: skip
    assert isinstance(account, dict)
    drafted = terminal.json(
        "--as", "ratna", "announcement", "draft", "--title", "Orang hilang",
        "--body", "Keluarga Rafi: 081345678901.", "--account", str(account["id"]),
    )  # fmt: skip
    assert isinstance(drafted, dict)
    number = str(drafted["id"])
    ask = ("--as", "ratna", "announcement", "ask", number)
    held = terminal.try_(*ask)
    assert held.returncode == 1
    assert "Ditahan: Nomor ponsel pribadi “081345678901”" in held.stdout
    assert "Ada isi yang ditahan" in held.stderr
    terminal.run(*ask, "--reason", "Keluarga meminta nomornya disiarkan.")
    shown = terminal.run("--as", "wira", "announcement", "approve", number, "--yes")
    assert "Alasan Ratna: “Keluarga meminta nomornya disiarkan.”" in shown
    assert terminal.run("office", "contacts", "0813-4567-8901") == (
        "Kontak resmi disimpan.\n0813-4567-8901\n"
    )
    assert terminal.run("office", "contacts", "--clear") == "Kontak resmi disimpan.\n"
