"""The query language of X's recent search, as far as a station needs it.

Known: words, ``"phrases"``, ``#tag``, ``@handle``, ``from:``, ``to:``, ``lang:``,
``conversation_id:``, ``is:reply``, ``is:retweet``, ``is:quote``, ``has:media``,
``has:links``, ``-`` before any of them, ``OR`` and parentheses.
"""

import re
from collections.abc import Callable

from sandbox.store import Post, Store

Fits = Callable[[Post], bool]
_TOKEN = re.compile(r'-?"[^"]*"|-?\(|\)|[^\s()]+')


class BadQuery(ValueError):
    """The query cannot be read; the message is X's own kind of sentence."""


def parse_query(query: str, store: Store) -> Fits:
    """Turn a query into a test of one post.

    Raises:
        BadQuery: empty, too long, or not well formed.
    """
    if not query.strip():
        raise BadQuery("The `query` query parameter can not be empty")
    if len(query) > 4096:
        raise BadQuery("The `query` query parameter is longer than 4096 characters")
    tokens = _TOKEN.findall(query)
    fits = _any_of(tokens, store)
    if tokens:
        raise BadQuery(f"There were errors processing your request: at '{tokens[0]}'")
    return fits


def _any_of(tokens: list[str], store: Store) -> Fits:
    choices = [_all_of(tokens, store)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        choices.append(_all_of(tokens, store))
    return lambda post: any(fits(post) for fits in choices)


def _all_of(tokens: list[str], store: Store) -> Fits:
    needed: list[Fits] = []
    while tokens and tokens[0] not in (")", "OR"):
        token = tokens.pop(0)
        negated = token.startswith("-") and len(token) > 1
        bare = token[1:] if negated else token
        if bare == "(":
            fits = _any_of(tokens, store)
            if not tokens or tokens.pop(0) != ")":
                raise BadQuery("There were errors processing your request: missing ')'")
        else:
            fits = _term(bare, store)
        needed.append(_not(fits) if negated else fits)
    if not needed:
        raise BadQuery("There were errors processing your request: missing term")
    return lambda post: all(fits(post) for fits in needed)


def _not(fits: Fits) -> Fits:
    return lambda post: not fits(post)


def _term(term: str, store: Store) -> Fits:
    name, colon, value = term.partition(":")
    if colon and name.isalpha() and not value.startswith("//"):
        return _operator(name, value, store)
    if term.startswith("#"):
        return lambda post: _folded(term[1:]) in map(_folded, post.tags)
    if term.startswith("@"):
        return lambda post: _account(term, store, post) in post.mentions
    words = _folded(term.strip('"'))
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    return lambda post: bool(pattern.search(_folded(post.prefix + post.text)))


def _operator(name: str, value: str, store: Store) -> Fits:
    tests: dict[str, Fits] = {
        "from": lambda post: post.author_id == _account(value, store, post),
        "to": lambda post: post.reply_author_id == _account(value, store, post),
        "lang": lambda post: post.draft.language == value,
        "conversation_id": lambda post: str(post.conversation_id) == value,
    }
    flags: dict[tuple[str, str], Fits] = {
        ("is", "reply"): lambda post: post.draft.reply_to is not None,
        ("is", "retweet"): lambda _: False,
        ("is", "quote"): lambda _: False,
        ("has", "media"): lambda post: bool(post.media_ids),
        ("has", "links"): lambda post: "://" in post.text,
    }
    fits = tests.get(name) or flags.get((name, value))
    if fits is None or not value:
        raise BadQuery(f"There were errors processing your request: '{name}:{value}'")
    return fits


def _account(handle: str, store: Store, post: Post) -> int | None:
    found = store.find_account(post.network, handle)
    return found.id if found else None


def _folded(text: str) -> str:
    return text.casefold()
