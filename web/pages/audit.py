"""*Catatan audit*: who did what, whether the chain is whole, and the proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from config.words import N_
from models.audit import PAGE, Wanted
from models.audit_words import GROUPS, act
from models.chain import INSTALLATION
from models.chain_check import Verdict
from models.errors import InvalidInput
from models.person import May
from pipeline import auditing, evidence
from web.asking import Id, whole
from web.site import Desk, allowed

router = APIRouter()
Auditor = Annotated[Desk, Depends(allowed(May.AUDIT))]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they were typed, to be shown again and carried on."""

    pelaku: str = ""
    tindakan: str = ""
    dari: str = ""
    sampai: str = ""

    def wanted(self, desk: Desk) -> Wanted:
        """What to look for.

        Raises:
            InvalidInput: a date cannot be read.
        """
        since, until = _day(self.dari, "dari"), _day(self.sampai, "sampai")
        after = until + timedelta(days=1) if until else None
        return Wanted(
            user_id=whole(self.pelaku),
            action=self.tindakan if self.tindakan in GROUPS else "",
            since=desk.formats.start_of(since) if since else None,
            until=desk.formats.start_of(after) if after else None,
        )

    def query(self, **more: object) -> str:
        """The address of the page with these filters."""
        values = {
            "pelaku": self.pelaku,
            "tindakan": self.tindakan,
            "dari": self.dari,
            "sampai": self.sampai,
            **more,
        }
        chosen = {name: value for name, value in values.items() if value}
        return f"/catatan?{urlencode(chosen)}" if chosen else "/catatan"

    @property
    def any(self) -> bool:
        """Whether something is filtered at all."""
        return self != Asked()


@router.get("/catatan")
def show(
    desk: Auditor, asked: Annotated[Asked, Depends()], sebelum: str = ""
) -> Response:
    return _page(desk, asked, before=whole(sebelum))


@router.post("/catatan/periksa")
def verify(desk: Auditor) -> Response:
    """Check every row now, and say what is broken."""
    verdicts = auditing.verify(desk.site.store, desk.person, desk.now)
    return _page(desk, Asked(), verdicts=verdicts)


@router.get("/catatan/ekspor.jsonl")
def export(desk: Auditor) -> Response:
    """The whole chain of the office, its head in the last line."""
    lines = auditing.exported(desk.site.store, desk.person, desk.now)
    name = f"catatan-{desk.today.isoformat()}.jsonl"
    return StreamingResponse(
        lines,
        media_type="application/jsonl",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/catatan/bukti/{announcement_id}")
def proof(desk: Auditor, announcement_id: Id) -> Response:
    """The evidence of one announcement, as a zip."""
    with desk.read() as work:
        made = evidence.bundle(work, desk.person, announcement_id, desk.now)
    return Response(
        made.content,
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{made.name}"'},
    )


def _page(
    desk: Desk,
    asked: Asked,
    before: int | None = None,
    verdicts: Sequence[Verdict] = (),
) -> Response:
    error = None
    try:
        wanted = asked.wanted(desk)
    except InvalidInput as wrong:
        error, wanted = wrong, Wanted()
    with desk.read() as work:
        rows = work.audit.listed(wanted, before=before, limit=PAGE + 1)
        head = work.audit.head(desk.person.office_id)
        stands = work.audit.stands(desk.person.office_id)
        users = work.offices.users()
        accounts = work.accounts.listed()
    shown = rows[:PAGE]
    return desk.page(
        "pages/audit.jinja",
        status=422 if error else 200,
        rows=shown,
        onward=asked.query(sebelum=shown[-1].number) if len(rows) > PAGE else "",
        filters=asked,
        error=error,
        first=before is None,
        head=head,
        stands=stands,
        users=users,
        handles={one.id: f"@{one.handle.removeprefix('@')}" for one in accounts},
        names_of={user.id: user.name for user in users},
        verdicts=verdicts,
        INSTALLATION=INSTALLATION,
        GROUPS=GROUPS,
        act=act,
    )


def _day(text: str, field: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(N_("Tanggal tidak dapat dibaca."), field) from None
