"""The main job from end to end on a sandbox, driven by the real scheduler.

Demo settings shorten the polite delays; nothing else is special.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from cli import demo_town
from cli.serving import address_of, bind, serving
from config.keys import Vault, open_vault
from config.settings import Settings, load_settings
from models.person import Person
from models.progress import Counts, Progress
from models.scope import OfficeScope
from models.states import Role
from pipeline import (
    accounts,
    announcing,
    approving,
    ideas,
    people,
    reporting,
    setup,
    sources,
)
from pipeline.engine import Engine
from pipeline.pictures import ImageForm
from pipeline.unit import Store, now_utc
from sandbox.scenario import play, seed
from sandbox.site import Site

PATIENCE = timedelta(seconds=75)  # until everything must have arrived
QUIET = timedelta(seconds=6)  # nothing new for so long: the story is told
SPEED = 1.0  # of the sandbox's little story
_LOOK_EVERY = 0.5  # seconds


class Demonstration:
    """One run; what it needs lies in ``folder``."""

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        say: Callable[[str], None],
        translate: Callable[[str], str],
    ) -> None:
        self._folder = folder
        self._port = port
        self._say = say
        self._ = translate

    def run(self, *, once: bool) -> None:
        """Play everything; stay until Ctrl-C unless ``once``."""
        with ExitStack() as stack:
            line = bind("127.0.0.1", self._port)
            dashboard = address_of(line)
            site = stack.enter_context(Site.start(dashboard_url=dashboard))
            settings = self._settings(site, dashboard)
            store = Store(settings.database_url)
            stack.callback(store.close)
            vault, office = self._found(store, settings)
            staff = self._staff(store, office)
            self._connect(store, vault, settings, site, staff)
            self._announce(store, office, staff)
            stack.enter_context(self._engine(store, settings, vault, line))
            stack.enter_context(self._story(site))
            counts = self._watch(store, office, site)
            self._conclude(store, office, staff)
            self._summary(counts, site, store, office, staff, dashboard)
            if not once:
                self._stay()

    # setting up

    def _settings(self, site: Site, dashboard: str) -> Settings:
        """The usual settings with short delays, and the sandbox allowed."""
        second = timedelta(seconds=1)
        return load_settings(
            database_url=f"sqlite:///{self._folder / 'kentongan.db'}",
            key_file=self._folder / "kentongan.key",
            public_url=dashboard,
            inner_hosts=frozenset({site.url.removeprefix("http://")}),
            publish_every=second,
            settle_every=second,
            mentions_every=2 * second,
            feeds_every=second,
            feed_interval=3 * second,
            feed_floor=3 * second,
            host_gap=timedelta(milliseconds=50),
            classify_every=second,
            log_level="ERROR",
        )

    def _found(self, store: Store, settings: Settings) -> tuple[Vault, OfficeScope]:
        from config.logging import configure

        configure(settings)
        setup.prepare(store, settings)
        login, name, _role = demo_town.PEOPLE[0]
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
        return open_vault(settings), office

    def _staff(self, store: Store, office: OfficeScope) -> dict[Role, Person]:
        with store.write(office) as work:
            for login, name, role in demo_town.PEOPLE[1:]:
                people.add_user(
                    work, office.office_id, login, name, Role(role), None, now_utc()
                )
            return {
                user.role: Person(user.id, user.office_id, user.name, user.role)
                for user in work.offices.users()
            }

    def _connect(
        self,
        store: Store,
        vault: Vault,
        settings: Settings,
        site: Site,
        staff: dict[Role, Person],
    ) -> None:
        """Connect one account a network and subscribe to the town's two papers."""
        admin = staff[Role.ADMIN]
        office = OfficeScope(admin.office_id)
        for network, tokens in seed(site).items():
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
        for slug, paper in site.world.newsroom.feeds.items():
            with store.write(office) as work:
                sources.add_source(
                    work,
                    admin,
                    site.feed_url(slug),
                    paper.title,
                    now_utc(),
                    inner_hosts=settings.inner_hosts,
                )
        self._say(self._("✓ dua akun tersambung dan aktif, dua koran dilanggan"))

    def _announce(
        self, store: Store, office: OfficeScope, staff: dict[Role, Person]
    ) -> None:
        """The officer writes and asks; the head of the desk approves."""
        author, head = staff[Role.OFFICER], staff[Role.APPROVER]
        start = now_utc()
        for planned in demo_town.PLAN:
            with store.write(office, durable=True) as work:
                form = announcing.AnnouncementForm(
                    title=planned.title,
                    body=planned.body,
                    variants={one.id: "" for one in work.accounts.listed()},
                    publish_at=start + planned.after,
                    not_after=start + timedelta(hours=3),
                    category=planned.category,
                    image=ImageForm(demo_town.picture(), demo_town.ALT_TEXT)
                    if planned.with_picture
                    else None,
                )
                number = announcing.draft(work, author, form, start)
                announcing.ask(work, author, number, start)
                content = work.announcements.content(number)
                approving.approve(work, head, number, content.hash, start)
        self._say(
            self._("✓ {n} pengumuman ditulis, disetujui, dan dijadwalkan").format(
                n=len(demo_town.PLAN)
            )
        )

    # running

    @contextmanager
    def _engine(
        self, store: Store, settings: Settings, vault: Vault, line: object
    ) -> Iterator[Engine]:
        from web.app import create_app

        engine = Engine(settings, store, vault)
        engine.start()
        try:
            with serving(create_app(store, settings, vault, engine), line):  # type: ignore[arg-type]
                yield engine
        finally:
            engine.stop()

    @contextmanager
    def _story(self, site: Site) -> Iterator[None]:
        """The town's people write, and its papers print, while the body runs."""
        stop = threading.Event()
        site.cut_the_line_after_accepting("/api/v1/statuses")  # one answer is lost
        thread = threading.Thread(
            target=play,
            args=(site, SPEED, stop),
            kwargs={"until_stopped": True},
            name="story",
            daemon=True,
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(5)

    def _watch(self, store: Store, office: OfficeScope, site: Site) -> Counts:
        """Say what arrives until all of it has, and it is quiet; return the counts."""
        until = time.monotonic() + PATIENCE.total_seconds()
        said: Counts | None = None
        changed = time.monotonic()
        while True:
            with store.read(office) as work:
                counts = Progress(work.session).counts()
            if counts != said:
                self._say(self._progress(counts))
                said, changed = counts, time.monotonic()
            quiet = time.monotonic() - changed > QUIET.total_seconds()
            if quiet and self._complete(counts, site):
                return counts
            if time.monotonic() > until:
                self._say(self._("! belum semuanya tiba; peragaan diteruskan"))
                return counts
            time.sleep(_LOOK_EVERY)

    @staticmethod
    def _complete(counts: Counts, site: Site) -> bool:
        """Whether what stands on the networks has reached the inbox, and is read."""
        addressed = sum(
            f"@{demo_town.HANDLE}" in post.text.lower() for post in site.posts()
        )
        return (
            counts.published == counts.deliveries
            and counts.voices >= addressed
            and counts.articles > 0
            and counts.labelled == counts.items
        )

    def _progress(self, counts: Counts) -> str:
        return self._(
            "  terbit {published}/{deliveries} · suara warga {voices} · "
            "berita {articles} · dibaca model {labelled}/{items}"
        ).format(
            published=counts.published,
            deliveries=counts.deliveries,
            voices=counts.voices,
            articles=counts.articles,
            labelled=counts.labelled,
            items=counts.items,
        )

    # what people do with it

    def _conclude(
        self, store: Store, office: OfficeScope, staff: dict[Role, Person]
    ) -> None:
        """A suggestion becomes an idea, and the chief's page is made."""
        officer = staff[Role.OFFICER]
        with store.write(office) as work:
            found = Progress(work.session).suggestions()
            if found:
                first = found[0]
                same = [one.id for one in found if one.service is first.service]
                name = ideas.title_of(first.title, first.text)
                ideas.make_idea(work, officer, same, name, first.service, now_utc())
        reporting.make_report(store, office, now_utc())

    def _summary(
        self,
        counts: Counts,
        site: Site,
        store: Store,
        office: OfficeScope,
        staff: dict[Role, Person],
        dashboard: str,
    ) -> None:
        _ = self._
        posts = len(site.posts(demo_town.HANDLE))
        self._say("")
        self._say(
            _(
                "Selesai: {published} kiriman terbit, {posts} di jaringan, tanpa ganda;"
            ).format(published=counts.published, posts=posts)
        )
        self._say(
            _(
                "{voices} suara warga dan {articles} berita terkumpul dan dibaca."
            ).format(voices=counts.voices, articles=counts.articles)
        )
        self._say("")
        for role in (Role.OFFICER, Role.APPROVER):
            person = staff[role]
            token = people.make_link(
                store, office, person.user_id, now_utc(), minutes=12 * 60
            )
            self._say(f"  {person.name}:")
            self._say(f"    {dashboard}/masuk/tautan?kode={token}")
        self._say(_("  Menulis sebagai warga: {url}").format(url=site.url))

    def _stay(self) -> None:
        self._say("")
        self._say(self._("Ctrl-C mengakhiri peragaan."))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self._say(self._("Sampai jumpa."))
