"""What a failure that is not ours means to the person at the terminal."""

from typing import TYPE_CHECKING

from config.words import N_

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError


def sentence(error: Exception) -> tuple[str, str] | None:  # noqa: PLR0911 - one line an error
    """A message id and a detail; None where nobody but us can say more.

    Files that are missing, numbers that no table holds, databases that do not open.
    """
    from sqlalchemy import exc

    from pipeline.doctor import NEWER, UNOPENED
    from pipeline.schema import UnknownStep

    match error:
        case OSError(filename=name) if name is not None:
            return N_("Berkas tidak dapat dibaca atau ditulis."), _of_file(error)
        case OSError():
            return N_("Komputer menolak."), str(error.strerror or error)
        case OverflowError() | exc.DataError():
            return N_("Angka di luar jangkauan."), ""
        case UnicodeEncodeError() | UnicodeDecodeError():
            return N_("Teks ini rusak: bukan UTF-8."), ""
        case UnknownStep():
            return NEWER, str(error)
        case exc.ArgumentError() | exc.NoSuchModuleError():
            return UNOPENED, ""  # its own words may hold the password
        case exc.DBAPIError() if _unreachable(error):
            return _stored(error) or UNOPENED, (str(error.orig).splitlines() or [""])[0]
    return None


def _of_file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}"


def _unreachable(error: Exception) -> bool:
    """Whether the database itself failed, and not what was asked of it."""
    from sqlalchemy import exc

    return isinstance(error, (exc.OperationalError, exc.InterfaceError)) or (
        type(error) is exc.DatabaseError  # SQLite: the file is not a database
    )


def _stored(error: "DBAPIError") -> str | None:
    """The sentence for a database that is locked, full or away."""
    from models.database import failure_of
    from models.explain import explain

    failed = failure_of(error)
    return explain(failed) if failed else None
