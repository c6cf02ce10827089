"""How the page says things: formal Indonesian, in the forms of an official letter.

The page is an Indonesian document whatever language its reader has chosen for the
dashboard, so these words do not go through the catalogue.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.shares import Change, Share
from models.states import IdeaState
from models.words import IDEAS
from reports.summary import (
    Decision,
    Matter,
    SilentSource,
    Suggestion,
    Summary,
    Waiting,
)

NB = "\u00a0"
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli",
    "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
ZONES: Mapping[str, str] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}

CHANGES: Mapping[Change, str] = {
    Change.UP: "naik, di luar kebetulan",
    Change.DOWN: "turun, di luar kebetulan",
    Change.UNSURE: "belum tentu berubah",
    Change.FEW: "terlalu sedikit untuk dibandingkan",
}
NOT_A_SURVEY = "bukan survei SKM"


def number(value: int) -> str:
    """1.234, with the minus of print."""
    return f"{value:,}".replace(",", ".").replace("-", "−")


def signed(value: int) -> str:
    """+3, −2 or 0."""
    return f"+{number(value)}" if value > 0 else number(value)


def percent(one: Share) -> str:
    """45 %."""
    return f"{round(one.value * 100)}{NB}%"


def span(one: Share) -> str:
    """27–35 %."""
    return f"{round(one.low * 100)}–{round(one.high * 100)}{NB}%"


def day_name(day: date) -> str:
    """Selasa, 24 November 2026."""
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def zone_name(zone: str) -> str:
    """WIB, WITA, WIT, else the IANA name."""
    return ZONES.get(zone, zone)


def clock(at: datetime, zone: str) -> str:
    """08.40."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H.%M")


def moment(at: datetime, zone: str, now: datetime) -> str:
    """08.40, kemarin 16.20, or 21 Nov 16.20 — seen from ``now``."""
    local, here = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    hour = local.strftime("%H.%M")
    if local.date() == here.date():
        return hour
    if local.date() == here.date() - timedelta(days=1):
        return f"kemarin {hour}"
    year = "" if local.year == here.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1][:3]}{year} {hour}"


def duration(length: timedelta) -> str:
    """2 hari, 5 jam, 10 menit; the largest unit only, and never a zero."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "kurang dari 1 menit"
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)} hari"
    return f"{minutes // 60} jam" if minutes >= 60 else f"{minutes} menit"


def state_name(state: IdeaState) -> str:
    """An idea's state in the middle of a sentence: dikaji."""
    return IDEAS[state].lower()


def stands(state: IdeaState, length: timedelta) -> str:
    """How long an idea is in its state: dikaji 18 hari, or diusulkan baru saja."""
    just = length < timedelta(minutes=1)
    return f"{state_name(state)} {'baru saja' if just else duration(length)}"


def counted(value: int) -> str:
    """1.234, or the word for none."""
    return number(value) if value else "tidak ada"


def still_today(value: int) -> str:
    """Say "3 lagi hari ini", or that there is none."""
    return f"{counted(value)} lagi hari ini"


def oldest(waiting: Waiting, now: datetime) -> str:
    """Say "tertua 22 jam"; empty when nothing waits."""
    if waiting.oldest is None or not waiting.count:
        return ""
    return f"tertua {duration(now - waiting.oldest)}"


def pressing(summary: Summary) -> str:
    """Say "darurat 1, klaim 2": the urgent there is; empty when none."""
    kinds = (
        ("darurat", summary.emergencies),
        ("integritas", summary.integrity),
        ("klaim", summary.claims),
    )
    return ", ".join(f"{word} {number(one.count)}" for word, one in kinds if one.count)


def people(one: Suggestion) -> str:
    """34 warga, or 2 sumber tanpa nama."""
    if not one.people:
        return f"{number(one.unnamed)} suara tanpa nama"
    more = f" dan {number(one.unnamed)} suara tanpa nama" if one.unnamed else ""
    return f"{number(one.people)} warga{more}"


def silence(one: SilentSource, zone: str, now: datetime) -> str:
    """X: tidak ada data sejak 08.40 — never a zero."""
    if one.last_data is None:
        return f"{one.label}: belum pernah ada data"
    return f"{one.label}: tidak ada data sejak {moment(one.last_data, zone, now)}"


def decision(one: Decision, now: datetime) -> tuple[str, str]:
    """The question, and what stands behind it."""
    waits = f"tertua {duration(now - one.oldest)}" if one.oldest else ""
    match one.matter:
        case Matter.EMERGENCY:
            return f"{number(one.count)} laporan darurat belum ditutup", waits
        case Matter.INTEGRITY:
            return (
                f"{number(one.count)} dugaan penyimpangan menunggu tindak lanjut",
                f"{waits}; isi hanya di antrean terbatas".lstrip("; "),
            )
        case Matter.UNCERTAIN_POSTS:
            return f"{number(one.count)} kiriman belum pasti terkirim", waits
        case Matter.RECONNECT:
            return f"Sambungkan lagi akun {one.subject}", "kredensial ditolak jaringan"
        case Matter.APPROVALS:
            return f"{number(one.count)} pengumuman menunggu persetujuan", waits
        case Matter.IDEA:
            who = f"{number(one.count)} warga" if one.count else "tanpa nama warga"
            return f"Usul: {one.subject}", f"{who}{_undecided(one, now)}"


def _undecided(one: Decision, now: datetime) -> str:
    if one.state is None or one.oldest is None:
        return ""
    return f", {stands(one.state, now - one.oldest)}, belum diputuskan"
