"""What every engine that reads texts must keep, whatever is inside it."""

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.base import Classifier
from classifiers.engines import NAMES, load
from models.labels import SEVERITY_OF, Kind, Labels, Sentiment

CHECKPOINT = Path(str(files("classifiers"))) / "weights" / "transformer"
TEXTS = [
    "Petugasnya ramah dan cepat, terima kasih Polres Kota Sukamaju",
    "antre dari subuh, loket cuma buka satu",
    "min, syarat SKCK apa aja ya?",
    "Polsek Sukamaju Timur menggelar patroli malam, Sabtu.",
    "dimintain 650 ribu biar lulus",
]
ODD = [
    "",
    " ",
    "\0\0\0",
    "a\0b",
    "😂😂😂",
    "👨‍👩‍👧‍👦🇮🇩",
    "\ud800",
    "?!?!",
    "İSTANBUL ŞİKAYET",
    "ญี่ปุ่น 日本語 العربية",
    "x" * 100_000,
    "pelayanan SIM lama banget " * 4_000,
    "http://" + "a" * 5_000,
    "@" * 300,
]


@pytest.fixture(
    scope="module", params=[*NAMES, str(CHECKPOINT)], ids=[*NAMES, "folder"]
)
def engine(request: pytest.FixtureRequest) -> Classifier:
    return load(request.param)


def test_labels_come_in_order_and_do_not_depend_on_the_neighbours(
    engine: Classifier,
) -> None:
    together = engine.predict(TEXTS)
    alone = [engine.predict([text])[0] for text in TEXTS]
    assert together == alone


def test_nothing_asked_is_nothing_answered(engine: Classifier) -> None:
    assert engine.predict([]) == []


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_string_is_accepted(engine: Classifier, text: str) -> None:
    (labels,) = engine.predict([text])
    check(labels, text)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.text(max_size=80), max_size=5))
def test_whatever_people_write_is_labelled(
    engine: Classifier, texts: list[str]
) -> None:
    labels = engine.predict(texts)
    assert len(labels) == len(texts)
    for one, text in zip(labels, texts, strict=True):
        check(one, text)


def check(labels: Labels, text: str) -> None:
    assert set(labels.sentiment.probabilities) == set(Sentiment)
    assert sum(labels.sentiment.probabilities.values()) == pytest.approx(1, abs=1e-6)
    best = max(labels.sentiment.probabilities, key=labels.sentiment.probabilities.get)
    assert labels.sentiment.label is best
    assert sum(labels.kind.probabilities.values()) == pytest.approx(1, abs=1e-6)
    assert set(labels.kind.probabilities) == set(Kind)
    assert labels.severity is SEVERITY_OF[labels.kind.label]
    assert all(0 <= one.probability <= 1 for one in labels.elements)
    assert all(0 <= e.start < e.end <= len(text) for e in labels.evidence)


def test_the_same_text_gets_the_same_labels_again(engine: Classifier) -> None:
    assert engine.predict(TEXTS) == engine.predict(TEXTS)


def test_evidence_is_a_span_of_the_original_text(engine: Classifier) -> None:
    text = "Wah, petugasnya   JUTEKKK banget 😡, antrenya lama!!"
    (labels,) = engine.predict([text])
    shown = {(text[e.start : e.end], e.label) for e in labels.evidence}
    assert ("JUTEKKK", "U7") in shown


def test_a_word_without_letters_is_never_sure(engine: Classifier) -> None:
    for text in ("", "😂😂", "12345", "?!"):
        (labels,) = engine.predict([text])
        assert not labels.sentiment.sure
        assert not labels.kind.sure


def test_every_label_names_its_model(engine: Classifier) -> None:
    (labels,) = engine.predict(["halo"])
    assert labels.model == engine.version
    assert engine.version
