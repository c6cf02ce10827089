"""Lists of feeds as other readers write and read them: OPML 2.0.

http://opml.org/spec2.opml. What comes in is hostile until it is read: a document type
is refused, and with it every entity; size, depth and number of rows are bounded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from config.words import N_
from models.errors import InvalidInput

MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 10_000
DEEPEST = 50  # outlines inside each other
LONGEST_TEXT = 200
_NOT_XML = "".join(chr(n) for n in range(32) if n not in (9, 10, 13)) + "\ufffe\uffff"
_WITHOUT = str.maketrans(dict.fromkeys(_NOT_XML, None))


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list.

    Attributes:
        number: of the row among the feeds of the file, from 1.
        label: its name, maybe empty.
        url: as written; nothing is known of it. Empty: the row has none.
    """

    number: int
    label: str
    url: str
    site_url: str = ""


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """The feeds of a file in its order; folders are opened, not kept.

    Raises:
        InvalidInput: it is no OPML, is too large, or declares a document type.
    """
    if len(body) > MOST_BYTES:
        raise InvalidInput(N_("Berkas daftar sumber paling besar 4 MB."), "berkas")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = False
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise InvalidInput(UNREADABLE, "berkas") from None
    if not reader.is_opml:
        raise InvalidInput(UNREADABLE, "berkas")
    return tuple(reader.found)


UNREADABLE = N_(
    "Berkas ini tidak dapat dibaca sebagai OPML. Tidak ada yang diimpor. "
    "Ekspor lagi dari pembaca umpan Anda, lalu kirim berkasnya."
)


def _refuse_doctype(*_declared: object) -> None:
    raise InvalidInput(
        N_("Berkas ini memuat DOCTYPE dan tidak dibaca. Hapus baris itu dulu."),
        "berkas",
    )


class _Reader:
    """Takes the outlines out of the events of the parser."""

    def __init__(self) -> None:
        self.found: list[Outline] = []
        self.is_opml = False
        self._open: list[tuple[str, dict[str, str], bool]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.lower()
        if not self._open:
            self.is_opml = tag == "opml"
        if len(self._open) > DEEPEST:
            raise InvalidInput(N_("Folder di berkas ini terlalu dalam."), "berkas")
        said = {key.lower(): value for key, value in attributes.items()}
        if tag == "outline" and self._open:
            outer, kept, _ = self._open[-1]
            self._open[-1] = (outer, kept, True)
        if tag == "outline" and said.get("xmlurl", "").strip():
            self._add(said)
        self._open.append((tag, said, False))

    def end(self, _name: str) -> None:
        tag, said, has_inside = self._open.pop()
        without = tag == "outline" and not said.get("xmlurl", "").strip()
        if without and not has_inside:  # neither a feed nor a folder
            self._add(said)

    def _add(self, said: dict[str, str]) -> None:
        if len(self.found) == MOST_ROWS:
            raise InvalidInput(
                N_("Berkas ini memuat lebih dari 10.000 sumber. Bagi berkasnya."),
                "berkas",
            )
        label = said.get("title", "").strip() or said.get("text", "").strip()
        self.found.append(
            Outline(
                len(self.found) + 1,
                " ".join(label.split())[:LONGEST_TEXT],
                said.get("xmlurl", "").strip(),
                said.get("htmlurl", "").strip(),
            )
        )


def write_opml(title: str, made_at: datetime, outlines: Iterable[Outline]) -> bytes:
    """A list that every feed reader takes; UTF-8.

    Args:
        title: of the list.
        made_at: aware.
        outlines: addresses must hold no login.
    """
    rows = "".join(
        f"    <outline type={_said('rss')} text={_said(one.label or one.url)}"
        f" title={_said(one.label or one.url)} xmlUrl={_said(one.url)}"
        + (f" htmlUrl={_said(one.site_url)}" if one.site_url else "")
        + "/>\n"
        for one in outlines
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n'
        f"    <title>{_said(title)[1:-1]}</title>\n"
        f"    <dateCreated>{format_datetime(made_at)}</dateCreated>\n"
        f"  </head>\n  <body>\n{rows}  </body>\n</opml>\n"
    )
    return text.encode("utf-8", errors="replace")


def _said(text: str) -> str:
    """Between quotes, without what no XML may hold; always double quotes."""
    return quoteattr(text.translate(_WITHOUT) + "'")[:-2] + '"'
