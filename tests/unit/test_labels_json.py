"""Labels survive the way to JSON and back, whatever they are."""

import json

from hypothesis import given
from hypothesis import strategies as st

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
from models.labels_json import from_json, to_json

SHARES = st.floats(0, 1)
SURE = st.booleans()


def enum(kind):
    return st.sampled_from(list(kind))


LABELS = st.builds(
    Labels,
    sentiment=st.builds(
        SentimentGuess,
        enum(Sentiment),
        st.dictionaries(enum(Sentiment), SHARES),
        SURE,
    ),
    kind=st.builds(KindGuess, enum(Kind), st.dictionaries(enum(Kind), SHARES), SURE),
    service=st.none() | st.builds(ServiceGuess, enum(Service), SHARES, SURE),
    elements=st.lists(
        st.builds(ElementGuess, enum(Element), enum(Polarity), SHARES, SURE)
    ).map(tuple),
    severity=enum(Severity),
    evidence=st.lists(
        st.builds(Evidence, st.integers(0), st.integers(0), st.text())
    ).map(tuple),
    model=st.text(),
)


@given(LABELS)
def test_labels_come_back_as_they_went(labels: Labels) -> None:
    written = to_json(labels)
    assert from_json(written) == labels
    assert "\n" not in written


@given(LABELS)
def test_programs_find_codes_and_probabilities_at_stable_places(labels: Labels) -> None:
    values = json.loads(to_json(labels))
    assert values["sentiment"]["label"] in {"negative", "neutral", "positive"}
    assert isinstance(values["sentiment"]["sure"], bool)
    assert set(values) == {
        "sentiment",
        "kind",
        "service",
        "elements",
        "severity",
        "evidence",
        "model",
    }
