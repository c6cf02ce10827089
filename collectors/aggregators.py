"""Links of news aggregators that hold the address of the article itself.

Read from the link alone; nobody is asked. Since 2024 most links of Google News hold a
token that only Google can open (https://github.com/DIYgod/RSSHub/issues/17412);
such a link is kept as it is, so that nothing is claimed that was not seen.
"""

import base64
import binascii
import re
from urllib.parse import parse_qs, urlsplit

_LONGEST = 4_096
_NEWS = frozenset({"news.google.com"})
_ARTICLE = re.compile(r"/(?:rss/)?(?:articles|read)/([\w-]{20,})")
_AMP = re.compile(r"/(?:amp|c|v)/(s/)?([\w.-]+\.[a-z]{2,}/.*)")
_ADDRESS = re.compile(rb"https?://[\x21-\x7e]{4,2000}")
_WRAPPED = {  # host: (path, parameter)
    "www.google.com": ("/url", ("url", "q")),
    "google.com": ("/url", ("url", "q")),
    "www.bing.com": ("/news/apiclick.aspx", ("url",)),
}


def direct(link: str) -> str:
    """The address of the article behind an aggregator's link, or "".

    "" for a link that is none of an aggregator's, or that does not hold the address.
    """
    if len(link) > _LONGEST:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if host in _NEWS:
        found = _ARTICLE.match(parts.path)
        return _web(_inside(found[1])) if found else ""
    if _AMP.fullmatch(parts.path):
        return _of_a_cache(host, parts.path)
    path, names = _WRAPPED.get(host, ("", ()))
    if not names or parts.path != path:
        return ""
    query = parse_qs(parts.query)
    return next((_web(query[name][0]) for name in names if name in query), "")


def _of_a_cache(host: str, path: str) -> str:
    """The article behind a copy of it in a cache of AMP pages."""
    found = _AMP.fullmatch(path)
    if found and (host == "www.google.com" or host.endswith(".cdn.ampproject.org")):
        return _web(f"http{'s' if found[1] else ''}://{found[2]}")
    return ""


def _inside(token: str) -> str:
    """The first address in a token of the old form: bytes 08 13 22, length, address."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return ""
    if not raw.startswith(b"\x08\x13\x22"):
        return ""
    length, start = raw[3], 4
    if length >= 0x80 and len(raw) > 4:  # a number of two bytes, seven bits each
        length, start = (length & 0x7F) | raw[4] << 7, 5
    address = raw[start : start + length]
    if len(address) != length or not _ADDRESS.fullmatch(address):
        return ""
    return address.decode("ascii")


def _web(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""
