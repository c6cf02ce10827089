"""How long a text is for a network: never ``len()``.

Weighted: https://docs.x.com/fundamentals/counting-characters (seen 2026-08-22), by
the library twitter-text-parser. Graphemes: Mastodon's ``StatusLengthValidator``
(https://github.com/mastodon/mastodon, seen 2026-07-02).
"""

import unicodedata
import warnings
from collections import Counter
from functools import lru_cache

import regex

from models.errors import Refused
from models.problems import Problem
from networks.capabilities import CountBy, TextLimit

with warnings.catch_warnings():  # the library reads its own data by pkg_resources
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    from twitter_text import extract_emojis_with_indices, extract_urls_with_indices
    from twitter_text import parse_tweet as parse_post

# Addresses are looked for in this much text. What is longer is far beyond any limit of
# a post, and the search takes quadratic time on long chains of dots.
_SEARCHED = 4_000
_MOST_DOTS = 40  # in one piece between slashes; no host name has so many
_OF_EQUAL_WEIGHT = ","
_LINE_END = regex.compile(r"\r\n?")
_BLANKS = regex.compile(r"(\s+)")
_ADDRESS = regex.compile(r"https?://\S+", regex.IGNORECASE)
_REMOTE_MENTION = regex.compile(
    r"(?<![=/\w])@([a-z0-9_](?:[a-z0-9_.-]{0,126}[a-z0-9_])?)@\w+(?:[.-]+\w+)*+",
    regex.IGNORECASE,
)
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")


def length(text: str, limit: TextLimit) -> int:
    """Return the length of ``text`` in the units of ``limit``.

    Where bytes are limited too, it is the larger share of both: one number tells how
    much room is left.
    """
    if limit.count_by is CountBy.WEIGHTED:
        return _weighted(text, limit.url_cost)
    if limit.count_by is CountBy.UTF16:
        return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
    if limit.count_by is CountBy.EMOJI_BYTES:
        return sum(_letters_or_bytes(one) for one in _GRAPHEME.findall(text))
    return max(_graphemes(text, limit), _share_of_bytes(text, limit))


def fits(text: str, limit: TextLimit) -> bool:
    """Whether ``text`` may be posted as far as its length goes."""
    return length(text, limit) <= limit.longest


def must_fit(text: str, limit: TextLimit) -> None:
    """Refuse what is too long before it is sent; the limit may be another one by now.

    Raises:
        Refused: ``TEXT_TOO_LONG``; nothing was sent.
    """
    counted = length(text, limit)
    if counted > limit.longest:
        raise Refused(Problem.TEXT_TOO_LONG, f"{counted} of {limit.longest}")


def addresses(text: str) -> list[str]:
    """Return what X takes for a URL in ``text``, bare domains included."""
    return [
        found["url"]
        for piece in _BLANKS.split(text[:_SEARCHED])
        if "." in piece
        for found in extract_urls_with_indices(_searchable(piece))
    ]


def _weighted(text: str, url_cost: int) -> int:
    """Count piece by piece: neither addresses nor emoji reach over a blank."""
    plain = unicodedata.normalize("NFC", _LINE_END.sub("\n", text))
    pieces = _BLANKS.split(plain[:_SEARCHED])
    counted = sum(_weight_of_piece(piece, url_cost) for piece in pieces)
    return counted + _weight_without_addresses(plain[_SEARCHED:])


@lru_cache(maxsize=4_096)
def _weight_of_piece(piece: str, url_cost: int) -> int:
    if "." not in piece:
        return _weight_without_addresses(piece)
    searchable = _searchable(piece)
    weight = 0
    end = 0
    for found in extract_urls_with_indices(searchable):
        start, stop = found["indices"]
        weight += url_cost + _weight_without_addresses(searchable[end:start])
        end = stop
    return weight + _weight_without_addresses(searchable[end:])


def _weight_without_addresses(text: str) -> int:
    emoji = [] if text.isascii() else extract_emojis_with_indices(text)
    letters = Counter(text)
    for found in emoji:
        letters.subtract(found["emoji"])
    return 2 * len(emoji) + sum(n * _weight_of_letter(c) for c, n in letters.items())


@lru_cache(maxsize=4_096)
def _weight_of_letter(letter: str) -> int:
    return int(parse_post(letter).weightedLength)


def _searchable(piece: str) -> str:
    """Take the dots out of what cannot be an address, at equal weight."""
    return "/".join(
        part if part.count(".") <= _MOST_DOTS else part.replace(".", _OF_EQUAL_WEIGHT)
        for part in piece.split("/")
    )


def _letters_or_bytes(grapheme: str) -> int:
    """An emoji counts its UTF-8 bytes, anything else its letters."""
    if grapheme.isascii() or not _EMOJI.search(grapheme):
        return len(grapheme)
    return len(grapheme.encode(errors="surrogatepass"))


def _share_of_bytes(text: str, limit: TextLimit) -> int:
    """Bytes in units of ``longest``, rounded up: too many are too long either way."""
    if not limit.most_bytes:
        return 0
    return -(-len(text.encode()) * limit.longest // limit.most_bytes)


def _graphemes(text: str, limit: TextLimit) -> int:
    placeholder = "x" * limit.url_cost
    plain = text
    if limit.url_cost:
        plain = _ADDRESS.sub(lambda found: _shortened(found[0], placeholder), text)
    if limit.mentions_by_user_part:
        plain = _REMOTE_MENTION.sub(r"@\1", plain)
    return sum(1 for _ in _GRAPHEME.finditer(plain))


@lru_cache(maxsize=4_096)
def _shortened(piece: str, placeholder: str) -> str:
    """Replace the address that ``piece`` starts with; punctuation after it stays."""
    searchable = _searchable(piece[:_SEARCHED])
    for found in extract_urls_with_indices(searchable):
        start, stop = found["indices"]
        if start == 0:
            return placeholder + piece[stop:]
    return piece
