"""Engines by name behind one contract: ``load("default").predict(texts)``."""

import json
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.base import Classifier
from classifiers.evidence import evidence_of
from classifiers.failures import EngineUnavailable
from classifiers.features import grams_of
from classifiers.linear import Floats, LinearModel, View, load_linear
from classifiers.rules import Reading, Turn, read
from classifiers.sentiment import (
    ORDER,
    Blend,
    Calibration,
    LinearSentiment,
    SentimentEngine,
)
from classifiers.tagger import Strengths, Tagger
from classifiers.text import Word, words
from classifiers.turning import turned
from models.labels import SEVERITY_OF, Labels, Sentiment, SentimentGuess

NAMES = ("linear", "transformer", "ensemble")
MOST_CHARACTERS = 20_000  # of one text; what lies beyond is left out
_BATCH = 256


class TextClassifier:
    """One sentiment engine with the rules and the tagger around it."""

    def __init__(
        self,
        version: str,
        engine: SentimentEngine,
        tagger: Tagger,
        explaining: LinearModel,
    ) -> None:
        self._version = version
        self._engine = engine
        self._tagger = tagger
        self._explaining = explaining

    @property
    def version(self) -> str:
        """Name and version of the engine, e.g. ``ensemble-2026.11``."""
        return self._version

    def predict(self, texts: Sequence[str]) -> list[Labels]:
        """Label ``texts`` in their order; any string is accepted."""
        labels: list[Labels] = []
        for start in range(0, len(texts), _BATCH):
            labels += self._predict_batch(texts[start : start + _BATCH])
        return labels

    def _predict_batch(self, texts: Sequence[str]) -> list[Labels]:
        short = [text[:MOST_CHARACTERS] for text in texts]
        split = [words(text) for text in short]
        views = [self._explaining.view(grams_of(own)) for own in split]
        feelings = self._engine.logs(short, views)
        return [
            self._label(*one) for one in zip(short, split, views, feelings, strict=True)
        ]

    def _label(self, text: str, split: list[Word], view: View, felt: Floats) -> Labels:
        reading = read(text, split)
        feeling = turned(felt, reading, len(split))
        scores = self._tagger.scores(view.grams)
        kind = self._tagger.kind(scores, reading, feeling)
        service = self._tagger.service(scores, reading)
        elements = self._tagger.elements(scores, reading, kind.label, feeling)
        sentiment = self._sentiment(feeling, reading)
        return Labels(
            sentiment,
            kind,
            service,
            elements,
            SEVERITY_OF[kind.label],
            evidence_of(
                split, view, reading, self._explaining, sentiment.label, kind.label
            ),
            self._version,
        )

    def _sentiment(self, feeling: Floats, reading: Reading) -> SentimentGuess:
        probabilities = np.exp(feeling.astype(np.float64))
        probabilities /= probabilities.sum()
        best = int(probabilities.argmax())
        doubtful = bool(reading.turns & {Turn.DOUBT, Turn.MOCKERY})
        sure = (
            reading.has_letters
            and not doubtful
            and float(probabilities[best]) >= self._engine.calibration.cutoff
        )
        return SentimentGuess(
            ORDER[best],
            {label: float(p) for label, p in zip(ORDER, probabilities, strict=True)},
            sure,
        )


def load(
    name: str = "default", *, threads: int = 1, weights: Path | None = None
) -> Classifier:
    """Load an engine.

    Args:
        name: ``default``, ``linear``, ``transformer``, ``ensemble``, or the folder of a
            Hugging Face checkpoint; ``FOLDER#positive,neutral,negative`` gives the
            order of its labels where its configuration does not name them.
        threads: threads of one inference.
        weights: another folder in the layout of ``classifiers/weights``.

    Raises:
        EngineUnavailable: there is no such engine, or something it needs is missing.
    """
    if weights is not None:
        return _load(name, weights, threads)
    with as_file(files("classifiers") / "weights") as folder:
        return _load(name, folder, threads)


def _load(name: str, weights: Path, threads: int) -> Classifier:
    kept = calibration(weights)
    chosen = str(kept["default"]) if name == "default" else name
    linear = load_linear(weights / "linear" / "sentiment.npz")
    tagger = Tagger(
        load_linear(weights / "linear" / "tagger.npz"), Strengths.of(kept["tagger"])
    )
    engine = _engine(chosen, weights, threads, kept, linear)
    short = chosen if chosen in NAMES else Path(chosen.partition("#")[0]).name
    return TextClassifier(f"{short}-{kept['version']}", engine, tagger, linear)


def calibration(weights: Path) -> dict[str, Any]:
    """Read ``calibration.json``: version, default engine, scales and cut-offs.

    Raises:
        EngineUnavailable: the folder holds no weights.
    """
    path = weights / "calibration.json"
    if not path.is_file():
        raise EngineUnavailable(
            f"Tidak ada bobot model di {weights}. Buat dengan: kentongan model train",
            "engine",
        )
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _engine(
    name: str, weights: Path, threads: int, kept: dict[str, Any], linear: LinearModel
) -> SentimentEngine:
    from classifiers.transformer import TransformerSentiment

    if name == "linear":
        return LinearSentiment(linear, Calibration.of(kept["linear"]))
    if name == "transformer":
        return TransformerSentiment(
            weights / "transformer",
            threads=threads,
            calibration=Calibration.of(kept["transformer"]),
        )
    if name == "ensemble":
        return Blend(
            _engine("linear", weights, threads, kept, linear),
            _engine("transformer", weights, threads, kept, linear),
            float(kept["ensemble"]["share"]),
            Calibration.of(kept["ensemble"]),
        )
    folder, _, order = name.partition("#")
    if not Path(folder).is_dir():
        raise EngineUnavailable(
            f"Model {name!r} tidak ada. Pilih default, {', '.join(NAMES)}, atau folder"
            " model Hugging Face di komputer ini.",
            "engine",
        )
    try:
        labels = [Sentiment(label) for label in order.split(",") if label]
    except ValueError:
        raise EngineUnavailable(
            f"Urutan label {order!r} tidak dikenal; contoh: negative,neutral,positive.",
            "engine",
        ) from None
    return TransformerSentiment(Path(folder), threads=threads, labels=labels)
