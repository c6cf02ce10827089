"""*Saran*: what citizens propose, how many want it, and what was decided."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from config.words import N_
from models.boards import Boards
from models.errors import InvalidInput, NotFound
from models.item import Item
from models.labels import Severity
from models.lists import Lists
from models.person import May
from models.states import IDEA_MOVES, IdeaState, Reply
from pipeline import ideas
from pipeline.unit import Work
from web.asking import Id, IdOrNone, choice
from web.site import Desk, Signed

router = APIRouter()
_I = IdeaState
COLUMNS = (
    (_I.PROPOSED,),
    (_I.FORWARDED, _I.STUDIED),
    (_I.ACCEPTED,),
    (_I.IN_PROGRESS,),
    (_I.DONE,),
)
PATH = (
    _I.PROPOSED,
    _I.FORWARDED,
    _I.STUDIED,
    _I.ACCEPTED,
    _I.IN_PROGRESS,
    _I.DONE,
)


@router.get("/saran")
def show(desk: Signed) -> Response:
    with desk.read() as work:
        cards = Boards(work.session).ideas()
    return desk.page(
        "pages/ideas.jinja",
        columns=[
            (states, [card for card in cards if card.idea.state in states])
            for states in COLUMNS
        ],
        declined=[card for card in cards if card.idea.state is _I.DECLINED],
        open_ones=[c for c in cards if c.idea.state not in (_I.DECLINED, _I.DONE)],
        I=IdeaState,
    )


@router.get("/saran/{idea_id}")
def show_one(desk: Signed, idea_id: Id, suara: IdOrNone = 0) -> Response:
    """One idea; ``suara`` is the voice that has just become part of it."""
    with desk.read() as work:
        boards = Boards(work.session)
        card = boards.idea(idea_id)
        moves = boards.moves(idea_id)
        values: dict[str, Any] = {
            "card": card,
            "idea": card.idea,
            "quotes": boards.quotes(idea_id),
            "moves": moves,
            "names_of": work.offices.names({one.by for one in moves}),
            "next_states": _steps(desk, card.idea.state),
            "ends_here": not IDEA_MOVES[card.idea.state],
            "path_states": PATH,
            "unanswered": _unanswered(desk, work, suara),
            "I": IdeaState,
        }
    return desk.page("pages/idea.jinja", **values)


def _unanswered(desk: Desk, work: Work, item_id: int) -> Item | None:
    """The voice, where its author still waits for an answer that ``desk`` may give."""
    if not item_id or not desk.may(May.TRIAGE):
        return None
    try:
        item = Lists(work.session).voice(item_id).item
    except NotFound:
        return None
    hidden = item.severity is Severity.S1 and not desk.reads_integrity
    waits = item.reply is Reply.OPEN and item.account_id is not None
    return item if waits and not hidden else None


def _steps(desk: Desk, now: IdeaState) -> list[IdeaState]:
    """The moves that this person may make from here."""
    return [
        to
        for to in IdeaState
        if to in IDEA_MOVES[now]
        and desk.may(May.DECIDE if ideas.DECISIONS & {to, now} else May.TRIAGE)
    ]


@router.post("/saran/{idea_id}/pindah")
def move(
    desk: Signed,
    idea_id: Id,
    ke: Annotated[str, Form()],
    alasan: Annotated[str, Form()] = "",
) -> Response:
    to = choice(IdeaState, ke)
    if to is None:
        raise InvalidInput(N_("Pilih keputusannya."), "ke")
    with desk.write() as work:
        ideas.move_idea(work, desk.person, idea_id, to, alasan.strip(), desk.now)
    return desk.go(f"/saran/{idea_id}", "dipindah")
