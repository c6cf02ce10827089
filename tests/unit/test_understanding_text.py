"""Splitting, folding, n-grams, and the tokenizer's golden ids."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.features import grams_of
from classifiers.taxonomy import parse, split_amount, taxonomy
from classifiers.text import fold, words
from models.labels import Element, Kind, Service

WEIGHTS = Path(str(files("classifiers"))) / "weights"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Antrenya LAMAAAA bgt!!", "antrenya lama banget ! !"),
        ("gak, nggak, kagak, tdk", "tidak , tidak , tidak , tidak"),
        ("cek https://contoh.example/x?y=1 ya @polres_sukamaju", "cek http ya @user"),
        ("bener2 ramah", "benar ramah"),
        ("makasih min", "terima kasih min"),
        ("mantap 👍🏽", "mantap mantap 🏽"),
        ("a\u200bb\0c", "a b c"),
        ("", ""),
    ],
)
def test_texts_are_folded_to_what_the_models_read(written: str, read: str) -> None:
    assert fold(written) == read


@given(st.text(max_size=200))
def test_words_lie_in_the_text_and_in_order(text: str) -> None:
    found = words(text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert [w.start for w in found] == sorted(w.start for w in found)
    assert all(word.form and " " not in word.form for word in found)


@given(st.text(max_size=200))
def test_every_gram_has_an_owner_among_the_words(text: str) -> None:
    split = words(text)
    grams = grams_of(split)
    assert len(grams.word_keys) == len(grams.word_owners)
    assert len(grams.char_keys) == len(grams.char_owners)
    owners = np.concatenate([grams.word_owners, grams.char_owners])
    assert not len(owners) or 0 <= owners.min() <= owners.max() < len(split)


def test_grams_are_words_pairs_and_characters_inside_a_word() -> None:
    grams = grams_of(words("sim lama"))
    assert len(grams.word_keys) == 3  # sim, lama, sim lama
    # " sim ": 4 + 3 + 2 + 1 grams of 2 to 5 characters; " lama ": 5 + 4 + 3 + 2
    assert len(grams.char_keys) == 10 + 14


@pytest.mark.parametrize(
    ("form", "parts"),
    [("650rb", ("650", "ribu")), ("1.5jt", ("1.5", "juta")), ("50k", ("50", "ribu"))],
)
def test_amounts_are_parted_from_their_unit(form: str, parts: tuple[str, ...]) -> None:
    assert split_amount(form) == parts


def test_every_code_of_the_labels_stands_in_the_taxonomy() -> None:
    known = taxonomy()
    phrases = [p for found in known.by_word.values() for p in found]
    phrases += [phrase for _, phrase in known.by_beginning]
    assert {phrase.code for phrase in phrases} == {*Kind, *Service, *Element}


def test_phrases_are_folded_as_texts_are() -> None:
    first, gap, last = parse("gak ... dibales")
    assert first.takes("tidak")
    assert gap.words == frozenset()
    assert last.takes("dibalas")


def test_the_tokenizer_gives_the_ids_that_it_was_trained_with() -> None:
    from transformers import PreTrainedTokenizerFast

    path = WEIGHTS / "transformer" / "tokenizer.json"
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path))
    given_ids = {text: tokenizer(fold(text))["input_ids"] for text in GOLDEN}
    assert given_ids == GOLDEN


GOLDEN: dict[str, list[int]] = {
    "petugasnya ramah banget, makasih min": [
        2,
        2752,
        290,
        1138,
        461,
        16,
        662,
        613,
        447,
        3,
    ],
    "Antre SKCK lama bgt!! cek https://contoh.example": [
        2,
        3944,
        1480,
        1731,
        825,
        461,
        5,
        5,
        1075,
        528,
        3,
    ],
    "dimintain 650rb 😡": [2, 4815, 231, 26, 4832, 6116, 2314, 3],
    "teu someah pisan petugasna": [2, 693, 6466, 230, 1194, 2752, 389, 3],
    "": [2, 3],
}
