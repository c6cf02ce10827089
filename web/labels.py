"""Labels of one item as its page explains them: the words that decided, marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

from models.item import Item, full_text
from models.labels import ElementGuess, Evidence, Labels, Polarity
from models.labels_json import from_json
from models.words import ELEMENTS, KINDS, SENTIMENTS, SERVICES

C = TypeVar("C", bound=StrEnum)
SHOWN = 3  # of the probabilities of one label


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text; ``why`` names the labels it decided (message ids)."""

    text: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """One label with its probability; ``sure`` is false below its cut-off."""

    name: str  # message id
    share: float
    sure: bool


@dataclass(frozen=True, slots=True)
class ElementLine:
    """One service element with its polarity and the words that said so."""

    code: str
    name: str  # message id
    negative: bool
    sure: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What the page of an item shows beside its words."""

    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    sentiments: tuple[Guess, ...] = ()  # the likeliest first
    kinds: tuple[Guess, ...] = ()
    service: Guess | None = None
    elements: tuple[ElementLine, ...] = ()
    model: str = ""


def explain(item: Item, written: str) -> Explained:
    """Read the stored labels; without any, the plain words alone."""
    if not written:
        return Explained((Piece(item.title),), (Piece(item.text),))
    labels = from_json(written)
    whole = full_text(item.title, item.text)
    begin = len(whole) - len(item.text)
    service = labels.service
    return Explained(
        title=tuple(_pieces(whole, 0, len(item.title), labels.evidence)),
        text=tuple(_pieces(whole, begin, len(whole), labels.evidence)),
        sentiments=_guesses(
            labels.sentiment.probabilities, SENTIMENTS, labels.sentiment.sure
        ),
        kinds=_guesses(labels.kind.probabilities, KINDS, labels.kind.sure),
        service=(
            Guess(SERVICES[service.label], service.probability, service.sure)
            if service
            else None
        ),
        elements=tuple(_line(one, whole, labels) for one in labels.elements),
        model=labels.model,
    )


def _pieces(
    whole: str, begin: int, end: int, evidence: Sequence[Evidence]
) -> Iterator[Piece]:
    """Cut ``whole[begin:end]`` where marks begin and end."""
    marks = [e for e in evidence if begin <= e.start < e.end <= end]
    cuts = sorted({begin, end, *(e.start for e in marks), *(e.end for e in marks)})
    for start, stop in pairwise(cuts):
        why = [_name(e.label) for e in marks if e.start <= start and stop <= e.end]
        yield Piece(whole[start:stop], tuple(dict.fromkeys(why)))


def _name(code: str) -> str:
    tables: tuple[Mapping[Any, str], ...] = (SENTIMENTS, KINDS, SERVICES, ELEMENTS)
    return next((table[code] for table in tables if code in table), code)


def _guesses(
    shares: Mapping[C, float], names: Mapping[C, str], sure: bool
) -> tuple[Guess, ...]:
    ranked = sorted(shares.items(), key=lambda one: -one[1])
    return tuple(Guess(names[code], share, sure) for code, share in ranked[:SHOWN])


def _line(one: ElementGuess, whole: str, labels: Labels) -> ElementLine:
    words = [
        whole[e.start : e.end] for e in labels.evidence if e.label == one.element.value
    ]
    return ElementLine(
        code=one.element.value,
        name=ELEMENTS[one.element],
        negative=one.polarity is Polarity.NEGATIVE,
        sure=one.sure,
        words=tuple(dict.fromkeys(words)),
    )
