"""The list of journalists on its page and on the command line; a mail account by web."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from models.account import LONG_AGO, Account
from models.problems import Problem
from models.recipient import Recipient
from models.scope import SystemScope
from models.states import AccountHealth, AccountMode
from tests.conftest import add_office
from tests.contract.mail_server import PASSWORD, USER, mail_server
from tests.terminal import Terminal
from tests.web_kit import AT, Dashboard, build

SITI = {"nama": "Siti Kabar", "media": "Kabar Sukamaju", "surel": "siti@kabar.example"}
SENDER = "Humas Polres <humas@sukamaju.example>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Dashboard]:
    built = build(tmp_path)
    yield built
    built.store.close()


@pytest.fixture
def account(site: Dashboard) -> int:
    """The office's mail account."""
    with site.store.write(site.seeded.office) as work:
        return work.accounts.add(
            Account(
                office_id=site.seeded.office.office_id,
                network="mail",
                handle="humas@sukamaju.example",
                base_url="smtp://surel.example:587",
                sealed_secrets=b"",
                mode=AccountMode.LIVE,
                health=AccountHealth.CONNECTED,
                hears=False,
                created_at=AT,
                lease_until=LONG_AGO,
                next_allowed_at=LONG_AGO,
                hear_next_at=AT,
                hear_lease_until=AT,
            )
        )


def listed(site: Dashboard) -> list[Recipient]:
    with site.store.read(SystemScope("test")) as work:
        return work.recipients.listed()


def join(browser: TestClient, account: int, **more: str) -> int:
    answer = browser.post("/wartawan", data=SITI | {"akun": str(account)} | more)
    return answer.status_code


def test_a_person_is_listed_shown_and_removed(site: Dashboard, account: int) -> None:
    browser = site.browser("dimas")
    assert join(browser, account) == 303
    page = browser.get("/wartawan").text
    assert "Siti Kabar" in page
    assert "siti@kabar.example" in page
    assert 'href="/wartawan"' in browser.get("/akun").text
    (one,) = listed(site)
    assert browser.post(f"/wartawan/{one.id}/hapus").status_code == 303
    assert "siti@kabar.example" not in browser.get("/wartawan").text
    assert browser.post(f"/wartawan/{one.id}/hapus").status_code == 404


def test_an_address_that_is_off_is_shown_and_used_again(
    site: Dashboard, account: int
) -> None:
    browser = site.browser("dimas")
    join(browser, account)
    (one,) = listed(site)
    with site.store.write(site.seeded.office) as work:
        refused = Problem.RECIPIENT_REFUSED
        work.recipients.turn_off(one.id, refused, "550 <b>tidak dikenal</b>", AT)
    page = browser.get("/wartawan").text
    assert "Tidak dipakai" in page
    assert "550 &lt;b&gt;tidak dikenal&lt;/b&gt;" in page
    assert browser.post(f"/wartawan/{one.id}/pakai").status_code == 303
    assert "Tidak dipakai" not in browser.get("/wartawan").text


@pytest.mark.parametrize(
    "wrong", [{"surel": "bukan"}, {"nama": " "}, {"surel": "a@b.example\nX: 1"}]
)
def test_what_cannot_be_written_to_is_explained(
    site: Dashboard, account: int, wrong: dict[str, str]
) -> None:
    assert join(site.browser("dimas"), account, **wrong) == 400
    assert listed(site) == []


def test_an_account_that_sends_no_letters_has_no_list(site: Dashboard) -> None:
    assert join(site.browser("dimas"), site.seeded.accounts["x"]) == 400


def test_a_foreign_page_and_another_office_change_nothing(
    site: Dashboard, account: int
) -> None:
    browser = site.browser("dimas")
    join(browser, account)
    (one,) = listed(site)
    foreign = {"origin": "https://jahat.test"}
    for address in (f"/wartawan/{one.id}/hapus", "/wartawan"):
        answer = browser.post(address, data=SITI, headers=foreign)
        assert answer.status_code == 403
    other = add_office(site.store, "lain", "Polres Lain")
    with site.store.read(other) as work:
        assert work.recipients.listed() == []
    assert browser.post("/wartawan/999/hapus").status_code == 404
    assert len(listed(site)) == 1


def test_without_a_mail_account_the_page_says_so(site: Dashboard) -> None:
    assert "Belum ada akun surel" in site.browser("dimas").get("/wartawan").text


def test_the_command_line_connects_and_keeps_a_list(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run(
        "init", "--code", "sukamaju", "--name", "Polres Kota Sukamaju", "--login",
        "admin", "--person", "Admin",
        stdin="kata-sandi-panjang-1\nkata-sandi-panjang-1\n",
    )  # fmt: skip
    keys = {"USERNAME": USER, "PASSWORD": PASSWORD, "SENDER": SENDER}
    with mail_server() as post:
        inner = {"KENTONGAN_INNER_HOSTS": post.place}
        told = terminal.run(
            "account", "connect", "mail", "--base-url", post.address, **keys, **inner
        )
        assert "humas@sukamaju.example" in told
        wrong = terminal.try_(
            "account", "connect", "mail", "--base-url", post.address,
            **keys | {"PASSWORD": "salah-sekali"}, **inner,
        )  # fmt: skip
    assert wrong.returncode == 1
    assert "salah-sekali" not in wrong.stderr + wrong.stdout
    terminal.run("recipient", "add", "1", "Siti Kabar", "Siti@Kabar.example")
    assert terminal.try_("recipient", "add", "1", "Siti", "bukan").returncode == 1
    (one,) = terminal.json("recipient", "list")  # type: ignore[misc]
    assert one["address"] == "siti@kabar.example"
    terminal.run("recipient", "remove", str(one["id"]))
    assert terminal.json("recipient", "list") == []


def test_letters_that_came_back_are_read_out_of_a_maildir_or_one_by_one(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    box = tmp_path / "surat"
    assert terminal.try_("recipient", "bounces", "--maildir", "surat").returncode == 1
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for name in ("satu", "dua"):
        (box / "new" / name).write_bytes(b"Subject: Halo\n\nBukan laporan")
    told = terminal.run("recipient", "bounces", "--maildir", "surat")
    assert told == "0 surat yang kembali dicatat.\n"
    assert len(list((box / "new").iterdir())) == 2, "they stay for a person"
    told = terminal.run("recipient", "bounces", stdin="Subject: Halo\n\nHalo")
    assert told == "0 surat yang kembali dicatat.\n"
