"""``kentongan announcement``: draft, ask, approve, schedule, list, cancel, evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.changes import show_changes, show_facts
from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cli.context import Context

app = typer.Typer(help="Announcements to the public.", no_args_is_help=True)

When = Annotated[
    str | None, typer.Option(metavar="'YYYY-MM-DD HH:MM'", help="In the office's zone.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def draft(
    title: Annotated[
        str, typer.Option(help="Headline of press release, web page and feed.")
    ],
    body: Annotated[str, typer.Option(help="The text; '-' reads standard input.")],
    account: Annotated[
        list[int], typer.Option(help="Account number; repeat for several.")
    ],
    variant: Annotated[
        list[str] | None,
        typer.Option(metavar="ACCOUNT=TEXT", help="Another text for one account."),
    ] = None,
    at: When = None,
    not_after: When = None,
    category: Annotated[
        str, typer.Option(metavar="CODE", help="Kind, as in docs/reference/kinds.md.")
    ] = "umum",
    letter_number: Annotated[
        str,
        typer.Option(metavar="NOMOR", help="Nomor surat; a press release shows it."),
    ] = "",
    image: Annotated[Path | None, typer.Option(help="JPEG or PNG.")] = None,
    video: Annotated[
        Path | None, typer.Option(help="MP4 (H.264, AAC), in place of an image.")
    ] = None,
    alt: Annotated[str, typer.Option(help="Describes the image or video.")] = "",
    thread: Annotated[
        bool, typer.Option("--thread", help="A text too long becomes a thread.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a new announcement; somebody else has to approve it."""
    import sys

    from pipeline.announcing import AnnouncementForm
    from pipeline.announcing import draft as write
    from pipeline.pictures import ImageForm
    from pipeline.unit import now_utc

    with opened() as here:
        zone = here.zone
        variants = dict.fromkeys(account, "") | _variants(variant or [])
        form = AnnouncementForm(
            title=title,
            body=sys.stdin.read() if body == "-" else body,
            variants=variants,
            threads=tuple(variants) if thread else (),
            publish_at=_moment(at, zone),
            not_after=_moment(not_after, zone),
            category=category,
            letter_number=letter_number,
            image=ImageForm(image.read_bytes(), alt) if image else None,
            video=_kept(here, video) if video else None,
            alt_text=alt,
        )
        with here.store.write(here.office) as work:
            announcement_id = write(work, here.person, form, now_utc())
    if as_json:
        print_json({"id": announcement_id})
    else:
        print(_("Draf nomor {id} disimpan.").format(id=announcement_id))


def _kept(here: "Context", video: Path) -> int:
    """Keep a video, and return its number."""
    from pipeline.unit import now_utc
    from pipeline.videos import keep

    most = here.settings.max_video_mib * 1024 * 1024
    with video.open("rb") as file:
        return keep(here.store, here.person, file, most, now_utc())


@app.command()
def ask(
    announcement_id: int,
    reason: Annotated[
        str, typer.Option(help="Why what the guard blocks must stand; is kept.")
    ] = "",
    repeat_reason: Annotated[
        str, typer.Option(help="Why the same text goes out again.")
    ] = "",
) -> None:
    """Ask for approval; the exact content is bound to the answer."""
    from pipeline.announcing import ask as ask_for
    from pipeline.unit import now_utc

    with opened() as here:
        _show_guard(here, announcement_id)
        with here.store.write(here.office) as work:
            ask_for(
                work, here.person, announcement_id, now_utc(), reason, repeat_reason
            )
    print(_("Menunggu persetujuan."))


@app.command()
def approve(
    announcement_id: int,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Show what would go out, then sign it; the last signature schedules it."""
    from pipeline.approving import approve as decide
    from pipeline.approving import changes
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.read(here.office) as work:
            content = work.announcements.content(announcement_id)
            approval = work.announcements.latest_approval(announcement_id)
            signed = work.signatures.of(approval.id) if approval else []
            steps = approval.steps if approval else 1
            names = work.offices.names({one.signed_by for one in signed})
            changed = changes(work, announcement_id)
        show_facts(content, here.zone)
        if changed is not None:
            show_changes(*changed, here.zone)
        for part in content.parts:
            for number, post in enumerate(part.posts, 1):
                of = f" {number}/{len(part.posts)}" if part.thread else ""
                say(f"── {part.network} {part.handle}{of}\n{post}\n")
        _show_guard(here, announcement_id)
        for one in signed:
            told = _("✓ Tanda tangan {step} dari {steps}: {name}")
            name = names.get(one.signed_by, "")
            say(told.format(step=one.step, steps=steps, name=name))
        if not yes and not typer.confirm(_("Setujui dan jadwalkan?")):
            raise typer.Exit(1)
        with here.store.write(here.office, durable=True) as work:
            ids = decide(work, here.person, announcement_id, content.hash, now_utc())
    if ids:
        print(_("Disetujui. {n} kiriman dijadwalkan.").format(n=len(ids)))
    else:
        step = _("Tanda tangan {step} dari {steps} dicatat. Menunggu penyetuju lain.")
        print(step.format(step=len(signed) + 1, steps=steps))


@app.command()
def countersign(
    announcement_id: int,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Show what went out in the emergency lane by one signature, and sign it too."""
    from models.approval import Content
    from models.errors import Conflict
    from pipeline.countersigning import countersign as sign
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.read(here.office) as work:
            waiting = work.countersigns.waiting_of(announcement_id)
        if waiting is None:
            raise Conflict(f"announcement {announcement_id} waits for no signature")
        for part in Content.read(waiting.content).parts:
            say(f"── {part.network} {part.handle}\n{part.text}\n")
        if not yes and not typer.confirm(_("Tanda tangani susulan?")):
            raise typer.Exit(1)
        with here.store.write(here.office) as work:
            digest = waiting.content_hash
            sign(work, here.person, announcement_id, digest, now_utc())
    print(_("Tanda tangan susulan dicatat."))


@app.command("send-back")
def send_back(
    announcement_id: int,
    reason: Annotated[str, typer.Option(help="What the author should change.")],
) -> None:
    """Return it to its author instead of signing it."""
    from pipeline.approving import send_back as decide
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        decide(work, here.person, announcement_id, reason, now_utc())
    print(_("Dikembalikan kepada penulis."))


@app.command()
def schedule(
    announcement_id: int,
    at: Annotated[str, typer.Argument(metavar="'YYYY-MM-DD HH:MM'")],
) -> None:
    """Choose the time to publish; an approval given before is void."""
    from pipeline.announcing import reschedule
    from pipeline.unit import now_utc

    with opened() as here:
        moment = _moment(at, here.zone)
        with here.store.write(here.office) as work:
            reschedule(work, here.person, announcement_id, moment, now_utc())
    print(_("Waktu terbit disimpan. Minta persetujuan lagi."))


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List announcements, newest first, with how each account stands."""
    with opened() as here:
        with here.store.read(here.office) as work:
            rows = [
                {
                    "id": one.id,
                    "title": one.title,
                    "state": one.state,
                    "publish_at": one.publish_at,
                    "deliveries": " ".join(
                        f"{row.account_id}:{row.state.value}"
                        for row in work.schedule.of(one.id)
                    ),
                }
                for one in work.announcements.listed(limit=limit)
            ]
        print_rows(rows, as_json=as_json, zone=here.zone)


@app.command()
def cancel(
    announcement_id: int,
    reason: Annotated[str, typer.Option(help="Why; stands in the audit log.")],
) -> None:
    """Cancel what has not left yet; what is out stays out."""
    from pipeline.announcing import cancel as call_off
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        call_off(work, here.person, announcement_id, reason, now_utc())
    print(_("Dibatalkan."))


@app.command()
def evidence(
    announcement_id: int,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="New file; else its own name, here."),
    ] = None,
) -> None:
    """Write a zip that proves one announcement: texts, approvals, tries, receipts."""
    from pipeline.evidence import bundle
    from pipeline.unit import now_utc

    with opened() as here, here.store.read(here.office) as work:
        made = bundle(work, here.person, announcement_id, now_utc())
    file = to or Path(made.name)
    with file.open("xb") as out:
        file.chmod(0o600)
        out.write(made.content)
    print(_("Bukti disimpan: {file}").format(file=file))
    print(_("SHA-256 berkas ini: {hash}").format(hash=made.sha256))


@app.command()
def withdraw(
    announcement_id: int,
    reason: Annotated[str, typer.Option(help="Kept, and shown with it.")],
) -> None:
    """Take it down wherever it stands; only an approver may."""
    from pipeline.unit import now_utc
    from pipeline.withdrawing import withdraw_everywhere

    with opened() as here, here.store.write(here.office) as work:
        asked = withdraw_everywhere(
            work, here.person, announcement_id, reason, now_utc()
        )
    print(_("Penarikan dicatat: {number} kiriman.").format(number=asked))


@app.command()
def correct(announcement_id: int, as_json: AsJson = False) -> None:
    """Draft a public correction for every account where it stands."""
    from pipeline.correction_draft import begin
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        number = begin(work, here.person, announcement_id, now_utc())
    if as_json:
        print_json({"id": number})
    else:
        print(_("Draf nomor {id} disimpan.").format(id=number))


@app.command()
def uncorrected(as_json: AsJson = False) -> None:
    """List what still stands of withdrawn or corrected announcements."""
    with opened() as here, here.store.read(here.office) as work:
        rows = [
            {
                "delivery": one.delivery.id,
                "announcement": one.delivery.announcement_id,
                "title": one.title,
                "network": one.network,
                "account": one.handle,
                "address": one.delivery.url,
                "published_at": one.delivery.published_at,
                "withdrawal": one.withdrawal.value if one.withdrawal else None,
                "correction": one.corrected_by,
            }
            for one in work.corrections.uncorrected()
        ]
    print_rows(
        rows,
        as_json=as_json,
        zone=here.zone,
        programs_only=("announcement", "published_at", "correction"),
    )


def _show_guard(here: "Context", announcement_id: int) -> None:
    """Say what the guard marks, and who let it through and why."""
    from pipeline import guarding
    from pipeline.unit import now_utc

    with here.store.read(here.office) as work:
        found = guarding.standing(work, announcement_id, now_utc())
        names = work.offices.names({o.override.user_id for o in found if o.override})
    language = here.person.language
    for one in found:
        mark = _("Ditahan") if one.held else _("Periksa")
        words = f" “{one.words}”" if one.words else ""
        say(f"! {mark}: {one.rule.name(language)}{words}")
        say(f"  {one.rule.reason(language)} ({one.rule.basis})")
        if one.override:
            name = names.get(one.override.user_id, "")
            told = _("Alasan {name}: “{reason}”")
            say("  " + told.format(name=name, reason=one.override.reason))


def _variants(pairs: list[str]) -> dict[int, str]:
    texts = {}
    for pair in pairs:
        number, equals, text = pair.partition("=")
        if not equals or not number.strip().isdigit():
            raise typer.BadParameter(f"{pair!r}: ACCOUNT=TEXT")
        texts[int(number)] = text
    return texts


def _moment(text: str | None, zone: "ZoneInfo") -> "datetime | None":
    from datetime import datetime

    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError:
        raise typer.BadParameter(f"{text!r}: 'YYYY-MM-DD HH:MM'") from None
