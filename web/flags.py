"""What the guard marks in a text, as the pages show it."""

from collections.abc import Iterable, Sequence

from models.guard import Flag
from pipeline.guarding import Guard
from pipeline.measuring import Finding
from web.labels import Piece


def marked(
    findings: Iterable[Finding], guard: Guard, language: str
) -> dict[int, list[tuple[Piece, ...]]]:
    """What would stand on each account, post by post, with what is marked."""
    return {
        one.account_id: [
            pieces(post, guard.look(post), language)
            for post in one.thread or (one.says,)
        ]
        for one in findings
    }


def pieces(text: str, flags: Sequence[Flag], language: str) -> tuple[Piece, ...]:
    """The text in runs; what is marked carries the name of its rule."""
    found: list[Piece] = []
    at = 0
    for flag in flags:
        if at < flag.start:
            found.append(Piece(text[at : flag.start]))
        found.append(Piece(flag.words, (flag.rule.name(language),)))
        at = flag.end
    if at < len(text):
        found.append(Piece(text[at:]))
    return tuple(found)
