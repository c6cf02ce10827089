"""What changed between two contents: nothing missed, nothing invented."""

import time
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.approval import Content, Part
from models.changes import FACTS, FactChange, Mark, Run, between, words
from models.words import FACTS as NAMES
from tests.conftest import NOW

CONTENT = Content(
    title="SIM keliling",
    category="umum",
    parts=(
        Part(1, "x", "humas", "SIM keliling di Pasar Mekarasih, 08.00 WIB."),
        Part(2, "mastodon", "humas", "Satu. Dua.", ("Satu.", "Dua.")),
    ),
    media_sha256="",
    alt_text="",
    publish_at=NOW,
    not_after=None,
)
TEXTS = st.text("ab \n.", max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_what_changed(before: str, after: str) -> None:
    runs = words(before, after)
    assert before == "".join(r.text for r in runs if r.mark is not Mark.ADDED)
    assert after == "".join(r.text for r in runs if r.mark is not Mark.REMOVED)
    assert all(run.text for run in runs)
    assert (before == after) == all(run.mark is Mark.SAME for run in runs)


def test_one_letter_marks_its_word_and_no_other() -> None:
    assert words("Buka pukul 08.00 WIB.", "Buka pukul 09.00 WIB.") == (
        Run(Mark.SAME, "Buka pukul "),
        Run(Mark.REMOVED, "08.00"),
        Run(Mark.ADDED, "09.00"),
        Run(Mark.SAME, " WIB."),
    )


def test_words_that_changed_side_by_side_are_one_change() -> None:
    assert words("di Pasar Lama hari ini", "di Lapangan Baru hari ini") == (
        Run(Mark.SAME, "di "),
        Run(Mark.REMOVED, "Pasar Lama"),
        Run(Mark.ADDED, "Lapangan Baru"),
        Run(Mark.SAME, " hari ini"),
    )


def test_what_stayed_is_not_shown_and_every_other_thing_is() -> None:
    assert not between(CONTENT, CONTENT)
    other = replace(
        CONTENT,
        parts=(
            replace(CONTENT.parts[0], text="SIM keliling di Lapangan, 08.00 WIB."),
            Part(3, "telegram", "kanal", "Baru."),
        ),
        media_sha256="f" * 64,
        alt_text="Mobil SIM keliling",
        publish_at=NOW + timedelta(hours=1),
        letter_number="B/12/XI/2026",
    )
    found = between(CONTENT, other)
    assert [(one.account_id, one.mark) for one in found.parts] == [
        (1, Mark.CHANGED),
        (2, Mark.REMOVED),
        (3, Mark.ADDED),
    ]
    assert found.parts[1].runs == (Run(Mark.REMOVED, "Satu.\n\nDua."),)
    assert found.facts == (
        FactChange("letter_number", "", "B/12/XI/2026"),
        FactChange("publish_at", NOW, NOW + timedelta(hours=1)),
        FactChange("media_sha256", "", "f" * 64),
        FactChange("alt_text", "", "Mobil SIM keliling"),
    )


def test_another_split_of_the_same_words_is_a_change() -> None:
    other = replace(CONTENT.parts[1], thread=("Satu. Dua.",))
    found = between(CONTENT, replace(CONTENT, parts=(CONTENT.parts[0], other)))
    assert [one.account_id for one in found.parts] == [2]


def test_everything_that_is_hashed_is_compared_and_has_a_name() -> None:
    fields = set(Content.__slots__) - {"parts"}
    assert fields == set(FACTS) == set(NAMES)


@given(
    st.text(max_size=30),
    st.one_of(st.none(), st.datetimes().map(lambda at: at.replace(tzinfo=NOW.tzinfo))),
    st.text("B/0123XI", max_size=20),
)
def test_a_content_is_read_back_with_its_hash(
    text: str, at: object, number: str
) -> None:
    content = replace(
        CONTENT,
        parts=(replace(CONTENT.parts[0], text=text), CONTENT.parts[1]),
        publish_at=at,
        letter_number=number,
    )  # type: ignore[arg-type]
    kept = Content.read(content.canonical.decode("utf-8", "surrogatepass"))
    assert kept.hash == content.hash


def test_without_a_letter_number_an_old_hash_stands() -> None:
    assert b"letter_number" not in CONTENT.canonical
    numbered = replace(CONTENT, letter_number="B/12/XI/2026")
    assert numbered.hash != CONTENT.hash


def test_long_texts_are_compared_in_time() -> None:
    text = " ".join(f"kata{n % 500}" for n in range(3_300))  # about 20,000 letters
    began = time.process_time()
    words(text, text.replace("kata7 ", "lain ").replace("kata99 ", ""))
    assert time.process_time() - began < 5
