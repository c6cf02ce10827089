"""The words that tell kinds, services and elements, read from ``taxonomy.toml``."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from classifiers.text import fold_token
from models.labels import Element, Kind, Polarity, Service

Code = Kind | Service | Element


class Slot(NamedTuple):
    """One place of a phrase: any of these words or beginnings; a gap has neither."""

    words: frozenset[str]
    beginnings: tuple[str, ...]

    def takes(self, form: str) -> bool:
        """Whether ``form`` may stand here."""
        return form in self.words or bool(
            self.beginnings and form.startswith(self.beginnings)
        )


GAP = Slot(frozenset(), ())


class Phrase(NamedTuple):
    """A run of slots that speaks for ``code``; ``polarity`` only for elements."""

    slots: tuple[Slot, ...]
    code: Code
    polarity: Polarity | None
    excludes: bool = False  # speaks against its code
    alone: bool = True  # may decide by itself


@dataclass(frozen=True)
class Taxonomy:
    """All phrases, found by their first word, and the small lists of ``[scope]``."""

    by_word: Mapping[str, tuple[Phrase, ...]]
    by_beginning: tuple[tuple[str, Phrase], ...]
    scope: Mapping[str, Slot]

    def starting_with(self, form: str) -> tuple[Phrase, ...]:
        """Return the phrases whose first slot takes ``form``."""
        return _starting_with(form)


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """Load the taxonomy once."""
    path = files("config") / "data" / "taxonomy.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    by_word: dict[str, list[Phrase]] = {}
    by_beginning: list[tuple[str, Phrase]] = []
    for phrase in _phrases(data):
        for word in phrase.slots[0].words:
            by_word.setdefault(word, []).append(phrase)
        by_beginning += [(start, phrase) for start in phrase.slots[0].beginnings]
    return Taxonomy(
        {word: tuple(found) for word, found in by_word.items()},
        tuple(by_beginning),
        {name: _slot(listed) for name, listed in data["scope"].items()},
    )


@lru_cache(maxsize=32_768)
def scopes_of(form: str) -> frozenset[str]:
    """Return the names of the lists of ``[scope]`` that hold ``form``."""
    return frozenset(
        name for name, slot in taxonomy().scope.items() if slot.takes(form)
    )


@lru_cache(maxsize=32_768)
def _starting_with(form: str) -> tuple[Phrase, ...]:
    known = taxonomy()
    return known.by_word.get(form, ()) + tuple(
        phrase for start, phrase in known.by_beginning if form.startswith(start)
    )


def _phrases(data: Mapping[str, Any]) -> Iterable[Phrase]:
    for row in data["kind"]:
        kind = Kind(row["code"])
        yield from (Phrase(parse(p), kind, None) for p in row["phrases"])
        for p in row.get("not_phrases", ()):
            yield Phrase(parse(p), kind, None, excludes=True)
    for row in data["service"]:
        service = Service(row["code"])
        yield from (Phrase(parse(p), service, None) for p in row.get("words", ()))
        for p in row.get("not_words", ()):
            yield Phrase(parse(p), service, None, excludes=True)
        for p in row.get("alone_false", ()):
            yield Phrase(parse(p), service, None, alone=False)
    for row in data["element"]:
        for polarity in Polarity:
            for p in row[polarity.value]:
                yield Phrase(parse(p), Element(row["code"]), polarity)


def parse(phrase: str) -> tuple[Slot, ...]:
    """Read one phrase of the file; its words are folded as texts are."""
    slots: list[Slot] = []
    for part in phrase.split():
        if part == "...":
            slots.append(GAP)
        elif "|" in part or part.endswith("*"):
            slots.append(_slot(part.split("|")))
        else:
            slots += [_slot([form]) for form in fold_token(part).split()]
    return tuple(slots)


def _slot(parts: Sequence[str]) -> Slot:
    return Slot(
        frozenset(part for part in parts if not part.endswith("*")),
        tuple(part[:-1] for part in parts if part.endswith("*")),
    )


_AMOUNT = re.compile(r"(\d[\d.,]*)(rb|ribu|rebu|k|jt|juta)")


def split_amount(form: str) -> tuple[str, ...]:
    """Read ``650rb`` as ``650 ribu`` and ``2jt`` as ``2 juta``."""
    match = _AMOUNT.fullmatch(form)
    if match is None:
        return (form,)
    unit = "juta" if match[2] in ("jt", "juta") else "ribu"
    return (match[1], unit)
