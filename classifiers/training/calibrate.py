"""Probabilities, shares and cut-offs, fitted on rows that no model was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.evaluation import confusion_of, f1_of
from classifiers.sentiment import Calibration

_PLATEAU = 0.01  # of the sum of two macro-F1


@dataclass(frozen=True)
class HeldOut:
    """Raw scores ``[rows, 3]``, truth, weights, and the rows to select on."""

    raw: Any
    truth: Any
    weights: Any
    selecting: Any  # rows on which shares are chosen: SmSA valid


def fit(held: HeldOut, precision: float) -> Calibration:
    """Fit scale and shift by weighted cross-entropy, and the cut-off.

    The cut-off is the lowest certainty above which at least ``precision`` of the
    selecting rows are right.
    """
    from scipy.optimize import minimize

    def loss(values: Any) -> float:
        own = Calibration(float(np.exp(values[0])), (values[1], 0.0, values[2]))
        logs = own.logs(held.raw)[np.arange(len(held.truth)), held.truth]
        prior = 0.002 * float((values[1:] ** 2).sum())
        return float(-(held.weights * logs).sum() / held.weights.sum()) + prior

    found = minimize(loss, np.zeros(3), method="Nelder-Mead").x
    fitted = Calibration(
        float(np.exp(found[0])), (float(found[1]), 0.0, float(found[2]))
    )
    logs = fitted.logs(held.raw)
    certainty = np.exp(logs.max(1))
    right = logs.argmax(1) == held.truth
    chosen = held.selecting
    return Calibration(
        fitted.scale, fitted.shift, cutoff(certainty[chosen], right[chosen], precision)
    )


def cutoff(certainty: Any, right: Any, precision: float) -> float:
    """Return the lowest certainty above which ``precision`` of the rows are right."""
    order = np.argsort(-certainty)
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(shares >= precision)
    return float(certainty[order][good[-1]]) if len(good) else 0.99


def macro_f1(raw: Any, truth: Any) -> float:
    """Return the macro-F1 of the likeliest label."""
    return float(np.mean(f1_of(confusion_of(truth, raw.argmax(1)))))


def choose_share(first: Any, second: Any, held: HeldOut) -> float:
    """Return the share of ``first`` in the blend that is best over the sets.

    ``first`` and ``second`` are log-probabilities. The score is the mean of macro-F1 on
    the selecting rows and on all others, smoothed over neighbouring shares; of all
    shares within ``_PLATEAU`` of the best, the middle one, so that no lucky point wins.
    """
    shares = np.arange(0, 1.01, 0.05)
    others = ~held.selecting
    scores = []
    for share in shares:
        blended = share * first + (1 - share) * second
        scores.append(
            macro_f1(blended[held.selecting], held.truth[held.selecting])
            + macro_f1(blended[others], held.truth[others])
        )
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    level = shares[smooth >= smooth.max() - _PLATEAU]
    return float(level[len(level) // 2])


def as_values(calibration: Calibration, **more: Any) -> dict[str, Any]:
    """Return plain values for ``calibration.json``."""
    return {
        "scale": round(calibration.scale, 4),
        "shift": [round(value, 4) for value in calibration.shift],
        "cutoff": round(calibration.cutoff, 4),
        **more,
    }


def sources_weights(sources: Sequence[str], wanted: dict[str, float]) -> Any:
    """Weigh rows so that each source has the whole weight it is given."""
    counts = {source: sources.count(source) for source in set(sources)}
    return np.array([wanted[source] / counts[source] for source in sources])
