"""Lengths of texts as the networks count them."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twitter_text import parse_tweet

from models.errors import Refused
from networks import mastodon
from networks.capabilities import CountBy, TextLimit
from networks.composing import shape
from networks.counting import addresses, fits, length, must_fit
from networks.mastodon import with_limits
from pipeline import wiring

X = TextLimit(280, CountBy.WEIGHTED, 23)
MASTODON = TextLimit(500, CountBy.GRAPHEMES, 23, mentions_by_user_part=True)
FILE: dict[str, list[dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("text_lengths.toml").read_text(encoding="utf-8")
)
COLUMNS = {
    **dict.fromkeys(("facebook", "instagram", "telegram"), "utf16"),
    **dict.fromkeys(("mail", "webhook", "wordpress"), "written"),
}
"""Of the vector file, where a network has none of its own name."""

LETTERS = st.text("ab .,\n\t@#/:éß漢👮🏽‍♀️1-_?&()", max_size=80)
WORDS = st.lists(
    st.sampled_from(
        [
            "SIM",
            "polri.go.id",
            "https://a.id/b?c=1",
            "@siti",
            "é",
            "漢",
            "👨‍👩‍👧",
            "\n",
            "...",
        ]
    ),
    max_size=30,
).map(" ".join)


@pytest.mark.parametrize("vector", FILE["text"], ids=lambda v: v["why"])
def test_bar_5_texts_have_the_lengths_of_the_vector_file(
    vector: dict[str, Any],
) -> None:
    text = vector["text"] * vector.get("repeat", 1)
    counted = {
        network: length(text, wiring.capabilities(network).text)
        for network in wiring.NETWORKS
    }
    assert counted == {one: vector[COLUMNS.get(one, one)] for one in wiring.NETWORKS}


@pytest.mark.parametrize(
    "most", FILE["most"], ids=lambda m: f"{m['network']} {m.get('text', 'a')}"
)
def test_bar_5_every_network_takes_as_much_as_the_vector_file_says(
    most: dict[str, Any],
) -> None:
    known, one = wiring.capabilities(most["network"]), most.get("text", "a")
    letters, beside = one * most["letters"], one * most["beside_picture"]
    assert shape(letters, [], known).fits
    assert not shape(letters + one, [], known).fits
    with_picture = shape(beside, [""], known)
    assert with_picture.fits
    assert with_picture.pictures
    one_more = shape(beside + one, [""], known)
    assert not (one_more.fits and one_more.pictures)
    must_fit(letters, known.text)
    with pytest.raises(Refused):
        must_fit(letters + one, known.text)


def test_bar_5_the_vector_file_leaves_no_network_out() -> None:
    assert {most["network"] for most in FILE["most"]} == set(wiring.NETWORKS)


@pytest.mark.parametrize("caption", FILE["caption"], ids=lambda c: c["why"])
def test_bar_5_captions_are_those_of_the_vector_file(caption: dict[str, Any]) -> None:
    text = caption["text"] * caption["repeat"]
    made = shape(text, caption["alts"], wiring.capabilities("telegram"))
    assert (made.length, made.pictures) == (caption["length"], caption["pictures"])
    assert made.fits
    assert made.text.startswith(text), "nothing is cut"


@pytest.mark.parametrize("server", FILE["instance"], ids=lambda one: one["why"])
def test_bar_5_a_server_of_mastodon_takes_as_much_as_it_tells(
    server: dict[str, Any],
) -> None:
    limit = with_limits(mastodon.CAPABILITIES, {"statuses": server["told"]}).text
    address = "https://polri.go.id/" + "a" * 110
    behind = f"{address} {'a' * (server['behind_address'] - 1)}"
    for text in ("a" * server["letters"], behind):
        assert length(text, limit) == limit.longest
        must_fit(text, limit)
        with pytest.raises(Refused):
            must_fit(f"{text}a", limit)


@given(st.one_of(LETTERS, WORDS))
def test_weighted_lengths_are_those_of_the_reference_library(text: str) -> None:
    assert length(text, X) == parse_tweet(text).weightedLength


@given(LETTERS, LETTERS)
def test_lengths_of_parts_with_a_blank_between_add_up(one: str, two: str) -> None:
    for limit in (X, MASTODON):
        whole = length(f"{one} {two}", limit)
        # an emoji's joiner or an accent may hang on to the blank: one at most
        assert abs(whole - length(one, limit) - length(two, limit) - 1) <= 2


@given(st.text(max_size=200))
def test_any_text_has_a_length(text: str) -> None:
    for limit in (X, MASTODON):
        assert length(text, limit) >= 0


@given(st.integers(0, 600))
def test_a_text_fits_up_to_its_limit_and_no_further(count: int) -> None:
    for limit in (X, MASTODON):
        assert fits("a" * count, limit) is (count <= limit.longest)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a.",
        "漢",
        "👨‍👩‍👧",
        "é ",
        "kata ",
        "https://a.id ",
        "1.1.",
        "@a@b.c ",
        "http://",
        "/a.b",
    ],
)
def test_a_hundred_thousand_characters_are_counted_at_once(text: str) -> None:
    long = (text * 100_000)[:100_000]
    began = time.perf_counter()
    for limit in (X, MASTODON):
        assert not fits(long, limit)
    assert time.perf_counter() - began < 2


def test_addresses_are_found_also_without_a_scheme() -> None:
    assert addresses("Lihat polri.go.id/sim dan https://a.id.") == [
        "polri.go.id/sim",
        "https://a.id",
    ]
    assert addresses("Pukul 08.00, berkas.pdf, Rp1.500.000") == []


def test_the_networks_count_as_their_capabilities_say() -> None:
    counted = {
        name: length("polri.go.id @a@b.example", wiring.capabilities(name).text)
        for name in wiring.NETWORKS
    }
    assert counted == {
        "x": 36,
        "mastodon": 14,
        "bluesky": 24,
        "facebook": 24,
        "instagram": 24,
        "threads": 24,
        "telegram": 24,
        "mail": 24,
        "webhook": 24,
        "wordpress": 24,
    }
