"""The crash bench's own judgement: each kind of harm is seen, and nothing else."""

from dataclasses import replace

import pytest

from bench.crash_count import Public, Said, Stood, count

SAID = Said(7, 1, "mastodon", [("lama",), ("satu", "dua")], pictured=True)
FIRST = Stood("mastodon", "satu", pictures=1, remote_id="10")
SECOND = Stood("mastodon", "dua", remote_id="11", answers="10")


def wrong(*stood: Stood) -> list[str]:
    return [each.partition(":")[0] for each in count([SAID], Public(stood)).wrong]


def test_what_stands_as_it_was_approved_is_clean() -> None:
    assert count([SAID], Public([FIRST, SECOND])).clean


@pytest.mark.parametrize(
    ("kind", "stood"),
    [
        ("lost", [FIRST]),
        ("doubled", [FIRST, SECOND, SECOND]),
        ("bare", [replace(FIRST, pictures=0), SECOND]),
        ("loose", [FIRST, replace(SECOND, answers="9")]),
        ("stale", [FIRST, SECOND, Stood("mastodon", "lama")]),
        ("lost", [FIRST, replace(SECOND, network="x")]),
    ],
)
def test_every_harm_is_named(kind: str, stood: list[Stood]) -> None:
    assert wrong(*stood) == [kind]
    assert not count([SAID], Public(stood)).clean


def test_a_letter_counts_for_each_of_its_recipients() -> None:
    said = Said(1, 1, "mail", [("isi",)], recipients=("a@x.example", "b@x.example"))
    found = count([said], Public([Stood("mail", "isi", to="a@x.example")]))
    assert (found.posts, found.lost) == (2, 1)
