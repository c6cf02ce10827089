"""Authors as salted pseudonyms: two texts of one writer meet, the writer stays unnamed.

The salt is an office's own, so that two offices cannot join what they know of a person
(UU 27/2022: no profile per citizen).
"""

import hashlib
import hmac

LENGTH = 16  # hex digits, 64 bits


def bare_handle(handle: str) -> str:
    """A handle as it is compared: no leading ``@``, no case."""
    return handle.strip().lstrip("@").strip().casefold()


def pseudonym(salt: str, network: str, handle: str) -> str:
    """16 hex digits that stand for one author on one network; "" for no author."""
    bare = bare_handle(handle)
    if not bare:
        return ""
    said = f"{network}\n{bare}".encode("utf-8", "surrogatepass")
    return hmac.new(salt.encode(), said, hashlib.sha256).hexdigest()[:LENGTH]


def is_own(author: str, handle: str, base_url: str = "") -> bool:
    """Whether ``author`` is the account itself.

    An instance names its own people without the host, and others with it:
    ``humas`` and ``humas@sosial.contoh`` are one on ``https://sosial.contoh``.
    """
    host = base_url.partition("://")[2].strip("/").casefold()
    return bool(author.strip()) and _local(author, host) == _local(handle, host)


def _local(handle: str, host: str) -> str:
    bare = bare_handle(handle)
    name, _, its_host = bare.partition("@")
    return name if its_host and its_host == host else bare
