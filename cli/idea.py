"""``kentongan idea``: make, list, show, move."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

app = typer.Typer(help="Suggestions on their way to a decision.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def make(
    item: Annotated[list[int], typer.Argument(help="Items that speak for it.")],
    title: Annotated[str, typer.Option(help="The idea in one line.")],
    service: Annotated[str, typer.Option(help="sim, skck, spkt …")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an idea of one or several items."""
    from models.labels import Service
    from pipeline.ideas import make_idea
    from pipeline.unit import now_utc

    chosen = Service(service) if service else None
    with opened() as here, here.store.write(here.office) as work:
        idea_id = make_idea(work, here.person, item, title, chosen, now_utc())
    if as_json:
        print_json({"id": idea_id})
    else:
        print(_("Saran nomor {id} dibuat.").format(id=idea_id))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List ideas with the number of different people behind each."""
    from models.boards import Boards

    with opened() as here:
        with here.store.read(here.office) as work:
            cards = Boards(work.session).ideas()
        print_rows(
            [
                {
                    "id": card.idea.id,
                    "state": card.idea.state,
                    "service": card.idea.service,
                    "people": card.people,
                    "title": card.idea.title,
                }
                for card in cards
            ],
            as_json=as_json,
        )


@app.command()
def show(idea_id: int, as_json: AsJson = False) -> None:
    """Show an idea with its quotes and the decisions on it."""
    with opened() as here:
        with here.store.read(here.office) as work:
            idea = work.ideas.by_id(idea_id)
            quotes = [one.quote for one, _item in work.ideas.evidence(idea_id)]
            moves = work.ideas.moves(idea_id)
        rows = [
            {"at": one.at, "was": one.was, "became": one.became, "reason": one.reason}
            for one in moves
        ]
        if as_json:
            print_json(
                {
                    "id": idea.id,
                    "title": idea.title,
                    "state": idea.state,
                    "quotes": quotes,
                    "moves": rows,
                }
            )
            return
        say(f"{idea.title}  [{idea.state.value}]")
        for quote in quotes:
            say(f"  “{quote}”")
        print_rows(rows, as_json=False, zone=here.zone)


@app.command()
def move(
    idea_id: int,
    to: Annotated[str, typer.Argument(help="forwarded, studied, accepted …")],
    reason: Annotated[str, typer.Option(help="Needed where it is declined.")] = "",
) -> None:
    """Take an idea one step on."""
    from models.states import IdeaState
    from pipeline.ideas import move_idea
    from pipeline.unit import now_utc

    if to not in {one.value for one in IdeaState}:
        raise typer.BadParameter(", ".join(one.value for one in IdeaState))
    with opened() as here, here.store.write(here.office) as work:
        move_idea(work, here.person, idea_id, IdeaState(to), reason, now_utc())
    print(_("Tersimpan."))
