"""``kentongan demo``: the main job on a sandbox, through the real scheduler."""

import signal
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.output import _
from config.words import N_


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End by itself when everything has arrived.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the dashboard; 0 is free.")
    ] = 0,
    folder: Annotated[
        Path | None,
        typer.Option(help="Keep the demo's database here; else it is thrown away."),
    ] = None,
) -> None:
    """Publish, listen, understand and show, with an invented town and its people."""
    import tempfile

    from cli.demonstration import Demonstration
    from models.errors import InvalidInput

    print(_("Kentongan: peragaan dengan kota, akun, dan warga rekaan."))
    signal.signal(signal.SIGTERM, _like_ctrl_c)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "kentongan.db").exists():
            raise InvalidInput(
                N_("Folder ini sudah berisi basis data. Pilih folder lain."), "folder"
            )
        Demonstration(folder, port, say=print, translate=_).run(once=once)
        return
    with tempfile.TemporaryDirectory(prefix="kentongan-demo-") as temporary:
        Demonstration(Path(temporary), port, say=print, translate=_).run(once=once)


def _like_ctrl_c(*_: object) -> NoReturn:
    """End as by Ctrl-C, so that what was started is stopped and thrown away."""
    raise KeyboardInterrupt
