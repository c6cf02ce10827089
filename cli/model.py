"""``kentongan model``: make, measure and show what reads the texts."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import _, print_json

app = typer.Typer(help="The model that reads texts.", no_args_is_help=True)

Data = Annotated[
    Path, typer.Option("--data", help="Folder with the data sets.", exists=True)
]


@app.command()
def show(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what is installed: engines, version, sizes, cut-offs."""
    from classifiers.inventory import inventory

    found = inventory()
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        print(f"{name}: {value}")


@app.command()
def evaluate(
    data: Data,
    engine: Annotated[
        list[str] | None,
        typer.Option(help="Engines to measure; all that ship when left out."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Cores.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    weights: Annotated[
        Path | None, typer.Option(help="Weights made elsewhere by train --out.")
    ] = None,
) -> None:
    """Measure engines on SmSA valid and on the development rows of our own."""
    from classifiers.engines import NAMES, load
    from classifiers.evaluation import measure_all, report

    measured = []
    for name in engine or NAMES:
        measured += measure_all(load(name, threads=threads, weights=weights), data)
    if as_json:
        print_json([one.plain() for one in measured])
        return
    for one in measured:
        print(report(one))
        print()


@app.command()
def train(
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the weights go; into the program when left out."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="About a minute: to see that it works.")
    ] = False,
    minutes: Annotated[
        float, typer.Option(min=0.1, help="Minutes of pre-training.")
    ] = 58.0,
    threads: Annotated[int, typer.Option(min=1, help="Cores.")] = 1,
) -> None:
    """Make the weights anew: tokenizer, transformer, linear models, calibration."""
    from classifiers.training.run import Settings, train_all

    settings = Settings.quick(threads) if quick else Settings(minutes, threads)
    folder = train_all(data, out, settings, report=lambda line: print(line, flush=True))
    print(_("Bobot model ditulis ke {folder}.").format(folder=folder))
