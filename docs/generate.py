"""Write the reference pages from the code, so that they cannot lag behind it.

``python docs/generate.py`` writes them; ``--check`` only says whether they are current.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs"
HEAD = (
    "<!-- Written by docs/generate.py; change the code, then run `make docs`. -->\n\n"
)

sys.path.insert(0, str(ROOT))

SETTINGS = """\
# Settings

Read once at start from `{file}` (or the file named by `{variable}`), then from the
environment, which wins. An unknown name in either is an error. Durations are seconds
or ISO 8601 (`PT10S`). Every setting is also a variable: `{prefix}` and its name in
capitals, e.g. `{prefix}WEB_PORT=8080`.

| setting | default | meaning |
|---|---|---|
"""

NETWORKS = """\
# Networks

What each network can do. The composer, the ledger and the tests read the same values.
How to get an account, and what was never tried: the page of each network, by its name.

"""

LABELS = """\
# Labels

What is said of a text. Codes are stored and stable; words are for people. A label below
its calibrated cut-off is shown as *belum pasti* and enters no share.
"""

ELEMENTS = """
U1 to U9 are the elements of the SKM survey (PermenPANRB 14/2017); X1 to X3 are ours and
never enter an SKM table. What is counted here is a signal, **bukan survei SKM**.
"""

KINDS = """\
# Kinds of announcements

Read from `config/data/announcements.toml`. Where its author sets no end, a post goes
out until *too late*, counted from its time (from the asking, where it goes out as soon
as it is approved). One that is *late* and still in its window goes out, or is held and
shown to a person. The *same text* on the same account is noticed so far back. So many
*signatures* are needed before it goes out; an office may ask for more of every kind.

| code | on screen | too late | late | and then | quiet hours | same text | signatures |
|---|---|---|---|---|---|---|---|
"""

COMMANDS = """\
# Commands

`kentongan --as LOGIN …` acts as that person, `--office CODE` picks one of many offices,
`--settings FILE` another settings file. Lists are tables for people and JSON with
`--json`. Exit code 0: done; 1: the sentence on the screen says what was wrong; 2: the
command was typed wrongly.
"""


def settings() -> str:
    """Every setting, with its variable, default and meaning."""
    from config.settings import DEFAULT_FILE, FILE_VARIABLE, PREFIX, Settings

    text = SETTINGS.format(file=DEFAULT_FILE, variable=FILE_VARIABLE, prefix=PREFIX)
    for name, field in Settings.model_fields.items():
        default = f"`{_default(field.default)}`" if field.default != "" else "empty"
        text += f"| `{name}` | {default} | {_cell(field.description)} |\n"
    return text.rstrip()


def _default(value: object) -> str:
    match value:
        case timedelta():
            return f"{value.total_seconds():g} s"
        case time():
            return value.strftime("%H:%M")
        case ZoneInfo():
            return value.key
        case frozenset():
            return ", ".join(sorted(map(str, value))) or "none"
    return _plain(value)


def networks() -> str:
    """What each network can do, from its CAPABILITIES."""
    from pipeline.wiring import all_capabilities

    known = all_capabilities()
    rows: list[tuple[str, Callable[[Any], object]]] = [
        ("code", lambda one: f"`{one.name}`"),
        ("longest text", lambda one: f"{one.text.longest} {one.text.count_by.value}"),
        ("beside a picture", lambda one: one.text.beside_picture or "the same"),
        ("a link costs", lambda one: one.text.url_cost or "its length"),
        ("limits read from the instance", lambda one: one.limits_at_connect),
        ("pictures in a post", lambda one: one.media.most),
        ("largest picture", lambda one: f"{one.media.image_bytes / 2**20:g} MiB"),
        ("alt text", _alt_text),
        ("video", _video),
        ("video: codecs", _video_codecs),
        ("video: its description", _video_alt),
        ("video: who says so", _video_source),
        ("after a lost answer", _settled),
        ("threads", lambda one: one.threads),
        ("replies", lambda one: one.replies),
        ("edits", lambda one: _ability(one.edits)),
        ("deletes", lambda one: _ability(one.deletes)),
        ("numbers read back", _numbers),
        ("paid", lambda one: one.paid),
        ("keys asked for", lambda one: ", ".join(f"`{key}`" for key in one.secrets)),
        ("its token ends", _token_end),
        ("needs the instance's address", lambda one: one.needs_base_url),
        ("permissions", lambda one: ", ".join(one.scopes) or "–"),
        ("read at", lambda one: f"<{one.source.address}>, {one.source.seen}"),
    ]
    lines = [
        f"| | {' | '.join(f'[{one.title}]({one.name}.md)' for one in known)} |",
        f"|---|{'---|' * len(known)}",
    ]
    for title, value in rows:
        cells = " | ".join(_cell(_plain(value(one))) for one in known)
        lines.append(f"| {title} | {cells} |")
    return NETWORKS + "\n".join(lines)


def _numbers(one: Any) -> str:
    """Which numbers a network tells, of how many posts a call, and who says so."""
    if one.numbers is None:
        return "none"
    known = one.numbers
    tells = ", ".join(number.value for number in known.tells)
    call = f"; {known.a_call} posts a call" if known.a_call > 1 else ""
    needs = f"; needs {', '.join(known.scopes)}" if known.scopes else ""
    read = f"{known.sure.value}: <{known.source.address}>, {known.source.seen}"
    return f"{tells}{call}{needs} ({read})"


def _token_end(one: Any) -> str:
    if one.token is None:
        return "–"
    return "renewed ahead" if one.token.renews else "its end is told"


def _alt_text(one: Any) -> str:
    return f"{one.media.alt_text}{', below the text' if one.media.alt_in_text else ''}"


def _video(one: Any) -> str:
    """What a network takes of a video, in one cell."""
    limit = one.video
    if limit is None:
        return "not yet: its author is told"
    shortest, longest = limit.shortest.total_seconds(), limit.longest.total_seconds()
    low, high = limit.frame_rates
    return (
        f"MP4, {limit.most_bytes / 2**20:g} MiB, {shortest:g} to {longest:g} s,"
        f" sides {limit.shortest_side} to {limit.longest_side} and"
        f" {limit.most_pixels} pixels, {low:g} to {high:g} frames/s,"
        f" width through height {limit.narrowest:.2g} to {limit.widest:.4g}"
    )


def _video_codecs(one: Any) -> str:
    if one.video is None:
        return "–"
    return ", ".join((*sorted(one.video.video), *sorted(one.video.audio)))


def _video_alt(one: Any) -> str:
    from networks.capabilities import VideoAlt

    words = {
        VideoAlt.FIELD: "sent with it",
        VideoAlt.IN_TEXT: "below the text",
        VideoAlt.NOWHERE: "no place there: its author is told",
    }
    return "–" if one.video is None else words[one.video.alt]


def _video_source(one: Any) -> str:
    if one.video is None:
        return "–"
    source = one.video.source
    return f"{one.video.sure.value}: <{source.address}>, {source.seen}"


def _ability(one: Any) -> str:
    """What can be done, who says so, and what is left where nothing can."""
    limit = f", within {one.within.total_seconds() / 3600:g} h" if one.within else ""
    hand = ", by hand only" if one.by_hand else ""
    can = f"yes{limit}" if one.can else f"no{hand}"
    return f"{can} ({one.sure.value}: <{one.source.address}>, {one.source.seen})"


def _settled(one: Any) -> str:
    return ", ".join(map(_settling, one.settles_by)) or "a person decides"


def _settling(way: object) -> str:
    from networks.capabilities import LookUp, ReadBack, Replay

    match way:
        case Replay():
            minutes = int(way.within.total_seconds() // 60)
            return f"the same key again within {minutes} minutes"
        case LookUp():
            apart = int(way.apart.total_seconds())
            return f"{way.times} looks, {apart} s apart"
        case ReadBack():
            return "its own record is read; absent, it goes again under the same key"
    raise TypeError(way)


def states() -> str:
    """Every state machine with its moves and the words on the screens."""
    from models import states as all_states
    from models import words
    from models.person import PERMISSIONS, May

    machines: list[tuple[str, str, Mapping[Any, frozenset[Any]], Mapping[Any, str]]] = [
        (
            "Delivery",
            "One announcement on its way to one account.",
            all_states.DELIVERY_MOVES,
            words.DELIVERIES,
        ),
        (
            "Withdrawal",
            "One delivery on its way out of the public again.",
            all_states.WITHDRAWAL_MOVES,
            words.WITHDRAWALS,
        ),
        (
            "Announcement",
            "An announcement and its approval.",
            all_states.ANNOUNCEMENT_MOVES,
            words.ANNOUNCEMENTS,
        ),
        (
            "Series",
            "A recurring announcement and its approval; a pause is no state.",
            all_states.SERIES_MOVES,
            words.SERIES,
        ),
        (
            "Idea",
            "A suggestion of citizens on its way to a decision.",
            all_states.IDEA_MOVES,
            words.IDEAS,
        ),
    ]
    lines = ["# States", "", "The only moves there are, and the word on the screens."]
    for title, meaning, moves, names in machines:
        lines += ["", f"## {title}", "", meaning, ""]
        lines += ["| state | on screen | may become |", "|---|---|---|"]
        for state, ways in moves.items():
            ways_out = (
                ", ".join(f"`{way.value}`" for way in moves if way in ways) or "–"
            )
            lines.append(f"| `{state.value}` | {names[state]} | {ways_out} |")
    lines += ["", "## Source", "", "Health of a feed.", "", _table(words.SOURCE_HEALTH)]
    lines += ["", "## Reply", "", "Whether the desk has dealt with a voice."]
    lines += ["", _table(words.REPLIES)]
    lines += ["", "## Role", "", "What a person of the office may do."]
    lines += ["", "| role | on screen | may |", "|---|---|---|"]
    for role, name in words.ROLES.items():
        may = ", ".join(f"`{one.value}`" for one in May if role in PERMISSIONS[one])
        lines.append(f"| `{role.value}` | {name} | {may} |")
    return "\n".join(lines)


def labels() -> str:
    """Every label of the taxonomy."""
    from models import words
    from models.labels import SEVERITY_OF

    kinds = [
        f"| `{kind.value}` | {name} | {SEVERITY_OF[kind].value} |"
        for kind, name in words.KINDS.items()
    ]
    parts = [
        ("Sentiment", "", _table(words.SENTIMENTS)),
        (
            "Kind",
            "",
            "\n".join(["| code | on screen | severity |", "|---|---|---|", *kinds]),
        ),
        ("Severity", "", _table(words.SEVERITIES)),
        ("Service", "", _table(words.SERVICES)),
        ("Element", ELEMENTS, _table(words.ELEMENTS)),
    ]
    return LABELS + "\n".join(
        f"\n## {title}\n{intro}\n{table}" for title, intro, table in parts
    )


def kinds() -> str:
    """Every kind of announcement, and what holds it back."""
    from models.category import CatchUp, categories

    def hours(length: timedelta) -> str:
        return f"{length / timedelta(hours=1):g} h"

    return KINDS + "\n".join(
        f"| `{one.code}` | {one.title('id')} |"
        f" {'end of its day' if one.not_after is None else hours(one.not_after)} |"
        f" {one.late_after // timedelta(minutes=1)} min |"
        f" {'goes out' if one.catch_up is CatchUp.SEND else 'asks a person'} |"
        f" {'passes' if one.passes_quiet else 'waits'} |"
        f" {hours(one.same_text_within)} | {one.signatures} |"
        for one in categories().by_code.values()
    )


def _table(names: Mapping[Any, str]) -> str:
    return "\n".join(["| code | on screen |", "|---|---|", *_named(names)])


def _named(names: Mapping[Any, str]) -> Iterator[str]:
    for code, name in names.items():
        yield f"| `{code.value}` | {name} |"


def commands() -> str:
    """Every command with its arguments and options."""
    import typer

    from cli.main import app

    root = typer.main.get_command(app)
    lines: list[str] = []
    for path, command in _commands(root, "kentongan"):
        lines += ["", f"## {path}", "", _help(command.help)]
        told = [f"- {line}" for line in _parameters(command)]
        lines += ["", *told] if told else []
    return COMMANDS + "\n".join(lines)


def _commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        here = f"{path} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, here)
        else:
            yield here, command


def _parameters(command: Any) -> Iterator[str]:
    for one in command.params:
        if one.name == "help":
            continue
        said = f": {_cell(one.help)}" if getattr(one, "help", None) else ""
        if one.param_type_name == "argument":
            yield f"`{one.name.upper()}`{said}"
        else:
            names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            needed = " (needed)" if one.required else ""
            yield f"{names}{needed}{said}"


def _help(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, StrEnum):
        return value.value
    return str(value)


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/settings.md": settings,
    "networks/README.md": networks,
    "reference/states.md": states,
    "reference/labels.md": labels,
    "reference/kinds.md": kinds,
    "reference/commands.md": commands,
}


def pages() -> Iterator[tuple[Path, str]]:
    """Each page's file and what it must hold."""
    for name, write in PAGES.items():
        yield FOLDER / name, HEAD + write() + "\n"


def main() -> int:
    """Write the pages, or with ``--check`` name those that are not current."""
    stale = 0
    for file, text in pages():
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if "--check" in sys.argv:
            sys.stderr.write(f"{file.relative_to(ROOT)} is not current: make docs\n")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return int(stale > 0 and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
