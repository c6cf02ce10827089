"""Names of codes as people read them: Indonesian message ids for gettext."""

from collections.abc import Mapping

from config.words import N_
from models.chain_check import Fault
from models.labels import Element, Kind, Sentiment, Service, Severity
from models.speech import Number
from models.states import (
    AnnouncementState,
    DeliveryState,
    IdeaState,
    Reply,
    Role,
    SeriesState,
    SourceHealth,
    WithdrawalState,
)

SENTIMENTS: Mapping[Sentiment, str] = {
    Sentiment.NEGATIVE: N_("Negatif"),
    Sentiment.NEUTRAL: N_("Netral"),
    Sentiment.POSITIVE: N_("Positif"),
}

KINDS: Mapping[Kind, str] = {
    Kind.COMPLAINT: N_("Keluhan"),
    Kind.INTEGRITY: N_("Dugaan pungli"),
    Kind.SUGGESTION: N_("Saran"),
    Kind.QUESTION: N_("Pertanyaan"),
    Kind.PRAISE: N_("Apresiasi"),
    Kind.INCIDENT: N_("Laporan kejadian"),
    Kind.EMERGENCY: N_("Darurat"),
    Kind.HOAX: N_("Klaim diragukan"),
    Kind.OPINION: N_("Opini"),
    Kind.ANNOUNCEMENT: N_("Siaran"),
    Kind.CAMPAIGN: N_("Salinan"),
}

SERVICES: Mapping[Service, str] = {
    Service.SIM: N_("SIM"),
    Service.SKCK: N_("SKCK"),
    Service.SPKT: N_("SPKT"),
    Service.REGIDENT: N_("Samsat"),
    Service.TILANG: N_("Tilang/ETLE"),
    Service.SIDIKJARI: N_("Sidik jari"),
    Service.IZIN: N_("Izin keramaian"),
    Service.PERKARA: N_("Penanganan perkara"),
    Service.CALL110: N_("Panggilan 110"),
    Service.LALIN: N_("Lalu lintas"),
    Service.KAMTIBMAS: N_("Keamanan"),
    Service.PROPAM: N_("Propam"),
    Service.BINMAS: N_("Bhabinkamtibmas"),
    Service.HUMAS: N_("Humas"),
    Service.TAHANAN: N_("Tahanan"),
    Service.UMUM: N_("Umum"),
}

ELEMENTS: Mapping[Element, str] = {
    Element.U1: N_("Persyaratan"),
    Element.U2: N_("Prosedur"),
    Element.U3: N_("Waktu"),
    Element.U4: N_("Biaya"),
    Element.U5: N_("Produk"),
    Element.U6: N_("Kompetensi"),
    Element.U7: N_("Perilaku"),
    Element.U8: N_("Pengaduan"),
    Element.U9: N_("Sarana"),
    Element.X1: N_("Integritas"),
    Element.X2: N_("Keamanan wilayah"),
    Element.X3: N_("Penanganan kasus"),
}

SEVERITIES: Mapping[Severity, str] = {
    Severity.S0: N_("S0 Darurat"),
    Severity.S1: N_("S1 Integritas"),
    Severity.S2: N_("S2 Aduan"),
    Severity.S3: N_("S3 Saran"),
    Severity.S4: N_("S4 Tanya"),
    Severity.S5: N_("S5 Apresiasi"),
    Severity.S6: N_("S6 Klaim"),
    Severity.S7: N_("S7 Opini"),
}

REPLIES: Mapping[Reply, str] = {
    Reply.OPEN: N_("Belum dijawab"),
    Reply.ANSWERED: N_("Sudah dijawab"),
    Reply.CLOSED: N_("Tidak perlu jawaban"),
    Reply.NOT_OURS: N_("Bukan kami"),
}

DELIVERIES: Mapping[DeliveryState, str] = {
    DeliveryState.SCHEDULED: N_("Terjadwal"),
    DeliveryState.CLAIMED: N_("Mengirim"),
    DeliveryState.PREPARED: N_("Mengirim"),
    DeliveryState.ARMED: N_("Mengirim"),
    DeliveryState.PUBLISHED: N_("Terbit"),
    DeliveryState.REJECTED: N_("Gagal"),
    DeliveryState.UNCERTAIN: N_("Sedang diperiksa"),
    DeliveryState.NEEDS_PERSON: N_("Belum pasti terkirim"),
    DeliveryState.HELD: N_("Ditahan"),
    DeliveryState.MISSED: N_("Kedaluwarsa"),
    DeliveryState.CANCELLED: N_("Dibatalkan"),
    DeliveryState.CORRECTED: N_("Diralat"),
    DeliveryState.WITHDRAWN: N_("Ditarik"),
}

WITHDRAWALS: Mapping[WithdrawalState, str] = {
    WithdrawalState.ASKED: N_("Menunggu ditarik"),
    WithdrawalState.ARMED: N_("Sedang ditarik"),
    WithdrawalState.UNCERTAIN: N_("Penarikan sedang diperiksa"),
    WithdrawalState.DONE: N_("Sudah ditarik"),
    WithdrawalState.REFUSED: N_("Jaringan tidak mau menghapus"),
    WithdrawalState.CANNOT: N_("Tidak dapat ditarik dari sini"),
}

FACTS: Mapping[str, str] = {
    "title": N_("Judul"),
    "letter_number": N_("Nomor surat"),
    "category": N_("Jenis"),
    "publish_at": N_("Terbit"),
    "not_after": N_("Jangan terbit setelah"),
    "media_sha256": N_("Gambar atau video"),
    "alt_text": N_("Teks pengganti gambar atau video"),
    "corrects": N_("Ralat atas nomor"),
    "emergency": N_("Jalur darurat"),
}
"""What stands beside the texts of an announcement, by its name in the content."""

ANNOUNCEMENTS: Mapping[AnnouncementState, str] = {
    AnnouncementState.DRAFT: N_("Draf"),
    AnnouncementState.ASKED: N_("Menunggu persetujuan"),
    AnnouncementState.SENT_BACK: N_("Dikembalikan"),
    AnnouncementState.APPROVED: N_("Disetujui"),
    AnnouncementState.VOID: N_("Persetujuan gugur"),
    AnnouncementState.EXPIRED: N_("Kedaluwarsa"),
    AnnouncementState.CANCELLED: N_("Dibatalkan"),
}

SERIES: Mapping[SeriesState, str] = {
    SeriesState.DRAFT: N_("Draf"),
    SeriesState.ASKED: N_("Menunggu persetujuan"),
    SeriesState.SENT_BACK: N_("Dikembalikan"),
    SeriesState.APPROVED: N_("Berjalan"),
    SeriesState.VOID: N_("Persetujuan gugur"),
    SeriesState.ENDED: N_("Berakhir"),
}

IDEAS: Mapping[IdeaState, str] = {
    IdeaState.PROPOSED: N_("Diusulkan"),
    IdeaState.FORWARDED: N_("Diteruskan"),
    IdeaState.STUDIED: N_("Dikaji"),
    IdeaState.ACCEPTED: N_("Diterima"),
    IdeaState.DECLINED: N_("Tidak dapat"),
    IdeaState.IN_PROGRESS: N_("Dikerjakan"),
    IdeaState.DONE: N_("Selesai"),
}

ROLES: Mapping[Role, str] = {
    Role.OFFICER: N_("Petugas"),
    Role.APPROVER: N_("Penyetuju"),
    Role.ADMIN: N_("Admin"),
}

SOURCE_HEALTH: Mapping[SourceHealth, str] = {
    SourceHealth.NEW: N_("Belum pernah diambil"),
    SourceHealth.HEALTHY: N_("Sehat"),
    SourceHealth.QUIET: N_("Sepi"),
    SourceHealth.SICK: N_("Bermasalah"),
    SourceHealth.LIMITED: N_("Diminta menunggu"),
    SourceHealth.OVERFULL: N_("Mungkin ada yang terlewat"),
    SourceHealth.STOPPED: N_("Berhenti"),
}

FAULTS: Mapping[Fault, str] = {
    Fault.CHANGED: N_("Catatan {number} diubah: isinya tidak cocok dengan hash-nya."),
    Fault.MISSING: N_("Catatan {number} sampai {to} hilang."),
    Fault.UNLINKED: N_("Catatan {number} tidak menyambung ke catatan sebelumnya."),
    Fault.CUT: N_("Catatan {number} sampai {to} hilang dari ujung rantai."),
    Fault.HEAD: N_("Kepala rantai tidak cocok dengan catatan terakhir, {number}."),
    Fault.REWRITTEN: N_(
        "Catatan {number} bukan yang dulu diekspor: rantai ditulis ulang."
    ),
    Fault.SHORTER: N_(
        "Catatan {number} sampai {to} hilang: kepala yang disimpan lebih jauh."
    ),
}
"""How a chain is broken; ``{number}`` and ``{to}`` are the rows."""

NUMBERS: Mapping[Number, str] = {
    Number.VIEWS: N_("dilihat"),
    Number.LIKES: N_("suka"),
    Number.REPOSTS: N_("dibagikan"),
    Number.QUOTES: N_("dikutip"),
    Number.REPLIES: N_("balasan"),
}
