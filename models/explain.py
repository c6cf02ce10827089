"""Every error of ours in one sentence for the person in front of the screen."""

from config.failures import SettingsProblem
from config.words import N_
from models.database import StorageFailed
from models.errors import (
    Conflict,
    GateClosed,
    InvalidInput,
    KentonganError,
    NetworkError,
    NotAllowed,
    NotFound,
    OwnWork,
    SignedAlready,
)
from models.problems import WORDS

OTHERWISE = N_("Terjadi kesalahan. Data Anda aman. Coba lagi atau hubungi pengelola.")


def explain(error: Exception) -> str:  # noqa: PLR0911 - one line an error
    """Return the message id (Indonesian; English through gettext) for an error."""
    match error:
        case NetworkError() | GateClosed() | StorageFailed():
            return WORDS[error.problem]
        case InvalidInput():
            return error.message
        case SettingsProblem():
            return N_("Pengaturan tidak dapat dipakai.")
        case SignedAlready():
            return N_(
                "Anda sudah menandatangani ini. Langkah berikutnya milik orang lain."
            )
        case OwnWork():
            return N_("Ini tulisan Anda, jadi orang lain yang memutuskan.")
        case NotAllowed():
            return N_("Anda tidak berwenang untuk tindakan ini.")
        case NotFound():
            return N_("Data tidak ditemukan di kantor ini.")
        case Conflict():
            return N_("Data sudah berubah sejak dibuka. Muat ulang, lalu coba lagi.")
        case KentonganError():
            return OTHERWISE
    return OTHERWISE
