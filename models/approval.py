"""What an approval is bound to: a hash of everything that would go out."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Part:
    """The announcement on one account, as the public would read it."""

    account_id: int
    network: str
    handle: str
    text: str
    thread: tuple[str, ...] = ()  # its parts, where it is too long for one post

    @property
    def posts(self) -> tuple[str, ...]:
        """What goes out, in order."""
        return self.thread or (self.text,)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything an approver looks at; one changed byte is another content."""

    title: str
    category: str
    parts: tuple[Part, ...]  # by account_id
    media_sha256: str  # empty without a picture
    alt_text: str
    publish_at: datetime | None
    not_after: datetime | None
    corrects: int | None = None  # another announcement, which it answers in public
    letter_number: str = ""  # nomor surat
    emergency: str = ""  # template and fields, where it is of the emergency lane

    @property
    def hash(self) -> str:
        """SHA-256 of :attr:`canonical`, hex."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def canonical(self) -> bytes:
        """The bytes that are approved: JSON with sorted keys and no spaces, UTF-8."""
        plain = asdict(self)
        for moment in ("publish_at", "not_after"):
            at = plain[moment]
            plain[moment] = at.timestamp() if at else None
        for part in plain["parts"]:
            if not part["thread"]:
                del part["thread"]  # a single post keeps the hash it always had
        if self.corrects is None:
            del plain["corrects"]  # likewise
        if not self.letter_number:
            del plain["letter_number"]  # likewise
        if not self.emergency:
            del plain["emergency"]  # likewise
        canonical = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return canonical.encode("utf-8", "surrogatepass")

    @classmethod
    def read(cls, canonical: str) -> "Content":
        """The content of :attr:`canonical`, with the same hash.

        Raises:
            ValueError, KeyError: it is none.
        """
        plain = json.loads(canonical)
        for moment in ("publish_at", "not_after"):
            at = plain[moment]
            plain[moment] = None if at is None else datetime.fromtimestamp(at, UTC)
        plain["parts"] = tuple(
            Part(**{**part, "thread": tuple(part.get("thread", ()))})
            for part in plain["parts"]
        )
        return cls(**plain)
