"""``kentongan``: one command group per noun, one sentence per error."""

import gc
import os
import sys
from typing import Annotated

import typer

from cli import (
    account,
    announcement,
    audit,
    classify,
    db,
    demo,
    doctor,
    idea,
    init,
    item,
    machines,
    model,
    office,
    query,
    recipient,
    report,
    retention,
    run,
    series,
    source,
    stop,
    template,
    token,
    user,
)
from cli.context import AS_VARIABLE, OFFICE_VARIABLE

app = typer.Typer(
    help="Publish, listen, understand and report for a public-relations desk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("run")(run.run)
app.command("clock")(machines.clock)
app.command("worker")(machines.worker)
app.command("web")(machines.web)
app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.command("classify")(classify.classify)
app.command("retention")(retention.retention)
app.add_typer(account.app, name="account")
app.add_typer(announcement.app, name="announcement")
app.add_typer(recipient.app, name="recipient")
app.add_typer(template.app, name="template")
app.add_typer(series.app, name="series")
app.add_typer(source.app, name="source")
app.add_typer(stop.app, name="stop")
app.add_typer(item.app, name="item")
app.add_typer(query.app, name="query")
app.add_typer(idea.app, name="idea")
app.add_typer(retention.erase, name="erase")
app.add_typer(model.app, name="model")
app.add_typer(report.app, name="report")
app.add_typer(office.app, name="office")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")


@app.callback()
def choose(
    login: Annotated[
        str | None, typer.Option("--as", metavar="LOGIN", help="Act as this person.")
    ] = None,
    office: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Which office, of many."),
    ] = None,
    settings: Annotated[
        str | None, typer.Option(metavar="FILE", help="Another kentongan.toml.")
    ] = None,
) -> None:
    """Publish, listen, understand and report for a public-relations desk."""
    for name, value in (
        (AS_VARIABLE, login),
        (OFFICE_VARIABLE, office),
        ("KENTONGAN_FILE", settings),
    ):
        if value is not None:
            os.environ[name] = value


MADE_BEFORE_A_COLLECTION = 20_000
"""Objects; with Python's own 700 a quarter of the start is spent on looking for
cycles among classes that are just being made, and there are none."""


def main() -> None:
    """Run the command line; our own errors become a sentence and exit code 1."""
    gc.set_threshold(MADE_BEFORE_A_COLLECTION)
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the edge: no traceback on a screen
        sys.exit(_say(error))


def _say(error: Exception) -> int:
    """Explain an error on stderr; what we do not know goes to the log, whole."""
    from cli.failures import sentence
    from cli.output import words
    from config.failures import SettingsProblem
    from config.printing import one_line
    from models.errors import KentonganError, NotAllowed
    from models.explain import explain

    _ = words()
    lines: list[str] = []
    known = None
    if isinstance(error, SettingsProblem):
        lines.extend(error.told(_))
    elif isinstance(error, NotAllowed):
        lines.append(_("Bertindak sebagai orang lain: kentongan --as NAMA …"))
    elif not isinstance(error, KentonganError):
        known = sentence(error)
        lines.append(known[1] if known else _kept(error))
    print(_(known[0] if known else explain(error)), file=sys.stderr)
    for line in filter(None, lines):
        print(f"  {one_line(line)}", file=sys.stderr)
    return 1


def _kept(error: Exception) -> str:
    """The private file with the traceback, for the person who will ask us."""
    from config.logging import keep_traceback

    return keep_traceback(error)
