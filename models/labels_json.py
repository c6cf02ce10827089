"""Labels as JSON, both ways: for ``item_labels.labels`` and for programs."""

import json
from collections.abc import Mapping
from typing import Any

from models.labels import (
    Element,
    ElementGuess,
    Evidence,
    Kind,
    KindGuess,
    Labels,
    Polarity,
    Sentiment,
    SentimentGuess,
    Service,
    ServiceGuess,
    Severity,
)


def to_json(labels: Labels) -> str:
    """One line of JSON; :func:`from_json` gives the same labels back."""
    return json.dumps(to_values(labels), ensure_ascii=False, separators=(",", ":"))


def from_json(written: str) -> Labels:
    """Read what :func:`to_json` wrote.

    Raises:
        ValueError, KeyError, TypeError: it was not written by it.
    """
    return from_values(json.loads(written))


def to_values(labels: Labels) -> dict[str, Any]:
    """Plain values with stable keys and codes."""
    return {
        "sentiment": _guess(labels.sentiment),
        "kind": _guess(labels.kind),
        "service": _service(labels.service),
        "elements": [
            {
                "element": one.element.value,
                "polarity": one.polarity.value,
                "probability": one.probability,
                "sure": one.sure,
            }
            for one in labels.elements
        ],
        "severity": labels.severity.value,
        "evidence": [
            {"start": one.start, "end": one.end, "label": one.label}
            for one in labels.evidence
        ],
        "model": labels.model,
    }


def from_values(values: Mapping[str, Any]) -> Labels:
    """Labels from the plain values of :func:`to_values`.

    Raises:
        ValueError, KeyError, TypeError: a key is missing or a code is unknown.
    """
    feeling, kind, service = values["sentiment"], values["kind"], values["service"]
    return Labels(
        sentiment=SentimentGuess(
            Sentiment(feeling["label"]),
            {Sentiment(k): float(v) for k, v in feeling["probabilities"].items()},
            bool(feeling["sure"]),
        ),
        kind=KindGuess(
            Kind(kind["label"]),
            {Kind(k): float(v) for k, v in kind["probabilities"].items()},
            bool(kind["sure"]),
        ),
        service=None
        if service is None
        else ServiceGuess(
            Service(service["label"]),
            float(service["probability"]),
            bool(service["sure"]),
        ),
        elements=tuple(_element(one) for one in values["elements"]),
        severity=Severity(values["severity"]),
        evidence=tuple(
            Evidence(int(one["start"]), int(one["end"]), str(one["label"]))
            for one in values["evidence"]
        ),
        model=str(values["model"]),
    )


def _guess(guess: SentimentGuess | KindGuess) -> dict[str, Any]:
    return {
        "label": guess.label.value,
        "probabilities": {k.value: v for k, v in guess.probabilities.items()},
        "sure": guess.sure,
    }


def _service(guess: ServiceGuess | None) -> dict[str, Any] | None:
    if guess is None:
        return None
    return {
        "label": guess.label.value,
        "probability": guess.probability,
        "sure": guess.sure,
    }


def _element(one: Mapping[str, Any]) -> ElementGuess:
    return ElementGuess(
        Element(one["element"]),
        Polarity(one["polarity"]),
        float(one["probability"]),
        bool(one["sure"]),
    )
