"""Which contacts stay in what comes in from outside."""

from functools import lru_cache

from models.guard import Own
from pipeline.unit import Work


def contacts_that_stay(work: Work) -> Own:
    """The public contacts of all offices together; those of public bodies stay anyhow.

    A document is stored once for all offices, so a telephone that one of them lists
    stays for every reader, and all make the same hashes of the same words.
    """
    return _read(work.offices.public_contacts())


@lru_cache(maxsize=8)
def _read(lines: str) -> Own:
    return Own.of(lines)
