"""*Suasana*: how people feel day by day, with base, range and gaps."""

import csv
import io
from datetime import date, timedelta

from fastapi import APIRouter, Response

from models.mood import Mood, Moods
from models.shares import Change, change
from web.site import Desk, Signed

router = APIRouter()
SPANS = (7, 14, 30, 90)
COMPARED = 7  # days


@router.get("/suasana")
def show(desk: Signed, hari: int = 14) -> Response:
    span = hari if hari in SPANS else 14
    with desk.read() as work:
        moods = Moods(work.session)
        days = moods.of(_days(desk, max(span, 2 * COMPARED))).days
        services = moods.services(_days(desk, span))
    week, before = Mood(days[-COMPARED:]), Mood(days[-2 * COMPARED : -COMPARED])
    return desk.page(
        "pages/mood.jinja",
        span=span,
        spans=SPANS,
        mood=Mood(days[-span:]),
        week=week,
        before=before,
        turn_negative=change(before.negative, week.negative),
        turn_positive=change(before.positive, week.positive),
        services=services,
        Change=Change,
    )


@router.get("/suasana.csv")
def table(desk: Signed, hari: int = 14) -> Response:
    span = hari if hari in SPANS else 14
    with desk.read() as work:
        mood = Moods(work.session).of(_days(desk, span))
    out = io.StringIO()
    writer = csv.writer(out)
    heads = ("Hari", "Negatif", "Netral", "Positif", "Belum pasti", "Salinan")
    writer.writerow([desk.say(head) for head in heads])
    for day in mood.days:
        writer.writerow(
            [
                day.day.isoformat(),
                day.negative,
                day.neutral,
                day.positive,
                day.unsure,
                day.copies,
            ]
        )
    name = f"suasana-{desk.today.isoformat()}.csv"
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _days(desk: Desk, span: int) -> list[date]:
    return [desk.today - timedelta(days=back) for back in range(span - 1, -1, -1)]
