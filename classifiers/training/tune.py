"""Tuning the pre-trained transformer for sentiment, and its export to int8 ONNX."""

import json
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.sentiment import ORDER
from classifiers.text import fold
from classifiers.training.corpus import Row
from classifiers.training.pretrain import CLS, LONGEST, MASK, PAD, SEP

_SMOOTHING = 0.05
_HIDDEN_WORDS = 0.08  # share of pieces masked while tuning
_AVERAGED = 0.998  # decay of the averaged weights that are kept


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to tune."""

    epochs: int = 5
    rate: float = 4e-4
    batch: int = 32
    seed: int = 1


def tune(
    rows: Sequence[Row],
    shares: Mapping[str, float],
    pretrained: Path,
    tokenizer: Any,
    plan: Plan,
    report: Callable[[str], None] = print,
) -> Any:
    """Tune for sentiment; returns the model with averaged weights, on the CPU.

    ``shares`` says how often an epoch passes over a source's rows, by the first part of
    its name; a share below one takes another sample each epoch.
    """
    import torch

    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    model = _with_head(pretrained)
    averaged = _copy_of(model)
    texts = [fold(row.text) for row in rows]
    pieces = [
        e.ids[: LONGEST - 2]
        for e in tokenizer.encode_batch(texts, add_special_tokens=False)
    ]
    labels = np.array([ORDER.index(row.sentiment) for row in rows])
    share = np.array([shares.get(row.source.split("-")[0], 1.0) for row in rows])
    weights = torch.from_numpy(_class_weights(labels, share))
    optimiser = torch.optim.AdamW(
        model.parameters(),
        lr=plan.rate,
        weight_decay=0.05,
        betas=(0.9, 0.98),
        fused=True,
    )
    total = math.ceil(plan.epochs * share.sum() / plan.batch)
    step = 0
    for epoch in range(plan.epochs):
        losses = []
        for chosen in _batches(pieces, share, plan.batch, chance):
            for group in optimiser.param_groups:
                group["lr"] = plan.rate * _schedule(step / total)
            loss = _loss(model, [pieces[i] for i in chosen], labels[chosen], weights)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            _average(averaged, model, min(_AVERAGED, step / (step + 10)))
            losses.append(loss.item())
            step += 1
        report(f"tuning epoch {epoch + 1} of {plan.epochs} loss {np.mean(losses):.3f}")
    return averaged.eval()


def _with_head(pretrained: Path) -> Any:
    from transformers import ModernBertForSequenceClassification
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    names = {place: sentiment.value for place, sentiment in enumerate(ORDER)}
    return ModernBertForSequenceClassification.from_pretrained(
        pretrained,
        local_files_only=True,
        num_labels=len(ORDER),
        id2label=names,
        label2id={name: place for place, name in names.items()},
        classifier_dropout=0.1,
        mlp_dropout=0.1,
        embedding_dropout=0.1,
        attention_dropout=0.1,
        attn_implementation="sdpa",
    ).train()


def _copy_of(model: Any) -> Any:
    import copy

    averaged = copy.deepcopy(model)
    for parameter in averaged.parameters():
        parameter.requires_grad_(False)
    return averaged


def _average(averaged: Any, model: Any, decay: float) -> None:
    import torch

    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), model.parameters(), strict=True):
            kept.lerp_(new, 1 - decay)


def _class_weights(labels: Any, share: Any) -> Any:
    counts = np.bincount(labels, weights=share, minlength=len(ORDER))
    weights = (counts.sum() / (len(ORDER) * counts)) ** 0.5
    return weights.astype(np.float32)


def _batches(
    pieces: Sequence[Sequence[int]], share: Any, size: int, chance: Any
) -> list[Any]:
    """Sample an epoch and cut it into batches of like lengths, in random order."""
    times = np.floor(share) + (chance.random(len(share)) < share % 1)
    chosen = np.repeat(np.arange(len(share)), times.astype(int))
    chance.shuffle(chosen)
    batches = []
    for start in range(0, len(chosen), size * 50):
        part = sorted(chosen[start : start + size * 50], key=lambda i: len(pieces[i]))
        batches += [np.array(part[i : i + size]) for i in range(0, len(part), size)]
    chance.shuffle(batches)
    return batches


def _schedule(share: float) -> float:
    warm = 0.06
    return share / warm if share < warm else max(0.0, (1 - share) / (1 - warm))


def _loss(model: Any, rows: Sequence[Sequence[int]], labels: Any, weights: Any) -> Any:
    import torch

    longest = max(len(row) for row in rows) + 2
    ids = torch.full((len(rows), longest), PAD)
    for number, row in enumerate(rows):
        ids[number, : len(row) + 2] = torch.tensor([CLS, *row, SEP])
    mask = (ids != PAD).long()
    hidden = (torch.rand(ids.shape) < _HIDDEN_WORDS) & (ids > MASK)
    ids = ids.masked_fill(hidden, MASK)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(input_ids=ids, attention_mask=mask).logits
    return torch.nn.functional.cross_entropy(
        logits.float(), torch.from_numpy(labels), weights, label_smoothing=_SMOOTHING
    )


def export(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write the checkpoint in Hugging Face layout with its int8 ONNX beside it.

    ``model.safetensors`` is bfloat16; the export is made of those very weights.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    model = model.to(torch.bfloat16)
    model.config.classifier_dropout = 0.0
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save(str(folder / "tokenizer.json"))
    _describe(folder)
    export_onnx(model.float(), folder / "model.int8.onnx")


def _describe(folder: Path) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["kentongan_fold"] = True  # texts are folded by classifiers/text.py first
    path.write_text(
        json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8"
    )
    named = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": LONGEST,
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    (folder / "tokenizer_config.json").write_text(
        json.dumps(named, indent=2) + "\n", encoding="utf-8"
    )


def export_onnx(model: Any, path: Path, longest: int = LONGEST) -> None:
    """Export a sequence classifier for ONNX Runtime with 8-bit weights.

    Any Hugging Face sequence-classification model on the CPU will do.
    """
    import logging
    import tempfile

    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Logits(torch.nn.Module):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            answer = self.inner(input_ids=input_ids, attention_mask=attention_mask)
            return answer.logits

    ids = torch.full((4, 32), min(7, model.config.vocab_size - 1))
    rows = torch.export.Dim("rows", min=1, max=4096)
    length = torch.export.Dim("length", min=2, max=longest)
    for name in ("torch.onnx", "root", "onnxscript"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = Path(scratch) / "model.onnx"
        torch.onnx.export(
            Logits(model.eval()),
            (ids, torch.ones_like(ids)),
            whole,
            dynamo=True,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes={
                "input_ids": {0: rows, 1: length},
                "attention_mask": {0: rows, 1: length},
            },
            external_data=False,
            verbose=False,
        )
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8)
    _forget_the_machine(path)


def _forget_the_machine(path: Path) -> None:
    """Take out what torch keeps with every node: the stack and paths it was made by."""
    import onnx

    model = onnx.load(path)
    graphs = [model.graph, *model.functions]
    parts = [part for graph in graphs for part in (graph, *graph.node)]
    graph = model.graph
    parts += [*graph.input, *graph.output, *graph.value_info, *graph.initializer]
    for part in parts:
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path)
