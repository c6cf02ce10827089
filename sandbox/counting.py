"""Lengths and links as X counts them, by twitter-text.

The library compiles its expressions for half a second when it is first imported, so it
is imported when first used, and the site warms it up while it already answers.
"""

import warnings
from collections.abc import Iterator

# The library reads its own data by pkg_resources. For good, not only around the import:
# a thread imports it, and the filters belong to all threads.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")


def fits_x(text: str) -> bool:
    """Whether a text is one that X takes: at most 280 weighted characters."""
    from twitter_text import parse_tweet

    return bool(parse_tweet(text).valid)


def links(text: str) -> Iterator[tuple[str, int, int]]:
    """Each address in a text with its start and end, also without a scheme."""
    from twitter_text import extract_urls_with_indices

    for found in extract_urls_with_indices(text):
        start, end = found["indices"]
        yield found["url"], start, end


def warm_up() -> None:
    """Import the library now."""
    fits_x("")
