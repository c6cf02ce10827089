"""Fill the frames: ``python bench/redaction/make.py`` writes ``sentences.tsv`` anew.

Every number is drawn by chance (a fixed seed) and belongs to nobody that we know of.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
PERSONAL = (
    "nik", "kk", "npwp", "hp", "telp", "lisan", "plat", "rek", "alamat", "lp",
    "surel",
)  # fmt: skip
TIMES = 3  # fillings of one frame
_chance = random.Random(2026)
_pick = _chance.choice
_DIGITS = (
    "nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan",
    "sembilan",
)  # fmt: skip
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus",
    "September",
)  # fmt: skip


def _digits(count: int) -> str:
    return "".join(_pick("0123456789") for _ in range(count))


def _number(least: int, most: int) -> int:
    return _chance.randint(least, most)


def _sixteen() -> str:
    day = _number(1, 28) + _pick((0, 40))
    region = _pick(("3275", "3201", "1171", "7371", "5103", "6472", "9471", "3578"))
    serial = _number(1, 99)
    return (
        f"{region}{_number(1, 30):02}{day:02}{_number(1, 12):02}{_digits(2)}{serial:04}"
    )


def _nik() -> str:
    n = _sixteen()
    four = [n[i : i + 4] for i in range(0, 16, 4)]
    return _pick(
        (n, n, n, " ".join(four), ".".join(four), "-".join(four),
         f"{n[:6]} {n[6:12]} {n[12:]}", f"{n[:6]}.{n[6:12]}.{n[12:]}")
    )  # fmt: skip


def _npwp() -> str:
    n = _digits(15)
    dotted = f"{n[:2]}.{n[2:5]}.{n[5:8]}.{n[8]}-{n[9:12]}.{n[12:]}"
    return _pick((dotted, dotted, n, _sixteen()))


def _phone() -> str:
    tail = _pick(("12", "13", "21", "52", "57", "77", "95")) + _digits(_number(7, 9))
    a, b, c = tail[:2], tail[2:6], tail[6:]
    return _pick(
        (f"08{tail}", f"08{a}-{b}-{c}", f"08{a} {b} {c}", f"+628{tail}", f"628{tail}",
         f"+62 8{a}-{b}-{c}", f"08{a}.{b}.{c}", f"(08{a}) {b} {c}", f"+62-8{a} {b}{c}",
         f"08{a}{b}-{c}")
    )  # fmt: skip


def _spoken() -> str:
    return "nol delapan " + " ".join(_pick(_DIGITS) for _ in range(9))


def _letters(count: int) -> str:
    return "".join(_pick("ABCDEFGHKLPSTUVWXYZ") for _ in range(count))


def _plate(small: bool = False) -> str:
    region = _pick(("B", "D", "F", "AB", "AG", "BK", "DK", "L", "Z", "DD"))
    gap = "" if small else _pick((" ", " ", "", "-"))
    plate = f"{region}{gap}{_number(1000, 9999)}{gap}{_letters(_pick((2, 3)))}"
    return plate.lower() if small else plate


def _account() -> str:
    n = _digits(15)
    return _pick(
        (n[:10], n, n[:13], f"{n[:4]}-{n[4:6]}-{n[6:12]}-{n[12:14]}-{n[14]}",
         f"{n[:3]} {n[3:6]} {n[6:10]}")
    )  # fmt: skip


def _address() -> str:
    name = _pick(("Melati", "Kenanga", "Cempaka Raya", "Haji Umar", "Anggrek II"))
    rt, rw, no = f"{_number(1, 20):02}", f"{_number(1, 15):02}", _number(1, 200)
    return _pick(
        (f"Jl. {name} No. {no}", f"Jl. {name} No. {no} RT {rt}/RW {rw}",
         f"jalan {name} nomor {no}", f"Gg. {name} no {no} rt {rt}/{rw}",
         f"Kp. {name} RT {rt} RW {rw}", f"Kampung {name} RT. {rt}/{rw}",
         f"Perum {name} Blok C{_number(1, 9)} No {no}", f"jl {name.lower()} no.{no}",
         f"Perumahan {name} Indah Blok {_letters(1)}-{_number(1, 30)}",
         f"Dusun {name} RT {rt}/RW {rw}")
    )  # fmt: skip


def _report() -> str:
    number, month = _number(1, 900), _pick(("I", "III", "VI", "XI", "XII"))
    return _pick(
        (f"LP/B/{number}/{month}/2026/SPKT/POLRES SUKAMAJU",
         f"LP/{number}/{month}/2026/SPKT", f"LP/B/{number}/{month}/2026/JABAR/RES SKM",
         f"STTLP/B/{number}/{month}/2026/SPKT",
         f"lp/b/{number}/{month.lower()}/2026/spkt",
         f"LP-B/{number}/{month}/2026/Reskrim",
         f"LP/A/{number}/{month}/2025/SPKT.SATRESKRIM")
    )  # fmt: skip


def _money() -> str:
    n = _number(2, 950)
    return _pick(
        (f"Rp {n}.000", f"Rp{n}.000", f"Rp. {n}.000,-", f"{n}rb", f"{n} ribu", f"{n}k",
         f"{n}.000", f"Rp {n}000", f"{n % 9 + 1},5 jt", f"{n % 9 + 1} juta",
         f"Rp 1.{n:03}.000.000", f"{n} ribu rupiah", f"{n % 9 + 1}.{n:03}.000")
    )  # fmt: skip


def _hour() -> str:
    h, m = _number(0, 23), _pick(("00", "15", "30", "45"))
    return _pick((f"{h:02}.{m}", f"{h:02}:{m}", f"{h}.{m}"))


def _date() -> str:
    d, m = _number(1, 28), _number(1, 12)
    return _pick(
        (f"{d}/{m}/2026", f"{d:02}-{m:02}-2026", f"{d} {_pick(_MONTHS)} 2026",
         f"2026-{m:02}-{d:02}", f"{d} {_pick(_MONTHS)}", f"{d:02}.{m:02}.2026")
    )  # fmt: skip


def _article() -> str:
    n = _number(50, 480)
    return _pick(
        (f"Pasal {n} ayat (1) UU 22/2009", f"pasal {n} KUHP",
         f"Pasal {n} UU No. 1 Tahun 2023",
         "PP 76/2020", f"Perpol {n % 12 + 1}/2021", f"pasal {n} jo. {n + 4}")
    )  # fmt: skip


def _ticket() -> str:
    return _pick(
        (f"A-{_number(1, 200):03}", f"#{_digits(6)}", f"TKT{_digits(8)}",
         f"9{_digits(11)}", f"JP{_digits(10)}", f"82{_digits(13)}")
    )  # fmt: skip


_FORMS: dict[str, Callable[[], str]] = {
    "nik": _nik, "kk": _nik, "npwp": _npwp, "hp": _phone, "lisan": _spoken,
    "telp": lambda: f"({_pick(('021', '0251', '022'))}) {_number(2, 8)}{_digits(6)}",
    "hp62": lambda: "62812" + _digits(8), "plat": _plate,
    "plat2": lambda: _plate(small=True), "rek": _account, "alamat": _address,
    "lp": _report, "uang": _money, "jam": _hour, "tgl": _date, "pasal": _article,
    "surel": lambda: _pick(("budi.contoh", "siti_88", "warga+skck")) + "@"
    + _pick(("surat.example", "pos.example.com", "contoh.co.id")),
    "tiket": _ticket, "skor": lambda: f"{_number(0, 5)}-{_number(0, 5)}",
}  # fmt: skip
_GOLD = {"hp62": "hp", "plat2": "plat", "lisan": "hp", "telp": "hp"}


def main() -> None:
    """Write the file."""
    lines = []
    for line in (HERE / "frames.txt").read_text(encoding="utf-8").splitlines():
        register, frame = line.split("\t")

        def fill(found: re.Match[str], public: bool = register == "-") -> str:
            value, name = _FORMS[found[1]](), _GOLD.get(found[1], found[1])
            kept = "keep" if public and name in PERSONAL else name
            return f"{{{kept}|{value}}}"

        made = {re.sub(r"\{(\w+)\}", fill, frame) for _ in range(TIMES)}
        lines += [f"{register}\t{text}" for text in sorted(made)]
    text = "".join(f"{line}\n" for line in lines)
    (HERE / "sentences.tsv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
