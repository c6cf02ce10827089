"""The feeling of a text: engines with calibrated probabilities, and their blend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from classifiers.linear import LinearModel, View
from models.labels import Sentiment

Floats = npt.NDArray[np.float32]
ORDER: tuple[Sentiment, ...] = (
    Sentiment.NEGATIVE,
    Sentiment.NEUTRAL,
    Sentiment.POSITIVE,
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Makes probabilities of raw scores: ``softmax(scale * raw + shift)``.

    ``cutoff`` is the probability below which a label says "belum pasti".
    """

    scale: float = 1.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    cutoff: float = 0.6

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Calibration":
        """Read the values kept in ``calibration.json``."""
        negative, neutral, positive = (float(v) for v in values["shift"])
        return cls(
            float(values["scale"]),
            (negative, neutral, positive),
            float(values["cutoff"]),
        )

    def logs(self, raw: Floats) -> Floats:
        """Return the logarithms ``[texts, 3]`` of the calibrated probabilities."""
        scores = raw * np.float32(self.scale) + np.asarray(self.shift, np.float32)
        scores -= scores.max(1, keepdims=True)
        logs: Floats = scores - np.log(np.exp(scores).sum(1, keepdims=True))
        return logs


class SentimentEngine(Protocol):
    """Gives calibrated log-probabilities in the order of :data:`ORDER`."""

    calibration: Calibration

    def logs(self, texts: Sequence[str], views: Sequence[View]) -> Floats:
        """Return ``[texts, 3]``; ``views`` are the shipped linear model's."""
        ...


class LinearSentiment:
    """The linear model alone."""

    def __init__(self, model: LinearModel, calibration: Calibration) -> None:
        self._model = model
        self.calibration = calibration

    def logs(self, texts: Sequence[str], views: Sequence[View]) -> Floats:
        """Return calibrated log-probabilities; an empty text gets the bias."""
        del texts
        raw = [self._model.scores(own) for own in views]
        return self.calibration.logs(np.asarray(raw, np.float32).reshape(-1, 3))


class Blend:
    """Two engines' log-probabilities by a fixed share, calibrated again."""

    def __init__(
        self,
        first: SentimentEngine,
        second: SentimentEngine,
        share: float,
        calibration: Calibration,
    ) -> None:
        self._first = first
        self._second = second
        self._share = np.float32(share)
        self.calibration = calibration

    def logs(self, texts: Sequence[str], views: Sequence[View]) -> Floats:
        """Return the blend: ``share`` of the first engine, the rest of the second."""
        first = self._first.logs(texts, views)
        second = self._second.logs(texts, views)
        return self.calibration.logs(self._share * first + (1 - self._share) * second)
