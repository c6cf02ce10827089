"""Our own small transformer: its WordPiece tokenizer and masked-language pre-training.

A ModernBERT (rotary positions, gated units, mean pooling) small enough to ship: about
2.3 million weights. Its embeddings start from the co-occurrence of pieces (PPMI, SVD;
Levy and Goldberg 2014), which saves most of the first epoch on one core.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
WINDOW = 96  # pieces in one training row
LONGEST = 128  # pieces in one reading window


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of the transformer."""

    vocabulary: int = 6_500
    hidden: int = 192
    inner: int = 320
    layers: int = 3
    heads: int = 3


def train_tokenizer(texts: Sequence[str], vocabulary: int) -> Any:
    """Train a WordPiece tokenizer on folded texts; returns ``tokenizers.Tokenizer``."""
    from tokenizers import (
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
        trainers,
    )

    tokenizer = Tokenizer(
        models.WordPiece(unk_token=SPECIAL[UNK], max_input_chars_per_word=40)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(
        lowercase=True, strip_accents=True, clean_text=True
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        limit_alphabet=160,
        min_frequency=3,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    return tokenizer


def configuration(shape: Shape, **more: Any) -> Any:
    """Return the ``ModernBertConfig`` of ``shape``."""
    from transformers import ModernBertConfig

    return ModernBertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=LONGEST,
        global_attn_every_n_layers=1,
        pad_token_id=PAD,
        cls_token_id=CLS,
        sep_token_id=SEP,
        bos_token_id=CLS,
        eos_token_id=SEP,
        classifier_pooling="mean",
        attn_implementation="sdpa",
        **more,
    )


def encode(tokenizer: Any, texts: Sequence[str]) -> Any:
    """Return one array of pieces, texts parted by ``[SEP]``."""
    import numpy as np

    pieces: list[int] = []
    for start in range(0, len(texts), 2_000):
        batch = texts[start : start + 2_000]
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            pieces.extend(encoding.ids)
            pieces.append(SEP)
    return np.asarray(pieces, dtype=np.int64)


def cooccurrence_vectors(pieces: Any, vocabulary: int, size: int) -> Any:
    """Return ``[vocabulary, size]`` vectors: PPMI of pieces within five places."""
    import numpy as np
    from sklearn.utils.extmath import randomized_svd

    counts = np.zeros(vocabulary * vocabulary, dtype=np.float32)
    for step in range(1, 6):
        pairs = pieces[:-step] * vocabulary + pieces[step:]
        counts += np.bincount(pairs, minlength=len(counts)).astype(np.float32) / step
    table = counts.reshape(vocabulary, vocabulary)
    table += table.T.copy()
    total = table.sum()
    margin = table.sum(1) + 1e-6
    context = margin**0.75
    context *= total / context.sum()
    with np.errstate(divide="ignore"):
        ppmi = np.log(table * total / (margin[:, None] * context[None, :]))
    ppmi = np.maximum(ppmi, 0)
    left, strengths, _ = randomized_svd(ppmi, size, n_iter=3, random_state=1)
    vectors = left * np.sqrt(strengths)[None, :]
    return (vectors / (vectors.std() + 1e-9) * 0.04).astype(np.float32)


def pretrain(
    pieces: Any,
    shape: Shape,
    out: Path,
    *,
    minutes: float,
    seed: int = 1,
    report: Callable[[str], None] = print,
) -> None:
    """Pre-train for ``minutes`` and write the masked-language model to ``out``.

    The learning rate follows the share of the time that is spent (warm-up, cosine), so
    that a slower machine ends with a finished, if weaker, model.
    """
    import numpy as np
    import torch
    from transformers import ModernBertForMaskedLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    model = ModernBertForMaskedLM(configuration(shape))
    with torch.no_grad():
        vectors = cooccurrence_vectors(pieces, shape.vocabulary, shape.hidden)
        model.model.embeddings.tok_embeddings.weight.copy_(torch.from_numpy(vectors))
    model.train()
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    began, step, seen, average = time.monotonic(), 0, 0, 9.0
    while (share := (time.monotonic() - began) / (minutes * 60)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * _schedule(share)
        batch = torch.from_numpy(_windows(pieces, 64, chance))
        loss = _masked_loss(model, batch, shape.vocabulary)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + batch.numel()
        average += 0.02 * (loss.item() - average)
        if step % 100 == 0:
            report(
                f"pre-training {share:.0%} step {step} tokens {seen} loss {average:.3f}"
            )
        if step % 1_000 == 0:
            model.save_pretrained(out)
    model.save_pretrained(out)


def _schedule(share: float) -> float:
    warm = 0.03
    if share < warm:
        return share / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (share - warm) / (1 - warm)))


def _windows(pieces: Any, rows: int, chance: Any) -> Any:
    """Cut ``rows`` windows at random places; each begins with ``[CLS]``."""
    import numpy as np

    starts = chance.integers(0, len(pieces) - WINDOW, size=rows)
    batch = pieces[starts[:, None] + np.arange(WINDOW)[None, :]]
    batch[:, 0] = CLS
    return batch


def _masked_loss(model: Any, batch: Any, vocabulary: int) -> Any:
    """Mask a fifth of the pieces (80 % mask, 10 % random, 10 % kept); cross-entropy."""
    import torch

    chosen = (torch.rand(batch.shape) < 0.2) & (batch > MASK)
    dice = torch.rand(batch.shape)
    masked = batch.clone()
    masked[chosen & (dice < 0.8)] = MASK
    other = chosen & (dice >= 0.9)
    masked[other] = torch.randint(len(SPECIAL), vocabulary, batch.shape)[other]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.model(input_ids=masked).last_hidden_state
        scores = model.decoder(model.head(hidden[chosen]))
    return torch.nn.functional.cross_entropy(scores.float(), batch[chosen])
