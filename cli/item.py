"""``kentongan item``: list what was heard, show one, mark it as dealt with."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from models.item import Item
    from models.person import Person

app = typer.Typer(help="What citizens and newspapers said.", no_args_is_help=True)

E = TypeVar("E", bound=StrEnum)
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help="complaint, suggestion, question …")] = "",
    sentiment: Annotated[str, typer.Option(help="negative, neutral, positive.")] = "",
    waiting: Annotated[
        bool, typer.Option(help="Only what needs an answer and has none.")
    ] = False,
    contains: Annotated[str, typer.Option(help="Words to look for.")] = "",
    as_json: AsJson = False,
) -> None:
    """List items, newest first; one page."""
    from models.filters import Filters
    from models.labels import Kind, Sentiment
    from models.lists import Lists
    from models.person import May

    filters = Filters(
        waiting=waiting,
        kind=_choice(Kind, kind),
        sentiment=_choice(Sentiment, sentiment),
        words=contains,
    )
    with opened() as here:
        integrity = here.person.may(May.READ_INTEGRITY)
        with here.store.read(here.office) as work:
            page = Lists(work.session).voices(filters, None, integrity=integrity)
        print_rows(
            [_row(item) for item in page.items],
            as_json=as_json,
            zone=here.zone,
            programs_only=("service", "sure", "url"),
        )


@app.command()
def show(item_id: int, as_json: AsJson = False) -> None:
    """Show one item with everything the model said of it."""
    import json

    from models.errors import NotAllowed

    with opened() as here:
        with here.store.read(here.office) as work:
            item = work.items.by_id(item_id)
            labels = work.items.labels_of(item)
        if not _readable(item, here.person):
            raise NotAllowed("integrity items are read by approvers")
        said = json.loads(labels) if labels else None
    if as_json:
        print_json({**_row(item), "text": item.text, "labels": said})
        return
    say(item.text)
    print_rows([_row(item)], as_json=False, zone=here.zone)


@app.command()
def mark(
    item_id: int,
    reply: Annotated[str, typer.Argument(help="answered, closed, not_ours or open.")],
    note: Annotated[str, typer.Option(help="What was answered, or why not.")] = "",
) -> None:
    """Say that an item was answered, needs no answer, or is not ours."""
    from models.states import Reply
    from pipeline.inbox import mark as mark_item
    from pipeline.unit import now_utc

    state = _choice(Reply, reply)
    if state is None:
        raise typer.BadParameter("answered, closed, not_ours or open")
    with opened() as here, here.store.write(here.office) as work:
        mark_item(work, here.person, item_id, state, note, now_utc())
    print(_("Tersimpan."))


def _row(item: "Item") -> dict[str, object]:
    return {
        "id": item.id,
        "at": item.at,
        "network": item.network,
        "kind": item.kind,
        "service": item.service,
        "sentiment": item.sentiment,
        "sure": item.sentiment_sure,
        "reply": item.reply,
        "text": (item.title or item.text)[:80],
        "url": item.url,
    }


def _readable(item: "Item", person: "Person") -> bool:
    from models.labels import Severity
    from models.person import May

    return item.severity is not Severity.S1 or person.may(May.READ_INTEGRITY)


def _choice(enum: type[E], value: str) -> E | None:
    if not value:
        return None
    try:
        return enum(value)
    except ValueError:
        allowed = ", ".join(one.value for one in enum)
        raise typer.BadParameter(f"{value!r}: {allowed}") from None
