"""The guard: what must not go to the public, or only with a thought.

The rules are data (``config/data/guard.toml``); :func:`look` is pure. It helps, it does
not decide: whoever asks may override what it blocks, with a reason that is kept, and
whoever approves sees both.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from config.words import DEFAULT
from models.private import SHAPES, Span, digits, without_links

RULES = Path(__file__).resolve().parent.parent / "config" / "data" / "guard.toml"
_NAMED = re.compile(r"\{([a-z]+)\}")
_SENTENCE = re.compile(
    r"(?<!\bJl)(?<!\bNo)(?<!\bGg)(?<!\bKp)(?<!\bKel)(?<!\bKec)(?<!\bKab)(?<!\bBpk)"
    r"(?<!\bSdr)(?<!\bSdri)(?<!\ba\.n)(?<!\bDr)(?<!\bIr)(?<!\b[A-Z])[.!?]+\s+|\n+"
)
_PUBLIC_BODY = ".go.id"  # only public bodies have such an address
_WOMAN = 40  # is added to the day of birth in a woman's NIK


NO_ALT_TEXT = "alt_text"
"""The rule that words do not break: a picture without a description."""


class Severity(StrEnum):
    """Whether approval can be asked for with it."""

    BLOCK = "block"  # only with an override and its reason
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Own:
    """Contacts that are the office's own to publish."""

    contacts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lines: str) -> "Own":
        """Read numbers and e-mail as a person lists them, one a line or by commas."""
        parts = (_contact(part) for part in re.split(r"[,;\n]", lines))
        return cls(frozenset(part for part in parts if part))

    def foreign(self, contact: str) -> bool:
        """Whether a number or an e-mail address is no public body's own."""
        plain = _contact(contact)
        return plain not in self.contacts and not plain.endswith(_PUBLIC_BODY)


def _contact(text: str) -> str:
    return text.strip().lower() if "@" in text else digits(text)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the data file; texts for people by language."""

    code: str
    severity: Severity
    finds: Callable[[str], Iterator[Span]]
    near: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    in_whole_text: bool
    in_links: bool
    check: Callable[[str, Own], bool] | None
    names: Mapping[str, str]
    reasons: Mapping[str, str]
    proposals: Mapping[str, str]
    basis: str
    source: str
    sureness: str
    valid_from: date

    @property
    def blocks(self) -> bool:
        """Whether it needs an override."""
        return self.severity is Severity.BLOCK

    def name(self, language: str) -> str:
        """What it is called."""
        return self.names.get(language) or self.names[DEFAULT]

    def reason(self, language: str) -> str:
        """Why it is flagged, and what to do."""
        return self.reasons.get(language) or self.reasons[DEFAULT]

    def proposal(self, language: str) -> str:
        """What could stand there instead; empty where nothing is proposed."""
        return self.proposals.get(language) or self.proposals.get(DEFAULT, "")


@dataclass(frozen=True, slots=True)
class Flag:
    """A run of a text that a rule marks: ``text[start:end]`` is ``words``."""

    rule: Rule
    start: int
    end: int
    words: str


def look(text: str, rules: Sequence[Rule], office: Own) -> tuple[Flag, ...]:
    """What the rules mark in a text, in the order of the text; no two overlap.

    Where two rules mark the same place, the one that stands first in the data stays.
    """
    shown = without_links(text)
    sentences = list(_sentences(shown))
    kept: list[Flag] = []
    for rule in rules:
        for start, end in _spans(rule, text, shown, sentences):
            words = text[start:end]
            if any(start < one.end and one.start < end for one in kept):
                continue
            if rule.check is None or rule.check(words, office):
                kept.append(Flag(rule, start, end, words))
    return tuple(sorted(kept, key=lambda flag: flag.start))


def spans(rule: Rule, text: str) -> Iterator[Span]:
    """What one rule finds in a text, before its further check."""
    return _spans(rule, text, text, list(_sentences(text)))


def _spans(
    rule: Rule, text: str, shown: str, sentences: Sequence[Span]
) -> Iterator[Span]:
    """What a rule finds in the sentences that it is about."""
    about = [
        span
        for span in sentences
        if all(one.search(shown, *span) for one in rule.near)
        and not any(one.search(shown, *span) for one in rule.unless)
    ]
    if not about:
        return
    found = rule.finds(text if rule.in_links else shown)
    for start, end in found:
        if rule.in_whole_text or any(a <= start < b for a, b in about):
            yield start, end


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for gap in _SENTENCE.finditer(text):
        yield start, gap.end()
        start = gap.end()
    yield start, len(text)


def content_hash(
    texts: Mapping[int, str], alt_text: str, media_sha256: str, title: str
) -> str:
    """SHA-256 over all that the public would see; an override is bound to it.

    Args:
        texts: by account id.
        title: the headline, which some networks and the public feed show.
    """
    seen = [sorted(texts.items()), alt_text, media_sha256, title]
    canonical = json.dumps(seen, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def in_force(rules: Iterable[Rule], day: date) -> tuple[Rule, ...]:
    """The rules that hold on a day."""
    return tuple(rule for rule in rules if rule.valid_from <= day)


# Reading the data


@cache
def load_rules(path: Path = RULES) -> tuple[Rule, ...]:
    """Read the rules that ship with the product; a broken one fails loudly.

    Raises:
        ValueError, KeyError: a row cannot be understood.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    words = _whole(data["words"])
    regions = provinces(path)
    checks: dict[str, Callable[[str, Own], bool]] = {
        "nik": lambda found, _office: is_nik(found, regions),
        "foreign": lambda found, office: office.foreign(found),
    }
    return tuple(_rule(row, words, checks) for row in data["rule"])


@cache
def provinces(path: Path = RULES) -> frozenset[int]:
    """The first two digits that a NIK can have."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return frozenset(data["nik"]["provinces"])


def is_nik(number: str, provinces: frozenset[int]) -> bool:
    """Whether 16 digits are built as a NIK is: a province, and a date of birth."""
    plain = re.sub(r"\D", "", number)
    if len(plain) != 16 or int(plain[:2]) not in provinces:
        return False
    day, month = int(plain[6:8]), int(plain[8:10])
    born = day - _WOMAN if day > _WOMAN else day
    return 1 <= born <= 31 and 1 <= month <= 12 and plain[12:] != "0000"


def _whole(lists: Mapping[str, str]) -> dict[str, str]:
    """The lists of words, each safe inside a larger pattern."""
    return {name: f"(?:{_filled(text, lists)})" for name, text in lists.items()}


def _filled(pattern: str, lists: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda named: lists[named[1]], pattern)


def _rule(
    row: Mapping[str, Any],
    words: Mapping[str, str],
    checks: Mapping[str, Callable[[str, Own], bool]],
) -> Rule:
    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(_filled(pattern, words), re.IGNORECASE | re.MULTILINE)

    pattern = compiled(row.get("pattern", "(?!)"))  # (?!): of no words

    def matches(text: str) -> Iterator[Span]:
        return (found.span() for found in pattern.finditer(text))

    return Rule(
        code=row["code"],
        severity=Severity(row["severity"]),
        finds=SHAPES[row["shape"]] if "shape" in row else matches,
        near=tuple(compiled(one) for one in row.get("near", ())),
        unless=tuple(compiled(one) for one in row.get("unless", ())),
        in_whole_text=row.get("reach") == "text",
        in_links=row.get("shape") == "chat_link",
        check=checks[row["check"]] if "check" in row else None,
        names=_by_language(row, "name"),
        reasons=_by_language(row, "reason"),
        proposals=_by_language(row, "proposal"),
        basis=row["basis"],
        source=row["source"],
        sureness=row["sureness"],
        valid_from=row["valid_from"],
    )


def _by_language(row: Mapping[str, Any], name: str) -> dict[str, str]:
    start = f"{name}_"
    return {
        key.removeprefix(start): value
        for key, value in row.items()
        if key.startswith(start)
    }
