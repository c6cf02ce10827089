"""``kentongan classify``: one text for a person, or JSON lines for programs."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Protocol, cast

import typer

from config.words import N_

if TYPE_CHECKING:
    from classifiers.base import Classifier
    from models.labels import Labels

BATCH = 256  # lines that are read before the first of them is answered
CHUNK = 256 * 1024  # bytes of one look at the input


class ReadsOnce(Protocol):
    """A binary stream that gives what is there instead of waiting for more."""

    def read1(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes after one read; empty at the end."""
        ...


def classify(
    text: Annotated[
        str | None,
        typer.Argument(help="The text; with --jsonl a file, or nothing for stdin."),
    ] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Read {"text": …} lines, answer one line each.'),
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(help="default, linear, transformer, ensemble, or a folder."),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Cores for one batch.")] = 1,
) -> None:
    """Read Indonesian texts: sentiment, kind, service and SKM elements."""
    from classifiers.engines import load

    if text is None and not jsonl:
        raise typer.BadParameter("Give a TEXT, or --jsonl.")
    model = load(engine or _configured(), threads=threads)
    if not jsonl:
        _print_for_people(str(text), model.predict([str(text)])[0])
        return
    if text is None:
        broken = answer_lines(arriving(cast("ReadsOnce", sys.stdin.buffer)), model)
    else:
        with open(text, "rb") as file:  # noqa: PTH123 - a name a person typed
            broken = answer_lines(arriving(file), model)
    raise typer.Exit(1 if broken else 0)


def _configured() -> str:
    from config.settings import load_settings

    return load_settings().engine


def arriving(file: "ReadsOnce") -> Iterator[list[bytes]]:
    """Yield the whole lines that are there, at most ``BATCH`` at once.

    A program that asks one line and waits for its answer gets it; a file comes in
    batches, which is faster.
    """
    begun: list[bytes] = []
    while chunk := file.read1(CHUNK):
        *whole, rest = chunk.split(b"\n")
        if whole:
            whole[0] = b"".join([*begun, whole[0]])
            begun.clear()
        begun.append(rest)
        yield from (whole[at : at + BATCH] for at in range(0, len(whole), BATCH))
    if last := b"".join(begun):
        yield [last]


def answer_lines(batches: Iterable[list[bytes]], model: "Classifier") -> int:
    """Answer each line on stdout, in order; returns how many could not be read."""
    import json

    broken = 0
    before = 0  # lines in the batches that are answered
    for batch in batches:
        read = [_text_of(line) for line in batch]
        labels = iter(model.predict([text for text, _ in read if text is not None]))
        for number, (_, problem) in enumerate(read, start=before + 1):
            if problem:
                broken += 1
                print(f"line {number}: {problem}", file=sys.stderr)
                answer: dict[str, Any] = {"error": f"line {number}: {problem}"}
            else:
                answer = plain(next(labels))
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        before += len(batch)
    return broken


def _text_of(line: bytes) -> tuple[str | None, str]:
    """Return the text of one line, or why there is none."""
    import json

    try:
        value = json.loads(line)
    except UnicodeDecodeError as error:
        return None, f"not UTF-8 ({error.reason})"
    except (ValueError, RecursionError) as error:
        return None, f"not JSON ({error})"
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        return None, 'needs an object with "text", a string'
    return value["text"], ""


def plain(labels: "Labels") -> dict[str, Any]:
    """Return the labels as the object of one JSON line."""
    service = labels.service
    return {
        "sentiment": {
            "label": labels.sentiment.label.value,
            "probabilities": {
                label.value: round(p, 6)
                for label, p in labels.sentiment.probabilities.items()
            },
            "sure": labels.sentiment.sure,
        },
        "kind": labels.kind.label.value,
        "kind_sure": labels.kind.sure,
        "service": service.label.value if service else None,
        "service_sure": service.sure if service else None,
        "elements": [
            {
                "element": one.element.value,
                "polarity": one.polarity.value,
                "probability": round(one.probability, 6),
                "sure": one.sure,
            }
            for one in labels.elements
        ],
        "severity": labels.severity.value,
        "model": labels.model,
    }


def _print_for_people(text: str, labels: "Labels") -> None:
    from cli.output import _, say

    unsure, decisive = _("belum pasti"), _("Kata yang menentukan")
    rows = list(_rows(labels))
    width = max(len(_(name)) for name, _value, _sure in rows)
    for name, value, sure in rows:
        doubt = "" if sure else f"  ({unsure})"
        print(f"{_(name):<{width}}  {value}{doubt}")
    told = [f"“{text[e.start : e.end]}” → {e.label}" for e in labels.evidence]
    if told:
        say(f"{decisive}: {'; '.join(told)}")


def _rows(labels: "Labels") -> Iterator[tuple[str, str, bool]]:
    feeling = labels.sentiment
    share = feeling.probabilities[feeling.label]
    yield N_("Sentimen"), f"{feeling.label.value} ({share:.0%})", feeling.sure
    kind = labels.kind
    yield (
        N_("Jenis"),
        f"{kind.label.value} ({kind.probabilities[kind.label]:.0%})",
        kind.sure,
    )
    if labels.service:
        service = labels.service
        yield (
            N_("Layanan"),
            f"{service.label.value} ({service.probability:.0%})",
            service.sure,
        )
    for one in labels.elements:
        yield N_("Unsur"), f"{one.element.value} {one.polarity.value}", one.sure
    yield N_("Tingkat"), labels.severity.value, True
    yield N_("Model"), labels.model, True
