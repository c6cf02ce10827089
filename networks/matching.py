"""Whether a post found on a network is the one we may have sent."""

import re
import unicodedata

_SCHEME = re.compile(r"https?://")
_SLASH_AT_END = re.compile(r"/(?=\s|$)")
_REMOTE_MENTION = re.compile(r"(?<![\w/])(@\w[\w.-]*)@[\w-]+(?:\.[\w-]+)+")
_LEADING_MENTIONS = re.compile(r"(?:@\w+\s+)+")


def same_text(sent: str, found: str, *, is_reply: bool) -> bool:
    """Whether two texts are one, after what networks do to a text.

    They compose letters (NFC), fold blanks, add a scheme to bare domains, show remote
    mentions by their user part, and put the addressees before a reply.
    """
    ours, theirs = _folded(sent), _folded(found)
    if ours == theirs:
        return True
    return is_reply and _unaddressed(ours) == _unaddressed(theirs)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    plain = _REMOTE_MENTION.sub(r"\1", _SCHEME.sub("", plain))
    return " ".join(_SLASH_AT_END.sub("", plain).split()).casefold()


def _unaddressed(text: str) -> str:
    addressed = _LEADING_MENTIONS.match(text)
    return text[addressed.end() :] if addressed else text
