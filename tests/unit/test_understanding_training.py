"""Making the weights: what is read, what is held out, how cut-offs are chosen."""

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from classifiers.engines import load
from classifiers.linear import load_linear
from classifiers.training import corpus
from classifiers.training.calibrate import (
    HeldOut,
    choose_share,
    cutoff,
    sources_weights,
)
from models.labels import Sentiment

SENTENCES = {
    "positive": [
        "pelayanannya ramah dan cepat",
        "tempatnya bersih, mantap",
        "puas sekali",
    ],
    "negative": [
        "antre lama banget, kecewa",
        "petugas jutek dan kasar",
        "parah, kotor",
    ],
    "neutral": [
        "loket buka pukul delapan",
        "rapat digelar hari senin",
        "alamatnya di mana",
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in the layout of the real one, with sentences of our own."""
    rows = [
        (f"{text} nomor {n}", label)
        for n in range(60)
        for label, texts in SENTENCES.items()
        for text in texts
    ]
    smsa = tmp_path / "sentiment" / "smsa"
    smsa.mkdir(parents=True)
    valid = rows[:30]
    lines = ["\t".join(row) for row in rows[30:]] + ["\t".join(valid[0])]
    (smsa / "train_preprocess.tsv").write_text("\n".join(lines), encoding="utf-8")
    (smsa / "valid_preprocess.tsv").write_text(
        "\n".join("\t".join(row) for row in valid), encoding="utf-8"
    )
    sets = ["prastyo/tweets.csv", "prdect/reviews.csv"]
    for split in ("train", "valid"):
        sets += [f"nusax/{name}/{split}.csv" for name in corpus.NUSAX]
        sets += [
            f"nusa_kalimat/nusa_kalimat-senti-{code}-{split}.csv"
            for code in corpus.REGIONAL
        ]
    for name in sets:
        _write(tmp_path / "sentiment" / name, rows[:18])
    _unlabelled(tmp_path)
    return tmp_path


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("text", "label"), *rows])


def _unlabelled(folder: Path) -> None:
    texts = [f"{text} {n}" for n in range(80) for t in SENTENCES.values() for text in t]
    names = [f"text/nusa_alinea_{code}.txt" for code in corpus.REGIONAL]
    names += ["text/indonli_sentences.txt", "text/nusa_kalimat_indonesian.txt"]
    names += ["slang/stif_unlabelled.txt"]
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join(texts), encoding="utf-8")
    (folder / "slang" / "stif_pairs.csv").write_text("informal,formal\nga,tidak\n")
    (folder / "news").mkdir()
    (folder / "news" / "indosum_dev.jsonl").write_text(
        "\n".join(json.dumps({"text": f"Rapat digelar. Nomor {n}."}) for n in range(9))
    )


def test_rows_that_are_also_in_valid_are_dropped_from_train(folder: Path) -> None:
    valid = {row.text for row in corpus.smsa(folder, "valid")}
    train = corpus.smsa(folder, "train")
    assert len(train) == 60 * 9 - 30
    assert not valid & {row.text for row in train}


def test_unlabelled_text_holds_no_row_of_valid(folder: Path) -> None:
    held = corpus.smsa(folder, "valid")[0].text
    path = folder / "text" / "indonli_sentences.txt"
    path.write_text(f"{held}\nkalimat lain\n", encoding="utf-8")
    read = {part.source: list(part.texts) for part in corpus.unlabelled(folder)}
    assert read["indonli"] == ["kalimat lain"]
    assert held not in read["smsa"]


def test_an_epoch_passes_over_a_source_as_often_as_it_is_told() -> None:
    passages = [
        corpus.Passages("a", ["satu", "dua"], 2),
        corpus.Passages("b", ["tiga"] * 10, 0.3),
    ]
    texts = corpus.stream(passages, seed=1)
    assert sorted(texts) == ["dua", "dua", "satu", "satu", "tiga", "tiga", "tiga"]


def test_a_cutoff_keeps_the_stated_precision() -> None:
    certainty = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, True, False, False])
    assert cutoff(certainty, right, 1.0) == 0.7
    assert cutoff(certainty, right, 0.6) == 0.5
    assert cutoff(certainty, np.zeros(5, bool), 0.9) == 0.99


def test_the_share_goes_to_the_engine_that_is_right() -> None:
    truth = np.array([0, 1, 2] * 10)
    good = np.log(np.full((30, 3), 0.1) + 0.7 * np.eye(3)[truth])
    bad = np.log(np.full((30, 3), 0.1) + 0.7 * np.eye(3)[(truth + 1) % 3])
    held = HeldOut(good, truth, np.ones(30), np.arange(30) < 15)
    assert choose_share(good, bad, held) > 0.5
    assert choose_share(bad, good, held) < 0.5


def test_each_source_has_the_weight_it_is_given() -> None:
    weights = sources_weights(["a", "a", "b"], {"a": 1, "b": 3})
    assert weights.tolist() == [0.5, 0.5, 3.0]


@pytest.mark.skipif(not find_spec("sklearn"), reason="scikit-learn is not installed")
def test_the_linear_model_learns_and_loads_again(folder: Path, tmp_path: Path) -> None:
    from classifiers.features import grams_of
    from classifiers.text import words
    from classifiers.training.linear import train_sentiment

    path = tmp_path / "sentiment.npz"
    train_sentiment(corpus.smsa(folder, "train"), {}, path)
    model = load_linear(path)
    scores = model.scores(model.view(grams_of(words("petugas jutek dan kasar"))))
    assert model.outputs[int(scores.argmax())] == Sentiment.NEGATIVE


@pytest.mark.skipif(
    not (find_spec("torch") and find_spec("sklearn") and find_spec("onnxscript")),
    reason="the training libraries are not installed",
)
@pytest.mark.filterwarnings("default")
def test_quick_training_makes_weights_that_load(folder: Path, tmp_path: Path) -> None:
    from classifiers.training.run import Settings, train_all

    settings = Settings(minutes=0.05, epochs=1, most_texts=40)
    made = train_all(folder, tmp_path / "weights", settings, report=lambda _line: None)
    for name in ("default", "linear", "transformer", "ensemble"):
        (labels,) = load(name, weights=made).predict(["petugas jutek, antre lama"])
        assert sum(labels.sentiment.probabilities.values()) == pytest.approx(1)
