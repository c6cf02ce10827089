"""Templates: one environment per language, with the filters that pages use."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.formats import Formats
from config.printing import unmarked
from config.words import LANGUAGES, N_, words
from models import words as names
from models.dashboard import Count
from models.person import May
from models.problems import WORDS
from models.suggestion_box import FORM
from pipeline import wiring
from reports.masking import unaddressed
from web import marks, static_files
from web.private_marks import WHY, by_marks

FOLDER = Path(__file__).resolve().parent / "templates"

NEWS: Mapping[str, str] = {
    "tersimpan": N_("Draf tersimpan."),
    "diminta": N_("Persetujuan diminta. Keputusannya tampil di halaman ini."),
    "disetujui": N_("Disetujui dan dijadwalkan."),
    "ditandatangani": N_("Tanda tangan dicatat. Menunggu penyetuju lain."),
    "disusulkan": N_("Tanda tangan susulan dicatat."),
    "dikembalikan": N_("Dikembalikan kepada penulis."),
    "dibatalkan": N_("Dibatalkan. Yang sudah terbit tetap terbit."),
    "ditarik": N_("Penarikan dicatat. Keadaannya tampil di halaman ini."),
    "ralat": N_("Draf ralat dibuat. Tulis yang benar, lalu minta persetujuan."),
    "terhapus": N_("Dicatat: kiriman sudah Anda hapus sendiri."),
    "waktu": N_("Waktu terbit diubah. Persetujuan yang ada tidak berlaku lagi."),
    "rutin-disetujui": N_("Disetujui. Hari-hari berikutnya segera dibuat."),
    "rutin-jeda": N_("Dijeda. Yang belum terbit ditarik kembali."),
    "rutin-lanjut": N_("Berjalan lagi. Hari yang lewat tidak dibuat."),
    "rutin-akhir": N_("Rutin diakhiri. Yang sudah terbit tetap terbit."),
    "dijawab": N_("Jawaban Anda dicatat."),
    "dilepas": N_("Kiriman dijadwalkan lagi."),
    "dihentikan": N_("Akun dihentikan. Tidak ada yang keluar sampai dilanjutkan."),
    "dilanjutkan": N_("Akun dilanjutkan."),
    "henti": N_("Dihentikan. Tidak ada yang keluar sampai dicabut atau berakhir."),
    "tenang": N_("Jam tenang disimpan."),
    "henti-cabut": N_("Penghentian dicabut. Yang ditahan olehnya berjalan lagi."),
    "aktif": N_("Akun aktif. Yang ditahan selama gladi menunggu Anda lepaskan."),
    "gladi": N_("Akun kembali gladi. Tidak ada yang keluar."),
    "ditandai": N_("Suara ditandai."),
    "isi-hapus": N_("Isinya dihapus. Hitungannya tetap ada."),
    "saran": N_("Saran dicatat."),
    "bukti": N_("Suara ditambahkan pada saran."),
    "dipindah": N_("Keputusan dicatat."),
    "sumber": N_("Sumber ditambahkan. Pengambilan pertama segera berjalan."),
    "pantauan": N_("Pantauan disimpan."),
    "pantauan-hapus": N_("Pantauan dihapus. Suara yang ditemukannya tetap ada."),
    "sumber-halaman": N_("Disimpan. Aturan robots.txt situsnya tetap dipatuhi."),
    "kotak": N_("Kotak saran dibuka."),
    "kotak-tutup": N_("Kotak saran ditutup. Yang sudah masuk tetap ada."),
    "slip-jawab": N_("Jawaban disimpan. Warga membacanya dengan nomornya."),
    "sumber-henti": N_("Sumber tidak lagi dibaca."),
    "penerima": N_("Penerima ditambahkan. Siaran berikutnya juga dikirim kepadanya."),
    "penerima-hapus": N_("Penerima dihapus; nama dan alamatnya tidak tersimpan lagi."),
    "penerima-pakai": N_("Alamat dipakai lagi."),
    "orang": N_("Orang ditambahkan."),
    "kontak": N_("Kontak resmi disimpan."),
    "tanda-tangan": N_("Jumlah tanda tangan disimpan."),
    "susulan": N_("Waktu tanda tangan susulan disimpan."),
    "kunci-cabut": N_("Kunci dicabut."),
    "bahasa": N_("Bahasa diganti."),
}


def render(
    template: str, language: str, formats: Formats, values: Mapping[str, Any]
) -> str:
    """Render one template in one language, with one office's times."""
    return (
        _environment(language)
        .get_template(template)
        .render(f=formats, lang=language, languages=LANGUAGES, **values)
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = words(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    said = catalogue.gettext
    environment.globals.update(
        static=static_files.address,
        May=May,
        marks=marks,
        names=names,
        network=_network,
        said=said,
        problem=lambda code: said(WORDS[code]) if code else "",
    )
    environment.filters["capped"] = _capped
    environment.filters["said"] = said
    environment.filters["at"] = _at
    environment.filters["unaddressed"] = unaddressed
    environment.filters["by_marks"] = by_marks
    environment.globals["why_hidden"] = WHY
    environment.filters["unmarked"] = unmarked
    return environment


def _capped(count: Count) -> str:
    """``14`` or ``1.000+``."""
    return "1.000+" if count.more else str(count.number)


def _at(handle: str) -> str:
    """An account's name as networks write it, ``@humas_sukamaju``."""
    return f"@{handle.removeprefix('@')}"


@cache
def _network(name: str) -> tuple[str, str]:
    """A network's icon and name for people."""
    if name == FORM:
        return "ticket", N_("Kotak saran")
    if name not in wiring.NETWORKS:
        return "news", N_("Berita")
    known = wiring.capabilities(name)
    return known.icon, known.title
