"""One post, told in the browser: written, approved, out, answered, an idea, reported.

A real engine, a real server and a sandbox of both networks; people press what they see.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import demo_town
from cli.serving import address_of, bind, serving
from config.keys import Vault, open_vault
from config.settings import Settings, load_settings
from models.person import Person
from models.scope import OfficeScope
from models.states import Role
from pipeline import accounts, people, setup
from pipeline.engine import Engine
from pipeline.unit import Store, now_utc
from sandbox.site import Site
from web.app import create_app

pytestmark = pytest.mark.chromium

HANDLE = demo_town.HANDLE
TITLE = "Jam layanan SKCK"
TEXT = "Loket SKCK buka Senin–Sabtu pukul 08.00–15.00 WIB. Ada saran? Balas di sini."
ANSWER = (
    f"@{HANDLE} Usul: loket SKCK dibuka juga hari Minggu pagi, supaya yang bekerja "
    "Senin sampai Sabtu bisa mengurus."
)
IDEA = "Loket SKCK hari Minggu"
SOON = 20  # seconds until what happens by itself must have happened
LOOK_AGAIN = 1_000  # milliseconds between two looks at a page that stands still


@dataclass(frozen=True)
class Town:
    """A dashboard that runs, the networks it publishes on, and its office."""

    address: str
    site: Site
    store: Store
    office: OfficeScope

    def link(self, login: str) -> str:
        """A one-time address that signs ``login`` in."""
        with self.store.read(self.office) as work:
            user = work.offices.user_by_login(login)
            assert user is not None
        code = people.make_link(self.store, self.office, user.id, now_utc())
        return f"{self.address}/masuk/tautan?kode={code}"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        line = bind("127.0.0.1", 0)
        address = address_of(line)
        site = stack.enter_context(Site.start(dashboard_url=address))
        settings = quick(tmp_path, site, address)
        store = Store(settings.database_url)
        stack.callback(store.close)
        office, vault = found(store, settings)
        connect(store, vault, settings, site, office)
        engine = Engine(settings, store, vault)
        engine.start()
        stack.callback(engine.stop)
        app = create_app(store, settings, vault, engine)
        stack.enter_context(serving(app, line))
        yield Town(address, site, store, office)


def quick(folder: Path, site: Site, address: str) -> Settings:
    """The usual settings with short delays, and the sandbox allowed."""
    second = timedelta(seconds=1)
    return load_settings(
        database_url=f"sqlite:///{folder / 'kentongan.db'}",
        key_file=folder / "kentongan.key",
        public_url=address,
        inner_hosts=frozenset({site.url.removeprefix("http://")}),
        publish_every=second,
        settle_every=second,
        mentions_every=second,
        classify_every=second,
        host_gap=timedelta(milliseconds=50),
        engine="linear",
    )


def found(store: Store, settings: Settings) -> tuple[OfficeScope, Vault]:
    """An office with the people of the demo."""
    setup.prepare(store, settings)
    (login, name, _), *others = demo_town.PEOPLE
    office = setup.first_office(
        store,
        settings,
        code=demo_town.OFFICE_CODE,
        name=demo_town.OFFICE_NAME,
        login=login,
        person=name,
        password=None,
        now=now_utc(),
    )
    with store.write(office) as work:
        for login, name, role in others:
            people.add_user(
                work, office.office_id, login, name, Role(role), None, now_utc()
            )
    return office, open_vault(settings)


def connect(
    store: Store, vault: Vault, settings: Settings, site: Site, office: OfficeScope
) -> None:
    """One account a network, out of rehearsal."""
    with store.read(office) as work:
        user = work.offices.user_by_login(demo_town.PEOPLE[0][0])
        assert user is not None
        admin = Person(user.id, user.office_id, user.name, user.role)
    for network in ("x", "mastodon"):
        tokens = site.add_account(network, HANDLE, demo_town.OFFICE_NAME)
        account_id = accounts.connect_account(
            store,
            vault,
            settings,
            admin,
            network=network,
            base_url=site.url,
            secrets=tokens.secrets,
            now=now_utc(),
        )
        with store.write(office) as work:
            accounts.golive(work, admin, account_id, now_utc())


class Reader:
    """A person at a browser of their own; what the console says is kept."""

    def __init__(self, chromium: Any, town: Town, login: str) -> None:
        from playwright.sync_api import expect

        self.expect = expect
        self.address = town.address
        self.complaints: list[str] = []
        self.context = chromium.new_context(viewport={"width": 1366, "height": 768})
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(town.link(login))
        self.press("Masuk")
        expect(self.page).to_have_url(f"{town.address}/")

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def menu(self, word: str) -> None:
        """Follow the main menu."""
        menu = self.page.get_by_role("navigation", name="Menu utama")
        menu.get_by_role("link", name=re.compile(f"^{word}")).click()

    def press(self, word: str) -> None:
        self.page.get_by_role("button", name=word, exact=True).click()

    def sees(self, where: str, text: str, count: int = 1) -> None:
        """``count`` parts of the page hold the text."""
        found = self.page.locator(where).filter(has_text=text)
        self.expect(found).to_have_count(count)

    def sees_soon(self, where: str, text: str, count: int = 1) -> None:
        """As :meth:`sees`, of a page that must be loaded again to change."""
        found = self.page.locator(where).filter(has_text=text)
        for _ in range(SOON):
            try:
                self.expect(found).to_have_count(count, timeout=LOOK_AGAIN)
            except AssertionError:
                self.page.reload()
            else:
                return
        self.expect(found).to_have_count(count)

    def leave(self) -> None:
        self.context.close()
        assert self.complaints == []


@pytest.mark.long(25)
def test_a_post_is_written_approved_published_answered_and_reported(
    chromium: Any, town: Town
) -> None:
    officer = Reader(chromium, town, "ratna")
    address = writes_and_asks(officer)
    may_not_approve_it(officer, town, address, "Peran Anda tidak mengizinkan ini")
    assert town.site.posts() == []

    approver = Reader(chromium, town, "wirawan")
    approves(approver)
    assert town.site.wait_for_posts(2, HANDLE, timeout=SOON)
    posts = town.site.posts(HANDLE)
    assert sorted(post.network.value for post in posts) == ["mastodon", "x"]
    assert [post.text for post in posts] == [TEXT, TEXT]
    officer.menu("Kiriman")
    officer.sees_soon("tbody tr", "Terbit", count=2)

    (answered,) = town.site.posts(HANDLE, "x")
    town.site.write("x", "bu_tini", ANSWER, name="Bu Tini", reply_to=answered.id)
    hears_the_answer(officer)
    makes_it_an_idea(officer)
    reports(approver)
    officer.leave()
    approver.leave()


def test_an_approver_may_not_approve_their_own_post(chromium: Any, town: Town) -> None:
    approver = Reader(chromium, town, "wirawan")
    address = writes_and_asks(approver)
    may_not_approve_it(approver, town, address, "Tulisan sendiri disetujui orang lain")
    assert town.site.posts() == []
    approver.leave()


def writes_and_asks(person: Reader) -> str:
    """Write on *Tulis* for both accounts; the address of the approval's page."""
    page, expect = person.page, person.expect
    person.menu("Tulis")
    page.get_by_label("Judul").fill(TITLE)
    page.get_by_label("Teks semua akun").fill(TEXT)
    chosen = page.get_by_role("group", name="Akun").get_by_role("checkbox")
    expect(chosen).to_have_count(2)
    for one in chosen.all():
        expect(one).to_be_checked()
    expect(page.locator("#pratinjau")).to_contain_text(TEXT)
    person.press("Minta persetujuan")
    person.sees("[role=status]", "Persetujuan diminta")
    page.get_by_role("link", name="Lihat yang diminta").click()
    person.sees(".pv-t", TEXT, count=2)
    return str(page.url)


def may_not_approve_it(person: Reader, town: Town, address: str, why: str) -> None:
    """No button is there; a form made by hand is refused too, with ``why``."""
    page = person.page
    person.sees(".ap-act", "Ini tulisan Anda")
    decide = page.get_by_role("button", name="Setujui dan jadwalkan")
    person.expect(decide).to_have_count(0)
    number = int(address.rsplit("/", 1)[1])
    with town.store.read(town.office) as work:
        code = work.announcements.content(number).hash
    forger = person.context.new_page()  # its console tells of the refusal, rightly
    forger.goto(address)
    forger.evaluate(
        """([to, code]) => { const form = document.createElement('form');
        form.method = 'post'; form.action = to;
        const field = document.createElement('input');
        field.name = 'kode'; field.value = code;
        form.append(field); document.body.append(form); form.submit(); }""",
        [f"{address}/setujui", code],
    )
    refused = forger.get_by_role("heading", name=why)
    person.expect(refused).to_be_visible()
    forger.close()
    page.reload()
    person.sees(".ap-act", "Ini tulisan Anda")  # it still waits for somebody else


def approves(approver: Reader) -> None:
    approver.menu("Persetujuan")
    approver.sees(".pv-t", TEXT, count=2)
    approver.press("Setujui dan jadwalkan")
    approver.sees("[role=status]", "Disetujui dan dijadwalkan.")


def hears_the_answer(officer: Reader) -> None:
    """The open page tells of it by itself; it is read, labelled and without a name."""
    page, expect = officer.page, officer.expect
    news = page.locator("#baru").get_by_role("link", name="1 suara baru")
    expect(news).to_be_visible(timeout=SOON * 1_000)
    news.click()
    expect(page).to_have_url(f"{officer.address}/suara?tampil=semua")
    officer.sees_soon(".in-item .meta", "SKCK")
    label = page.locator(".in-item .meta").get_by_text("Saran", exact=True)
    expect(label).to_be_visible()
    page.locator(".in-item").click()
    detail = page.get_by_role("region", name="Rincian suara")
    expect(detail.locator(".say")).to_contain_text("dibuka juga hari Minggu pagi")
    expect(detail).to_contain_text("Di bawah pengumuman")
    expect(detail.get_by_role("link", name=TITLE)).to_be_visible()
    why = detail.locator(".k-why")
    expect(why.get_by_role("row", name="Jenis")).to_contain_text("Saran")
    expect(why.get_by_role("row", name="Layanan")).to_contain_text("SKCK")
    expect(why).not_to_contain_text("Belum pasti")
    expect(page.locator("body")).not_to_contain_text("Bu Tini")


def makes_it_an_idea(officer: Reader) -> None:
    page, expect = officer.page, officer.expect
    page.get_by_label("Saran baru").fill(IDEA)
    officer.press("Buat saran")
    officer.sees("[role=status]", "Saran dicatat.")
    officer.sees("[role=status]", "Warganya belum dijawab.")
    expect(page.get_by_role("link", name="Balas di X")).to_be_visible()
    officer.press("Tandai sudah dijawab")
    officer.sees("[role=status]", "Suara ditandai.")
    officer.menu("Saran")
    card = page.get_by_role("listitem").filter(has_text=IDEA)
    expect(card.locator(".ppl")).to_have_text("1 warga")
    card.get_by_role("link").click()
    expect(page.get_by_role("heading", name=IDEA)).to_be_visible()
    expect(page.locator(".quotes li")).to_have_count(1)
    expect(page.locator(".quotes")).to_contain_text("“Usul: loket SKCK dibuka juga")
    expect(page.locator(".ppl")).to_have_text("1 warga")


def reports(approver: Reader) -> None:
    """The chief's page, made now, shows what went out and what was proposed."""
    page, expect = approver.page, approver.expect
    approver.menu("Laporan")
    approver.press("Buat dengan angka sekarang")
    out = page.locator("section.k-card").filter(
        has=page.get_by_role("heading", name="Yang terbit")
    )
    expect(out.get_by_role("listitem")).to_have_count(1)
    expect(out).to_contain_text(TITLE)
    expect(out).to_contain_text("2 akun")
    wanted = page.locator("section.k-card").filter(
        has=page.get_by_role("heading", name="Yang diminta warga")
    )
    expect(wanted.get_by_role("listitem")).to_have_count(1)
    expect(wanted).to_contain_text(IDEA)
    expect(wanted).to_contain_text("“Usul: loket SKCK dibuka juga")
    expect(page.locator("body")).not_to_contain_text("Bu Tini")
