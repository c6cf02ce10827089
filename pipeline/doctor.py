"""What is wrong with this installation, in plain words.

Each finding says what was looked at, how it stands, and what to do when it is bad.
"""

import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url

from config.failures import SettingsProblem
from config.holidays import load_holidays
from config.keys import Vault, open_vault
from config.settings import Settings
from config.words import N_
from models.account import LONG_AGO, Account
from models.database import StorageFailed
from models.errors import KentonganError
from models.explain import explain
from models.problems import WORDS
from models.recounting import Recounting
from models.scope import SystemScope
from models.states import AccountHealth, AccountMode
from models.token import token_trouble
from networks.base import FreePurse
from pipeline import auditing, schema, wiring
from pipeline.accounts import secret_of
from pipeline.engine import SILENT_INTERVALS, TASKS
from pipeline.unit import Now, Store

LEAST_FREE_BYTES = 500 * 1024 * 1024
LONGEST_SILENCE = timedelta(minutes=5)  # of the clock
OVERDUE_AFTER = timedelta(minutes=10)
HOLIDAYS_AHEAD = timedelta(days=45)  # a year must be known before it begins
NEWER = N_("Basis data ini dari versi Kentongan yang lebih baru. Pasang versi itu.")
UNOPENED = N_(
    "Basis data tidak dapat dibuka. Periksa database_url, hak akses, dan servernya."
)
_SCOPE = SystemScope("doctor")


TITLES: Mapping[str, str] = {
    "zone": N_("Zona waktu"),
    "disk": N_("Ruang penyimpanan"),
    "database": N_("Basis data"),
    "key": N_("Berkas kunci"),
    "model": N_("Model bahasa"),
    "clock": N_("Jam komputer"),
    "tick": N_("Detak terakhir"),
    "tasks": N_("Tugas yang tidak dikerjakan siapa pun"),
    "late": N_("Terlambat / menunggu keputusan"),
    "ahead": N_("Kiriman satu jam ke depan yang berisiko"),
    "counts": N_("Angka harian yang tidak cocok"),
    "audit": N_("Rantai catatan"),
    "holidays": N_("Hari libur"),
    "series": N_("Rutin yang tidak dapat dibuat"),
    "countersign": N_("Darurat tanpa tanda tangan susulan"),
}
"""What is looked at, in words; accounts are named by themselves."""


class Verdict(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    LOOK = "look"  # works, but a person should look
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, by its code; ``advice`` is a message id, or empty."""

    name: str
    verdict: Verdict
    said: str
    advice: str = ""


def examine(
    store: Store, settings: Settings, now: Now, *, online: bool = False
) -> Iterator[Finding]:
    """Look at everything, the cheap things first; never raises.

    Args:
        online: also ask each network whether it accepts the account's token.
    """
    yield _zone(settings)
    yield _disk(settings)
    database = _database(store)
    yield database
    yield _key(settings)
    yield _model(settings)
    if database.verdict is Verdict.BAD:
        return
    try:
        yield _clock(store, now)
        yield _tick(store, now)
        yield unworked(store, settings)
        yield _overdue(store, now)
        yield _counts(store)
        yield _audit(store)
        yield holidays(store, settings, now())
        yield _series(store)
        yield countersigns(store, now())
        yield from _accounts(store, settings, online=online)
        yield from tokens(store, now)
        yield at_risk(store, now)
    except StorageFailed as error:
        yield Finding("database", Verdict.BAD, error.problem.value, explain(error))


def _zone(settings: Settings) -> Finding:
    try:
        local = datetime.now(UTC).astimezone(ZoneInfo(settings.timezone.key))
    except ZoneInfoNotFoundError:
        return Finding(
            "zone", Verdict.BAD, settings.timezone.key, N_("Pasang paket tzdata.")
        )
    return Finding("zone", Verdict.GOOD, f"{settings.timezone.key} {local:%H:%M}")


def _disk(settings: Settings) -> Finding:
    url = make_url(settings.database_url)
    folder = Path(url.database or ".").parent if url.drivername == "sqlite" else Path()
    free = shutil.disk_usage(folder).free
    said = f"{free // (1024 * 1024):,} MiB"
    if free < LEAST_FREE_BYTES:
        return Finding(
            "disk", Verdict.BAD, said, N_("Kosongkan ruang penyimpanan segera.")
        )
    return Finding("disk", Verdict.GOOD, said)


def _database(store: Store) -> Finding:
    said = make_url(store.url).render_as_string(hide_password=True)
    try:
        current = schema.is_current(store.engine)
        schema.must_know(store.engine)
    except schema.UnknownStep:
        return Finding("database", Verdict.BAD, said, NEWER)
    except Exception as error:  # noqa: BLE001 - whatever it is, the database is not well
        why = (str(getattr(error, "orig", error)).splitlines() or [""])[0]
        said = f"{said} ({type(error).__name__}: {why})"
        return Finding("database", Verdict.BAD, said, UNOPENED)
    if not current:
        advice = N_("Basis data belum mutakhir. Jalankan: kentongan db migrate")
        return Finding("database", Verdict.BAD, said, advice)
    return Finding("database", Verdict.GOOD, said)


def _key(settings: Settings) -> Finding:
    vault, broken = _vault(settings)
    verdict = Verdict.GOOD if vault else Verdict.BAD
    return Finding("key", verdict, str(settings.key_file), broken)


def _model(settings: Settings) -> Finding:
    from classifiers.engines import load

    started = time.monotonic()
    try:
        engine = load(settings.engine, threads=settings.model_threads)
        engine.predict(["Pelayanan SKCK cepat dan ramah"])
    except Exception as error:  # noqa: BLE001 - a broken checkpoint may raise anything
        return Finding(
            "model",
            Verdict.BAD,
            f"{settings.engine}: {type(error).__name__}",
            N_('Model bahasa tidak dapat dimuat. Pakai engine = "default".'),
        )
    took = time.monotonic() - started
    return Finding("model", Verdict.GOOD, f"{engine.version}, {took:.1f} s")


def _clock(store: Store, now: Now) -> Finding:
    """A clock set back shows as ticks in the future."""
    with store.read(_SCOPE) as work:
        last = work.clockwork.last_tick()
    at = now()
    if last is not None and last > at + timedelta(seconds=30):
        return Finding(
            "clock",
            Verdict.BAD,
            at.isoformat(timespec="seconds"),
            N_("Jam komputer mundur. Nyalakan sinkronisasi waktu (timedatectl)."),
        )
    return Finding("clock", Verdict.GOOD, at.isoformat(timespec="seconds"))


def _tick(store: Store, now: Now) -> Finding:
    with store.read(_SCOPE) as work:
        last = work.clockwork.last_tick()
    if last is None or now() - last > LONGEST_SILENCE:
        said = last.isoformat(timespec="seconds") if last else "–"
        advice = N_("Proses utama tidak berjalan. Jalankan: kentongan run")
        return Finding("tick", Verdict.LOOK, said, advice)
    return Finding("tick", Verdict.GOOD, last.isoformat(timespec="seconds"))


def unworked(store: Store, settings: Settings) -> Finding:
    """Which tasks rest while others run: on many machines, a queue without a worker."""
    with store.read(_SCOPE) as work:
        began = {one.task: one.started_at for one in work.clockwork.ticks()}
    newest = max(began.values(), default=None)
    silent = [
        task.name.value
        for task in TASKS
        if newest is not None
        and newest - began.get(task.name.value, LONG_AGO)
        > max(SILENT_INTERVALS * task.every(settings), LONGEST_SILENCE)
    ]
    if not silent:
        return Finding("tasks", Verdict.GOOD, "0")
    advice = N_("Jalankan kentongan worker tanpa --queue, atau dengan antrean itu.")
    return Finding("tasks", Verdict.BAD, ", ".join(silent), advice)


def _overdue(store: Store, now: Now) -> Finding:
    with store.read(_SCOPE) as work:
        overdue = work.schedule.count_overdue(now() - OVERDUE_AFTER)
        asked = work.schedule.count_needing_person()
    said = f"{overdue} / {asked}"
    if overdue or asked:
        return Finding(
            "late",
            Verdict.LOOK,
            said,
            N_("Buka halaman Kiriman dan putuskan."),
        )
    return Finding("late", Verdict.GOOD, said)


def _counts(store: Store) -> Finding:
    """The daily counts of the pages, compared with the items themselves."""
    with store.read(_SCOPE) as work:
        wrong = Recounting(work.session).differences()
    if wrong:
        advice = N_("Angka harian tidak cocok. Jalankan: kentongan db recount")
        return Finding("counts", Verdict.BAD, str(wrong), advice)
    return Finding("counts", Verdict.GOOD, "0")


def _audit(store: Store) -> Finding:
    """Every chain of acts, row by row."""
    with store.read(_SCOPE) as work:
        chains = work.audit.chains()
    verdicts = [auditing.look(store, _SCOPE, chain) for chain in chains]
    said = ", ".join(str(one.head.number) for one in verdicts) or "0"
    if all(one.whole for one in verdicts):
        return Finding("audit", Verdict.GOOD, said)
    advice = N_("Rantai catatan rusak. Lihat di mana: kentongan audit verify")
    return Finding("audit", Verdict.BAD, said, advice)


def holidays(store: Store, settings: Settings, now: datetime) -> Finding:
    """The holidays that series skip; a year that is near must be there."""
    try:
        known = load_holidays(settings.holidays_folder)
    except SettingsProblem as error:
        advice = N_(
            "Perbaiki berkas hari libur ini. Sampai itu tidak ada rutin dibuat."
        )
        return Finding("holidays", Verdict.BAD, error.lines[0], advice)
    with store.read(_SCOPE) as work:
        used = bool(work.series.living())
    unsure = dict.fromkeys(known.unsure, "?")
    said = ", ".join(f"{year}{unsure.get(year, '')}" for year in sorted(known.years))
    soon = (now + HOLIDAYS_AHEAD).year
    if used and soon not in known.years:
        advice = N_(
            "Data hari libur tahun depan belum ada. Rutin di tahun itu tidak dibuat."
        )
        return Finding("holidays", Verdict.LOOK, said, advice)
    if used and soon in known.unsure:
        advice = N_(
            "Tahun bertanda ? belum menurut keputusan bersama. Periksa berkasnya."
        )
        return Finding("holidays", Verdict.LOOK, said, advice)
    return Finding("holidays", Verdict.GOOD, said)


def _series(store: Store) -> Finding:
    """Series of which a day could not be made."""
    with store.read(_SCOPE) as work:
        troubled = work.series.count_troubled()
    if troubled:
        advice = N_("Buka halaman Rutin dan perbaiki.")
        return Finding("series", Verdict.LOOK, str(troubled), advice)
    return Finding("series", Verdict.GOOD, "0")


def countersigns(store: Store, now: datetime) -> Finding:
    """Emergencies that nobody signed after the fact in time."""
    with store.read(_SCOPE) as work:
        late = work.countersigns.count_overdue(now)
    if late:
        advice = N_("Minta penyetuju lain menandatanganinya di halaman Persetujuan.")
        return Finding("countersign", Verdict.BAD, str(late), advice)
    return Finding("countersign", Verdict.GOOD, "0")


def _accounts(store: Store, settings: Settings, *, online: bool) -> Iterator[Finding]:
    with store.read(_SCOPE) as work:
        accounts = work.accounts.listed()
    vault, broken = _vault(settings)
    for account in accounts:
        name = f"account {account.network} {account.handle}"
        why = locked(account, vault) if vault else broken
        if why:
            yield Finding(name, Verdict.BAD, "key", why)
        elif account.health is AccountHealth.DISCONNECTED:
            advice = N_("Akun terputus. Sambungkan lagi akunnya.")
            yield Finding(name, Verdict.BAD, account.health.value, advice)
        elif online:
            yield _ask(name, store, settings, account.id)
        elif account.mode is AccountMode.REHEARSAL:
            yield Finding(
                name, Verdict.LOOK, account.mode.value, N_("Akun masih gladi.")
            )
        else:
            yield Finding(name, Verdict.GOOD, account.mode.value)


def tokens(store: Store, now: Now) -> Iterator[Finding]:
    """Tokens that end soon, or that their network does not renew."""
    with store.read(_SCOPE) as work:
        accounts = work.accounts.listed()
    for account in accounts:
        trouble, ends = token_trouble(account, now()), account.token_ends_at
        if trouble is not None:
            name = f"token {account.network} {account.handle}"
            said = ends.isoformat(timespec="minutes") if ends else "–"
            yield Finding(name, Verdict.LOOK, said, WORDS[trouble])


def at_risk(store: Store, now: Now) -> Finding:
    """What is due within the hour and could not go out as things stand."""
    with store.read(_SCOPE) as work:
        found = work.preflights.at_risk(now())
    if not found:
        return Finding("ahead", Verdict.GOOD, "0")
    row, look = found[0]
    assert look.problem is not None
    due = row.due_at.isoformat(timespec="minutes")
    return Finding("ahead", Verdict.LOOK, f"{len(found)}, {due}", WORDS[look.problem])


def _vault(settings: Settings) -> tuple[Vault | None, str]:
    """The key of this machine, or why there is none."""
    try:
        return open_vault(settings), ""
    except SettingsProblem as error:
        return None, error.lines[0]


def locked(account: Account, vault: Vault) -> str:
    """Why the account's secrets do not open with this key; empty when they do."""
    try:
        secret_of(vault, account)
    except SettingsProblem as error:
        return error.lines[0]
    return ""


def _ask(name: str, store: Store, settings: Settings, account_id: int) -> Finding:
    try:
        with store.read(_SCOPE) as work:
            secret = secret_of(open_vault(settings), work.accounts.get(account_id))
        client = wiring.connect(secret, settings, FreePurse())
        try:
            return Finding(name, Verdict.GOOD, client.whoami())
        finally:
            client.close()
    except (KentonganError, SettingsProblem, StorageFailed) as error:
        return Finding(name, Verdict.BAD, "token", explain(error))
