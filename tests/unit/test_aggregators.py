"""An aggregator's link gives the article's own address only where it holds it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.aggregators import direct


def token(address: bytes, tail: bytes = b"\xd2\x01\x00") -> str:
    size = len(address)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    raw = b"\x08\x13\x22" + length + address + tail
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


SHORT = b"https://warta.example/sim-keliling"
LONG = b"https://warta.example/" + b"x" * 300


@pytest.mark.parametrize("address", [SHORT, LONG])
@pytest.mark.parametrize("path", ["rss/articles", "articles", "read"])
def test_an_old_link_of_google_news_holds_the_article(
    address: bytes, path: str
) -> None:
    link = f"https://news.google.com/{path}/{token(address)}?oc=5&hl=id"
    assert direct(link) == address.decode()


def test_a_new_link_of_google_news_is_kept_as_it_is() -> None:
    opaque = token(b"AU_yqLMhX" + b"q" * 90)
    assert direct(f"https://news.google.com/rss/articles/{opaque}?oc=5") == ""


@pytest.mark.parametrize(
    ("link", "article"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://a.example/1%3Fid%3D2&ct=ga",
         "https://a.example/1?id=2"),
        ("https://www.google.com/url?q=http://a.example/", "http://a.example/"),
        ("https://www.google.com/url?q=javascript:alert(1)", ""),
        ("https://www.google.com/search?q=https://a.example/", ""),
        ("https://www.google.com/amp/s/a.example/berita/1", "https://a.example/berita/1"),
        ("https://a-example.cdn.ampproject.org/c/s/a.example/1/amp",
         "https://a.example/1/amp"),
        ("https://warta.example/amp/s/a.example/1", ""),
        ("https://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fa.example%2f1",
         "https://a.example/1"),
        ("https://news.google.com.jahat.example/articles/" + token(SHORT), ""),
        ("https://warta.example/articles/" + token(SHORT), ""),
        ("https://[rusak", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_other_wrappings_are_opened_and_nothing_else_is(
    link: str, article: str
) -> None:
    assert direct(link) == article


@given(st.text(max_size=120))
def test_no_link_breaks_it(junk: str) -> None:
    for link in (junk, f"https://news.google.com/articles/{junk}"):
        assert direct(link) == "" or "://" in direct(link)
