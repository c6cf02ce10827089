"""What a query means, written once more: slowly, and in another way.

A text is a list of words. A phrase is looked for at every word, two that are near by
every pair. Nothing here knows an index, a limit or an offset.
"""

import re
import unicodedata
from itertools import product

from models.query import And, Field, In, Meta, Near, Not, Or, Phrase, Query


def words_of(text: str) -> list[str]:
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )
    return [word.casefold() for word in re.findall(r"[^\W_]+", plain)]


def answers(query: Query, title: str, text: str, network: str, host: str) -> bool:
    texts = {Field.TITLE: words_of(title), Field.TEXT: words_of(text)}
    return _true(query, texts, network, host)


def _true(query: Query, texts: dict[Field, list[str]], network: str, host: str) -> bool:
    if isinstance(query, And):
        return all(_true(part, texts, network, host) for part in query.parts)
    if isinstance(query, Or):
        return any(_true(part, texts, network, host) for part in query.parts)
    if isinstance(query, Not):
        return not _true(query.part, texts, network, host)
    if isinstance(query, In):
        only = {one: words for one, words in texts.items() if one is query.field}
        return bool(only) and _true(query.part, only, network, host)
    if isinstance(query, Meta):
        if query.field is Field.NETWORK:
            return network == query.value
        return host == query.value or host.endswith("." + query.value)
    return any(places(query, words) for words in texts.values())


def places(query: Query, words: list[str]) -> set[tuple[int, int]]:
    if isinstance(query, Or):
        return set().union(*(places(part, words) for part in query.parts))
    if isinstance(query, Near):
        pairs = product(places(query.left, words), places(query.right, words))
        return {
            (min(a[0], b[0]), max(a[1], b[1]))
            for a, b in pairs
            if 0 <= max(a[0], b[0]) - min(a[1], b[1]) - 1 <= query.most
        }
    assert isinstance(query, Phrase)
    size = len(query.words)
    return {
        (at, at + size - 1)
        for at in range(len(words) - size + 1)
        if _same(query, words[at : at + size])
    }


def _same(phrase: Phrase, there: list[str]) -> bool:
    *first, last = phrase.words
    ends = there[-1].startswith(last) if phrase.prefix else there[-1] == last
    return there[:-1] == first and ends
