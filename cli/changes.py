"""What changed since the last decision, for a terminal: ``[-removed-]{+added+}``."""

from typing import TYPE_CHECKING

from cli.output import _, say

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from models.announcement import Approval
    from models.approval import Content
    from models.changes import Changes, Run


def show_changes(since: "Approval", changes: "Changes", zone: "ZoneInfo") -> None:
    """Say what is not as it was when it was last approved or sent back."""
    from models.words import FACTS

    told = _("Berubah sejak disetujui {at}:")
    if not since.approved:
        told = _("Berubah sejak dikembalikan {at}:")
    at = since.decided_at.astimezone(zone) if since.decided_at else None
    say(told.format(at=f"{at:%Y-%m-%d %H:%M}" if at else ""))
    if since.reason:
        say(f"  “{since.reason}”")
    for one in changes.facts:
        before, after = (_value(value, zone) for value in (one.before, one.after))
        say(f"  {_(FACTS[one.name])}: [-{before}-]{{+{after}+}}")
    for part in changes.parts:
        say(f"  {part.network} {part.handle}: {_marked(part.runs)}")
    if not changes:
        say("  " + _("Tidak ada yang berubah sejak itu."))
    say("")


def show_facts(content: "Content", zone: "ZoneInfo") -> None:
    """Say what goes with the texts: headline, kind, times, picture and its words."""
    from models.words import FACTS

    for name, label in FACTS.items():
        if value := getattr(content, name):
            say(f"{_(label)}: {_value(value, zone)}")
    say("")


def _marked(runs: "tuple[Run, ...]") -> str:
    """The texts as wdiff writes them."""
    from models.changes import Mark

    around = {Mark.REMOVED: ("[-", "-]"), Mark.ADDED: ("{+", "+}")}
    return "".join(run.text.join(around.get(run.mark, ("", ""))) for run in runs)


def _value(value: object, zone: "ZoneInfo") -> str:
    from datetime import datetime

    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)
