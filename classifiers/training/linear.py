"""Training of the linear models; scikit-learn fits, plain arrays are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.features import Grams, grams_of
from classifiers.linear import Block, save_linear
from classifiers.text import words
from classifiers.training.corpus import Row
from models.labels import Element, Kind, Sentiment, Service

SENTIMENTS = tuple(Sentiment)  # negative, neutral, positive


def grams(texts: Sequence[str]) -> list[Grams]:
    """Split texts and return their grams."""
    return [grams_of(words(text)) for text in texts]


@dataclass(frozen=True)
class Vocabulary:
    """Known keys of both blocks with their inverse document frequency."""

    word: tuple[Any, Any]
    char: tuple[Any, Any]

    @classmethod
    def of(cls, read: Sequence[Grams], least: int) -> "Vocabulary":
        """Keep the keys that at least ``least`` texts hold."""
        return cls(
            _known([g.word_keys for g in read], least),
            _known([g.char_keys for g in read], least),
        )

    def matrix(self, read: Sequence[Grams]) -> Any:
        """Return the sparse TF-IDF matrix ``[texts, words + chars]``."""
        from scipy.sparse import hstack

        return hstack(
            [
                _block_matrix([g.word_keys for g in read], *self.word),
                _block_matrix([g.char_keys for g in read], *self.char),
            ]
        ).tocsr()

    def save(
        self,
        path: Path,
        outputs: Sequence[str],
        weights: Any,
        bias: Any,
        meta: dict[str, Any],
    ) -> None:
        """Write weights ``[words + chars, outputs]`` as a shipped model."""
        cut = len(self.word[0])
        save_linear(
            path,
            outputs,
            np.asarray(bias),
            Block(self.word[0], self.word[1], weights[:cut]),
            Block(self.char[0], self.char[1], weights[cut:]),
            meta,
        )


def _known(keys: Sequence[Any], least: int) -> tuple[Any, Any]:
    found, counts = np.unique(
        np.concatenate([np.unique(k) for k in keys]), return_counts=True
    )
    kept = counts >= least
    idf = np.log((1 + len(keys)) / (1 + counts[kept])) + 1
    return found[kept], idf.astype(np.float16).astype(np.float32)


def _block_matrix(keys: Sequence[Any], known: Any, idf: Any) -> Any:
    from scipy.sparse import csr_matrix

    block = Block(known, idf, np.zeros((0, 0), np.float32))
    places, values, ends = [], [], [0]
    for own in keys:
        rows, _, value = block.tfidf(own)
        places.append(rows)
        values.append(value)
        ends.append(ends[-1] + len(rows))
    shape = (len(keys), len(known))
    whole = csr_matrix((np.concatenate(values), np.concatenate(places), ends), shape)
    whole.sum_duplicates()
    return whole


def fit_sentiment(matrix: Any, labels: Any, weights: Any, penalty: float) -> Any:
    """Fit one-against-rest linear SVMs; returns the fitted ``LinearSVC``."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=penalty, class_weight="balanced", random_state=1)
    model.fit(matrix, labels, sample_weight=weights)
    return model


def train_sentiment(
    rows: Sequence[Row], shares: dict[str, float], path: Path, *, penalty: float = 0.2
) -> None:
    """Train the linear sentiment model and write it to ``path``.

    ``shares`` weighs the sources by the first part of their name.
    """
    read = grams([row.text for row in rows])
    vocabulary = Vocabulary.of(read, least=2)
    matrix = vocabulary.matrix(read)
    labels = np.array([SENTIMENTS.index(row.sentiment) for row in rows])
    share = np.array([shares.get(row.source.split("-")[0], 1.0) for row in rows])
    model = fit_sentiment(matrix, labels, share, penalty)
    vocabulary.save(
        path, [s.value for s in SENTIMENTS], model.coef_.T, model.intercept_, {}
    )


def train_tagger(
    rows: Sequence[dict[str, Any]], news: Sequence[str], path: Path, *, penalty: float
) -> None:
    """Train kind, service (with ``none``) and element heads; write them to ``path``.

    ``news`` are sentences of newspapers: announcements about no service.
    """
    from sklearn.linear_model import LogisticRegression

    texts = [str(row["text"]) for row in rows] + list(news)
    read = grams(texts)
    vocabulary = Vocabulary.of(read, least=2)
    matrix = vocabulary.matrix(read)
    share = np.array([1.0] * len(rows) + [0.2] * len(news))
    empty: dict[str, Any] = {
        "kind": Kind.ANNOUNCEMENT.value,
        "service": None,
        "elements": [],
    }
    labelled = [*rows, *([empty] * len(news))]
    outputs: list[str] = []
    weights: list[Any] = []
    bias: list[Any] = []

    def take(names: Sequence[str], model: Any) -> None:
        coefficients, intercept = model.coef_, model.intercept_
        outputs.extend(names)
        weights.append(coefficients)
        bias.append(intercept)

    for field, codes in (("kind", list(Kind)), ("service", [*Service, "none"])):
        named = [str(code) for code in codes]
        labels = np.array([named.index(row[field] or "none") for row in labelled])
        model = LogisticRegression(C=penalty, class_weight="balanced", max_iter=400)
        model.fit(matrix, labels, sample_weight=share)
        take([f"{field}:{named[i]}" for i in model.classes_], model)
    for element in Element:
        labels = np.array(
            [
                any(e["element"] == element.value for e in row["elements"])
                for row in labelled
            ]
        )
        model = LogisticRegression(C=penalty, class_weight="balanced", max_iter=400)
        take([f"element:{element.value}"], model.fit(matrix, labels, share))
    vocabulary.save(path, outputs, np.concatenate(weights).T, np.concatenate(bias), {})
