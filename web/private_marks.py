"""The marks of redaction as a person reads them: a badge that says what is hidden."""

import re
from collections.abc import Iterator, Mapping

from config.words import N_
from models.redaction import Private

NAMES: Mapping[Private, str] = {
    Private.NIK: N_("NIK disembunyikan"),
    Private.FAMILY_CARD: N_("nomor KK disembunyikan"),
    Private.TAX: N_("NPWP disembunyikan"),
    Private.PHONE: N_("telepon disembunyikan"),
    Private.PLATE: N_("pelat nomor disembunyikan"),
    Private.BANK: N_("rekening disembunyikan"),
    Private.ADDRESS: N_("alamat disembunyikan"),
    Private.REPORT: N_("nomor laporan disembunyikan"),
    Private.EMAIL: N_("surel disembunyikan"),
}
WHY = N_("Data pribadi diganti sebelum disimpan. Kentongan tidak menyimpan aslinya.")
_MARK = re.compile("|".join(re.escape(kind.mark) for kind in Private))
_KINDS = {kind.mark: kind for kind in Private}


def by_marks(text: str) -> Iterator[tuple[str, str]]:
    """``text`` in pieces: words with "", and marks with what they hide (message id)."""
    at = 0
    for found in _MARK.finditer(text):
        yield text[at : found.start()], ""
        yield found[0], NAMES[_KINDS[found[0]]]
        at = found.end()
    yield text[at:], ""
