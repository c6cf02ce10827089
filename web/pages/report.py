"""*Ringkasan pimpinan*: the morning page on screen, as PDF, and as text for a chat."""

from datetime import date

from fastapi import APIRouter, Response

from models.errors import NotFound
from models.labels import Sentiment
from pipeline import reporting
from reports.lead import lead
from reports.words import decision
from web.site import Signed

router = APIRouter()


@router.get("/laporan")
def show(desk: Signed, hari: str = "") -> Response:
    with desk.read() as work:
        page = reporting.report_of(work, _day(hari)) if hari else reporting.latest(work)
        others = reporting.reports(work)
    if page is None:
        return desk.page("pages/report.jinja", page=None, others=others)
    summary = reporting.summary_of(page)
    return desk.page(
        "pages/report.jinja",
        page=page,
        summary=summary,
        negative=summary.said.share(Sentiment.NEGATIVE),
        lead=lead(summary),
        decisions=[decision(one, summary.until) for one in summary.decisions],
        others=others,
    )


@router.post("/laporan")
def make(desk: Signed) -> Response:
    """Make today's page anew, with the numbers as they stand."""
    reporting.make_report(
        desk.site.store,
        desk.scope,
        desk.now,
        report_at=desk.site.settings.report_at,
        by=desk.person,
    )
    return desk.go("/laporan")


@router.get("/laporan/{day}.pdf")
def pdf(desk: Signed, day: str) -> Response:
    with desk.read() as work:
        content = reporting.report_of(work, _day(day)).pdf
    name = f"ringkasan-pimpinan-{day}.pdf"
    return Response(
        content,
        media_type="application/pdf",
        headers={"content-disposition": f'inline; filename="{name}"'},
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"report of {text!r}") from None
