"""Exim on loopback: a real mail server, which takes a password, refuses, and bounces.

``apt-get install exim4-daemon-light``, then ``KENTONGAN_TEST_EXIM=/usr/sbin/exim4``. All
that it writes lies in one folder. Root starts it, and it works as ``Debian-exim``.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.postgresql import _free_port

PROGRAM = "KENTONGAN_TEST_EXIM"
RUNS_AS = "Debian-exim"
USER, PASSWORD = "humas", "kata-sandi-110"
SENDER = "humas@sukamaju.example"
START_WITHIN = 20.0  # seconds
UNKNOWN, BUSY, MOVED = "tidakada", "sibuk", "pindah"
"""Who is refused at once, who is put off, and whose letters come back."""

_CONFIG = """
primary_hostname = surel.sukamaju.example
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
deliver_drop_privilege = true
tls_advertise_hosts =
keep_environment =
smtp_accept_max = 20
acl_smtp_rcpt = rcpt
acl_smtp_data = data
host_lookup =
rfc1413_hosts =

begin acl
rcpt:
  deny !authenticated = *
       message = 5.7.0 Authentication required
  deny local_parts = {unknown}
       message = 5.1.1 No such mailbox here
  defer local_parts = {busy}
       message = 4.2.1 Mailbox busy
  accept
data:
  accept

begin routers
moved:
  driver = redirect
  local_parts = {moved}
  allow_fail
  data = :fail: 5.1.6 The mailbox has moved
boxes:
  driver = accept
  local_parts = lsearch;{folder}/boxes.txt
  transport = box

begin transports
box:
  driver = appendfile
  maildir_format
  create_directory
  directory = {folder}/boxes/$local_part_data

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


def why_not() -> str:
    """Why it cannot be started here; empty when it can."""
    program = os.environ.get(PROGRAM, "")
    if not program:
        return f"{PROGRAM} is not set: Exim is not installed"
    if not Path(program).exists():
        return f"there is no {program}: apt-get install exim4-daemon-light"
    return "" if os.geteuid() == 0 else "only root can start exim4"


@dataclass(frozen=True)
class Exim:
    """A running mail server."""

    port: int
    folder: Path

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def box(self, name: str) -> Path:
        """The Maildir of a mailbox."""
        return self.folder / "boxes" / name

    def letters(self, name: str, least: int = 0) -> list[EmailMessage]:
        """What has come into a mailbox; waits until there are ``least``."""
        until = time.monotonic() + START_WITHIN
        while True:
            new = self.box(name) / "new"
            found = sorted(new.iterdir()) if new.is_dir() else []
            if len(found) >= least:
                break
            assert time.monotonic() < until, self.log()
            time.sleep(0.1)
        letters = []
        for file in found:
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            assert isinstance(letter, EmailMessage)
            letters.append(letter)
        return letters

    def log(self) -> str:
        """What it has written down."""
        return "\n".join(one.read_text() for one in (self.folder / "log").iterdir())


@contextmanager
def running(*boxes: str) -> Iterator[Exim]:
    """Start it with some mailboxes of the sender's and the newsrooms' domains."""
    folder = Path(tempfile.mkdtemp(prefix="kentongan-exim-"))
    exim = Exim(_free_port(), folder)
    for name in ("spool", "log", "boxes"):
        (folder / name).mkdir()
    lines = [f"{name}: {name}\n" for name in (USER, *boxes)]
    (folder / "boxes.txt").write_text("".join(lines))
    config = folder / "exim.conf"
    told = {"unknown": UNKNOWN, "busy": BUSY, "moved": MOVED}
    config.write_text(
        _CONFIG.format(
            port=exim.port, folder=folder, user=USER, password=PASSWORD, **told
        )
    )
    folder.chmod(0o755)
    for name in ("spool", "log", "boxes"):
        shutil.chown(folder / name, RUNS_AS, RUNS_AS)
    process = subprocess.Popen([os.environ[PROGRAM], "-C", config, "-bdf", "-q1m"])
    try:
        _wait(exim)
        yield exim
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _wait(exim: Exim) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", exim.port), 2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(exim.log())
