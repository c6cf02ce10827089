"""``kentongan demo``: the main job on a sandbox, through the real scheduler."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import words


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

    _ = words()
    print(_("Kentongan: peragaan dengan kota, akun, dan warga rekaan."))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        Demonstration(folder, port, say=print, translate=_).run(once=once)
        return
    with tempfile.TemporaryDirectory(prefix="kentongan-demo-") as temporary:
        Demonstration(Path(temporary), port, say=print, translate=_).run(once=once)
