"""What the rules change of a feeling: the traps that no n-gram sees."""

import numpy as np

from classifiers.linear import Floats
from classifiers.rules import Reading, Turn
from models.labels import Element, Kind, Polarity

NEGATIVE, NEUTRAL, POSITIVE = range(3)
_FIRM = 0.9  # share of the rule beside the model where the rule decides
_LIKELY = 0.65  # where it only says what is likely
_MILD = 1.0  # log-odds
_SHORT = 12  # words whose feeling one phrase can carry


def turned(  # noqa: PLR0911 - one line a rule
    felt: Floats, reading: Reading, words: int
) -> Floats:
    """Return log-probabilities after the rules; ``felt`` where they say nothing.

    Alleged misconduct, emergencies, conditional irony, contrast and mockery are
    negative; doubt takes the positive away; a short text that only denies something bad
    ("gak ribet") is positive; an empty one is neutral.
    """
    if not words:
        return _mixed(felt, NEUTRAL, _LIKELY)
    if reading.of(Kind.INTEGRITY) or reading.of(Kind.EMERGENCY):
        return _mixed(felt, NEGATIVE, _FIRM)
    if reading.turns & {Turn.CONDITION, Turn.CONTRAST, Turn.MOCKERY}:
        return _mixed(felt, NEGATIVE, _FIRM)
    negative = {hit.code for hit in reading.hits if hit.polarity is Polarity.NEGATIVE}
    positive = {hit.code for hit in reading.hits if hit.polarity is Polarity.POSITIVE}
    if Turn.DOUBT in reading.turns and (Element.X1 in negative or reading.praised):
        return _mixed(felt, NEGATIVE, _LIKELY)
    if positive and not negative and not reading.blamed and words <= _SHORT:
        return _mixed(felt, POSITIVE, _LIKELY)
    if negative and reading.domain:
        shift = np.zeros(3, np.float32)
        shift[NEGATIVE] = _MILD * min(len(negative), 2) / 2
        moved = felt + shift
        logs: Floats = moved - np.log(np.exp(moved).sum())
        return logs
    return felt


def _mixed(felt: Floats, label: int, share: float) -> Floats:
    """Give ``share`` of the probability to ``label``, the rest as it was."""
    probabilities = np.exp(felt) * (1 - share)
    probabilities[label] += share
    return np.log(probabilities).astype(np.float32)
