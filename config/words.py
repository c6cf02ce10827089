"""The languages of the screens: Indonesian is the message, English its translation."""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "locale"
DOMAIN = "kentongan"
DEFAULT = "id"
LANGUAGES: dict[str, str] = {"id": "Indonesia", "en": "English"}


def N_(message: str) -> str:  # noqa: N802 - the conventional marker for extraction
    """Mark ``message`` for translation without translating it here."""
    return message


@cache
def words(language: str) -> NullTranslations:
    """The catalogue of ``language``; Indonesian and unknown ones say the message."""
    if language == DEFAULT or language not in LANGUAGES:
        return NullTranslations()
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)
