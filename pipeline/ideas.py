"""Ideas: suggestions of citizens, with their evidence, on their way to a decision."""

from collections.abc import Sequence
from datetime import datetime

from config.printing import unmarked
from config.words import N_
from models.errors import InvalidInput
from models.idea import Idea
from models.item import Item, full_text
from models.labels import Evidence, Kind, Service
from models.labels_json import from_json
from models.person import May, Person
from models.redaction import redact
from models.states import IdeaState
from pipeline.contacts import contacts_that_stay
from pipeline.inbox import may_touch
from pipeline.unit import Work
from reports.masking import mask, unaddressed

LONGEST_TITLE = 160
LONGEST_NAME = 80  # letters of a title taken from a citizen's words
LONGEST_QUOTE = 400
LONGEST_REASON = 2_000
DECISIONS = frozenset({IdeaState.ACCEPTED, IdeaState.DECLINED})
_ENDS = ".!?\n"


def make_idea(
    work: Work,
    by: Person,
    item_ids: Sequence[int],
    title: str,
    service: Service | None,
    now: datetime,
) -> int:
    """Make an idea of items that say the same; return its id.

    Raises:
        NotAllowed: this person may not. NotFound: one of the items does not exist.
        InvalidInput: the title is missing or too long, or there is no item.
    """
    by.must(May.TRIAGE)
    name = redact(" ".join(title.split()), contacts_that_stay(work)).text
    if not name:
        raise InvalidInput(N_("Tulis judul saran."), "title")
    if len(name) > LONGEST_TITLE:
        raise InvalidInput(N_("Judul saran terlalu panjang."), "title")
    if not item_ids:
        raise InvalidInput(N_("Pilih paling sedikit satu suara warga."), "items")
    items = work.items.by_ids(item_ids)
    idea_id = work.ideas.add(
        Idea(
            office_id=by.office_id,
            title=name,
            service=service,
            state=IdeaState.PROPOSED,
            created_by=by.user_id,
            created_at=now,
            updated_at=now,
        )
    )
    for item in items:
        _add(work, by, idea_id, item, now)
    work.audit.act(by, "idea.made", Idea, idea_id, now)
    return idea_id


def add_evidence(
    work: Work, by: Person, idea_id: int, item_id: int, now: datetime
) -> None:
    """Add an item that speaks for an idea; a second time changes nothing.

    Raises:
        NotAllowed: this person may not. NotFound: the idea or item does not exist.
    """
    by.must(May.TRIAGE)
    work.ideas.by_id(idea_id)
    if _add(work, by, idea_id, work.items.by_id(item_id), now):
        work.audit.act(by, "idea.evidence", Idea, idea_id, now)


def move_idea(
    work: Work,
    by: Person,
    idea_id: int,
    to: IdeaState,
    reason: str,
    now: datetime,
) -> None:
    """Take an idea one step on; a decline needs its reason.

    Raises:
        NotAllowed: only some people accept, decline, or take up a declined one again.
        InvalidInput: a decline without a reason.
        Conflict: no such move from its state, or somebody moved it meanwhile.
    """
    idea = work.ideas.by_id(idea_id)
    decides = to in DECISIONS or idea.state in DECISIONS
    by.must(May.DECIDE if decides else May.TRIAGE)
    why = redact(reason.strip(), contacts_that_stay(work)).text[:LONGEST_REASON]
    if to is IdeaState.DECLINED and not why:
        raise InvalidInput(N_("Tulis alasan mengapa saran ini tidak dapat."), "reason")
    work.ideas.move(idea, to, by.user_id, why, now)
    work.audit.act(by, f"idea.{to.value}", Idea, idea_id, now)


def quote_of(title: str, text: str, evidence: Sequence[Evidence] = ()) -> str:
    """The sentence that proposes something, else how the text begins."""
    whole = full_text(title, text)
    for one in evidence:
        if one.label == Kind.SUGGESTION.value and whole[one.start : one.end].strip():
            begin = max(whole.rfind(end, 0, one.start) for end in _ENDS) + 1
            stops = [whole.find(end, one.end) for end in _ENDS]
            stop = min((at + 1 for at in stops if at >= 0), default=len(whole))
            return _short(whole[begin:stop])
    return _short(text or title)


def title_of(title: str, text: str) -> str:
    """What an idea made of this item may be called, until a person says it better.

    How its words begin, after the accounts it is addressed to; without private data.
    """
    return _short(unmarked(mask(unaddressed(title or text))), LONGEST_NAME)


def _short(text: str, longest: int = LONGEST_QUOTE) -> str:
    words = " ".join(text.split())
    if len(words) <= longest:
        return words
    begin, _, rest = words[:longest].rpartition(" ")
    return (begin or rest[:-1]).rstrip(" ,.;:–-") + "…"


def _add(work: Work, by: Person, idea_id: int, item: Item, now: datetime) -> bool:
    may_touch(by, item)
    written = work.items.labels_of(item)
    evidence = from_json(written).evidence if written else ()
    quote = quote_of(item.title, item.text, evidence)
    return work.ideas.add_evidence(idea_id, item.id, quote, by.user_id, now)
