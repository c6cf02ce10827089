"""A text becomes the parts of a thread: whole sentences, whole words, nothing lost."""

import time
from dataclasses import replace

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from models.errors import Refused
from models.problems import Problem
from networks.capabilities import Capabilities, CountBy, TextLimit
from networks.counting import addresses, fits
from networks.splitting import split
from pipeline import wiring

X = TextLimit(280, CountBy.WEIGHTED, 23)
SHORT = TextLimit(40, CountBy.WEIGHTED, 23)
GRAPHEMES = TextLimit(30, CountBy.GRAPHEMES, 23, mentions_by_user_part=True)
LINK = "https://polres.sukamaju.example/sim-keliling/jadwal?bulan=11"

FAMILY = "👨‍👩‍👧‍👦"
PIECES = st.sampled_from(
    [
        "SIM",
        "keliling.",
        "Benar?",
        "petugas,",
        "Jl.",
        "1.",
        "\n",
        "\n\n",
        "a.id",
        LINK,
        f"({LINK}).",
        "@humas_sukamaju",
        "@siti@sosial.example",
        "#SukamajuAman",
        "08.00–12.00",
        "0751-123-456",
        "Rp",
        "250.000",
        FAMILY,
        FAMILY * 25,
        "é́é",
        "漢" * 22,
        " ́",
        "k" * 90,
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map(" ".join)
OWN = [one.text for one in wiring.all_capabilities()]
TIGHT = [
    replace(one, longest=40, most_bytes=min(one.most_bytes, 160)) for one in OWN
]  # counted as the network counts, and full after a few words
BYTES = TextLimit(60, CountBy.GRAPHEMES, 0, most_bytes=120)
EMOJI = TextLimit(40, CountBy.EMOJI_BYTES, 0)
TINY = TextLimit(5, CountBy.GRAPHEMES, 4)
LIMITS = st.sampled_from([X, SHORT, GRAPHEMES, TINY, BYTES, EMOJI, *OWN, *TIGHT])


def parts_of(text: str, limit: TextLimit) -> tuple[str, ...]:
    try:
        return split(text, limit)
    except Refused:
        return ()


def graphemes(text: str) -> list[str]:
    return [one for one in regex.findall(r"\X", text) if not one.isspace()]


@given(TEXTS, LIMITS)
@example(f"{LINK} " * 40, X)
def test_no_part_is_longer_than_the_network_takes(text: str, limit: TextLimit) -> None:
    for part in parts_of(text, limit):
        assert fits(part, limit)


@given(TEXTS, LIMITS)
@example(FAMILY * 300, X)
@example("satu  ́ dua " * 40, SHORT)
def test_no_grapheme_is_cut_and_nothing_but_blanks_is_lost(
    text: str, limit: TextLimit
) -> None:
    parts = parts_of(text, limit)
    if parts:
        found = [one for part in parts for one in graphemes(part)]
        assert found == graphemes(text)


@given(TEXTS, LIMITS)
@example("satu  ́ dua " * 40, SHORT)  # a mark on a blank is no blank
def test_every_part_of_several_says_something(text: str, limit: TextLimit) -> None:
    parts = parts_of(text, limit)
    if len(parts) > 1:
        for part in parts:
            letters = regex.findall(r"\X", part)
            assert letters, parts
            assert letters[0].strip(), parts
            assert letters[-1].strip(), parts


@given(TEXTS, LIMITS)
def test_no_link_mention_hashtag_or_number_is_cut(text: str, limit: TextLimit) -> None:
    whole = regex.compile(r"https?://\S+|[@#]\w[\w.@-]*|\d+(?:[.,–-]\d+)+")
    parts = parts_of(text, limit)
    if parts:
        assert [one for part in parts for one in whole.findall(part)] == (
            whole.findall(text)
        )


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_what_x_takes_for_a_link_is_a_link_in_one_of_the_parts(text: str) -> None:
    parts = parts_of(text, SHORT)
    if parts:
        assert [one for part in parts for one in addresses(part)] == addresses(text)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        pytest.param("Satu. Dua.", 20, ("Satu. Dua.",), id="a text that fits"),
        pytest.param(
            "Bawa KTP. Bawa SIM lama.", 20, ("Bawa KTP.", "Bawa SIM lama."), id="plain"
        ),
        pytest.param(
            "Di Jl. Melati No. 12. Pukul 08.00.",
            24,
            ("Di Jl. Melati No. 12.", "Pukul 08.00."),
            id="an abbreviation ends no sentence",
        ),
        pytest.param(
            "Syarat\n1. Bawa KTP\n2. Bawa SIM",
            20,
            ("Syarat\n1. Bawa KTP", "2. Bawa SIM"),
            id="the number of a list stays with its line",
        ),
        pytest.param(
            "Kata Iptu B. Santoso. “Hati-hati!” Terima kasih.",
            25,
            ("Kata Iptu B. Santoso.", "“Hati-hati!”", "Terima kasih."),
            id="initials and quotes",
        ),
        pytest.param(
            "satu dua tiga empat lima",
            14,
            ("satu dua tiga", "empat lima"),
            id="a sentence longer than a post",
        ),
        pytest.param(
            "Biaya SIM A Rp 80.000 saja",
            16,
            ("Biaya SIM A", "Rp 80.000 saja"),
            id="an amount stays with its Rp",
        ),
        pytest.param("a" * 25, 10, ("a" * 10, "a" * 10, "a" * 5), id="no blank at all"),
        pytest.param("👮" * 12, 5, ("👮" * 5, "👮" * 5, "👮" * 2), id="emoji"),
    ],
)
def test_texts_are_cut_where_a_reader_would_cut_them(
    text: str, limit: int, parts: tuple[str, ...]
) -> None:
    assert split(text, TextLimit(limit, CountBy.GRAPHEMES, 23)) == parts


@pytest.mark.parametrize("piece", ["@" + "h" * 40, "0" * 40, "#" + "s" * 40])
def test_what_may_not_be_cut_and_fits_no_post_is_refused(piece: str) -> None:
    with pytest.raises(Refused) as caught:
        split(f"Lihat {piece} segera", GRAPHEMES)
    assert caught.value.problem is Problem.TEXT_TOO_LONG


def test_the_longest_text_that_is_kept_is_split_while_a_person_types() -> None:
    text = "SIM keliling di Pasar Mekarasih pukul 08.00. " * 440
    began = time.perf_counter()
    parts = split(text, X)
    assert time.perf_counter() - began < 5
    assert " ".join(parts) == text.strip()


@pytest.mark.parametrize(
    "network",
    [one for one in wiring.all_capabilities() if one.threads],
    ids=lambda o: o.name,
)
def test_every_network_with_threads_takes_the_parts_of_a_long_text(
    network: Capabilities,
) -> None:
    text = f"Layanan buka pukul 08.00. Daftar di {LINK} atau @humas_sukamaju. " * 60
    parts = split(text, network.text)
    assert len(parts) > 1
    assert all(fits(part, network.text) for part in parts)
