"""Secrets at rest: a list of Fernet keys, the newest first (that is rotation)."""

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from config.failures import Line, SettingsProblem
from config.settings import Settings
from config.words import N_

_DAMAGED = N_("Berkas kunci rusak. Kembalikan dari cadangan.")
_ANOTHER = N_("Berkas kunci tidak cocok dengan basis data. Kembalikan kunci lama.")
_EMPTY = N_("Berkas kunci kosong. Kembalikan kunci dari cadangan.")
_OPEN_TO_ALL = N_("dapat dibaca orang lain. Jalankan: chmod 600 {path}")
_UNREADABLE = N_("berkas kunci tidak dapat dibaca ({why})")


class Vault:
    """Encrypts and decrypts; ``repr`` shows nothing."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._signing = [
            hashlib.sha256(b"kentongan signature\0" + key.encode()).digest()
            for key in keys
        ]

    def __repr__(self) -> str:
        return "Vault()"

    def seal(self, plain: str) -> bytes:
        """Encrypt with the newest key."""
        return self._fernet.encrypt(plain.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt with whichever key fits.

        Raises:
            SettingsProblem: no key fits; the right key file must be put back.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SettingsProblem(Line(_ANOTHER)) from None

    def sign(self, text: str) -> str:
        """A signature of ``text`` by the newest key, as it may stand in an address."""
        return _signature(self._signing[0], text)

    def signed(self, text: str, signature: str) -> bool:
        """Whether any of the keys signed ``text``; takes the same time either way."""
        found = [
            hmac.compare_digest(_signature(key, text), signature)
            for key in self._signing
            if signature.isascii()
        ]
        return any(found)

    def rotate(self, sealed: bytes) -> bytes:
        """Encrypt again with the newest key."""
        return self._fernet.rotate(sealed)


def open_vault(settings: Settings) -> Vault:
    """Open the vault of this installation.

    Raises:
        SettingsProblem: there is no key, it is unreadable, or others can read it.
    """
    if settings.key is not None:
        return _vault(settings.key.get_secret_value().split())
    path = settings.key_file
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsProblem(Line(_OPEN_TO_ALL, str(path), {"path": path}))
        return _vault(path.read_text().split())
    except OSError as error:
        why = {"why": error.strerror}
        raise SettingsProblem(Line(_UNREADABLE, str(path), why)) from None
    except UnicodeDecodeError:
        raise SettingsProblem(Line(_DAMAGED)) from None


def create_key_file(path: Path) -> None:
    """Write a new key with mode 0600; an existing file is left as it is.

    Raises:
        FileExistsError: there is a key already.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(Fernet.generate_key().decode() + "\n")


def _signature(key: bytes, text: str) -> str:
    digest = hmac.digest(key, text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _vault(keys: list[str]) -> Vault:
    if not keys:
        raise SettingsProblem(Line(_EMPTY))
    try:
        return Vault(keys)
    except ValueError:
        raise SettingsProblem(Line(_DAMAGED)) from None
