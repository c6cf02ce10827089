"""The guard at work: what stands in an announcement, and what was let through.

What blocks needs an override by a person, with a reason, bound to the exact text; one
changed letter voids it. The approver sees what was let through, by whom and why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from config.words import N_
from models.announcement import Announcement
from models.approval import Content
from models.errors import InvalidInput
from models.guard import (
    NO_ALT_TEXT,
    Flag,
    Own,
    Rule,
    content_hash,
    in_force,
    load_rules,
    look,
)
from models.office import Office
from models.override import GuardOverride
from models.person import May, Person
from pipeline.unit import Work

FIELD = "guard"
"""Names the guard as the place of an ``InvalidInput``."""

SHORTEST_REASON = 10  # letters; "ok" is no reason
LONGEST_REASON = 500
MOST_CONTACTS = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """One thing that the guard marks, once however many accounts say it."""

    rule: Rule
    words: str
    around: tuple[str, str]  # what stands before and after, cut short
    override: GuardOverride | None = None

    @property
    def held(self) -> bool:
        """Whether approval cannot be asked for because of it."""
        return self.rule.blocks and self.override is None


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the public would see: texts by account id, and the picture's hash.

    The title is the headline of press release, web page and public feed.
    """

    texts: Mapping[int, str]
    alt_text: str = ""
    picture: str = ""
    title: str = ""

    @property
    def hash(self) -> str:
        """What an override is bound to."""
        return content_hash(self.texts, self.alt_text, self.picture, self.title)

    @classmethod
    def of(cls, content: Content) -> "Seen":
        """What a stored announcement would show."""
        texts = {part.account_id: part.text for part in content.parts}
        return cls(texts, content.alt_text, content.media_sha256, content.title)


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules that hold now, for one office."""

    rules: tuple[Rule, ...]
    own: Own

    def look(self, text: str) -> tuple[Flag, ...]:
        """What is marked in one text."""
        return look(text, self.rules, self.own)

    def stands(
        self, seen: Seen, overrides: Sequence[GuardOverride] = ()
    ) -> list[Standing]:
        """What is marked in all that the public would see; what blocks comes first."""
        let = {one.rule: one for one in overrides}
        found: dict[tuple[str, str], Standing] = {}
        for text in dict.fromkeys((seen.title, *seen.texts.values(), seen.alt_text)):
            for flag in self.look(text):
                key = (flag.rule.code, flag.words.casefold())
                override = let.get(flag.rule.code)
                one = Standing(flag.rule, flag.words, _around(text, flag), override)
                found.setdefault(key, one)
        for rule in self.rules:
            if rule.code == NO_ALT_TEXT and seen.picture and not seen.alt_text:
                bare = Standing(rule, "", ("", ""), let.get(rule.code))
                found[rule.code, ""] = bare
        return sorted(found.values(), key=lambda one: not one.rule.blocks)


def guard_of(work: Work, now: datetime) -> Guard:
    """The guard of this unit's office."""
    own = Own.of(work.offices.own().public_contacts)
    return Guard(in_force(load_rules(), now.date()), own)


def standing(
    work: Work, announcement_id: int, now: datetime, seen: Seen | None = None
) -> list[Standing]:
    """What the guard marks in an announcement, with what was let through.

    Args:
        seen: what is being typed; without it, what is stored.
    """
    if seen is None:
        seen = Seen.of(work.announcements.content(announcement_id))
    overrides = work.overrides.of_text(announcement_id, seen.hash)
    return guard_of(work, now).stands(seen, overrides)


def must_pass(
    work: Work, by: Person, announcement_id: int, reason: str, now: datetime
) -> None:
    """Let the announcement through the guard, with a reason where one is needed.

    Args:
        by: asks for approval; is kept beside the reason.
        reason: why what blocks must stand; empty where there is none to give.

    Raises:
        InvalidInput: something blocks and nobody wrote why it must stand, or too
            little of it; ``field`` is :data:`FIELD`.
    """
    by.must(May.WRITE)
    seen = Seen.of(work.announcements.content(announcement_id))
    held = [one for one in standing(work, announcement_id, now, seen) if one.held]
    if not held:
        return
    codes = sorted({one.rule.code for one in held})
    why = _reason(reason, codes)
    work.overrides.add(
        announcement_id, seen.hash, codes, why, user_id=by.user_id, at=now
    )
    work.audit.act(
        by,
        "announcement.guard_override",
        Announcement,
        announcement_id,
        now,
        " ".join(codes),  # never the reason: it may name somebody
    )


def _reason(typed: str, codes: Sequence[str]) -> str:
    """The reason as it is kept; refuses none and too little of one."""
    why = " ".join(typed.split())
    if not why and codes == [NO_ALT_TEXT]:
        raise InvalidInput(
            N_("Tulis teks pengganti gambar bagi warga yang tidak dapat melihat."),
            "alt_text",
        )
    if not why:
        raise InvalidInput(
            N_(
                "Ada isi yang ditahan. Ubah teksnya, atau tulis alasan mengapa "
                "harus tetap terbit."
            ),
            FIELD,
        )
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise InvalidInput(N_("Tulis alasannya dalam 10 sampai 500 huruf."), FIELD)
    return why


def must_stand(work: Work, announcement_id: int, now: datetime) -> None:
    """Refuse to approve what the guard blocks and nobody let through.

    Raises:
        InvalidInput: the rules became stricter since it was asked for.
    """
    if any(one.held for one in standing(work, announcement_id, now)):
        raise InvalidInput(
            N_(
                "Ada isi yang ditahan tanpa alasan tertulis. Kembalikan kepada penulis."
            ),
            FIELD,
        )


def _around(text: str, flag: Flag, longest: int = 32) -> tuple[str, str]:
    """The words before and after a flag on its own line, cut at a blank."""
    before = text[: flag.start].rpartition("\n")[2]
    after = text[flag.end :].partition("\n")[0]
    if len(before) > longest:
        before = "…" + before[-longest:].partition(" ")[2]
    if len(after) > longest:
        after = after[:longest].rpartition(" ")[0] + "…"
    return before, after


def set_contacts(work: Work, by: Person, lines: str, now: datetime) -> None:
    """Keep which numbers and e-mail addresses are the office's own to publish.

    Args:
        lines: one contact a line, or by commas.

    Raises:
        InvalidInput: a line is neither a number nor an e-mail address.
    """
    by.must(May.ADMINISTER)
    parts = [part.strip() for part in re.split(r"[,;\n]", lines) if part.strip()]
    if any(not Own.of(part).contacts for part in parts):
        raise InvalidInput(
            N_("Tulis satu nomor telepon atau surel per baris."), "contacts"
        )
    if len(parts) > MOST_CONTACTS:
        raise InvalidInput(N_("Paling banyak 200 kontak."), "contacts")
    office = work.offices.own()
    office.public_contacts = "\n".join(dict.fromkeys(parts))
    work.audit.act(by, "office.contacts", Office, office.id, now)
