"""``kentongan model train``: everything in ``classifiers/weights``, from the data."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.base import Classifier
from classifiers.engines import load
from classifiers.failures import EngineUnavailable
from classifiers.features import grams_of
from classifiers.linear import load_linear
from classifiers.sentiment import ORDER
from classifiers.text import words
from classifiers.training import calibrate, corpus
from classifiers.training.corpus import Row
from models.labels import Sentiment

VERSION = "2026.11"
PRECISION = 0.93  # of labels that are said to be sure, on the held-out rows
TAGGER_PRECISION = 0.85  # of kinds, services and elements that are said to be sure
TUNING_SHARES = {"prdect": 0.3, "nusax": 0.7, "kalimat": 0.25, "own": 3.0}
LINEAR_SHARES = {"prdect": 0.3, "nusax": 0.5, "kalimat": 0.2, "own": 2.0}
_NEEDED = ("torch", "sklearn", "onnx", "onnxscript")

Report = Callable[[str], None]


@dataclass(frozen=True)
class Settings:
    """How long to train: ``minutes`` of pre-training on ``threads`` cores."""

    minutes: float = 58.0
    threads: int = 1
    epochs: int = 5
    most_texts: int | None = None  # of each source, where a quick run is asked for
    tuning: dict[str, float] = field(default_factory=lambda: dict(TUNING_SHARES))

    @classmethod
    def quick(cls, threads: int = 1) -> "Settings":
        """Return settings for a run of about a minute that proves the way."""
        return cls(minutes=0.15, threads=threads, epochs=1, most_texts=700)


def train_all(
    data: Path, out: Path | None, settings: Settings, report: Report = print
) -> Path:
    """Train everything and return the folder of the weights.

    Raises:
        EngineUnavailable: torch, scikit-learn or onnx are not installed.
    """
    need_libraries()
    import torch

    torch.set_num_threads(settings.threads)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    folder = out or Path(__file__).resolve().parent.parent / "weights"
    scratch = folder / "pretrained"
    scratch.mkdir(parents=True, exist_ok=True)
    rows = labelled(data, settings.most_texts)
    report(f"{len(rows)} labelled rows")
    train_linear(data, rows, folder, report)
    pretrain_transformer(data, scratch, settings, report)
    tune_transformer(rows, scratch, folder, settings, report)
    fit_calibration(data, folder, report)
    shutil.rmtree(scratch)
    return folder


def need_libraries() -> None:
    """Say what to install where training cannot run.

    Raises:
        EngineUnavailable: with the command that helps.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise EngineUnavailable(
            f"Pelatihan membutuhkan {', '.join(missing)}."
            " Pasang dengan: pip install 'kentongan[train]'"
        )


def labelled(data: Path, most: int | None = None) -> list[Row]:
    """Gather the training rows of all sources, ours last."""
    sources = [
        corpus.smsa(data, "train"),
        corpus.prastyo(data),
        corpus.prdect(data),
        corpus.nusax(data, "train"),
        corpus.nusa_kalimat(data, "train"),
        own_sentiment("train"),
    ]
    chance = random.Random(1)  # noqa: S311 - a sample, not a secret
    if most is not None:
        sources = [chance.sample(rows, min(most, len(rows))) for rows in sources]
    return [row for rows in sources for row in rows]


def own_sentiment(name: str) -> list[Row]:
    """Return our own rows of ``name`` with their sentiment."""
    return [
        Row(str(row["text"]), Sentiment(str(row["sentiment"])), "own")
        for row in corpus.own_rows(name)
    ]


def train_linear(data: Path, rows: list[Row], folder: Path, report: Report) -> None:
    """Train the linear sentiment model and the tagger."""
    from classifiers.training import linear

    linear.train_sentiment(rows, LINEAR_SHARES, folder / "linear" / "sentiment.npz")
    linear.train_tagger(
        corpus.own_rows("train"),
        news_sentences(data, 500),
        folder / "linear" / "tagger.npz",
        penalty=2.0,
    )
    report("linear models written")


def news_sentences(data: Path, count: int) -> list[str]:
    """Return one sentence each of ``count`` news articles."""
    chance = random.Random(1)  # noqa: S311 - a sample, not a secret
    return [
        chance.choice(re.split(r"(?<=[.!?])\s+", text))
        for text in corpus.news(data)[:count]
    ]


def pretrain_transformer(
    data: Path, scratch: Path, settings: Settings, report: Report
) -> None:
    """Train the tokenizer and pre-train; both are written to ``scratch``."""
    from classifiers.training import pretrain

    passages = corpus.unlabelled(data)
    texts = corpus.stream(passages, seed=1)
    if settings.most_texts is not None:
        texts = texts[: settings.most_texts * 5]
    shape = pretrain.Shape()
    tokenizer = pretrain.train_tokenizer(texts, shape.vocabulary)
    tokenizer.save(str(scratch / "tokenizer.json"))
    pieces = pretrain.encode(tokenizer, texts)
    shape = pretrain.Shape(vocabulary=tokenizer.get_vocab_size())
    report(f"{len(pieces)} pieces of text, vocabulary {shape.vocabulary}")
    pretrain.pretrain(pieces, shape, scratch, minutes=settings.minutes, report=report)


def tune_transformer(
    rows: list[Row], scratch: Path, folder: Path, settings: Settings, report: Report
) -> None:
    """Tune the pre-trained transformer and export it."""
    from tokenizers import Tokenizer

    from classifiers.training import tune

    tokenizer = Tokenizer.from_file(str(scratch / "tokenizer.json"))
    plan = tune.Plan(epochs=settings.epochs)
    model = tune.tune(rows, settings.tuning, scratch, tokenizer, plan, report)
    tune.export(model, tokenizer, folder / "transformer")
    report("transformer written")


def fit_calibration(data: Path, folder: Path, report: Report) -> None:
    """Fit scales, shares and cut-offs on held-out rows; choose the default."""
    from classifiers.transformer import TransformerSentiment

    rows = [
        *corpus.smsa(data, "valid"),
        *own_sentiment("dev"),
        *(Row(r.text, r.sentiment, "nusax") for r in corpus.nusax(data, "valid")),
    ]
    texts = [row.text for row in rows]
    sources = [row.source for row in rows]
    grams = [grams_of(words(text)) for text in texts]
    model = load_linear(folder / "linear" / "sentiment.npz")
    raw = {
        "linear": np.stack([model.scores(model.view(own)) for own in grams]),
        "transformer": TransformerSentiment(folder / "transformer").logits(texts),
    }
    truth = np.array([ORDER.index(row.sentiment) for row in rows])
    weights = calibrate.sources_weights(sources, {"smsa": 2, "own": 1, "nusax": 0.5})
    selecting = np.array([source == "smsa" for source in sources])

    def held(scores: Any) -> calibrate.HeldOut:
        return calibrate.HeldOut(scores, truth, weights, selecting)

    fitted = {name: calibrate.fit(held(own), PRECISION) for name, own in raw.items()}
    logs = {name: fitted[name].logs(raw[name]) for name in raw}
    share = calibrate.choose_share(
        logs["linear"], logs["transformer"], held(raw["linear"])
    )
    blend = share * logs["linear"] + (1 - share) * logs["transformer"]
    fitted["ensemble"] = calibrate.fit(held(blend), PRECISION)
    logs["ensemble"] = fitted["ensemble"].logs(blend)
    scores = {
        name: calibrate.macro_f1(own[selecting], truth[selecting])
        for name, own in logs.items()
    }
    report(f"macro-F1 on SmSA valid: {scores}, linear share {share:.2f}")
    kept = {
        "version": VERSION,
        "default": max(scores, key=scores.__getitem__),
        "stated_precision": PRECISION,
        "linear": calibrate.as_values(fitted["linear"]),
        "transformer": calibrate.as_values(fitted["transformer"]),
        "ensemble": calibrate.as_values(fitted["ensemble"], share=round(share, 3)),
        "tagger": {},
    }
    _write(folder, kept)
    kept["tagger"] = tagger_cutoffs(load("default", weights=folder))
    _write(folder, kept)


def _write(folder: Path, kept: dict[str, Any]) -> None:
    text = json.dumps(kept, indent=2) + "\n"
    (folder / "calibration.json").write_text(text, encoding="utf-8")


def tagger_cutoffs(engine: Classifier) -> dict[str, float]:
    """Return cut-offs of kind, service and element for ``TAGGER_PRECISION`` on dev."""
    rows = corpus.own_rows("dev")
    labels = engine.predict([str(row["text"]) for row in rows])
    seen: dict[str, list[tuple[float, bool]]] = {
        "kind": [],
        "service": [],
        "element": [],
    }
    for one, row in zip(labels, rows, strict=True):
        kind = one.kind
        seen["kind"].append((kind.probabilities[kind.label], kind.label == row["kind"]))
        if one.service:
            right = one.service.label == row["service"]
            seen["service"].append((one.service.probability, right))
        wanted = {(e["element"], e["polarity"]) for e in row["elements"]}
        seen["element"] += [
            (e.probability, (e.element.value, e.polarity.value) in wanted)
            for e in one.elements
        ]
    return {
        f"{name}_cutoff": round(max(0.5, _cutoff(pairs)), 4)
        for name, pairs in seen.items()
    }


def _cutoff(pairs: list[tuple[float, bool]]) -> float:
    certainty = np.array([certainty for certainty, _ in pairs])
    right = np.array([right for _, right in pairs])
    return calibrate.cutoff(certainty, right, TAGGER_PRECISION)
