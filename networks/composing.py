"""How a text and its pictures go out together: the same for preview, count and send.

Some networks have no alt text, and some take less text beside a picture. What is not
sent is said to the author before approval; nothing is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from networks.capabilities import Capabilities, VideoAlt
from networks.counting import length


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands in public, and how long that is in the network's own units."""

    text: str
    pictures: bool  # whether the pictures go with it
    length: int
    longest: int

    @property
    def fits(self) -> bool:
        """Whether it may be posted as far as its length goes."""
        return self.length <= self.longest


def shape(
    text: str, alts: Sequence[str], known: Capabilities, *, video: bool = False
) -> Shape:
    """Put a text and the descriptions of its pictures into the form of a network.

    Where a picture leaves too little room and the text alone has enough, the text goes
    alone: one post of text, never a picture without its words.

    Args:
        text: as approved for the account.
        alts: one description a picture; empty without pictures.
        known: the account's abilities and limits.
        video: it is a video and no picture.
    """
    limit = known.text
    alone = Shape(text, False, length(text, limit), limit.longest)
    if not alts:
        return alone
    below = known.media.alt_in_text
    if video:
        below = known.video is not None and known.video.alt is VideoAlt.IN_TEXT
    whole = described(text, alts, "Video" if video else "Gambar") if below else text
    longest = limit.longest if limit.beside_picture is None else limit.beside_picture
    together = Shape(whole, True, length(whole, limit), longest)
    leaves_picture = limit.beside_picture is not None and not together.fits
    return alone if leaves_picture else together


def described(text: str, alts: Sequence[str], what: str = "Gambar") -> str:
    """The text with what its pictures show below it, for those who cannot see them."""
    said = [f"[{what}: {alt.strip()}]" for alt in alts if alt.strip()]
    return "\n\n".join(part for part in (text, "\n".join(said)) if part)
