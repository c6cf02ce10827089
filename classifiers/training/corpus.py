"""The texts that the weights are made of, read from the folder given as ``--data``.

Each source's licence stands in ``docs/model-card.md``. Nothing of them is stored here.
"""

import csv
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from classifiers.text import fold
from models.labels import Sentiment

REGIONAL = ("bew", "jav", "mad", "min", "sun")
NUSAX = (
    "balinese",
    "banjarese",
    "english",
    "javanese",
    "madurese",
    "minangkabau",
    "sundanese",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One text with the feeling that its annotators saw in it."""

    text: str
    sentiment: Sentiment
    source: str


@dataclass(frozen=True, slots=True)
class Passages:
    """Unlabelled texts, and how often an epoch passes over them."""

    source: str
    texts: Sequence[str]
    times: float


def smsa(data: Path, split: str) -> list[Row]:
    """Read SmSA; ``train`` comes without the rows that are also in ``valid``."""
    rows = list(_smsa_file(data, split))
    if split == "train":
        held = {fold(row.text) for row in _smsa_file(data, "valid")}
        rows = [row for row in rows if fold(row.text) not in held]
    return rows


def _smsa_file(data: Path, split: str) -> Iterator[Row]:
    path = data / "sentiment" / "smsa" / f"{split}_preprocess.tsv"
    for line in path.read_text(encoding="utf-8").splitlines():
        text, _, label = line.rpartition("\t")
        if text:
            yield Row(text, Sentiment(label.strip()), "smsa")


def _table(path: Path, source: str) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Row(row["text"], Sentiment(row["label"]), source)


def prastyo(data: Path) -> list[Row]:
    """Read the tweets on the government's handling of COVID-19."""
    return list(_table(data / "sentiment" / "prastyo" / "tweets.csv", "prastyo"))


def prdect(data: Path) -> list[Row]:
    """Read the shop reviews; they know no neutral."""
    return list(_table(data / "sentiment" / "prdect" / "reviews.csv", "prdect"))


def nusax(data: Path, split: str) -> list[Row]:
    """Read NusaX-senti in six regional languages and English."""
    folder = data / "sentiment" / "nusax"
    return [
        row
        for name in NUSAX
        for row in _table(folder / name / f"{split}.csv", f"nusax-{name}")
    ]


def nusa_kalimat(data: Path, split: str) -> list[Row]:
    """Read NusaWrites' labelled sentences in five languages; they know no neutral."""
    folder = data / "sentiment" / "nusa_kalimat"
    return [
        row
        for code in REGIONAL
        for row in _table(
            folder / f"nusa_kalimat-senti-{code}-{split}.csv", f"kalimat-{code}"
        )
    ]


def news(data: Path) -> list[str]:
    """Read the bodies of IndoSum's articles."""
    path = data / "news" / "indosum_dev.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def unlabelled(data: Path) -> list[Passages]:
    """Gather the texts for pre-training; posts are passed over more often than news."""
    held = {fold(row.text) for row in _smsa_file(data, "valid")}

    def of(rows: Sequence[Row]) -> list[str]:
        return [row.text for row in rows]

    def lines(name: str) -> list[str]:
        read = (data / name).read_text(encoding="utf-8").splitlines()
        return [line for line in read if line.strip() and fold(line) not in held]

    def pairs() -> list[str]:
        path = data / "slang" / "stif_pairs.csv"
        with path.open(encoding="utf-8", newline="") as opened:
            return [text for row in csv.reader(opened) for text in row]

    reads: list[tuple[str, Callable[[], list[str]], float]] = [
        ("smsa", lambda: of(smsa(data, "train")), 3),
        ("prastyo", lambda: of(prastyo(data)), 3),
        ("prdect", lambda: of(prdect(data)), 3),
        ("stif", pairs, 2),
        ("stif", lambda: lines("slang/stif_unlabelled.txt"), 3),
        ("nusax", lambda: of(nusax(data, "train")), 1),
        ("kalimat", lambda: of(nusa_kalimat(data, "train")), 1),
        ("kalimat", lambda: lines("text/nusa_kalimat_indonesian.txt"), 2),
        ("indonli", lambda: lines("text/indonli_sentences.txt"), 1),
        ("indosum", lambda: news(data), 1),
        *(
            (
                f"alinea-{code}",
                lambda code=code: lines(f"text/nusa_alinea_{code}.txt"),
                0.3 if code == "mad" else 1,
            )
            for code in REGIONAL
        ),
    ]
    return [Passages(source, read(), times) for source, read, times in reads]


def stream(passages: Sequence[Passages], seed: int) -> list[str]:
    """Return folded texts of one epoch in a random order."""
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    texts: list[str] = []
    for part in passages:
        whole, rest = divmod(part.times, 1)
        folded = [fold(text) for text in part.texts]
        texts += folded * int(whole)
        texts += chance.sample(folded, int(len(folded) * rest))
    chance.shuffle(texts)
    return texts


def own_rows(name: str) -> list[dict[str, Any]]:
    """Read rows of our own, ``train`` or ``dev``, with all their labels."""
    folder = files("classifiers") / "training" / "rows"
    text = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]
