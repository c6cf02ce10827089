"""What the acts of the audit chain are to people: message ids for gettext."""

from collections.abc import Mapping

from config.words import N_

GROUPS: Mapping[str, str] = {
    "announcement": N_("Pengumuman"),
    "delivery": N_("Kiriman"),
    "account": N_("Akun"),
    "item": N_("Suara warga"),
    "idea": N_("Saran"),
    "source": N_("Sumber"),
    "report": N_("Laporan"),
    "series": N_("Rutin"),
    "user": N_("Pengguna"),
    "office": N_("Kantor"),
}
"""Acts that are looked for together, by what stands before the point."""

_ACTS: Mapping[str, str] = {
    "announcement.draft": N_("Menulis pengumuman"),
    "announcement.edit": N_("Mengubah pengumuman"),
    "announcement.ask": N_("Meminta persetujuan"),
    "announcement.guard_override": N_("Menulis alasan atas yang ditahan"),
    "announcement.approve": N_("Menyetujui"),
    "announcement.sign": N_("Menandatangani satu langkah persetujuan"),
    "announcement.expire": N_("Permintaan persetujuan kedaluwarsa"),
    "announcement.send_back": N_("Mengembalikan kepada penulis"),
    "announcement.cancel": N_("Membatalkan pengumuman"),
    "announcement.reschedule": N_("Memindah waktu terbit"),
    "announcement.of_series": N_("Dibuat dari pengumuman rutin"),
    "series.draft": N_("Menulis pengumuman rutin"),
    "series.edit": N_("Mengubah pengumuman rutin"),
    "series.ask": N_("Meminta persetujuan rutin"),
    "series.approve": N_("Menyetujui rutin"),
    "series.send_back": N_("Mengembalikan rutin kepada penulis"),
    "series.pause": N_("Menjeda rutin"),
    "series.resume": N_("Melanjutkan rutin"),
    "series.end": N_("Mengakhiri rutin"),
    "series.void": N_("Persetujuan rutin gugur"),
    "series.missed": N_("Hari rutin terlewat"),
    "delivery.was_published": N_("Menyatakan sudah tayang"),
    "delivery.send_again": N_("Menyuruh kirim lagi"),
    "delivery.cancel": N_("Membatalkan kiriman"),
    "announcement.correct": N_("Memulai ralat"),
    "announcement.withdraw": N_("Menarik pengumuman dari semua akun"),
    "delivery.withdraw": N_("Menyuruh menarik kiriman"),
    "delivery.withdrawn": N_("Kiriman ditarik dari jaringannya"),
    "delivery.removed_by_hand": N_("Menyatakan sudah menghapus kiriman sendiri"),
    "delivery.release": N_("Melepaskan kiriman yang ditahan"),
    "account.connect": N_("Menyambungkan akun"),
    "account.renewed": N_("Token akun diperpanjang"),
    "account.disconnected": N_("Akun terputus"),
    "account.golive": N_("Mengaktifkan akun"),
    "account.rehearse": N_("Mengembalikan akun ke gladi"),
    "account.stop": N_("Menghentikan akun"),
    "account.resume": N_("Melanjutkan akun"),
    "item.open": N_("Membuka lagi suara"),
    "item.answered": N_("Menandai suara sudah dijawab"),
    "item.closed": N_("Menandai suara tidak perlu jawaban"),
    "item.not_ours": N_("Menandai suara bukan untuk kantor ini"),
    "idea.made": N_("Mencatat saran"),
    "idea.evidence": N_("Menambah bukti saran"),
    "idea.proposed": N_("Mengusulkan saran"),
    "idea.forwarded": N_("Meneruskan saran"),
    "idea.studied": N_("Mengkaji saran"),
    "idea.accepted": N_("Menerima saran"),
    "idea.declined": N_("Menolak saran"),
    "idea.in_progress": N_("Mulai mengerjakan saran"),
    "idea.done": N_("Menyelesaikan saran"),
    "source.added": N_("Menambah sumber"),
    "source.stopped": N_("Menghentikan sumber"),
    "report.made": N_("Membuat laporan"),
    "user.add": N_("Menambah orang"),
    "user.sign_in": N_("Masuk"),
    "user.password": N_("Mengganti kata sandi"),
    "user.activate": N_("Mengaktifkan orang"),
    "user.deactivate": N_("Menonaktifkan orang"),
    "database.restored": N_("Memulihkan basis data dari cadangan"),
    "office.contacts": N_("Mengubah kontak resmi"),
    "office.cap": N_("Mengubah batas biaya"),
}


def act(code: str) -> str:
    """The act in words; one without words is said by its code."""
    return _ACTS.get(code, code)
