"""The emergency lane: fixed templates, one signature before, one after the fact.

Only a template that says so may be asked for here, and nothing goes out but what it
says of its fields. One signature of somebody else lets it out at once; for the other
see :mod:`pipeline.countersigning`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.words import N_
from models.announcement import Announcement
from models.approval import Content
from models.errors import InvalidInput, NotFound
from models.office import Office
from models.person import May, Person
from models.template import template
from pipeline import announcing, templating
from pipeline.announcing import AnnouncementForm
from pipeline.unit import Work

_FREE = N_(
    "Isinya bukan lagi isi templat darurat. Kembalikan kepada penulis, lalu pakai "
    "jalur biasa."
)


def ask(
    work: Work,
    by: Person,
    code: str,
    given: Mapping[str, str],
    accounts: Collection[int],
    now: datetime,
    reason: str = "",
    repeat_reason: str = "",
) -> int:
    """Fill in a template and ask for it in the emergency lane; return its number.

    Args:
        code: of the template.
        given: its fields, as typed.
        accounts: where it goes.
        reason, repeat_reason: as for :func:`announcing.ask`.

    Raises:
        InvalidInput: the template is not for this lane, a field cannot be used, or as
            for :func:`announcing.ask`. NotAllowed, NotFound: as named.
    """
    by.must(May.WRITE)
    if not template(code).emergency:
        raise InvalidInput(N_("Templat ini tidak untuk jalur darurat."), "template")
    form = _form(work, code, given, accounts)
    number = announcing.draft(work, by, form, now)
    kept = {name: value for name, value in given.items() if value.strip()}
    work.announcements.get(number).emergency = json.dumps(
        {"template": code, "fields": kept}, ensure_ascii=False, sort_keys=True
    )
    work.session.flush()
    announcing.ask(work, by, number, now, reason, repeat_reason)
    work.audit.act(by, "announcement.emergency", Announcement, number, now, code)
    return number


def must_be_fixed(work: Work, content: Content) -> None:
    """Refuse what is not exactly what its template says of its fields.

    Raises:
        InvalidInput: as said.
    """
    try:
        kept = json.loads(content.emergency)
        one = template(kept["template"])
        accounts = [part.account_id for part in content.parts]
        form = _form(work, one.code, kept["fields"], accounts)
    except (ValueError, KeyError, NotFound, InvalidInput):
        raise InvalidInput(_FREE, "template") from None
    said = {part.account_id: part.text for part in content.parts}
    wanted = {number: text or form.body for number, text in form.variants.items()}
    plain = not (
        content.media_sha256
        or content.letter_number
        or content.corrects
        or content.publish_at
        or content.not_after
        or any(part.thread for part in content.parts)
    )
    same = (content.title, content.category) == (form.title, form.category)
    if not (one.emergency and plain and same and said == wanted):
        raise InvalidInput(_FREE, "template")


def _form(
    work: Work, code: str, given: Mapping[str, str], accounts: Collection[int]
) -> AnnouncementForm:
    office = work.offices.own()
    zone = ZoneInfo(office.timezone)
    known = {one.id: one for one in work.accounts.listed()}
    if not accounts or not set(accounts) <= set(known):
        raise InvalidInput(N_("Pilih paling sedikit satu akun."), "accounts")
    done = templating.filled(template(code), given, office.name, zone)
    return templating.form(done, [known[one] for one in sorted(accounts)])


def due(office: Office, now: datetime) -> datetime:
    """When an emergency that goes out now should have its other signature."""
    return now + timedelta(hours=office.countersign_hours)
