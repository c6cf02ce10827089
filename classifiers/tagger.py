"""Kind, service and elements of a text, from the rules and a linear model together.

The rules alone are enough to run; the model adds what no phrase says. Emergencies and
alleged misconduct that the rules see are never overridden by the model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from classifiers.features import Grams
from classifiers.linear import Floats, LinearModel
from classifiers.rules import Hit, Reading, Turn
from models.labels import (
    Element,
    ElementGuess,
    Kind,
    KindGuess,
    Polarity,
    Sentiment,
    Service,
    ServiceGuess,
)

Key = TypeVar("Key")
_KINDS = tuple(Kind)
_NO_ASPECT = frozenset([Kind.ANNOUNCEMENT, Kind.CAMPAIGN, Kind.HOAX])
_LEANS: Mapping[Kind, Sentiment] = {
    Kind.COMPLAINT: Sentiment.NEGATIVE,
    Kind.INTEGRITY: Sentiment.NEGATIVE,
    Kind.INCIDENT: Sentiment.NEGATIVE,
    Kind.EMERGENCY: Sentiment.NEGATIVE,
    Kind.PRAISE: Sentiment.POSITIVE,
    Kind.SUGGESTION: Sentiment.NEUTRAL,
    Kind.QUESTION: Sentiment.NEUTRAL,
    Kind.ANNOUNCEMENT: Sentiment.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Strengths:
    """How much rules and feeling weigh beside the model, and the cut-offs.

    Weights are in log-odds; cut-offs are probabilities, both from ``calibration.json``.
    """

    phrase: float = 2.5  # a phrase of a kind
    aspect: float = 1.5  # an element praised or criticised
    feeling: float = 0.8  # times the log-probability of the sentiment it leans to
    forced: float = 6.0  # emergency and integrity seen by the rules
    service: float = 2.0
    hint: float = 1.0  # a word that must not decide alone
    element: float = 3.0
    unspoken: float = 1.5  # against an element that no phrase names
    kind_cutoff: float = 0.6
    service_cutoff: float = 0.6
    element_cutoff: float = 0.6

    @classmethod
    def of(cls, values: Mapping[str, float]) -> "Strengths":
        """Read the values kept in ``calibration.json``."""
        return cls(**{name: float(value) for name, value in values.items()})


class Tagger:
    """Tags texts that are already split, read by the rules, and felt."""

    def __init__(self, model: LinearModel | None, strengths: Strengths) -> None:
        """Tag with ``model``'s heads (``kind:…``, ``service:…``, ``element:…``)."""
        self._model = model
        self._strengths = strengths
        outputs = model.outputs if model else ()
        self._places = {name: place for place, name in enumerate(outputs)}

    def scores(self, grams: Grams) -> Floats:
        """Return the model's raw scores of one text."""
        if self._model is None:
            return np.zeros(0, np.float32)
        return self._model.scores(self._model.view(grams))

    def _score(self, scores: Floats, name: str) -> float:
        place = self._places.get(name)
        return 0.0 if place is None else float(scores[place])

    def kind(self, scores: Floats, reading: Reading, feeling: Floats) -> KindGuess:
        """Guess the kind; ``feeling`` are log-probabilities of the sentiments."""
        strengths = self._strengths
        total = {kind: self._score(scores, f"kind:{kind}") for kind in _KINDS}
        found = {kind: reading.of(kind) for kind in _KINDS}
        order = list(Sentiment)
        for kind in _KINDS:
            total[kind] += strengths.phrase * min(len(_apart(found[kind])), 2)
            lean = _LEANS.get(kind)
            if lean is not None:
                total[kind] += strengths.feeling * float(feeling[order.index(lean)])
        negative, positive = _aspects(reading)
        total[Kind.COMPLAINT] += strengths.aspect * min(negative, 2)
        total[Kind.PRAISE] += strengths.aspect * min(positive, 2)
        _turn_kinds(total, reading, found, strengths.forced)
        probabilities = _softmax(total)
        label = max(probabilities, key=probabilities.__getitem__)
        sure = probabilities[label] >= strengths.kind_cutoff and reading.has_letters
        if Turn.DOUBT in reading.turns or Turn.MOCKERY in reading.turns:
            sure = False
        return KindGuess(label, probabilities, sure)

    def service(self, scores: Floats, reading: Reading) -> ServiceGuess | None:
        """Guess the service; none where neither words nor model speak for one."""
        strengths = self._strengths
        none = self._score(scores, "service:none") if self._model else 1.5
        total: dict[Service | None, float] = {None: none}
        for service in Service:
            total[service] = self._score(scores, f"service:{service}")
        spoken = False
        for hit in reading.hits:
            if isinstance(hit.code, Service):
                total[hit.code] += strengths.service if hit.alone else strengths.hint
                spoken = True
        denied = [code for code in reading.denied if isinstance(code, Service)]
        for service in denied:
            total[service] -= strengths.forced
        if not spoken and (denied or not reading.domain):
            total[None] += strengths.service
        probabilities = _softmax(total)
        label = max(probabilities, key=probabilities.__getitem__)
        if label is None:
            return None
        probability = probabilities[label]
        return ServiceGuess(label, probability, probability >= strengths.service_cutoff)

    def elements(
        self, scores: Floats, reading: Reading, kind: Kind, feeling: Floats
    ) -> tuple[ElementGuess, ...]:
        """Guess the elements with their polarity; the rules' polarity comes first."""
        strengths = self._strengths
        guesses = []
        for element in Element:
            hits = [hit for hit in reading.hits if hit.code is element]
            if not hits and (kind in _NO_ASPECT or not self._model):
                continue
            score = self._score(scores, f"element:{element}")
            score += strengths.element if hits else -strengths.unspoken
            probability = float(1 / (1 + np.exp(-score)))
            polarity = _polarity(hits, feeling)
            if polarity is None or (probability < 0.5 and not hits):
                continue
            probability = max(probability, 0.5)
            sure = probability >= strengths.element_cutoff
            guesses.append(ElementGuess(element, polarity, probability, sure))
        return tuple(guesses)


def _apart(hits: Sequence[Hit]) -> list[Hit]:
    """Return the hits that share no word with one before them."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda one: one.first):
        if not kept or hit.first > kept[-1].last:
            kept.append(hit)
    return kept


def _aspects(reading: Reading) -> tuple[int, int]:
    """Count the elements criticised and praised."""
    seen = {(hit.code, hit.polarity) for hit in reading.hits if hit.polarity}
    negative = sum(1 for _, polarity in seen if polarity is Polarity.NEGATIVE)
    return negative, len(seen) - negative


def _turn_kinds(
    total: dict[Kind, float],
    reading: Reading,
    found: Mapping[Kind, Sequence[Hit]],
    forced: float,
) -> None:
    """Apply what the rules decide whatever the model says."""
    x1_negative = any(
        hit.code is Element.X1 and hit.polarity is Polarity.NEGATIVE
        for hit in reading.hits
    )
    if reading.turns & {Turn.DOUBT, Turn.CONDITION, Turn.CONTRAST, Turn.MOCKERY}:
        total[Kind.PRAISE] -= forced
    if Turn.CONTRAST in reading.turns:
        total[Kind.COMPLAINT] += forced
    elif x1_negative and Turn.CONDITION in reading.turns:
        total[Kind.INTEGRITY] += forced
    if any(
        hit.code is Element.X1 and hit.polarity is Polarity.POSITIVE
        for hit in reading.hits
    ):
        total[Kind.INTEGRITY] -= forced
    for kind in (Kind.EMERGENCY, Kind.INTEGRITY):
        if kind in reading.denied and not found[kind]:
            total[kind] -= forced
    if not (reading.domain or reading.sums or found[Kind.INTEGRITY]):
        total[Kind.INTEGRITY] -= forced / 3  # of whom is it said?
    top = max(total.values())
    if found[Kind.EMERGENCY]:
        total[Kind.EMERGENCY] = top + forced
    elif found[Kind.INTEGRITY]:
        total[Kind.INTEGRITY] = top + forced / 2


def _polarity(hits: Sequence[Hit], feeling: Floats) -> Polarity | None:
    """Return the polarity most hits have; without hits, that of the text's feeling."""
    if hits:
        negative = sum(1 for hit in hits if hit.polarity is Polarity.NEGATIVE)
        return Polarity.NEGATIVE if 2 * negative >= len(hits) else Polarity.POSITIVE
    order = list(Sentiment)
    label = order[int(np.argmax(feeling))]
    if label is Sentiment.NEUTRAL:
        return None
    return Polarity(label.value)


def _softmax(total: Mapping[Key, float]) -> dict[Key, float]:
    top = max(total.values())
    raised = {key: float(np.exp(score - top)) for key, score in total.items()}
    whole = sum(raised.values())
    return {key: value / whole for key, value in raised.items()}
