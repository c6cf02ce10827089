"""Each network's page says who says so, and lists whatever was never tested."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.wiring import all_capabilities

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "networks"
NAMES = [one.name for one in all_capabilities()]
HEAD = "| what | said by | sure |"

# A mark T, wherever it stands; not the legend of the marks, nor a name such as T.81
MARK = re.compile(r"(?<![\w.`])T(?!\w|\.\d|['`]|, not tested|, to be tried)")
NEXT = re.compile(r"[;.,(] ?(?=[CST]\b(?![\w'.]))")
STARTS = {tokenize.ENCODING, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
QUIET = {tokenize.NL, tokenize.COMMENT}

META = ("facebook", "instagram", "threads")
CONTAINERS = ("instagram", "threads")


def everywhere(pages: tuple[str, ...], phrase: str) -> tuple[tuple[str, str], ...]:
    """The same phrase on several pages."""
    return tuple((page, phrase) for page in pages)


# What the sandbox marks as T, by its file, and where the pages say so.
TOLD: dict[str, tuple[tuple[str, str], ...]] = {
    "bluesky_api: the codes' wordings": (("bluesky", "the wordings of codes"),),
    "bluesky_api: handles are words here and no domains, as everywhere in this "
    "sandbox": (
        ("bluesky", "handles that are domains: in the sandbox they are words"),
    ),
    "bluesky_api: the lexicon has had 50, then 100 million": (
        ("bluesky", "the lexicon has had 50 and 100 million bytes"),
    ),
    "bluesky_api: that a token which is given must be good": (
        ("bluesky", "that a token which is given must be good"),
    ),
    "bluesky_records: the server's own setting": (
        ("bluesky", "that an access token lives for two hours"),
    ),
    "bluesky_records: REFRESH_LIFE = timedelta(days=60)": (
        ("bluesky", "a refresh token for 60 days"),
    ),
    "containers: a container that was published is refused with an error, and makes "
    "no second post": everywhere(
        CONTAINERS,
        "that a container which was published is refused with an error, and makes no "
        "second post",
    ),
    "facebook_api: its ``post_id`` names the post": (
        ("facebook", "that `post_id` of a video names its post"),
    ),
    "facebook_api: ``alt_text_custom``": (("facebook", "`alt_text_custom`"),),
    "facebook_api: at most 4 MB": (("facebook", "4 MB a picture"),),
    "facebook_api: 10 pictures": (("facebook", "at most 10 pictures in a post"),),
    "graph: a Page that was deleted is an object that is not there": (
        ("facebook", "a Page which was deleted is answered like an object"),
    ),
    "graph: the same for one that was deleted": everywhere(
        CONTAINERS, "an account which was deleted is answered with code 190"
    ),
    "graph: with status 400": everywhere(
        META, "status 400 for a token that is not good"
    ),
    "graph_tokens: the old token stays good until its own end; the token may stand in "
    "the header; a token that is too young is refused with code 100; ``method=get`` "
    "in a POST": (
        *everywhere(CONTAINERS, "which was renewed stays good until its own end"),
        *everywhere(CONTAINERS, "the token in a header instead of the address"),
        *everywhere(CONTAINERS, "younger than 24 hours is refused with code 100"),
        ("facebook", "as a read in the body of a POST"),
    ),
    "sign_in: whether X lets a wrong PIN be tried again; here it does not": (
        ("x", "whether a wrong PIN may be tried again"),
    ),
    "telegram_api: that they are UTF-16 units": (
        ("telegram", "that lengths are counted in UTF-16 units"),
    ),
    "telegram_api: about 20 in a minute": (
        ("telegram", "about 20 messages a minute into one channel"),
    ),
    "telegram_api: the channel was deleted": (
        ("telegram", 'a channel which was deleted answers "chat not found"'),
    ),
    "threads_api: code 10 without it": (
        ("threads", "without `threads_manage_insights` are refused with code 10"),
    ),
    "wordpress_api: a user who was deleted is 401 ``invalid_username``, a password "
    "that was taken back 401 ``incorrect_password``": (
        ("wordpress", "an author who was deleted is answered 401 `invalid_username`"),
        ("wordpress", "taken back 401 `incorrect_password`"),
    ),
    "world: FACEBOOK_WRITES = Allowance(200, timedelta(hours=1))": everywhere(
        META, "200 writes an hour"
    ),
    "x_auth: that a deleted one is answered so": (
        ("x", "which was deleted is answered as one that was suspended"),
    ),
}


def flat(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The rows of every table of facts, cell by cell."""
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        if lines[0] == HEAD:
            found += [re.split(r" \| ", line.strip("| ")) for line in lines[2:]]
    return found


def untested(text: str) -> str:
    """The part that is named with *belum diuji*, up to the next part; else empty."""
    part: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        if re.match(r"\*\*[^*]*belum diuji[^*]*\*\*", block):
            part = [block]
        elif block.startswith(("**", "#", "|")) and part:
            break
        elif part:
            part.append(block)
    return flat(" ".join(part))


def spoken(source: str) -> Iterator[tuple[str, str]]:
    """Each comment and each item of a docstring, with the code that stands before."""
    before, last, words = tokenize.ENCODING, -1, ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        code = token.line[: token.start[1]].strip()
        if token.type == tokenize.COMMENT:
            joined = not code and words and token.start[0] == last + 1
            if words and not joined:
                yield words, ""
                words = ""
            said = token.string.lstrip("#: ")
            if code:
                yield said, code
            else:
                words, last = f"{words} {said}", token.start[0]
        if token.type == tokenize.STRING and before in STARTS:
            for item in re.split(
                r"\n\s*\n|\n\s*- ", str(ast.literal_eval(token.string))
            ):
                yield item, ""
        if token.type not in QUIET:
            before = token.type
            if words:
                yield words, ""
            words = ""


def clauses(source: str) -> Iterator[str]:
    """What a file marks as T, from the mark to the next one."""
    for said, code in spoken(source):
        text = flat(said)
        for mark in MARK.finditer(text):
            rest = text[mark.end() :]
            end = NEXT.search(rest)
            words = rest[: end.start()] if end else rest
            if text[: mark.start()].endswith("("):
                words = words.split(")")[0]
            yield words.strip(" :.,;)") or code or text[: mark.start()].strip(" (:")


def marked() -> list[str]:
    return [
        f"{file.stem}: {clause}"
        for file in sorted((ROOT / "sandbox").rglob("*.py"))
        for clause in clauses(file.read_text(encoding="utf-8"))
    ]


def test_every_network_has_its_page_and_no_page_is_of_another() -> None:
    there = {file.stem for file in PAGES.glob("*.md")} - {"README"}
    assert there == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_who_says_so_and_how_sure_that_is(name: str) -> None:
    facts = rows(page(name))
    assert facts
    for fact in facts:
        assert len(fact) == 3, fact
        assert fact[2] in {"C", "S", "T"}, fact
        assert fact[2] == "T" or fact[1] not in {"", "–"}, fact


@pytest.mark.parametrize("name", NAMES)
def test_what_a_page_marks_as_untested_stands_in_its_part_of_that_name(
    name: str,
) -> None:
    part = untested(page(name))
    assert part
    for what, _, sure in rows(page(name)):
        assert sure != "T" or flat(what) in part, what


def test_an_ability_that_is_not_sure_has_a_row_that_says_so() -> None:
    for one in all_capabilities():
        told = [one.edits, one.deletes, one.numbers, one.video]
        if any(fact is not None and fact.sure == "T" for fact in told):
            assert "T" in {row[2] for row in rows(page(one.name))}, one.name


def test_every_mark_of_the_sandbox_is_told_on_a_page() -> None:
    assert set(marked()) == set(TOLD)


@pytest.mark.parametrize("clause", sorted(TOLD))
def test_what_the_sandbox_only_supposes_is_told_as_untested(clause: str) -> None:
    for name, phrase in TOLD[clause]:
        assert phrase in untested(page(name)), name


FORMS = '''"""Rules: S, others; T, not tested (ITU T.81).

- C one; T two of
  them. S three.
- T four (T: five); T six
"""
A = 1  # T: seven
B = 2  # T
C = "T no mark"
# eight is long, and
# goes on; T nine


def f() -> None:
    """Ten (T). C eleven."""
'''


def test_a_mark_is_seen_in_every_form_that_the_sandbox_writes() -> None:
    assert list(clauses(FORMS)) == [
        "two of them", "four", "five", "six", "seven", "B = 2", "nine", "Ten",
    ]  # fmt: skip
