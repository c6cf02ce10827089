"""A small engine of rules: it reads a few words, and fulfils the contract of engines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from models.labels import (
    SEVERITY_OF,
    Evidence,
    Kind,
    KindGuess,
    Labels,
    Sentiment,
    SentimentGuess,
    Service,
    ServiceGuess,
)

_FEELINGS = {
    "lama": Sentiment.NEGATIVE,
    "pungli": Sentiment.NEGATIVE,
    "ramah": Sentiment.POSITIVE,
}
_KINDS = {
    "usul": Kind.SUGGESTION,
    "pungli": Kind.INTEGRITY,
    "lama": Kind.COMPLAINT,
    "ramah": Kind.PRAISE,
}


@dataclass
class RuleEngine:
    """Labels by the first word it knows; remembers how many texts it read."""

    version: str = "rules-1"
    read: list[str] = field(default_factory=list)

    def predict(self, texts: Sequence[str]) -> list[Labels]:
        self.read += texts
        return [self._labels(text) for text in texts]

    def _labels(self, text: str) -> Labels:
        words = text.lower().split()
        feeling = next(
            (_FEELINGS[w] for w in words if w in _FEELINGS), Sentiment.NEUTRAL
        )
        word = next((w for w in words if w in _KINDS), "")
        kind = _KINDS.get(word, Kind.OPINION)
        at = text.lower().find(word)
        evidence = (Evidence(at, at + len(word), kind.value),) if word else ()
        service = (
            ServiceGuess(Service.SKCK, 0.9, sure=True) if "skck" in words else None
        )
        return Labels(
            SentimentGuess(
                feeling, dict.fromkeys(Sentiment, 0.1) | {feeling: 0.8}, sure=True
            ),
            KindGuess(kind, {kind: 0.9}, sure=True),
            service,
            (),
            SEVERITY_OF[kind],
            evidence,
            self.version,
        )
