"""The invented office of the demo: its people and what it announces."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

OFFICE_CODE = "sukamaju"
OFFICE_NAME = "Polres Kota Sukamaju"
HANDLE = "polres_sukamaju"
PEOPLE = (
    ("admin", "Bagus Pengelola", "admin"),
    ("ratna", "Ratna, staf Humas", "officer"),
    ("wirawan", "Wirawan, Kepala Humas", "approver"),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One announcement of the demo; ``after`` counts from the start."""

    title: str
    body: str
    after: timedelta
    category: str = "umum"
    with_picture: bool = False
    only_network: str = ""  # empty: every account


PLAN: Sequence[Planned] = (
    Planned(
        "SIM keliling hari ini",
        "SIM keliling hari ini di halaman Pasar Mekarasih, pukul 08.00–12.00 WIB. "
        "Perpanjangan SIM A Rp 80.000 dan SIM C Rp 75.000, sesuai PP 76/2020. "
        "Bawa SIM lama dan KTP asli. Ada saran? Balas kiriman ini.",
        timedelta(seconds=2),
        category="sim_keliling",
        with_picture=True,
    ),
    Planned(
        "Jam layanan SKCK",
        "Loket SKCK buka Senin–Sabtu pukul 08.00–20.00 WIB. Biaya Rp 30.000 sesuai "
        "PNBP, tanpa tambahan. Bila ada yang meminta lebih, beri tahu kami di sini.",
        timedelta(seconds=4),
        category="skck",
    ),
    Planned(
        "Hotline 110",
        "Darurat? Hubungi 110, gratis 24 jam. Petugas SPKT siap menerima laporan "
        "Anda kapan saja, tanpa biaya.",
        timedelta(seconds=6),
        category="layanan_110",
    ),
    Planned(
        "Klarifikasi: SIM gratis",
        "Kabar “SIM gratis mulai besok” tidak benar. Tarif resmi SIM tetap mengikuti "
        "PP 76/2020. Mohon tidak meneruskan pesan tersebut.",
        timedelta(seconds=8),
        category="klarifikasi",
    ),
    Planned(
        "Rekayasa lalu lintas Jalan Merdeka",
        "Sabtu pukul 18.00–22.00 WIB Jalan Merdeka ditutup untuk pawai kota. Lewat "
        "Jalan Kenanga atau Jalan Melati. Terima kasih atas pengertian Anda.",
        timedelta(seconds=10),
    ),
)


def picture() -> bytes:
    """Draw the poster of the first announcement; a JPEG of 1200 × 675 pixels."""
    from PIL import Image, ImageDraw

    poster = Image.new("RGB", (1200, 675), "#1F4E96")
    draw = ImageDraw.Draw(poster)
    draw.rectangle((60, 60, 1140, 615), outline="#FFFFFF", width=6)
    lines = (
        ("SIM KELILING", 96, 110),
        ("Pasar Mekarasih", 64, 270),
        ("08.00-12.00 WIB", 64, 370),
        ("SIM A Rp 80.000   SIM C Rp 75.000", 48, 490),
    )
    for text, size, top in lines:
        draw.text((110, top), text, fill="#FFFFFF", font_size=size)
    buffer = io.BytesIO()
    poster.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


ALT_TEXT = (
    "Poster SIM keliling di Pasar Mekarasih pukul 08.00 sampai 12.00 WIB, "
    "SIM A Rp 80.000 dan SIM C Rp 75.000."
)
