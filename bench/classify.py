"""Texts a second of the shipped default, and of random BERTs on torch and int8 ONNX.

``python -m bench.classify`` runs the default engine on one core and on two. Where torch
is installed it also makes a 2x128 and a 12x768 BERT with random weights, runs each on
torch's ``pipeline()`` and, exported by our own training code, as int8 on ONNX Runtime:
the same texts, the same tokenizer, one core, in one run. Speed does not depend on what
the weights are.
"""

import argparse
import importlib.util
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SHAPES = ((2, 128, 2), (12, 768, 12))  # layers, hidden size, heads
_PARTS = (
    "min, jadwal simling besok di mana ya",
    "antrenya lama banget, dari pagi belum dipanggil juga",
    "petugasnya ramah dan sabar, terima kasih pak",
    "Polres Kota Sukamaju menggelar patroli malam di Jalan Veteran",
    "tolong ditambah loketnya dong, kursinya juga kurang",
    "udah lapor dari bulan lalu tapi belum ada kabar",
    "bikin SKCK 15 menit jadi, gratis parkir pula",
    "kok di poster gratis, sampai sana dimintai 50rb",
    "arus lalu lintas di simpang tugu terpantau ramai lancar",
    "aplikasinya error terus tiap mau upload foto KTP",
)


def texts(count: int, seed: int = 1) -> list[str]:
    """Return ``count`` different texts of one to four sentences."""
    chance = random.Random(seed)
    return [
        f"{'. '.join(chance.sample(_PARTS, chance.randint(1, 4)))} {number}"
        for number in range(count)
    ]


def rate(run: Callable[[Sequence[str]], object], read: Sequence[str]) -> float:
    """Return texts a second, the best of three runs after one to warm up."""
    run(read[:32])
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        run(read)
        best = max(best, len(read) / (time.perf_counter() - began))
    return best


def default_engine(count: int) -> dict[int, float]:
    """Measure the shipped default on one and two threads."""
    from classifiers.engines import load

    rates = {}
    for threads in (1, 2):
        engine = load("default", threads=threads)
        rates[threads] = rate(engine.predict, texts(count))
        print(
            f"default {engine.version}: {rates[threads]:.0f} texts/s, {threads} core(s)"
        )
    return rates


def random_bert(layers: int, hidden: int, heads: int, count: int) -> dict[str, float]:
    """Measure one random BERT on torch's pipeline and as int8 ONNX, one core."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model, tokenizer = _make(folder, layers, hidden, heads)
        read = texts(count)
        with_torch = rate(_torch_pipeline(model, tokenizer), read)
        with_onnx = rate(_onnx(folder), read)
        raw_torch, raw_onnx = _raw(model, folder)
    ratio = with_onnx / with_torch
    raw = raw_onnx / raw_torch
    print(
        f"random BERT {layers}x{hidden}: torch pipeline {with_torch:.0f} texts/s,"
        f" int8 ONNX {with_onnx:.0f} texts/s, {ratio:.1f} times;"
        f" inference alone {raw_torch:.0f} and {raw_onnx:.0f} rows/s, {raw:.1f} times"
    )
    return {"pipeline_ratio": ratio, "raw_ratio": raw}


def _make(folder: Path, layers: int, hidden: int, heads: int) -> tuple[Any, Any]:
    import shutil
    from importlib.resources import as_file, files

    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
    )
    from transformers.utils import logging

    from classifiers.training.tune import export_onnx

    logging.disable_progress_bar()
    with as_file(files("classifiers") / "weights" / "transformer") as shipped:
        shutil.copy(shipped / "tokenizer.json", folder / "tokenizer.json")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        pad_token="[PAD]",
        unk_token="[UNK]",
        model_max_length=128,
    )
    names = {0: "negative", 1: "neutral", 2: "positive"}
    config = BertConfig(
        vocab_size=30_522,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * hidden,
        max_position_embeddings=128,
        num_labels=3,
        id2label=names,
        label2id={name: place for place, name in names.items()},
    )
    model = BertForSequenceClassification(config).eval()
    model.save_pretrained(folder)
    export_onnx(model, folder / "model.int8.onnx")
    return model, tokenizer


def _torch_pipeline(model: Any, tokenizer: Any) -> Callable[[Sequence[str]], object]:
    from transformers import pipeline

    run = pipeline(
        "text-classification", model=model, tokenizer=tokenizer, device="cpu"
    )
    return lambda read: run(list(read), batch_size=32, truncation=True)


def _onnx(folder: Path) -> Callable[[Sequence[str]], object]:
    from classifiers.transformer import TransformerSentiment

    engine = TransformerSentiment(folder, threads=1)
    return engine.logits


def _raw(model: Any, folder: Path) -> tuple[float, float]:
    """Measure rows a second, 32 rows of 48 pieces, the network alone."""
    import numpy as np
    import torch

    from classifiers.transformer import OnnxRunner

    ids = np.random.default_rng(1).integers(5, 5_000, (32, 48))
    mask = np.ones_like(ids)
    run_onnx = OnnxRunner(folder / "model.int8.onnx", 1)
    listed = ids.tolist()
    given = torch.from_numpy(ids), torch.from_numpy(mask)

    def run_torch() -> None:
        with torch.inference_mode():
            model(input_ids=given[0], attention_mask=given[1])

    def rows(run: Callable[[], object]) -> float:
        run()
        began, times = time.perf_counter(), 0
        while time.perf_counter() - began < 1.5:
            run()
            times += 1
        return 32 * times / (time.perf_counter() - began)

    return rows(run_torch), rows(lambda: run_onnx(listed))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2_000)
    parser.add_argument("--bert-texts", type=int, default=128)
    options = parser.parse_args()
    rates = default_engine(options.texts)
    result = (
        f"result: default {rates[1]:.0f} texts/s on one core, {rates[2]:.0f} on two"
    )
    if importlib.util.find_spec("torch") is None:
        print("random BERTs: skipped: torch not installed")
        print(f"{result}; torch comparison skipped: torch not installed")
        return
    for shape in SHAPES:
        ratios = random_bert(*shape, options.bert_texts)
        result += (
            f"; {shape[0]}x{shape[1]} int8 ONNX {ratios['pipeline_ratio']:.1f} times"
            f" torch's pipeline ({ratios['raw_ratio']:.1f} inference alone)"
        )
    print(result)


if __name__ == "__main__":
    main()
