"""Reading feeds of every shape; the process around the reader is tested further down."""

import json
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.feeds import utterances
from models.errors import NetworkError, Refused, TryLater
from models.problems import Problem
from networks.feed_parser import FeedParser
from networks.feed_reading import read_feed
from networks.feed_text import plain_line, plain_text
from networks.feed_values import (
    FeedWarning,
    ParsedEntry,
    ParsedFeed,
    ParserLimits,
    from_json,
    to_json,
)

URL = "https://warta.example/rss"
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LIMITS = ParserLimits()


def rss(*items: str, channel: str = "", prolog: str = '<?xml version="1.0"?>') -> bytes:
    return (
        f'{prolog}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Warta</title>'
        f"<link>https://warta.example/</link>{channel}"
        f"{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    ).encode()


def read(body: bytes, content_type: str = "text/xml", **limits: int) -> ParsedFeed:
    return read_feed(body, content_type, URL, ParserLimits(**limits))


def only(body: bytes) -> ParsedEntry:
    (entry,) = read(body).entries
    return entry


def heard(body: bytes):
    jakarta = ZoneInfo("Asia/Jakarta")
    return utterances(read(body), zone=jakarta, fetched_at=NOW)


# ------------------------------------------------------------------- formats


def test_rss_is_read_with_its_strings_as_they_stand():
    feed = read(
        rss(
            "<title>SIM keliling</title><link>/a</link><guid>1</guid>"
            "<pubDate>Senin, 23 November 2026 | 08:00 WIB</pubDate>"
            "<dc:creator>Ayu</dc:creator><description>&lt;p&gt;Satu&lt;/p&gt;dua</description>"
            "<content:encoded><![CDATA[<p>Isi <b>penuh</b></p>]]></content:encoded>",
            channel="<ttl>30</ttl>",
        )
    )
    assert (feed.title, feed.link) == ("Warta", "https://warta.example/")
    assert (feed.version, feed.ttl_minutes, feed.warnings) == ("rss20", 30, {})
    assert feed.entries == (
        ParsedEntry(
            guid="1",
            link="https://warta.example/a",
            title="SIM keliling",
            summary_text="Satu\ndua",
            content_text="Isi penuh",
            author="Ayu",
            published_raw="Senin, 23 November 2026 | 08:00 WIB",
        ),
    )


def test_atom_is_read():
    entry = only(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>W</title><entry>'
        b'<id>tag:warta.example,2026:1</id><title type="html">A &amp;amp; B</title>'
        b'<link rel="self" href="https://warta.example/x.atom"/>'
        b'<link href="https://warta.example/1"/><author><name>Ayu</name></author>'
        b"<updated>2026-11-23T08:00:00+07:00</updated><summary>Ringkas</summary>"
        b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Isi</p>'
        b"</div></content></entry></feed>"
    )
    assert entry.guid == "tag:warta.example,2026:1"
    assert (entry.title, entry.link) == ("A & B", "https://warta.example/1")
    assert (entry.summary_text, entry.content_text) == ("Ringkas", "Isi")
    assert (entry.published_raw, entry.updated_raw) == ("", "2026-11-23T08:00:00+07:00")


def test_rdf_with_a_dublin_core_date_is_read():
    body = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        b' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"<channel><title>W</title></channel>"
        b'<item rdf:about="https://warta.example/1"><title>Judul</title>'
        b"<link>https://warta.example/1</link><dc:date>2026-11-23 08:00</dc:date></item>"
        b"</rdf:RDF>"
    )
    (item,), _ = heard(body)
    assert item.published_at == datetime(2026, 11, 23, 1, tzinfo=UTC)
    assert item.published_raw == "2026-11-23 08:00"


def test_json_feed_is_read():
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Warta",
        "home_page_url": "https://warta.example/",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "title": "Judul",
                "content_html": "<p>Isi</p><script>x()</script>",
                "date_published": "2026-11-23T08:00:00+07:00",
                "authors": [{"name": "Ayu"}],
            },
            {"id": "8", "content_text": "1 < 2"},
            "bukan berita",
        ],
    }
    feed = read(json.dumps(document).encode(), "application/feed+json")
    assert [entry.guid for entry in feed.entries] == ["7", "8"]
    assert feed.entries[0].link == "https://warta.example/7"
    assert [entry.content_text for entry in feed.entries] == ["Isi", "1 < 2"]


# ------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", Problem.FEED_EMPTY),
        (b" \r\n\0", Problem.FEED_EMPTY),
        (b"<!DOCTYPE html><html><body>Beranda</body></html>", Problem.NOT_A_FEED),
        (b"<?xml version='1.0'?><html xmlns='x'><rss/></html>", Problem.NOT_A_FEED),
        (b"<script>location='/cek'</script>", Problem.NOT_A_FEED),
        (b"Service unavailable", Problem.FEED_UNREADABLE),
        (b"<urlset><url/></urlset>", Problem.FEED_UNREADABLE),
        (b"<rss version='2.0'><channel><ti", Problem.FEED_UNREADABLE),
        (b'{"error": "not found"}', Problem.FEED_UNREADABLE),
        (b"{" * 100_000, Problem.FEED_UNREADABLE),
        (b"\xff\xd8\xff\xe0 JFIF" + bytes(range(256)) * 9, Problem.FEED_UNREADABLE),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, problem: Problem):
    with pytest.raises(NetworkError) as caught:
        read(body)
    assert caught.value.problem is problem


def test_an_empty_channel_is_a_feed_without_news():
    assert read(rss()).entries == ()


def test_a_bare_ampersand_costs_a_warning_and_no_item():
    feed = read(rss("<title>A & B</title><link>https://warta.example/?a=1&b=2</link>"))
    assert feed.entries[0].title == "A & B"
    assert feed.entries[0].link == "https://warta.example/?a=1&b=2"
    assert feed.warnings == {FeedWarning.MALFORMED: 1}


@pytest.mark.parametrize("spoilt", ["", " A & B"])
@pytest.mark.parametrize("written", ["a=1&amp;copy=2", "<![CDATA[a=1&copy=2]]>"])
def test_a_parameter_that_looks_like_a_sign_stays_one(written: str, spoilt: str):
    for tag in ("link", "guid"):
        body = rss(
            f"<title>J{spoilt}</title><{tag}>https://warta.example/?{written}</{tag}>"
        )
        assert only(body).link == "https://warta.example/?a=1&copy=2"


def test_names_of_html_in_xml_are_read_and_counted():
    feed = read(rss("<title>Satu&nbsp;dua &rsquo;tiga&hellip;</title>"))
    assert feed.entries[0].title == "Satu dua ’tiga…"
    assert feed.warnings == {FeedWarning.MALFORMED: 1}


def test_tags_with_the_names_of_our_own_fields_do_no_harm():
    names = ("authors", "author_detail", "links", "content", "summary_detail", "tags")
    for name in names:
        assert only(rss(f"<{name}>x</{name}><title>J</title>")).title == "J"


ODD = [
    "<creativeCommons:license>x</creativeCommons:license>",
    "<psc:chapters><psc:chapter start='99:99'/></psc:chapters>",
    "<links>x</links><link rel='x'>y</link>",
    "<authors>x</authors><author><name>y</name></author>",
    "<image><url>x</url></image><dc:creator/>",
    "<title>A<title>B",
    "<description type='text/html' mode='base64'>tidak",
    "<content type='xhtml'><div><p>terbuka",
    "<source><author>",
    "<svg><title>",
    "<textInput><link>",
    "<media:content url='javascript:x'><media:title>M",
    "<atom:author/><atom:link/><atom:id/>",
]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_element_costs_itself_and_not_the_items_after_it(odd: str):
    names = {
        "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
        "psc": "http://podlove.org/simple-chapters",
        "media": "http://search.yahoo.com/mrss/",
        "atom": "http://www.w3.org/2005/Atom",
    }
    declared = "".join(f" xmlns:{name}='{uri}'" for name, uri in names.items())
    after = "<title>Sesudah</title><link>https://warta.example/2</link>"
    body = rss(odd, after).replace(b" xmlns:dc", declared.encode() + b" xmlns:dc")
    last = read(body).entries[-1]
    assert (last.title, last.link) == ("Sesudah", "https://warta.example/2")


@pytest.mark.parametrize("seed", range(40))
def test_a_feed_of_random_tags_still_gives_its_last_item(seed: int):
    rng = random.Random(seed)
    tags = "title link guid description author dc:creator content:encoded image id p "
    tags += "summary content source textInput svg math links authors category"

    def node(depth: int) -> str:
        tag = rng.choice(tags.split())
        inside = "".join(
            node(depth - 1) for _ in range(rng.randint(0, 3) if depth else 0)
        )
        kind = rng.choice(["", " type='xhtml'", " mode='base64'", " rel='enclosure'"])
        return f"<{tag}{kind}>{inside}{rng.choice(['', 'x', '&', '&amp;'])}" + (
            f"</{tag}>" if rng.random() < 0.9 else ""
        )

    body = rss("".join(node(3) for _ in range(6)), "<title>Terakhir</title>")
    assert read(body).entries[-1].title == "Terakhir"


def test_a_feed_reads_alike_whether_or_not_another_item_is_malformed():
    item = (
        "<title>Jum&#8217;at &amp;amp; Sabtu</title>"
        "<link>https://warta.example/?a=1&amp;b=2</link>"
        "<guid>https://warta.example/?a=1&amp;b=2</guid>"
        "<pubDate>Jum&#39;at, 25 Desember 2026 08:00 WIB</pubDate>"
        "<description>&lt;p&gt;Satu &amp;amp; dua&lt;/p&gt;</description>"
    )
    (well,), _ = heard(rss(item))
    (same, _other), _ = heard(rss(item, "<title>A & B</title>"))
    assert same == well
    assert well.title == "Jum’at & Sabtu"


@pytest.mark.parametrize(
    "before", ["\n\n\t", "\ufeff", "<br />\n<b>Warning</b>: x in y\n"]
)
def test_what_stands_before_the_xml_declaration_is_passed_over(before: str):
    assert only(before.encode() + rss("<title>Judul</title>")).title == "Judul"


def test_a_feed_that_speaks_of_xml_loses_nothing_before_it():
    body = rss(
        "<title>Satu</title>",
        "<description><![CDATA[Contoh: <?xml version='1.0'?><rss></rss>]]></description>",
        prolog="",
    )
    assert [entry.title for entry in read(body).entries] == ["Satu", ""]


@pytest.mark.parametrize("junk", ["\x00", "\x0b", "&#0;", "&#xD800;", "&#99999999999;"])
@pytest.mark.parametrize("spoilt", ["", " A & B"])
def test_characters_that_xml_forbids_are_taken_out(junk: str, spoilt: str):
    assert only(rss(f"<title>Ju{junk}dul{spoilt}</title>")).title == f"Judul{spoilt}"


def test_a_cut_feed_gives_what_came_before_the_cut():
    body = rss("<title>Satu</title>", "<title>Dua</title>", "<title>Tiga</title>")
    for end in (b"Tiga", b"<title>Tiga", b"</title></item></channel>"):
        feed = read(body[: body.index(end)])
        assert [entry.title for entry in feed.entries] == ["Satu", "Dua"]
        assert feed.warnings[FeedWarning.CUT_SHORT] == 1


def test_f21_windows_1252_labelled_utf8_is_read_and_counted():
    body = rss("<title>Kapolres: “Aman” – kata</title>").decode().encode("cp1252")
    feed = read(body, "text/xml; charset=utf-8")
    assert feed.entries[0].title == "Kapolres: “Aman” – kata"
    assert feed.warnings == {FeedWarning.CHARSET_GUESSED: 1}


@pytest.mark.parametrize("twice", ["Ketua â€œRTâ€\x9d", "CafÃ© buka"])
def test_a_title_encoded_twice_is_repaired_and_the_original_kept(twice: str):
    feed = read(rss(f"<title>{twice}</title>"))
    assert feed.entries[0].title in {"Ketua “RT”", "Café buka"}
    assert "title" in feed.entries[0].originals
    assert feed.warnings == {FeedWarning.DOUBLE_ENCODED: 1}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("A &amp;amp; B", "A & B"),
        ("&amp;#8217;", "’"),
        ("&#8217;", "’"),
        ("<![CDATA[A &amp; B]]>", "A & B"),
        ("&lt;b&gt;Tebal&lt;/b&gt; sekali", "Tebal sekali"),
        ("Skor 1 &lt; 2", "Skor 1 < 2"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Judul", "Judul"),
        ("&amp;amp;lt;b&amp;amp;gt;", "&lt;b&gt;"),
        ("  dua\n  baris ", "dua baris"),
    ],
)
def test_a_title_is_decoded_once_and_never_markup(written: str, shown: str):
    assert only(rss(f"<title>{written}</title>")).title == shown


def test_markup_of_a_summary_becomes_lines_of_plain_text():
    markup = (
        "<p onclick='x()'>Satu&nbsp;<b>dua</b> &amp;amp; tiga</p><ul><li>empat<li>lima</ul>"
        "<style>p{}</style><!-- catatan --><img src=x onerror=alert(1)>enam<br>tujuh\n kata"
    )
    assert (
        plain_text(markup, 999) == "Satu dua &amp; tiga\nempat\nlima\nenam\ntujuh kata"
    )


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "https://",
             "https://[::1", "mailto:a@b.example", "java\nscript:alert(1)"]
)  # fmt: skip
def test_a_link_that_is_no_web_address_is_dropped_and_the_item_stays(link: str):
    feed = read(rss(f"<title>Judul</title><link>{link}</link>"))
    assert feed.entries[0].link == ""
    assert feed.warnings[FeedWarning.LINK_DROPPED] == 1


def test_a_numbered_guid_becomes_neither_an_address_nor_a_link():
    entry = only(rss("<title>Judul</title><guid>1</guid>"))
    assert (entry.guid, entry.link) == ("1", "")


def test_a_permalink_guid_stands_in_for_a_missing_link():
    entry = only(rss("<title>J</title><guid>https://warta.example/1</guid>"))
    assert entry.link == "https://warta.example/1"


def test_the_mail_address_of_an_author_stays_outside():
    for author in ("a@warta.example (Ayu)", "a@warta.example"):
        assert "@" not in only(rss(f"<title>J</title><author>{author}</author>")).author


def test_f23_an_entity_bomb_is_bounded_and_an_external_entity_is_empty():
    lol = "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "x"}">' for n in range(20)
    )
    bomb = f"<?xml version='1.0'?><!DOCTYPE r [{lol}]>"
    assert only(rss("<title>[&a19;]</title>", prolog=bomb)).title == "[]"
    outside = '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    assert only(rss("<title>[&e;]</title>", prolog=outside)).title == "[]"


def test_more_entries_than_allowed_are_cut_and_counted():
    feed = read(rss(*["<title>J</title>"] * 12), entries=10)
    assert len(feed.entries) == 10
    assert feed.warnings == {FeedWarning.ENTRIES_CUT: 2}


def test_a_long_text_is_cut_and_counted():
    feed = read(rss(f"<description>{'a' * 900}</description>"), text=100)
    assert len(feed.entries[0].summary_text) == 100
    assert feed.warnings == {FeedWarning.TEXT_CUT: 1}


def test_a_feed_survives_the_way_between_processes():
    feed = read(rss("<title>CafÃ© 😀</title><link>https://warta.example/1</link>"))
    assert from_json(json.loads(json.dumps(to_json(feed)))) == feed


@given(st.text(max_size=200), st.integers(0, 50))
def test_plain_text_never_raises_and_stays_short(text: str, longest: int):
    assert len(plain_text(text, longest)) <= longest
    assert len(plain_line(text, longest)) <= longest


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 60))
def test_a_damaged_feed_is_read_or_named(junk: bytes, at: int, cut: int):
    body = rss("<title>J</title><guid>1</guid><pubDate>x</pubDate>")
    try:
        read(body[:at] + junk + body[at + cut :])
    except (TryLater, Refused) as error:
        assert error.problem in NAMED  # noqa: PT017 - reading it is as good


NAMED = {Problem.FEED_UNREADABLE, Problem.NOT_A_FEED}


# ------------------------------------------------------------------- utterances


def test_an_undated_item_stays_undated():
    (item,), odd = heard(rss("<title>Judul</title>"))
    assert (item.published_at, item.updated_at, item.published_raw) == (None, None, "")
    assert odd == {}


def test_a_time_of_change_is_no_time_of_publication():
    date = "<pubDate>Diperbarui 23 November 2026 08:00 WIB</pubDate>"
    (item,), _ = heard(rss(f"<title>Judul</title>{date}"))
    assert item.published_at is None
    assert item.updated_at == datetime(2026, 11, 23, 1, tzinfo=UTC)


def test_a_date_of_the_future_is_held_down_and_its_string_kept():
    raw = "Fri, 23 Nov 2035 08:00:00 +0700"
    (item,), odd = heard(rss(f"<title>Judul</title><pubDate>{raw}</pubDate>"))
    assert (item.published_at, item.published_raw) == (NOW, raw)
    assert odd["future"] == 1


def test_a_day_without_a_time_says_so():
    (item,), _ = heard(rss("<title>J</title><pubDate>23 November 2026</pubDate>"))
    assert item.precision == "hari"


def test_an_article_repeated_in_one_feed_is_heard_once():
    item = "<title>Judul</title><link>https://warta.example/1</link>"
    items, odd = heard(rss(item, item, "<guid>9</guid>"))
    assert len(items) == 1
    assert odd == {"repeated": 1, "empty": 1}


# ------------------------------------------------------------------- the process

TINY = ParserLimits(cpu_seconds=1, wall_seconds=20)
SLOW = rss("<item><a>" * 120_000)  # nested so deeply that reading it takes seconds


@pytest.fixture(scope="module")
def parser():
    with FeedParser() as opened:
        yield opened


def pid(parser: FeedParser) -> int:
    child = parser._slots.get()
    parser._slots.put(child)
    assert child is not None
    return child._process.pid


def test_one_process_reads_many_feeds(parser: FeedParser):
    first = parser.parse(rss("<title>Satu</title>"), "", URL)
    process = pid(parser)
    second = parser.parse(rss("<title>Dua</title>"), "", URL)
    assert [feed.entries[0].title for feed in (first, second)] == ["Satu", "Dua"]
    assert pid(parser) == process


def test_a_named_problem_crosses_the_border_and_the_process_stays(parser: FeedParser):
    parser.parse(rss())
    process = pid(parser)
    with pytest.raises(Refused) as caught:
        parser.parse(b"<html></html>")
    assert caught.value.problem is Problem.NOT_A_FEED
    assert pid(parser) == process


def test_a_body_over_the_limit_is_not_even_sent(parser: FeedParser):
    with pytest.raises(Refused) as caught:
        parser.parse(b"x" * (LIMITS.body_bytes + 1))
    assert caught.value.problem is Problem.TOO_LARGE


def test_a_feed_that_eats_the_processor_is_ended_and_the_next_is_read():
    with FeedParser(TINY) as parser:
        with pytest.raises(TryLater) as caught:
            parser.parse(SLOW)
        assert caught.value.problem is Problem.TOO_SLOW
        assert parser.parse(rss("<title>Judul</title>")).entries[0].title == "Judul"


def test_a_feed_that_passes_the_deadline_is_ended_and_the_next_is_read():
    with FeedParser(ParserLimits(wall_seconds=3)) as parser:
        parser.parse(rss())
        began = time.monotonic()
        with pytest.raises(TryLater) as caught:
            parser.parse(rss(*["<item><a>" * 250_000] * 2))
        assert caught.value.problem is Problem.TOO_SLOW
        assert time.monotonic() - began < 15
        assert parser.parse(rss()).entries == ()


def test_a_feed_that_eats_the_memory_is_unreadable_and_the_next_is_read():
    limits = ParserLimits(memory_bytes=160 * 1024 * 1024)
    with FeedParser(limits) as parser:
        with pytest.raises(TryLater) as caught:
            parser.parse(rss(f"<title>😀{'A' * 14_000_000}</title>"))
        assert caught.value.problem is Problem.FEED_UNREADABLE
        assert parser.parse(rss()).entries == ()


def test_a_process_killed_from_outside_is_replaced(parser: FeedParser):
    parser.parse(rss())
    child = parser._slots.get()
    child._process.kill()
    child._process.wait()
    parser._slots.put(child)
    assert parser.parse(rss()).entries == ()


def test_a_process_is_replaced_after_its_share_of_feeds():
    with FeedParser(ParserLimits(feeds_per_child=2)) as parser:
        processes = []
        for _ in range(4):
            parser.parse(rss())
            processes.append(pid(parser))
    assert processes[0] == processes[1] != processes[2] == processes[3]


def test_threads_share_the_processes_and_get_their_own_answers():
    titles: dict[int, str] = {}

    def work(number: int) -> None:
        feed = parser.parse(rss(f"<title>Judul {number}</title>"))
        titles[number] = feed.entries[0].title

    with FeedParser(workers=2) as parser:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert titles == {number: f"Judul {number}" for number in range(24)}


def test_the_process_knows_no_secret(parser: FeedParser, monkeypatch):
    monkeypatch.setenv("KENTONGAN_KEY", "rahasia")
    with FeedParser() as fresh:
        fresh.parse(rss())
        environment = Path(f"/proc/{pid(fresh)}/environ").read_bytes()
    assert b"KENTONGAN" not in environment


def test_a_charset_is_found_inside_the_limits_of_the_process(parser: FeedParser):
    body = rss("<title>Москва</title>").decode().encode("koi8-r")
    feed = parser.parse(body, "text/xml; charset=koi8-r")
    assert feed.entries[0].title == "Москва"


def test_the_process_ends_with_its_parent_even_when_that_is_killed():
    script = (
        "from networks.feed_parser import FeedParser\n"
        "import sys, time\n"
        "parser = FeedParser()\n"
        "parser.parse(b'<rss version=\"2.0\"><channel/></rss>')\n"
        "child = parser._slots.get()\n"
        "print(child._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root
    ) as parent:
        assert parent.stdout is not None
        child = Path(f"/proc/{int(parent.stdout.readline())}")
        assert child.exists()
        parent.kill()
    deadline = time.monotonic() + 10
    while child.exists() and "State:\tZ" not in _status(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _status(process: Path) -> str:
    try:
        return (process / "status").read_text()
    except OSError:
        return "State:\tZ"


def test_a_parser_that_cannot_be_started_is_named(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/tidak/ada")
    with FeedParser() as fresh, pytest.raises(TryLater) as caught:
        fresh.parse(rss())
    assert caught.value.problem is Problem.FEED_UNREADABLE
