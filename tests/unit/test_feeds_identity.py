"""When two articles are the same, and when one has only changed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.identity import (
    Article,
    canonical_url,
    content_hash,
    identify,
    normalise,
    text_fingerprint,
    url_key,
)

SITE = "https://warta.example"
LONG = "Satlantas Polres Kota Sukamaju membuka layanan SIM keliling di alun-alun kota."


def one(**fields: str) -> str:
    return identify([Article(**fields)])[0]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://Warta.Example:443/a?id=3#komentar", "https://warta.example/a?id=3"),
        ("http://warta.example:80", "http://warta.example/"),
        ("http://warta.example:8080/a", "http://warta.example:8080/a"),
        (
            "https://warta.example/a?utm_source=x&id=3&fbclid=y&page=2&gclid=z",
            "https://warta.example/a?id=3&page=2",
        ),
        ("https://m.warta.example/a", "https://warta.example/a"),
        ("https://amp.warta.example/a", "https://warta.example/a"),
        ("https://m.example/a", "https://m.example/a"),
        (
            "https://warta.example/berita/judul/amp",
            "https://warta.example/berita/judul",
        ),
        (
            "https://warta.example/berita/judul/amp/",
            "https://warta.example/berita/judul/",
        ),
        ("https://warta.example/amp/berita/1", "https://warta.example/berita/1"),
        ("https://warta.example/judul.amp.html", "https://warta.example/judul.html"),
        (
            "https://warta.example/judul?amp=1&page=all",
            "https://warta.example/judul?page=all",
        ),
        ("https://warta.example/judul?outputType=amp", "https://warta.example/judul"),
        ("https://warta.example/harga?amp=20", "https://warta.example/harga?amp=20"),
        ("https://warta.example/?p=12&amp;x=1", "https://warta.example/?p=12&x=1"),
        ("https://humas:rahasia@warta.example/a", "https://warta.example/a"),
        ("https://warta.example/?a=1&copy=2", "https://warta.example/?a=1&copy=2"),
        ("javascript:alert(1)", ""),
        ("/berita/1", ""),
        ("https://[::1", ""),
        ("https://warta.example:99999/", ""),
        ("", ""),
    ],
)
def test_an_address_is_stripped_of_what_does_not_select_the_article(url, canonical):
    assert canonical_url(url) == canonical


@given(st.text(max_size=80), st.sampled_from(["", "https://warta.example/", "http://"]))
def test_canonical_is_a_fixed_point_and_never_raises(rest: str, start: str):
    once = canonical_url(start + rest)
    assert canonical_url(once) == once


def test_a_numbered_guid_of_the_next_day_is_another_article():
    monday = one(guid="1", link=f"{SITE}/berita/a-101", title="Pencurian motor")
    tuesday = one(guid="1", link=f"{SITE}/berita/b-202", title="SIM keliling")
    assert monday != tuesday


def test_an_edited_article_is_the_same_item_with_another_content():
    before = Article("1", f"{SITE}/a", "Dua korban", LONG)
    after = Article("9", f"{SITE}/a?utm_source=rss", "Tiga korban", LONG + " Ralat.")
    assert identify([before]) == identify([after])
    assert content_hash(before.title, before.text) != content_hash(
        after.title, after.text
    )


@pytest.mark.parametrize(
    "guid",
    [
        f"{SITE}/?p=12345",
        "urn:uuid:0b1f6c9e-52a5-4b9a-9b0e-0d9d6f0f9a11",
        "0B1F6C9E-52A5-4B9A-9B0E-0D9D6F0F9A11",
        "tag:warta.example,2026-11-23:berita/1",
    ],
)
def test_a_guid_that_is_unique_in_the_world_outlives_a_new_link(guid: str):
    before = one(guid=guid, link=f"{SITE}/judul-lama", title="Judul lama")
    after = one(guid=guid, link=f"{SITE}/judul-baru", title="Judul baru")
    assert before == after


@pytest.mark.parametrize("guid", ["1", "12345", "berita-12345", "", "null", "abc123=="])
def test_a_guid_that_changes_its_type_changes_nothing(guid: str):
    assert one(guid=guid, link=f"{SITE}/a") == one(link=f"{SITE}/a")


def test_a_guid_that_is_only_the_front_page_does_not_count():
    first = one(guid=f"{SITE}/", link=f"{SITE}/a")
    second = one(guid=f"{SITE}/", link=f"{SITE}/b")
    assert first != second


def test_a_link_to_the_feeds_own_page_is_no_identity():
    site = f"{SITE}/berita"
    today = identify([Article("1", site, "Pencurian motor", "a")], site)
    tomorrow = identify([Article("1", site, "SIM keliling", "b")], site)
    assert today != tomorrow


def test_without_guid_and_link_the_words_are_the_identity():
    assert one(title="Judul", text="isi") == one(title=" JUDUL ", text="isi\n")
    assert one(title="Judul", text="isi") != one(title="Judul", text="isi lain")


def test_one_guid_used_twice_gives_two_items():
    guid = f"{SITE}/?p=1"
    pair = [Article(guid, f"{SITE}/a", "A"), Article(guid, f"{SITE}/b", "B")]
    assert len(set(identify(pair))) == 2


def test_one_link_for_several_articles_gives_several_items():
    live = [Article(str(n), f"{SITE}/langsung", f"Pukul {n}") for n in range(9)]
    assert len(set(identify(live))) == 9


def test_the_same_article_twice_is_one_item():
    twice = [
        Article("1", f"{SITE}/a", "A", "isi"),
        Article("2", f"{SITE}/a", "A", "isi"),
    ]
    assert len(set(identify(twice))) == 1


def test_the_order_of_a_feed_does_not_matter():
    guid = f"{SITE}/?p=1"
    feed = [Article(str(n % 7), f"{SITE}/{n}", f"Judul {n}") for n in range(200)]
    feed += [Article(guid, f"{SITE}/x{n}", f"X{n}") for n in range(5)]
    known = dict(zip(feed, identify(feed), strict=True))
    assert len(set(known.values())) == 205
    random.Random(7).shuffle(feed)
    assert identify(feed) == tuple(known[article] for article in feed)


def test_a_move_to_https_or_a_trailing_slash_makes_no_new_item():
    assert one(link="http://warta.example/a/") == one(link="https://warta.example/a")
    assert url_key("http://warta.example/a/") == "https://warta.example/a"


@pytest.mark.parametrize(
    "copy",
    [
        f"SUKAMAJU, WARTA.EXAMPLE - {LONG}",
        f"Sukamaju (ANTARA) – {LONG}",
        f"WARTA.EXAMPLE, Sukamaju -- {LONG}",
        f"(Humas Polres Kota Sukamaju) {LONG}",
        f"{LONG} (Humas)",
        f"{LONG}\nBaca juga: Dua pencuri motor ditangkap",
        f"Baca Juga : Dua pencuri motor ditangkap\n{LONG}",
        f"{LONG} Baca juga: Dua pencuri motor ditangkap.",
        f"{LONG}\nBagikan ke WhatsApp Facebook X",
        f"{LONG} Ikuti kami di Google News.",
        f"{LONG} The post SIM Keliling appeared first on Warta.",
        f"{LONG} [...]",
        f"iNews.id, Sukamaju - {LONG}",
        f"{LONG} (ayu/red)",
        f"{LONG}\nEditor: Ayu\nCopyright © Warta",
        f"{LONG} (*)",
        LONG.upper(),
        LONG.replace(" ", "\n  "),
    ],
)
def test_a_copy_of_a_release_is_recognised_in_any_dress(copy: str):
    assert text_fingerprint(copy) == text_fingerprint(LONG) != ""


@pytest.mark.parametrize(
    ("one_text", "other_text"),
    [
        (f"{LONG} Senin, 23 November 2026.", f"{LONG} Selasa, 24 November 2026."),
        (f"{LONG} Kerugian Rp 1.500.000.", f"{LONG} Kerugian Rp 2.500.000."),
        (f"{LONG} Dua orang luka.", f"{LONG} Tiga orang luka."),
        (LONG, LONG.replace("alun-alun", "pasar")),
    ],
)
def test_numbers_amounts_dates_and_places_tell_texts_apart(one_text, other_text):
    assert text_fingerprint(one_text) != text_fingerprint(other_text)


def test_short_texts_are_copies_of_nothing():
    assert text_fingerprint("Mantap") == text_fingerprint("(Humas)") == ""


def test_dress_makes_no_revision_and_words_do():
    assert content_hash("Judul", LONG) == content_hash("Judul", f"{LONG}\n\nBagikan:")
    assert content_hash("Judul", LONG) != content_hash("Judul lain", LONG)


def test_a_sentence_with_a_dash_keeps_its_beginning():
    text = "polisi menangkap dua orang - keduanya warga setempat"
    assert normalise(text) == text


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    ["A/" * 50_000, "\n" * 100_000, "Baca juga " * 10_000, "A, " * 30_000, "(" * 99_999,
     "a.\n bagikan ke " * 7_000],
)  # fmt: skip
def test_normalising_a_hostile_text_takes_no_time_to_speak_of(text: str):
    normalise(text)


@given(st.text(max_size=300))
def test_normalising_never_raises_and_has_no_upper_case_ascii(text: str):
    normal = normalise(text)
    assert normal == " ".join(normal.split())
    assert not any("A" <= char <= "Z" for char in normal)
