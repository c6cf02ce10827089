"""The address that a page gives itself, where it may be believed.

``rel=canonical`` and ``og:url`` are believed on the same site only: a page that names
another site's article would otherwise take its place.
"""

from urllib.parse import urlsplit

from collectors.identity import canonical_url

_SECOND = frozenset(  # labels below which sites of Indonesia and others begin
    "ac co com desa edu go gov mil my net or org ponpes sch web biz".split()  # noqa: SIM905
)


def own_address(asked: str, canonical: str, og_url: str) -> str:
    """The article's address as its page has it, else the address that was asked.

    A front page is nobody's article, whoever names it.
    """
    here = canonical_url(asked)
    for named in (canonical, og_url):
        found = canonical_url(named)
        if found and same_site(here, found) and _names_an_article(found):
            return found
    return here


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one registered name ("warta.co.id")."""
    first, second = _site(one), _site(other)
    return bool(first) and first == second


def _site(url: str) -> str:
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host or len(labels) < 2:
        return host  # an address of the network, or a bare name
    second = len(labels[-1]) == 2 and labels[-2] in _SECOND
    return ".".join(labels[-3:] if second else labels[-2:])


def _names_an_article(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path not in {"", "/"} or bool(parts.query)
