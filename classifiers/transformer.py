"""Any Hugging Face sequence-classification checkpoint as a sentiment engine.

ONNX Runtime when the folder holds an export, torch when it does not and torch is
there. transformers 5 runs models on torch alone; its tokenizers need nothing but
themselves, so the shipped checkpoint works without torch. Label orders differ between
checkpoints: they are read from ``id2label`` by name, or given, never assumed.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from classifiers.failures import EngineUnavailable
from classifiers.linear import View
from classifiers.sentiment import ORDER, Calibration, Floats
from classifiers.text import fold
from models.labels import Sentiment

BATCH = 32
MOST_WINDOWS = 4  # of one text; what lies beyond is left out
MOST_CHARACTERS = 4_000  # more than four windows of our own checkpoint
_EXPORTS = (
    "model.int8.onnx",
    "onnx/model_int8.onnx",
    "onnx/model_quantized.onnx",
    "model.onnx",
    "onnx/model.onnx",
)
_NAMES = {
    "negative": Sentiment.NEGATIVE,
    "negatif": Sentiment.NEGATIVE,
    "neg": Sentiment.NEGATIVE,
    "neutral": Sentiment.NEUTRAL,
    "netral": Sentiment.NEUTRAL,
    "neu": Sentiment.NEUTRAL,
    "positive": Sentiment.POSITIVE,
    "positif": Sentiment.POSITIVE,
    "pos": Sentiment.POSITIVE,
}


class Runner(Protocol):
    """Runs rows of pieces through a network."""

    def __call__(self, rows: Sequence[Sequence[int]]) -> Any:
        """Return logits ``[rows, labels]``, in the order of ``rows``."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a window of pieces, and how long a window may be."""

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    room: int  # pieces of text in one window


class TransformerSentiment:
    """A checkpoint's logits, averaged over the windows of a text and calibrated."""

    def __init__(
        self,
        folder: Path,
        *,
        threads: int = 1,
        labels: Sequence[Sentiment] = (),
        calibration: Calibration | None = None,
    ) -> None:
        """Open the checkpoint in ``folder``.

        Args:
            folder: Hugging Face layout: ``config.json``, ``tokenizer.json``, weights.
            threads: threads of one inference.
            labels: the order of its outputs, where ``id2label`` does not name them.
            calibration: fitted for this checkpoint; none leaves its softmax as it is.

        Raises:
            EngineUnavailable: files or a library are missing, or labels are unnamed.
        """
        self.calibration = calibration or Calibration()
        config = _config(folder)
        self._order = _order(config, labels, folder)
        self._folds = bool(config.get("kentongan_fold"))
        self._tokenizer = _tokenizer(folder)
        self._frame = _frame(self._tokenizer, config)
        self._run = _runner(folder, threads, self._frame.pad)

    def logs(self, texts: Sequence[str], views: Sequence[View] = ()) -> Floats:
        """Return calibrated log-probabilities ``[texts, 3]``."""
        del views
        return self.calibration.logs(self.logits(texts))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return raw logits ``[texts, 3]`` in the order of ``ORDER``."""
        short = [_encodable(text[:MOST_CHARACTERS]) for text in texts]
        read = [fold(text) for text in short] if self._folds else short
        rows, owners = self._windows(read)
        logits = np.zeros((len(rows), len(ORDER)), np.float32)
        if rows:
            logits[:] = np.asarray(self._run(rows))[:, self._order]
        total = np.zeros((len(texts), len(ORDER)), np.float32)
        np.add.at(total, owners, logits)
        counts = np.maximum(np.bincount(owners, minlength=len(texts)), 1)
        averaged: Floats = (total / counts[:, None]).astype(np.float32)
        return averaged

    def _windows(self, texts: Sequence[str]) -> tuple[list[list[int]], Any]:
        if not texts:
            return [], np.zeros(0, np.intp)
        frame = self._frame
        encoded = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)
        rows: list[list[int]] = []
        owners: list[int] = []
        for owner, pieces in enumerate(encoded["input_ids"]):
            for number in range(MOST_WINDOWS):
                window = pieces[number * frame.room : (number + 1) * frame.room]
                if number and not window:
                    break
                rows.append([*frame.prefix, *window, *frame.suffix])
                owners.append(owner)
        return rows, np.asarray(owners, np.intp)


def _encodable(text: str) -> str:
    """Return ``text`` without NULs and lone surrogates, which no tokenizer takes."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    if not path.is_file():
        raise EngineUnavailable(
            f"Tidak ada model di {folder}: berkas config.json tidak ditemukan.",
            "engine",
        )
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return config


def _order(
    config: dict[str, Any], labels: Sequence[Sentiment], folder: Path
) -> list[int]:
    """Return, for each of ``ORDER``, the output of the checkpoint that means it."""
    if not labels:
        named = config.get("id2label", {})
        names = [str(named[key]).lower() for key in sorted(named, key=int)]
        labels = [_NAMES[name] for name in names if name in _NAMES]
    if sorted(labels) != sorted(ORDER):
        raise EngineUnavailable(
            f"Urutan label model di {folder} tidak dikenal. Tulis urutannya di belakang"
            " nama, misalnya FOLDER#positive,neutral,negative.",
            "engine",
        )
    return [labels.index(sentiment) for sentiment in ORDER]


def _tokenizer(folder: Path) -> Any:
    import os

    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import PreTrainedTokenizerFast

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise EngineUnavailable(
            f"Tidak ada tokenizer.json di {folder}. Simpan dahulu dengan"
            " save_pretrained().",
            "engine",
        )
    return PreTrainedTokenizerFast(tokenizer_file=str(path))


def _frame(tokenizer: Any, config: dict[str, Any]) -> Frame:
    """Find what the tokenizer puts around a text."""
    bare = tokenizer("polisi", add_special_tokens=False)["input_ids"]
    whole = tokenizer("polisi", add_special_tokens=True)["input_ids"]
    begin = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
    prefix, suffix = whole[:begin], whole[begin + len(bare) :]
    longest = min(int(config.get("max_position_embeddings", 512)), 514)
    if longest == 514:  # RoBERTa counts two places before the text
        longest = 512
    return Frame(
        tuple(prefix),
        tuple(suffix),
        int(config.get("pad_token_id") or 0),
        longest - len(prefix) - len(suffix),
    )


def _runner(folder: Path, threads: int, pad: int) -> Runner:
    for name in _EXPORTS:
        if (folder / name).is_file():
            return OnnxRunner(folder / name, threads)
    if find_spec("torch") is None:
        raise EngineUnavailable(
            f"Model di {folder} belum diekspor ke ONNX dan torch tidak terpasang."
            " Pasang dengan: pip install 'kentongan[torch]'",
            "engine",
        )
    return TorchRunner(folder, threads, pad)


class OnnxRunner:
    """Runs an exported network by ONNX Runtime, each row alone, on ``threads`` threads.

    The 8-bit activations of a batch share one scale: in a batch, a text's label would
    depend on its neighbours. On a CPU a row alone is nearly as fast.
    """

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._threads = threads

    def __call__(self, rows: Sequence[Sequence[int]]) -> Any:
        """Return logits ``[rows, labels]``."""
        if self._threads == 1 or len(rows) == 1:
            return np.concatenate([self._one(row) for row in rows])
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._one, rows)))

    def _one(self, row: Sequence[int]) -> Any:
        ids = np.asarray([row], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        if "token_type_ids" in self._inputs:
            given["token_type_ids"] = np.zeros_like(ids)
        wanted = {name: given[name] for name in given if name in self._inputs}
        return self._session.run(None, wanted)[0]


class TorchRunner:
    """Runs the checkpoint itself by torch, in batches; only local files are read."""

    def __init__(self, folder: Path, threads: int, pad: int) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification

        torch.set_num_threads(threads)
        self._model = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        ).eval()
        self._pad = pad

    def __call__(self, rows: Sequence[Sequence[int]]) -> Any:
        """Return logits ``[rows, labels]``; batches hold rows of like lengths."""
        shortest_first = sorted(range(len(rows)), key=lambda row: len(rows[row]))
        answers: dict[int, Any] = {}
        for start in range(0, len(rows), BATCH):
            chosen = shortest_first[start : start + BATCH]
            logits = self._batch([rows[row] for row in chosen])
            answers.update(zip(chosen, logits, strict=True))
        return np.stack([answers[row] for row in range(len(rows))])

    def _batch(self, rows: Sequence[Sequence[int]]) -> Any:
        import torch

        longest = max(len(row) for row in rows)
        ids = torch.full((len(rows), longest), self._pad)
        mask = torch.zeros((len(rows), longest), dtype=torch.int64)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        with torch.inference_mode():
            answer = self._model(input_ids=ids, attention_mask=mask)
        return answer.logits.float().numpy()
