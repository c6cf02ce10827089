"""The chief's morning page: made by the clock once a day per office, or when asked."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import structlog

from config.settings import Settings
from models.clock import Report
from models.errors import NotFound
from models.office import Office
from models.pages import Pages
from models.person import May, Person
from models.scope import OfficeScope, SystemScope
from models.summary import Summaries
from pipeline.unit import Store, Work
from reports.assembly import assemble
from reports.summary import Summary, from_json, to_json
from reports.text import to_text

MORNING = time(6, 0)

log = structlog.get_logger(__name__)


def make_report(
    store: Store,
    office: OfficeScope,
    now: datetime,
    *,
    report_at: time = MORNING,
    by: Person | None = None,
) -> Report:
    """Make today's page from the numbers as they stand; the day's earlier one goes.

    No transaction is open while the PDF is laid out.

    Args:
        report_at: when yesterday's page was made, local time: this one begins there.
        by: the person who asked; None when the clock did.

    Raises:
        NotAllowed: ``by`` may not read.
        PageTooFull: the page fits on no sheet; nothing was stored.
    """
    from reports.pdf import to_pdf

    if by is not None:
        by.must(May.READ)
    summary = summarise(store, office, now, report_at=report_at)
    page = Report(
        office_id=office.office_id,
        day=summary.day,
        made_at=now,
        numbers=to_json(summary),
        text=to_text(summary),
        pdf=to_pdf(summary),
    )
    with store.write(office) as work:
        Pages(work.session).keep(page)
        stored = report_of(work, summary.day)
        if by is not None:
            work.audit.act(by, "report.made", Report, stored.id, now)
    return stored


def summarise(
    store: Store, office: OfficeScope, now: datetime, *, report_at: time = MORNING
) -> Summary:
    """The numbers of this moment, not stored."""
    from pipeline.wiring import capabilities

    with store.read(office) as work:
        rows = Summaries(work.session)
        about = rows.office(office.office_id)
        return assemble(rows, about, now, report_at, lambda n: capabilities(n).title)


def latest(work: Work) -> Report | None:
    """The newest page of the office; its PDF loads while ``work`` is open."""
    return Pages(work.session).latest()


def report_of(work: Work, day: date) -> Report:
    """The page of one local day, with its PDF.

    Raises:
        NotFound: none was made.
    """
    page = Pages(work.session).of_day(day, with_pdf=True)
    if page is None:
        raise NotFound(f"no report of {day.isoformat()}")
    return page


def reports(work: Work, most: int = 31) -> Sequence[Report]:
    """The newest pages, newest first, without their PDFs."""
    return Pages(work.session).newest(most)


def summary_of(page: Report) -> Summary:
    """A stored page's numbers, as they stood when it was made."""
    return from_json(page.numbers)


def make_due_reports(store: Store, settings: Settings, now: datetime) -> int:
    """Make the page of every office whose morning has come; return how many.

    A machine that was off at the hour makes it when it is on again. One office's
    failure does not keep the page from the others; the next tick tries again.
    """
    with store.read(SystemScope("reports")) as work:
        offices = Summaries(work.session).offices()
    made = 0
    for office in offices:
        if not _due(store, office, settings.report_at, now):
            continue
        scope = OfficeScope(office.id)
        try:
            make_report(store, scope, now, report_at=settings.report_at)
        except Exception:  # the edge of this job: the other offices' pages go on
            log.exception("report_failed", office=office.code)
        else:
            made += 1
    return made


def _due(store: Store, office: Office, report_at: time, now: datetime) -> bool:
    """Whether the hour has come today and no page was made since."""
    zone = ZoneInfo(office.timezone)
    today = now.astimezone(zone).date()
    hour = datetime.combine(today, report_at, zone)
    if now < hour:
        return False
    with store.read(OfficeScope(office.id)) as work:
        page = Pages(work.session).of_day(today)
    return page is None or page.made_at < hour
