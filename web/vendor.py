"""Check that every vendored file is the one whose checksum was written down."""

import hashlib

from web.static_files import FOLDER

VENDOR = FOLDER / "vendor"


def changed() -> list[str]:
    """Names of vendored files that are missing, unknown or not as written down."""
    listed = dict(_listed())
    present = {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    wrong = [
        name
        for name in present & set(listed)
        if hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() != listed[name]
    ]
    return sorted({*wrong, *(present ^ set(listed))})


def _listed() -> list[tuple[str, str]]:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    pairs = [line.split(maxsplit=1) for line in lines if not line.startswith("#")]
    return [(name.strip().removeprefix("./"), digest) for digest, name in pairs]
