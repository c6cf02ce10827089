"""The language of queries: what is read, what is refused, and what it means."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.query import (
    DEEPEST,
    LONGEST_QUERY,
    And,
    Field,
    In,
    Meta,
    Near,
    Not,
    Or,
    Phrase,
    Query,
    parse,
)
from models.query_match import Marks, Reading
from models.query_words import tokens
from tests import reference_query


def word(*words: str, prefix: bool = False) -> Phrase:
    return Phrase(words, prefix)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("sim", word("sim")),
        ("SIM keliling", And((word("sim"), word("keliling")))),
        ("sim AND keliling", And((word("sim"), word("keliling")))),
        ("sim DAN keliling", And((word("sim"), word("keliling")))),
        ("sim dan stnk", And((word("sim"), word("dan"), word("stnk")))),
        ("sim OR stnk skck", Or((word("sim"), And((word("stnk"), word("skck")))))),
        ("(sim ATAU stnk) skck", And((Or((word("sim"), word("stnk"))), word("skck")))),
        ("sim NOT card", And((word("sim"), Not(word("card"))))),
        ("sim -card", And((word("sim"), Not(word("card"))))),
        ('sim -"sim card"', And((word("sim"), Not(word("sim", "card"))))),
        ("BUKAN operator", Not(word("operator"))),
        ('"sim keliling"', word("sim", "keliling")),
        ("“sim keliling”", word("sim", "keliling")),
        ("e-KTP", word("e", "ktp")),
        ("#SIMkeliling @humas.sukamaju", And((word("simkeliling"), word("humas", "sukamaju")))),
        ("perpanjang*", word("perpanjang", prefix=True)),
        ('"surat kel*"', word("surat", "kel", prefix=True)),
        ("sim NEAR/3 bekasi", Near(word("sim"), word("bekasi"), 3)),
        ("sim DEKAT bekasi", Near(word("sim"), word("bekasi"), 10)),
        ("a NEAR/1 b NEAR/2 c", Near(Near(word("a"), word("b"), 1), word("c"), 2)),
        ("judul:polres", In(Field.TITLE, word("polres"))),
        ("isi:(sim OR stnk)", In(Field.TEXT, Or((word("sim"), word("stnk"))))),
        ("situs:www.Polri.go.id", Meta(Field.SITE, "polri.go.id")),
        ("network:mastodon", Meta(Field.NETWORK, "mastodon")),
        ("𝗣𝗼𝗹𝗿𝗲𝘀 POLRÉS", And((word("polres"), word("polres")))),
        ("sim ?! :)", word("sim")),
        ("https://polri.go.id/sim", word("https", "polri", "go", "id", "sim")),
    ],
)  # fmt: skip
def test_a_query_is_read_as_it_is_meant(typed: str, read: Query) -> None:
    if typed == "sim ?! :)":
        with pytest.raises(InvalidInput):
            parse(typed)  # a bracket that closes nothing
        typed = "sim ?! :"
    assert parse(typed) == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Tulis kata"),
        ("  ?!  ", "Tulis kata"),
        ('""', "Tulis kata"),
        ('"sim', "petik"),
        ("(sim", "kurung buka"),
        ("sim)", "kurung tutup"),
        ("()", "harus ada kata"),
        ("sim OR", "harus ada kata"),
        ("OR sim", "harus ada kata"),
        ("sim AND", "harus ada kata"),
        ("AND sim", "AND harus ada kata"),
        ("sim AND OR stnk", "harus ada kata"),
        ("NOT", "harus ada kata"),
        ("sim NEAR/3", "harus ada kata"),
        ("NEAR/3 sim", "NEAR harus ada kata"),
        ("sim NEAR/51 stnk", "50"),
        ("sim NEAR/3 (a AND b)", "NEAR"),
        ("sim NEAR/3 NOT b", "NEAR"),
        ("si*", "tiga huruf"),
        ("*", "Tulis kata"),
        ("kota:bekasi", "Bidang"),
        ("jaringan:(x y)", "satu nama"),
        ("sim " * 61, "kata"),
        ("x" * (LONGEST_QUERY + 1), "500"),
        ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "kurung"),
        ("NOT " * (DEEPEST + 1) + "a", "kurung"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_in_words(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as refused:
        parse(typed)
    assert refused.value.field == "cari"


@given(st.text(max_size=60) | st.text('() "*:/-ANDORTEsim', max_size=60))
@settings(max_examples=400)
def test_anything_typed_is_read_or_refused(typed: str) -> None:
    with suppress(InvalidInput):
        Reading("sim", typed).marks(parse(typed))


TEXT = "Jadwal SIM keliling Kota Bekasi: Polrés buka 08.00, bukan sim card operator."


@pytest.mark.parametrize(
    ("typed", "yes"),
    [
        ("sim keliling", True),
        ('"keliling sim"', False),
        ("polres", True),
        ("polr*", True),
        ("sim NEAR/1 kota", True),
        ("sim NEAR/0 kota", False),
        ("kota NEAR/1 sim", True),
        ("sim -operator", False),
        ('"sim keliling" NEAR/3 (bekasi OR depok)', True),
        ("judul:pelayanan", True),
        ("isi:pelayanan", False),
        ("judul:isi:pelayanan", False),
        ("jaringan:mastodon", True),
        ("situs:go.id", True),
        ("situs:o.id", False),
        ('"hari ini jadwal"', False),  # the headline ends where the text begins
        ("ini NEAR/50 jadwal", False),
        ("08", True),
        ("8", False),
    ],
)
def test_a_query_means_what_it_says(typed: str, yes: bool) -> None:
    reading = Reading("Pelayanan hari ini", TEXT, "mastodon", "humas.polri.go.id")
    assert reading.answers(parse(typed)) is yes


def test_marks_are_the_words_as_they_were_written() -> None:
    reading = Reading("SIM", TEXT)
    marks = reading.marks(parse('polres ("sim keliling" NEAR/3 bekasi) -stnk'))
    found = [TEXT[first:last] for first, last in marks.text]
    assert found == ["SIM keliling", "Bekasi", "Polrés"]
    assert reading.marks(parse("NOT stnk")) == Marks()


def test_a_text_that_repeats_itself_costs_little() -> None:
    reading = Reading("", "sim keliling " * 200_000)
    query = parse("(sim OR keliling) NEAR/50 (sim OR keliling) NEAR/50 sim")
    before = time.perf_counter()
    assert reading.answers(query)
    reading.marks(query)
    assert time.perf_counter() - before < 2


def test_words_are_cut_where_letters_and_digits_end() -> None:
    text = "B_1234-XY: e\u0301tle; ½ \U0001d5e3olres ﬁlm 🙂 ke2"
    found = tokens(text)
    assert [token.word for token in found] == [
        "b", "1234", "xy", "etle", "12", "polres", "film", "ke2",
    ]  # fmt: skip
    assert text[found[3].start : found[3].end] == "e\u0301tle"


WORDS = ("sim", "simling", "keliling", "kota", "bekasi", "polres", "Polrés", "tilang")
texts = st.lists(st.sampled_from([*WORDS, "di", "yang"]), max_size=14).map(" ".join)
phrases = st.builds(
    Phrase,
    st.lists(st.sampled_from([w.lower() for w in WORDS[:6]]), min_size=1, max_size=3).map(tuple),
    st.booleans(),
)  # fmt: skip
standing = st.recursive(
    phrases,
    lambda inner: (
        st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Near, inner, inner, st.integers(0, 6))
    ),
    max_leaves=4,
)
queries = st.recursive(
    standing
    | st.builds(Meta, st.just(Field.NETWORK), st.sampled_from(["x", "feed"]))
    | st.builds(Meta, st.just(Field.SITE), st.sampled_from(["go.id", "polri.go.id"])),
    lambda inner: (
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Not, inner)
        | st.builds(In, st.sampled_from([Field.TITLE, Field.TEXT]), inner)
    ),
    max_leaves=8,
)


@given(queries, texts, texts)
@settings(max_examples=500)
def test_the_matching_agrees_with_a_slow_reference(
    query: Query, title: str, text: str
) -> None:
    reading = Reading(title, text, "feed", "humas.polri.go.id")
    wanted = reference_query.answers(query, title, text, "feed", "humas.polri.go.id")
    assert reading.answers(query) is wanted
