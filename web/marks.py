"""State as icon, word and tone: which icon and tone each code has (see the macros)."""

from collections.abc import Mapping

from config.words import N_
from models.calendar import Stage
from models.labels import Kind, Sentiment, Severity
from models.states import (
    AnnouncementState,
    DeliveryState,
    IdeaState,
    Reply,
    SeriesState,
    SourceHealth,
    WithdrawalState,
)

Mark = tuple[str, str]  # icon, tone

SENTIMENTS: Mapping[Sentiment, Mark] = {
    Sentiment.NEGATIVE: ("mood-sad", "neg"),
    Sentiment.NEUTRAL: ("mood-empty", "neu"),
    Sentiment.POSITIVE: ("mood-smile", "pos"),
}

KINDS: Mapping[Kind, Mark] = {
    Kind.COMPLAINT: ("message-exclamation", "neg"),
    Kind.INTEGRITY: ("shield-lock", "plm"),
    Kind.SUGGESTION: ("bulb", "pri"),
    Kind.QUESTION: ("help-circle", "pri"),
    Kind.PRAISE: ("thumb-up", "okk"),
    Kind.INCIDENT: ("map-pin-exclamation", "wrn"),
    Kind.EMERGENCY: ("urgent", "dng"),
    Kind.HOAX: ("alert-hexagon", "wrn"),
    Kind.OPINION: ("message-circle", ""),
    Kind.ANNOUNCEMENT: ("speakerphone", ""),
    Kind.CAMPAIGN: ("copy", ""),
}

SEVERITIES: Mapping[Severity, Mark] = {
    Severity.S0: ("urgent", "fill-dng"),
    Severity.S1: ("shield-lock", "fill-plm"),
    Severity.S2: ("flag", "out"),
    Severity.S3: ("bulb", "out"),
    Severity.S4: ("help-circle", "out"),
    Severity.S5: ("thumb-up", "out"),
    Severity.S6: ("alert-hexagon", "wrn"),
    Severity.S7: ("message-circle", "out"),
}

DELIVERIES: Mapping[DeliveryState, Mark] = {
    DeliveryState.SCHEDULED: ("calendar-time", "pri"),
    DeliveryState.CLAIMED: ("send", "pri"),
    DeliveryState.PREPARED: ("send", "pri"),
    DeliveryState.ARMED: ("send", "pri"),
    DeliveryState.PUBLISHED: ("circle-check", "okk"),
    DeliveryState.REJECTED: ("circle-x", "dng"),
    DeliveryState.UNCERTAIN: ("zoom-question", "uns"),
    DeliveryState.NEEDS_PERSON: ("zoom-question", "uns"),
    DeliveryState.HELD: ("player-pause", "wrn"),
    DeliveryState.MISSED: ("calendar-off", ""),
    DeliveryState.CANCELLED: ("ban", ""),
    DeliveryState.CORRECTED: ("pencil", "okk"),
    DeliveryState.WITHDRAWN: ("arrow-back-up", ""),
}

WITHDRAWALS: Mapping[WithdrawalState, Mark] = {
    WithdrawalState.ASKED: ("clock", "pri"),
    WithdrawalState.ARMED: ("send", "pri"),
    WithdrawalState.UNCERTAIN: ("zoom-question", "uns"),
    WithdrawalState.DONE: ("arrow-back-up", "okk"),
    WithdrawalState.REFUSED: ("circle-x", "dng"),
    WithdrawalState.CANNOT: ("alert-hexagon", "wrn"),
}

SECRETS: Mapping[str, str] = {
    "consumer_key": N_("Kunci aplikasi"),
    "consumer_secret": N_("Rahasia aplikasi"),
    "access_token": N_("Token akun"),
    "access_token_secret": N_("Rahasia token akun"),
    "page_token": N_("Token halaman (berlaku lama)"),
    "instagram_token": N_("Token akun (berlaku 60 hari)"),
    "threads_token": N_("Token akun (berlaku 60 hari)"),
    "bot_token": N_("Token bot"),
    "channel": N_("Nama kanal, misalnya @polres_sukamaju"),
    "application_password": N_("Sandi aplikasi"),
    "secret": N_("Rahasia bersama, paling sedikit 16 huruf"),
    "username": N_("Nama pengguna"),
    "password": N_("Kata sandi"),
    "sender": N_("Pengirim: Nama <alamat surel>"),
    "identifier": N_("Nama akun, misalnya polres.bsky.social"),
    "app_password": N_("Kata sandi aplikasi (bukan kata sandi akun)"),
}
"""What the secrets of an account are to a person; by their names in the settings."""

ANNOUNCEMENTS: Mapping[AnnouncementState, Mark] = {
    AnnouncementState.DRAFT: ("file-pencil", ""),
    AnnouncementState.ASKED: ("hourglass", "wrn"),
    AnnouncementState.SENT_BACK: ("arrow-back-up", "wrn"),
    AnnouncementState.APPROVED: ("checks", "okk"),
    AnnouncementState.VOID: ("alert-triangle", "wrn"),
    AnnouncementState.EXPIRED: ("calendar-off", ""),
    AnnouncementState.CANCELLED: ("ban", ""),
}

SERIES: Mapping[SeriesState, Mark] = {
    SeriesState.DRAFT: ("file-pencil", ""),
    SeriesState.ASKED: ("hourglass", "wrn"),
    SeriesState.SENT_BACK: ("arrow-back-up", "wrn"),
    SeriesState.APPROVED: ("repeat", "okk"),
    SeriesState.VOID: ("alert-triangle", "wrn"),
    SeriesState.ENDED: ("ban", ""),
}

IDEAS: Mapping[IdeaState, Mark] = {
    IdeaState.PROPOSED: ("message-2", "out"),
    IdeaState.FORWARDED: ("arrow-forward-up", "out"),
    IdeaState.STUDIED: ("search", "out"),
    IdeaState.ACCEPTED: ("check", "out"),
    IdeaState.DECLINED: ("circle-x", "out"),
    IdeaState.IN_PROGRESS: ("progress", "out"),
    IdeaState.DONE: ("circle-check", "okk"),
}

REPLIES: Mapping[Reply, Mark] = {
    Reply.OPEN: ("message-reply", ""),
    Reply.ANSWERED: ("circle-check", "okk"),
    Reply.CLOSED: ("check", ""),
    Reply.NOT_OURS: ("building-community", ""),
}

SOURCE_HEALTH: Mapping[SourceHealth, Mark] = {
    SourceHealth.NEW: ("circle-dashed", ""),
    SourceHealth.HEALTHY: ("circle-check", "okk"),
    SourceHealth.QUIET: ("clock", ""),
    SourceHealth.SICK: ("plug-connected-x", "wrn"),
    SourceHealth.LIMITED: ("hourglass", "wrn"),
    SourceHealth.OVERFULL: ("alert-triangle", "wrn"),
    SourceHealth.STOPPED: ("ban", "dng"),
}

STAGES: Mapping[Stage, tuple[str, str, str]] = {
    Stage.DRAFT: ("file-pencil", "draf", N_("Draf")),
    Stage.WAITING: ("hourglass", "tunggu", N_("Menunggu persetujuan")),
    Stage.SCHEDULED: ("calendar-time", "jadwal", N_("Terjadwal")),
    Stage.AT_RISK: ("alert-triangle", "tahan", N_("Berisiko tidak terbit")),
    Stage.HELD: ("player-pause", "tahan", N_("Ditahan")),
    Stage.PUBLISHED: ("circle-check", "terbit", N_("Terbit")),
    Stage.FAILED: ("circle-x", "gagal", N_("Gagal")),
    Stage.UNSURE: ("zoom-question", "ragu", N_("Belum pasti terkirim")),
    Stage.CANCELLED: ("ban", "batal", N_("Dibatalkan")),
}
"""On the calendar: icon, the class of its colour, and the word."""
