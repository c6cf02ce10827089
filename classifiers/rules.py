"""What the rules see in a text: phrases of the taxonomy, turned by what stands around.

Negation ("bukan calo"), doubt ("bebas pungli katanya"), conditional irony ("cepat…
kalau ada duitnya") and contrast ("gratis, tapi … bayar") are decided here, in the open,
since no training set of ours is large enough to teach them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from classifiers.taxonomy import (
    GAP,
    Code,
    Phrase,
    Slot,
    scopes_of,
    split_amount,
    taxonomy,
)
from classifiers.text import Word
from models.labels import Element, Kind, Polarity, Service

REACH = 3  # words that a negation reaches over
_WIDEST_GAP = 3
_ENDS = frozenset(".!?;\n")
_LIVE = frozenset(["sekarang", "barusan", "saiki", "tolong", "lagi"])
LONGEST = 4_000  # words that are read


class Turn(StrEnum):
    """What turns a text away from its plain reading."""

    DOUBT = "doubt"
    CONDITION = "condition"
    CONTRAST = "contrast"
    MOCKERY = "mockery"


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase found: ``words[first]`` to ``words[last]`` speak for ``code``."""

    code: Code
    polarity: Polarity | None
    first: int
    last: int
    sentence: int
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules see in one text; hits index into the words it was given."""

    hits: tuple[Hit, ...]
    turns: frozenset[Turn]
    turned_by: tuple[int, ...]  # words that turned it
    has_letters: bool
    domain: bool  # speaks of police or their services
    praised: bool  # a word of praise that nothing negates
    blamed: bool  # a word of blame that nothing negates
    sums: bool  # speaks of money
    denied: frozenset[Code]  # what the text only seems to name

    def of(self, kind: Kind) -> list[Hit]:
        """Return the hits that speak for ``kind``."""
        return [hit for hit in self.hits if hit.code is kind]


class _Token(NamedTuple):
    form: str
    word: int
    sentence: int
    scopes: frozenset[str]


def read(text: str, words: Sequence[Word]) -> Reading:
    """Read a text, and the words it was split into, by the rules of the taxonomy."""
    tokens = _tokens(words)
    hits, excluded = _find(tokens)
    hits = _without_excluded(hits, excluded, tokens)
    turns = _turns(tokens)
    hits = _turned_hits(hits, turns, tokens)
    return Reading(
        tuple(
            replace(h, first=tokens[h.first].word, last=tokens[h.last].word)
            for h in hits
        ),
        frozenset(turns),
        tuple(tokens[place].word for place in turns.values()),
        any(text[w.start : w.end].isalnum() and w.form[0].isalpha() for w in words),
        any("domain" in token.scopes for token in tokens),
        _unnegated(tokens, "praise"),
        _unnegated(tokens, "blame"),
        any("sums" in token.scopes for token in tokens),
        frozenset(hit.code for hit in excluded),
    )


def _tokens(words: Sequence[Word]) -> list[_Token]:
    """Keep letters and digits; count sentences; part amounts from their unit."""
    tokens: list[_Token] = []
    sentence = 0
    for place, word in enumerate(words[:LONGEST]):
        if word.form[0].isalnum() or word.form[0] == "@":
            tokens += [
                _Token(form, place, sentence, scopes_of(form))
                for form in split_amount(word.form)
            ]
        elif word.form in _ENDS:
            sentence += 1
    return tokens


def _find(tokens: Sequence[_Token]) -> tuple[list[Hit], list[Hit]]:
    hits: list[Hit] = []
    excluded: list[Hit] = []
    known = taxonomy()
    for place, token in enumerate(tokens):
        for phrase in known.starting_with(token.form):
            last = _end(tokens, place, phrase.slots)
            if last < 0:
                continue
            hit = Hit(
                phrase.code, phrase.polarity, place, last, token.sentence, phrase.alone
            )
            if phrase.excludes:
                excluded.append(hit)
            elif (kept := _negated(hit, tokens, phrase)) is not None:
                hits.append(kept)
    return hits, excluded


def _end(tokens: Sequence[_Token], place: int, slots: Sequence[Slot]) -> int:
    """Return the place of the last word if ``slots`` match from ``place``, else -1."""
    at = place
    for number, slot in enumerate(slots):
        if slot is GAP:
            rest = slots[number + 1 :]
            for skip in range(_WIDEST_GAP + 1):
                last = _end(tokens, at + skip, rest)
                if last >= 0 and tokens[last].sentence == tokens[place].sentence:
                    return last
            return -1
        if at >= len(tokens) or not slot.takes(tokens[at].form):
            return -1
        at += 1
    return at - 1


def negator_before(tokens: Sequence[_Token], place: int) -> int:
    """Return the place of a negation that reaches ``place``, else -1."""
    for back in range(place - 1, max(-1, place - 1 - REACH), -1):
        token = tokens[back]
        if token.sentence != tokens[place].sentence or "breaks" in token.scopes:
            return -1
        if "negators" in token.scopes:
            return back
    return -1


def _negated(hit: Hit, tokens: Sequence[_Token], phrase: Phrase) -> Hit | None:
    """Turn a hit that a negation reaches: the other polarity, or nothing at all."""
    if "negators" in tokens[hit.first].scopes:
        return hit  # the phrase holds its own negation
    at = negator_before(tokens, hit.first)
    if at < 0 or isinstance(phrase.code, Service):
        return hit
    if phrase.code is Kind.INTEGRITY:
        return replace(hit, code=Element.X1, polarity=Polarity.POSITIVE, first=at)
    if phrase.polarity is None or tokens[at].form in ("jangan", "belum"):
        return None
    other = (
        Polarity.NEGATIVE if phrase.polarity is Polarity.POSITIVE else Polarity.POSITIVE
    )
    return replace(hit, polarity=other, first=at)


def _without_excluded(
    hits: list[Hit], excluded: Sequence[Hit], tokens: Sequence[_Token]
) -> list[Hit]:
    """Drop hits that an excluding phrase covers; for emergencies, what is past."""
    live = any(token.form in _LIVE for token in tokens)

    def spoilt(hit: Hit) -> bool:
        for other in excluded:
            if other.code is not hit.code:
                continue
            if hit.code is Kind.EMERGENCY and not live:
                return True
            if other.first <= hit.last and hit.first <= other.last:
                return True
        return False

    return [hit for hit in hits if not spoilt(hit)]


def _turns(tokens: Sequence[_Token]) -> dict[Turn, int]:
    """Find what turns the text, and the word that does it."""
    found: dict[Turn, int] = {}
    praise_at = next(
        (i for i, token in enumerate(tokens) if "praise" in token.scopes), None
    )
    for place, token in enumerate(tokens):
        after = tokens[place + 1 : place + 6]
        if "doubt" in token.scopes:
            found.setdefault(Turn.DOUBT, place)
        if praise_at is None or praise_at >= place:
            continue
        if "conditions" in token.scopes and _money_in(after):
            found.setdefault(Turn.CONDITION, place)
        if "contrast" in token.scopes and any(
            "paying" in other.scopes for other in after
        ):
            found.setdefault(Turn.CONTRAST, place)
    mourning = any("condolence" in token.scopes for token in tokens)
    laughing = [i for i, t in enumerate(tokens) if "laughter" in t.scopes]
    if mourning and laughing:
        found[Turn.MOCKERY] = laughing[0]
    return found


def _money_in(tokens: Sequence[_Token]) -> bool:
    return any("money" in token.scopes for token in tokens)


def _turned_hits(
    hits: Sequence[Hit], turns: dict[Turn, int], tokens: Sequence[_Token]
) -> list[Hit]:
    """Apply the turns to the hits; praise of honesty silences the words inside it."""
    if Turn.DOUBT in turns or Turn.CONDITION in turns or Turn.CONTRAST in turns:
        hits = [hit for hit in hits if hit.code is not Kind.PRAISE]
    honest = {
        hit.sentence
        for hit in hits
        if hit.code is Element.X1 and hit.polarity is Polarity.POSITIVE
    }
    kept = [
        hit
        for hit in hits
        if not (hit.code is Kind.INTEGRITY and hit.sentence in honest)
    ]
    kept += [
        replace(hit, code=Element.X1, polarity=Polarity.NEGATIVE)
        for hit in kept
        if hit.code is Kind.INTEGRITY
    ]
    if Turn.DOUBT in turns:
        kept = [
            replace(hit, polarity=Polarity.NEGATIVE)
            if hit.code is Element.X1 and hit.sentence in honest
            else hit
            for hit in kept
        ]
    for turn in (Turn.CONDITION, Turn.CONTRAST):
        if turn in turns:
            place = turns[turn]
            kept = [h for h in kept if h.polarity is not Polarity.POSITIVE]
            kept.append(
                Hit(
                    Element.X1,
                    Polarity.NEGATIVE,
                    place,
                    min(place + 2, len(tokens) - 1),
                    tokens[place].sentence,
                )
            )
    return kept


def _unnegated(tokens: Sequence[_Token], name: str) -> bool:
    return any(
        name in token.scopes and negator_before(tokens, place) < 0
        for place, token in enumerate(tokens)
    )
