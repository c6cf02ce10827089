"""What makes an article the same article: identity, content, and copied text.

New is decided by identity, never by a date. A store needs no more than the pair
(identity, content hash): an unknown identity is a new item, a known one with another
hash is a revision of it, and a known pair is nothing new.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import SplitResult, urlsplit, urlunsplit

SHORTEST_COPY = 40  # characters after normalising; shorter texts are alike by chance


@dataclass(frozen=True, slots=True)
class Article:
    """What identity is read from; texts are plain."""

    guid: str = ""
    link: str = ""
    title: str = ""
    text: str = ""


# ------------------------------------------------------------------ canonical URL

_TRACKERS = re.compile(
    r"(?:utm_\w*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|igsh|twclid"
    r"|mc_cid|mc_eid|_ga|_gl|at_medium|at_campaign|amp|outputtype)",
    re.ASCII | re.IGNORECASE,
)
_ARTICLE_AMP = frozenset({"", "1", "true", "amp"})  # ?amp, ?amp=1, ?outputType=amp
_DEFAULT_PORTS = {"http": 80, "https": 443}
_VARIANT_HOSTS = ("m.", "amp.")
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"\.amp(\.html?)?$", re.IGNORECASE)


def canonical_url(url: str) -> str:
    """The address of an article without what differs between ways to it.

    Scheme and host in lower case; default port, fragment, credentials, trackers,
    ``amp`` forms and an ``m.`` host are taken out; parameters that select the article
    stay as they are and in their order. Returns "" for what is no web address.
    """
    try:
        parts = urlsplit("".join(_AMPERSAND.sub("&", url).split()))
        port = parts.port
    except ValueError:
        return ""
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    host = _plain_host(parts.hostname.rstrip("."))
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _without_amp(parts.path) or "/"
    query = "&".join(p for p in parts.query.split("&") if p and not _tracks(p))
    return urlunsplit(SplitResult(scheme, host, path, query, ""))


def _plain_host(host: str) -> str:
    host = host.lower()
    for variant in _VARIANT_HOSTS:
        rest = host.removeprefix(variant)
        if rest != host and "." in rest:
            return rest
    return f"[{host}]" if ":" in host else host


def _without_amp(path: str) -> str:
    slash = "/" if path.endswith("/") else ""
    parts = path.strip("/").split("/")
    if len(parts) > 1 and parts[-1].lower() == "amp":
        parts.pop()
    elif len(parts) > 1 and parts[0].lower() == "amp":
        parts.pop(0)
    parts[-1] = _AMP_SUFFIX.sub(r"\1", parts[-1])
    return "/" + "/".join(parts) + (slash if parts != [""] else "")


def _tracks(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    if not _TRACKERS.fullmatch(name):
        return False
    return name.lower() not in {"amp", "outputtype"} or value.lower() in _ARTICLE_AMP


def url_key(url: str) -> str:
    """What is compared of an address: a move to https or a slash makes no new one."""
    canonical = canonical_url(url)
    if not canonical:
        return ""
    parts = urlsplit(canonical)
    path = parts.path.rstrip("/")
    return urlunsplit(("https", parts.netloc, path, parts.query, ""))


# ----------------------------------------------------------------------- identity

_URN = re.compile(r"(?:urn:[a-z0-9][a-z0-9-]{0,31}:|tag:[^,]+,\d{4}).+", re.IGNORECASE)
_UUID = re.compile(r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE)


_OF_WORDS = "text:"


def identify(articles: Sequence[Article], site: str = "") -> tuple[str, ...]:
    """The identity of each article of one feed, in its order.

    Args:
        articles: all entries of one feed.
        site: the link of the feed itself; an article that links there has no link.

    A guid counts only when it is a URL, a URN (or ``tag:``) or a UUID. Otherwise the
    canonical link is the identity, and where there is none the title with the text.

    What several different articles of one feed share identifies none of them: then
    guid and link together do, and in the last resort the title as well. All of them
    are treated alike, and not the first as the winner, so that a feed in another order
    gives the same identities. Entries that agree in all of it are one article.
    """
    keys = [_key(article, url_key(site)) for article in articles]
    exact = [(_link_part(a), _title_part(a)) for a in articles]
    shared = _shared(keys, exact)
    keys = [
        key if key not in shared else (*key, _link_part(article))
        for key, article in zip(keys, articles, strict=True)
    ]
    shared = _shared(keys, exact)
    keys = [
        key if key not in shared else (*key, _title_part(article))
        for key, article in zip(keys, articles, strict=True)
    ]
    return tuple(f"{key[0]}:{_digest(*key[1:])}" for key in keys)


_Key = tuple[str, ...]


def _shared(keys: Sequence[_Key], exact: Sequence[tuple[str, str]]) -> set[_Key]:
    """The keys that more than one article has."""
    distinct = set(zip(keys, exact, strict=True))
    return {k for k, count in Counter(key for key, _ in distinct).items() if count > 1}


def _key(article: Article, site: str) -> _Key:
    guid = article.guid.strip()
    address = url_key(guid)
    if _names_an_article(address, site):
        return ("url", address)
    if _URN.fullmatch(guid) or _UUID.fullmatch(guid):
        return ("guid", guid.strip("{}").lower() if _UUID.fullmatch(guid) else guid)
    link = url_key(article.link)
    if _names_an_article(link, site):
        return ("url", link)
    return ("text", _title_part(article), _folded(article.text))


def _names_an_article(address: str, site: str) -> bool:
    """Whether it is more than a site's front page or the feed's own link."""
    return bool(address) and address != site and urlsplit(address)[2:4] != ("", "")


def _link_part(article: Article) -> str:
    return url_key(article.link)


def _title_part(article: Article) -> str:
    return _folded(article.title)


def _folded(text: str) -> str:
    """Only case and spaces taken away: what tells two articles apart stays."""
    return _one_space(unicodedata.normalize("NFC", text).lower())


def _digest(*parts: str) -> str:
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def identity_of_words(identity: str, title: str, text: str, link: str) -> str:
    """An identity that is made of words, made anew of other words.

    One that is made of a guid or an address stays: words are no part of it.
    """
    if not identity.startswith(_OF_WORDS):
        return identity
    return _OF_WORDS + _digest(_folded(title), _folded(text), url_key(link))


# ------------------------------------------------------------------------ content


def content_hash(title: str, text: str) -> str:
    """Changes when an article says something else, not when its dress changes."""
    return _digest(_folded(title), normalise(text))


def text_fingerprint(text: str) -> str:
    """The same for every copy of one text, whatever outlet printed it.

    Returns "" for a text too short to be a copy of anything.
    """
    normal = normalise(text)
    return _digest(normal) if len(normal) >= SHORTEST_COPY else ""


_CAPITALISED = (
    r"(?:[A-Z][\w.'’/]*|[a-z][\w-]*\.(?:com|co|id|net|news|tv)\b[\w.]*"
    r"|\([^()\n]{1,40}\))"
)
# "BEKASI, KOMPAS.com - ", "Sukamaju (ANTARA) –", "TEMPO.CO, Jakarta - "; no digits
# that could be a date, and no more words than a place and an agency need.
_LEAD = re.compile(
    rf"\s*{_CAPITALISED}(?:[ ,|]+{_CAPITALISED}){{0,5}}\s*[,:]?\s*"
    r"(?:-{1,3}|–|—)+\s+(?=\S)"
)
_WORD = re.compile(r"[\w'’]+")
_AGENCY = re.compile(r"[(,|/]|\.(?:com|co|id|net|news|tv)\b", re.IGNORECASE)
_DAYS = frozenset(
    {"senin", "selasa", "rabu", "kamis", "jumat", "jum'at", "sabtu", "minggu"}
    | {"januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus"}
    | {"september", "oktober", "november", "desember"}
)
_HUMAS = re.compile(r"\(\s*humas\b[^()]{0,60}\)", re.IGNORECASE)
_SEE_ALSO_LINE = re.compile(
    r"\W{0,3}(?i:baca|simak|lihat)\s+(?i:juga|pula)\s*(?::|$|(?=[A-Z0-9\"“'])).{0,200}$"
)
_SEE_ALSO_INLINE = re.compile(
    r"[(\[]?\b(?:baca|simak|lihat)\s+(?:juga|pula)\s*:[^\n.!?]*[.!?)\]]*", re.IGNORECASE
)
_SHARES = re.compile(
    r"(?:^|(?<=[.!?\n)\]]))\s*(?:"
    r"bagikan(?:\s+(?:ke|di|berita|artikel|tulisan|ini)\b|\s*:|\s*$)"
    r"|share(?:\s+(?:this|on|to)\b|\s*:|\s*$)"
    r"|(?:ikuti|dapatkan|follow)\s+(?:kami|berita|update|us)\b"
    r"|(?:baca|lihat)\s+selengkapnya|selengkapnya\s*[.…>»]*\s*$|read\s+more"
    r"|(?:pewarta|reporter|penulis|editor)\s*:|copyright\s*(?:©|\(c\))"
    r"|continue\s+reading|the\s+post\b.{0,300}\bappeared\s+first\s+on)"
    r".{0,400}\Z",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(  # "[...]", "(red)", "(ant/ayu)", "***"
    r"(?:\s*(?:\[?(?:…|\.\.\.)\]?|\*{2,}"
    r"|\((?:\*+|red(?:aksi)?|ant|hms|[a-z]{2,5}(?:/[a-z]{2,5}){1,3})\)))+\s*\Z",
    re.IGNORECASE,
)


def normalise(text: str) -> str:
    """Text for comparison: NFC, lower case, one space, without what outlets add.

    City and agency leads, "(Humas)", "Baca juga" blocks and trailing invitations to
    share go; numbers, amounts, places and dates in the text stay.
    """
    text = unicodedata.normalize("NFC", unescape(text))
    lines = [line for line in map(_one_space, text.splitlines()) if line]
    kept = [line for line in lines if not _SEE_ALSO_LINE.match(line)]
    text = _SEE_ALSO_INLINE.sub(" ", "\n".join(kept))
    text = _HUMAS.sub(" ", text)
    text = _TAIL.sub("", _SHARES.sub("", text.strip()))
    lead = _LEAD.match(text)
    if lead and _is_lead(lead[0]):
        text = text[lead.end() :]
    return _one_space(text.lower())


def _is_lead(start: str) -> bool:
    """A place or an agency, not the head of a notice that has its day or town there.

    "Jadwal SIM Keliling Selasa - …" and "SIM Keliling Polsek Mekarasih - …" are said
    anew each day and for each town.
    """
    words = _WORD.findall(start)
    if any(word.lower() in _DAYS for word in words):
        return False
    return len(words) == 1 or start.isupper() or bool(_AGENCY.search(start))


def _one_space(text: str) -> str:
    return " ".join(text.split())
