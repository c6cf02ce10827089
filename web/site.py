"""What one running dashboard stands on, and how it finds who is asking."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from config.formats import Formats
from config.keys import Vault
from config.settings import Settings
from config.words import DEFAULT, LANGUAGES, words
from models.dashboard import Dashboard, Day
from models.errors import KentonganError
from models.person import May, Person
from models.scope import OfficeScope
from pipeline import people
from pipeline.outlet import address
from pipeline.unit import Now, Store, Work
from web import rendering

COOKIE = "kentongan"
LANGUAGE_COOKIE = "bahasa"


class NotSignedIn(KentonganError):
    """Nobody is signed in on this browser."""


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of the process that pages use; ``engine`` is None in a web-only one."""

    store: Store
    settings: Settings
    vault: Vault
    engine: Any
    now: Now

    @property
    def secure(self) -> bool:
        """Whether cookies may travel over https only."""
        return self.settings.public_url.startswith("https:")


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of one signed-in person."""

    site: Site
    request: Request
    person: Person
    office_name: str
    office_code: str
    formats: Formats
    now: datetime = field()

    @property
    def scope(self) -> OfficeScope:
        return OfficeScope(self.person.office_id)

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def say(self, message: str, **values: object) -> str:
        """Translate a message that stands in the catalogue."""
        said = words(self.person.language).gettext(message)
        return said % values if values else said

    def may(self, what: May) -> bool:
        return self.person.may(what)

    def feed(self, form: str) -> str:
        """Where the office's public feed stands; empty when it is switched off."""
        on = self.site.settings.public_feed
        return address(self.office_code, form) if on else ""

    @property
    def reads_integrity(self) -> bool:
        return self.person.may(May.READ_INTEGRITY)

    @contextmanager
    def read(self) -> Iterator[Work]:
        with self.site.store.read(self.scope) as work:
            yield work

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Work]:
        with self.site.store.write(self.scope, durable=durable) as work:
            yield work

    def day(self, day: date) -> Day:
        """A calendar day of the office with its bounds."""
        start = self.formats.start_of(day)
        return Day(day, start, self.formats.start_of(day + timedelta(days=1)))

    @property
    def today(self) -> date:
        return self.formats.day_of(self.now)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a whole page in the frame."""
        with self.read() as work:
            frame = _frame(self, Dashboard(work.session))
            frame["asked_series"] = work.series.count_asked()
        return self._render(template, status, {**values, **frame})

    def fragment(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Render a part of a page, for htmx."""
        return self._render(template, status, values)

    def go(self, address: str, news: str = "") -> RedirectResponse:
        """Send the browser on after a write; ``news`` is a code of rendering.NEWS."""
        if news:
            address += ("&" if "?" in address else "?") + f"kabar={quote(news)}"
        return RedirectResponse(address, status_code=303)

    def _render(
        self, template: str, status: int, values: Mapping[str, Any]
    ) -> HTMLResponse:
        html = rendering.render(
            template,
            self.person.language,
            self.formats,
            {
                "desk": self,
                "person": self.person,
                "now": self.now,
                "path": self.request.url.path,
                **values,
            },
        )
        return HTMLResponse(html, status_code=status)


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def desk_of(request: Request) -> Desk:
    """Find who is asking.

    Raises:
        NotSignedIn: nobody, or their sign-in has ended.
    """
    site = site_of(request)
    now = site.now()
    token = request.cookies.get(COOKIE, "")
    person = people.person_of(site.store, token, now) if token else None
    if person is None:
        raise NotSignedIn
    with site.store.read(OfficeScope(person.office_id)) as work:
        office = work.offices.by_id(person.office_id)
    language = person.language if person.language in LANGUAGES else DEFAULT
    return Desk(
        site=site,
        request=request,
        person=replace(person, language=language),
        office_name=office.name,
        office_code=office.code,
        formats=Formats(language, ZoneInfo(office.timezone)),
        now=now,
    )


def allowed(what: May) -> Callable[[Desk], Desk]:
    """A dependency that lets only some roles in."""

    def check(desk: Annotated[Desk, Depends(desk_of)]) -> Desk:
        desk.person.must(what)
        return desk

    return check


Signed = Annotated[Desk, Depends(desk_of)]
Administrator = Annotated[Desk, Depends(allowed(May.ADMINISTER))]


def _frame(desk: Desk, dashboard: Dashboard) -> dict[str, Any]:
    return {
        "waiting": dashboard.waiting().count,
        "asked": dashboard.asked(),
        "needing": dashboard.needing_person(),
        "coverage": dashboard.coverage(),
        "newest": dashboard.newest_item(),
        "alarms": dashboard.emergencies(most=3),
        "news": rendering.NEWS.get(desk.request.query_params.get("kabar", "")),
    }
