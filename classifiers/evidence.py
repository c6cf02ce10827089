"""The words of the original text that decided a label."""

from collections.abc import Sequence

import numpy as np

from classifiers.linear import LinearModel, View
from classifiers.rules import Reading
from classifiers.text import Word
from models.labels import Evidence, Kind, Sentiment

MOST_WORDS = 4  # for the feeling
_LEAST_SHARE = 0.35  # of the strongest word


def evidence_of(
    words: Sequence[Word],
    view: View,
    reading: Reading,
    model: LinearModel,
    sentiment: Sentiment,
    kind: Kind,
) -> tuple[Evidence, ...]:
    """Return spans of the original text, sorted by place, none twice."""
    spans = set(_feeling(words, view, model, sentiment))
    for hit in reading.hits:
        if isinstance(hit.code, Kind) and hit.code is not kind:
            continue
        if not hit.alone:
            continue
        code = hit.code.value
        spans.add(Evidence(words[hit.first].start, words[hit.last].end, code))
    for place in reading.turned_by:
        spans.add(Evidence(words[place].start, words[place].end, sentiment.value))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.label)))


def _feeling(
    words: Sequence[Word], view: View, model: LinearModel, sentiment: Sentiment
) -> list[Evidence]:
    if not words:
        return []
    output = model.outputs.index(sentiment.value)
    shares = model.shares(view, output, len(words))
    strongest = np.argsort(-shares)[:MOST_WORDS]
    top = float(shares[strongest[0]])
    return [
        Evidence(words[i].start, words[i].end, sentiment.value)
        for i in strongest
        if shares[i] > 0 and shares[i] >= _LEAST_SHARE * top and _telling(words[i])
    ]


def _telling(word: Word) -> bool:
    """Whether a word can be shown: letters, and more than one or two of them."""
    return word.form[0].isalpha() and word.end - word.start > 2
