"""Measuring an engine: accuracy, macro-F1, confusion, calibration error, certainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.base import Classifier
from classifiers.sentiment import ORDER
from classifiers.training.corpus import own_rows, smsa
from models.labels import Labels, Sentiment

BINS = 10


@dataclass(frozen=True)
class Measured:
    """Figures of one engine on one set; ``f1`` and ``confusion`` in ``ORDER``."""

    engine: str
    dataset: str
    rows: int
    accuracy: float
    macro_f1: float
    f1: tuple[float, ...]
    confusion: tuple[tuple[int, ...], ...]  # truth by row, guess by column
    ece: float  # expected calibration error, ten bins
    sure_share: float
    sure_accuracy: float
    tagged: dict[str, float]  # kind, service, elements, where the set has them

    def plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        names = [label.value for label in ORDER]
        return {
            **{k: getattr(self, k) for k in self.__dataclass_fields__},
            "f1": dict(zip(names, self.f1, strict=True)),
        }


def measure_all(engine: Classifier, data: Path) -> list[Measured]:
    """Measure ``engine`` on SmSA ``valid`` and on our own ``dev`` rows."""
    valid = smsa(data, "valid")
    own = own_rows("dev")
    return [
        measure(
            engine, "SmSA valid", [r.text for r in valid], [r.sentiment for r in valid]
        ),
        measure(
            engine,
            "own dev",
            [str(r["text"]) for r in own],
            [Sentiment(str(r["sentiment"])) for r in own],
            own,
        ),
    ]


def measure(
    engine: Classifier,
    dataset: str,
    texts: Sequence[str],
    truth: Sequence[Sentiment],
    rows: Sequence[dict[str, Any]] = (),
) -> Measured:
    """Measure one engine on one set; ``rows`` carry the labels of the tagger."""
    labels = engine.predict(texts)
    expected = np.array([ORDER.index(label) for label in truth])
    guessed = np.array([ORDER.index(one.sentiment.label) for one in labels])
    certainty = np.array(
        [one.sentiment.probabilities[one.sentiment.label] for one in labels]
    )
    sure = np.array([one.sentiment.sure for one in labels])
    right = guessed == expected
    confusion = confusion_of(expected, guessed)
    f1 = f1_of(confusion)
    return Measured(
        engine.version,
        dataset,
        len(texts),
        float(right.mean()),
        float(np.mean(f1)),
        tuple(f1),
        tuple(tuple(int(n) for n in row) for row in confusion),
        calibration_error(certainty, right),
        float(sure.mean()),
        float(right[sure].mean()) if sure.any() else 0.0,
        _tagged(labels, rows) if rows else {},
    )


def confusion_of(expected: Any, guessed: Any, classes: int = len(ORDER)) -> Any:
    """Return counts ``[truth, guess]``."""
    flat = np.bincount(expected * classes + guessed, minlength=classes * classes)
    return flat.reshape(classes, classes)


def f1_of(confusion: Any) -> list[float]:
    """Return the F1 of each class; 0 where it is never right."""
    hit = np.diag(confusion).astype(float)
    whole = confusion.sum(0) + confusion.sum(1)
    return [float(2 * h / w) if w else 0.0 for h, w in zip(hit, whole, strict=True)]


def calibration_error(certainty: Any, right: Any) -> float:
    """Return the expected calibration error over ten bins of equal width (0 to 1)."""
    bins = np.minimum((certainty * BINS).astype(int), BINS - 1)
    total = 0.0
    for number in range(BINS):
        inside = bins == number
        if inside.any():
            gap = abs(certainty[inside].mean() - right[inside].mean())
            total += float(inside.mean() * gap)
    return total


def _tagged(
    labels: Sequence[Labels], rows: Sequence[dict[str, Any]]
) -> dict[str, float]:
    kinds = [
        one.kind.label.value == row["kind"]
        for one, row in zip(labels, rows, strict=True)
    ]
    sure = [right for right, one in zip(kinds, labels, strict=True) if one.kind.sure]
    services = [
        (one.service.label.value if one.service else None) == row["service"]
        for one, row in zip(labels, rows, strict=True)
    ]
    found = [{e.element.value for e in one.elements} for one in labels]
    wanted = [{e["element"] for e in row["elements"]} for row in rows]
    both = sum(len(a & b) for a, b in zip(found, wanted, strict=True))
    either = sum(map(len, found)) + sum(map(len, wanted))
    figures = {
        "kind_accuracy": float(np.mean(kinds)),
        "kind_sure_share": len(sure) / len(rows),
        "kind_sure_accuracy": float(np.mean(sure)) if sure else 0.0,
        "service_accuracy": float(np.mean(services)),
        "element_f1": 2 * both / either if either else 0.0,
    }
    for kind in ("integrity", "emergency", "suggestion"):
        figures[f"{kind}_recall"] = _recall(labels, rows, kind)
    return figures


def _recall(
    labels: Sequence[Labels], rows: Sequence[dict[str, Any]], kind: str
) -> float:
    found = [
        one.kind.label.value == kind
        for one, row in zip(labels, rows, strict=True)
        if row["kind"] == kind
    ]
    return float(np.mean(found)) if found else 0.0


def report(measured: Measured) -> str:
    """Return the figures as lines for a terminal."""
    names = [label.value for label in ORDER]
    each = "  ".join(f"{n} {f:.3f}" for n, f in zip(names, measured.f1, strict=True))
    lines = [
        f"{measured.engine} on {measured.dataset} ({measured.rows} rows)",
        f"  accuracy {measured.accuracy:.4f}  macro-F1 {measured.macro_f1:.4f}",
        f"  F1 {each}  ECE {measured.ece:.4f}",
        f"  sure {measured.sure_share:.1%}, then right {measured.sure_accuracy:.4f}",
        f"  truth \\ guess  {'  '.join(f'{n:>8}' for n in names)}",
    ]
    for name, row in zip(names, measured.confusion, strict=True):
        lines.append(f"  {name:>13}  {'  '.join(f'{n:>8}' for n in row)}")
    if measured.tagged:
        told = "  ".join(f"{k} {v:.3f}" for k, v in measured.tagged.items())
        lines.append(f"  {told}")
    return "\n".join(lines)
