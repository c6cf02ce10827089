"""Linear models over TF-IDF n-grams: plain arrays on disk, numpy at run time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.features import Grams

Floats = npt.NDArray[np.float32]


class Found(NamedTuple):
    """Grams that a block knows: its rows, their places among the keys, values."""

    rows: npt.NDArray[np.intp]
    which: npt.NDArray[np.intp]
    values: Floats


class View(NamedTuple):
    """One text as one linear model sees it."""

    words: Found
    chars: Found
    grams: Grams


@dataclass(frozen=True)
class Block:
    """One kind of gram: sorted keys, their idf, their weights ``[grams, outputs]``."""

    keys: npt.NDArray[np.uint32]
    idf: Floats
    weights: Floats

    def tfidf(self, keys: npt.NDArray[np.uint32]) -> Found:
        """Return the known grams among ``keys`` with their values.

        Values are sublinear tf times idf, of unit length over the block, shared evenly
        by the times a gram occurs.
        """
        places = np.searchsorted(self.keys, keys)
        places[places == len(self.keys)] = 0
        which = np.flatnonzero(self.keys[places] == keys)
        rows, back, counts = np.unique(
            places[which], return_inverse=True, return_counts=True
        )
        values = (1 + np.log(counts)) * self.idf[rows]
        norm = float(np.sqrt((values * values).sum()))
        scaled = (values / norm if norm else values).astype(np.float32)
        return Found(rows[back], which, (scaled / counts)[back].astype(np.float32))


@dataclass(frozen=True)
class LinearModel:
    """Scores of a fixed list of outputs, and what each word gave to one of them."""

    outputs: tuple[str, ...]
    bias: Floats
    words: Block
    chars: Block
    meta: Mapping[str, Any]

    def view(self, grams: Grams) -> View:
        """Look the grams of one text up, once for all that is asked of it."""
        return View(
            self.words.tfidf(grams.word_keys),
            self.chars.tfidf(grams.char_keys),
            grams,
        )

    def scores(self, view: View) -> Floats:
        """Return the scores ``[outputs]`` of one text; of an empty one, the bias."""
        total = self.bias.copy()
        for block, found in ((self.words, view.words), (self.chars, view.chars)):
            if len(found.rows):
                total += found.values @ block.weights[found.rows]
        return total

    def shares(self, view: View, output: int, words: int) -> Floats:
        """Return what each of ``words`` words gave to the score of ``output``."""
        total = np.zeros(words, np.float32)
        for block, found, owners in (
            (self.words, view.words, view.grams.word_owners),
            (self.chars, view.chars, view.grams.char_owners),
        ):
            given = found.values * block.weights[found.rows, output]
            total += np.bincount(owners[found.which], given, words).astype(np.float32)
        return total


def load_linear(path: Path) -> LinearModel:
    """Load arrays from ``path`` (``.npz``, no pickle).

    Raises:
        FileNotFoundError: there is no such file.
    """
    with np.load(path, allow_pickle=False) as arrays:
        meta = json.loads(bytes(arrays["meta"]).decode())
        blocks = [
            Block(
                arrays[f"{name}_keys"],
                arrays[f"{name}_idf"].astype(np.float32),
                arrays[f"{name}_weights"].astype(np.float32)
                * np.float32(meta["scale"]),
            )
            for name in ("word", "char")
        ]
        return LinearModel(
            tuple(meta["outputs"]),
            arrays["bias"].astype(np.float32),
            blocks[0],
            blocks[1],
            meta,
        )


def save_linear(
    path: Path,
    outputs: Sequence[str],
    bias: Floats,
    words: Block,
    chars: Block,
    meta: Mapping[str, Any],
) -> None:
    """Write a model for ``load_linear``; weights as 8-bit steps of one scale."""
    scale = float(max(np.abs(words.weights).max(), np.abs(chars.weights).max())) / 127
    arrays: dict[str, Any] = {"bias": bias.astype(np.float32)}
    for name, block in (("word", words), ("char", chars)):
        arrays[f"{name}_keys"] = block.keys
        arrays[f"{name}_idf"] = block.idf.astype(np.float16)
        arrays[f"{name}_weights"] = np.rint(block.weights / scale).astype(np.int8)
    described = {**meta, "outputs": list(outputs), "scale": scale}
    arrays["meta"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
