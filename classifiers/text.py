"""Splitting and folding of social text: the same words for training and for reading."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_TOKEN = re.compile(r"https?://\S+|www\.\S+|@\w+|\w+|[^\w\s]", re.IGNORECASE)
_LENGTHENED = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"[^\W\d_]{3,}2")
_SILENT = frozenset("\u200b\u200c\u200d\ufe0e\ufe0f\0")


class Word(NamedTuple):
    """One word of a text: ``text[start:end]``, and the form it is read as."""

    start: int
    end: int
    form: str


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    path = files("config") / "data" / "slang.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return data["words"], data["emoji"]


def words(text: str) -> list[Word]:
    """Split ``text`` into words with their places; what is silent is left out."""
    found = []
    for match in _TOKEN.finditer(text):
        for form in _forms(match.group()):
            found.append(Word(match.start(), match.end(), form))  # noqa: PERF401
    return found


def fold(text: str) -> str:
    """Return ``text`` as the models read it: folded words, one blank apart."""
    return " ".join([word.form for word in words(text)])


@lru_cache(maxsize=65_536)
def _forms(token: str) -> tuple[str, ...]:
    """Fold one token to the words it is read as; none where it is silent."""
    return tuple(fold_token(token).split())


def fold_token(token: str) -> str:
    """Fold one token: links and handles masked, letters shortened, slang replaced."""
    if len(token) > 40:  # no word of the language; also keeps the cache small
        token = token[:40]
    slang, emoji = _tables()
    if token.startswith("@") and len(token) > 1:
        return "@user"
    if token in _SILENT:
        return ""
    if token in emoji:
        return emoji[token]
    low = token.lower()
    if low.startswith(("http:", "https:", "www.")):
        return "http"
    low = _LENGTHENED.sub(r"\1", low)
    if _DOUBLED.fullmatch(low):
        low = low[:-1]
    return slang.get(low, low)
