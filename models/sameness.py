"""When a known identity is another article, and an unknown one a known article.

A guid is written by a program: some use one again for another article, some give all
their articles new ones on the day they change their software. Address, date and words
tell both. Cases: F17 and F18 of ``docs/failures.md``.
"""

import hashlib
import re
from typing import Protocol

from config.listening import numbers

_WORD = re.compile(r"\w+")


class Told(Protocol):
    """What is compared of an article, stored or just heard."""

    @property
    def url(self) -> str:
        """Its address, or nothing."""
        ...

    @property
    def title(self) -> str:
        """Plain text."""
        ...

    @property
    def text(self) -> str:
        """Plain text."""
        ...

    @property
    def published_raw(self) -> str:
        """Its date as the source wrote it."""
        ...

    @property
    def content_hash(self) -> str:
        """Of title and text."""
        ...


def is_another(known: Told, heard: Told) -> bool:
    """Whether an article under a known identity is not the one that was stored.

    Only with another address, no date in common, and hardly a word: an edited article
    keeps at least one of the three, and one that is taken for an edit hides the first.
    """
    if known.url == heard.url:
        return False
    if known.published_raw and known.published_raw == heard.published_raw:
        return False
    return _share(_words(known), _words(heard)) < numbers().alike


def print_of(article: Told) -> tuple[str, str, str]:
    """What two tellings of one article have in common whatever their guids are."""
    return article.url, article.content_hash, article.published_raw


def identity_apart(identity: str, url: str) -> str:
    """The identity of another article under a guid that is taken."""
    return f"{identity}~{hashlib.sha256(url.encode()).hexdigest()[:32]}"


def _words(article: Told) -> frozenset[str]:
    return frozenset(_WORD.findall(f"{article.title} {article.text}".casefold()))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0
