"""The same text twice, and two posts at once: what an author is told before asking.

Only posts of the same account count, within the time that the kind of the announcement
says (``config/data/announcements.toml``), and at most :data:`MOST` of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from config.words import N_
from models.approval import Content
from models.category import categories
from models.errors import InvalidInput
from models.likeness import likeness, runs
from models.neighbours import Neighbour
from pipeline.unit import Work

MOST = 200  # neighbours that a text is compared with, on each account
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Repeat:
    """Another post of the account that says the same, or nearly."""

    account_id: int
    other: Neighbour
    exact: bool


@dataclass(frozen=True, slots=True)
class Nearby:
    """What stands around a post on its accounts."""

    repeats: tuple[Repeat, ...] = ()
    clashes: tuple[tuple[int, Neighbour], ...] = ()  # with the account's id


def nearby(
    work: Work,
    texts: Mapping[int, str],
    code: str,
    at: datetime,
    announcement_id: int | None,
) -> Nearby:
    """Find posts with the same text, and those at nearly the same time.

    Args:
        texts: what each account would say, by its id.
        code: of the kind of announcement.
        at: when it would go.
        announcement_id: this announcement itself, which is no neighbour.
    """
    known = categories()
    within = known.of(code).same_text_within
    repeats: list[Repeat] = []
    clashes: list[tuple[int, Neighbour]] = []
    for account_id, text in texts.items():
        mine = runs(text)
        for other in work.neighbours.of(
            account_id, at - within, at + within, announcement_id, MOST
        ):
            alike = likeness(mine, runs(other.text))
            if alike >= known.alike:
                repeats.append(Repeat(account_id, other, exact=alike == 1))
            if abs(other.at - at) < known.clash_within:
                clashes.append((account_id, other))
    return Nearby(tuple(repeats), tuple(clashes))


def nearby_content(
    work: Work, content: Content, announcement_id: int, now: datetime
) -> Nearby:
    """The same for an announcement as it stands."""
    texts = {part.account_id: part.text for part in content.parts}
    at = max(content.publish_at or now, now)
    return nearby(work, texts, content.category, at, announcement_id)


def reason_to_repeat(
    work: Work, content: Content, announcement_id: int, reason: str, now: datetime
) -> str:
    """Why a text that stands already goes out again; empty where none does.

    Raises:
        InvalidInput: it repeats another and there is no reason, or it is too long.
    """
    if not nearby_content(work, content, announcement_id, now).repeats:
        return ""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInput(
            N_(
                "Teks ini sama atau hampir sama dengan pengumuman lain di akun yang "
                "sama. Ubah, atau tulis alasan mengulang (paling panjang 300 huruf)."
            ),
            "repeat_reason",
        )
    return why
