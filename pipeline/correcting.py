"""A public correction: it answers what it corrects, and marks it when it is out.

A correction is an announcement as any other, approved as any other; beside its own
words it holds which announcement it corrects.
"""

from datetime import datetime

from config.words import N_
from models.account import Account
from models.approval import Content
from models.delivery import Delivery
from models.errors import InvalidInput
from models.states import DeliveryState
from pipeline import wiring
from pipeline.unit import Work

TO_WRITE = "[Tulis yang benar di sini.]"
"""Stands in a new draft; nothing is asked for while it does."""

LONGEST_QUOTE = 120


def text_of(title: str, said: str) -> str:
    """The draft of a correction: what it is about, room for what is right, the quote.

    It is written for the public, so in Indonesian whoever writes it.
    """
    quote = " ".join(said.split())
    if len(quote) > LONGEST_QUOTE:
        quote = quote[:LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
    told = f"Tertulis sebelumnya: “{quote}”" if quote else ""
    return "\n\n".join(filter(None, (f"Ralat: {title}", TO_WRITE, told)))


def must_be_written(content: Content) -> None:
    """Refuse a correction that does not say what is right.

    Raises:
        InvalidInput: the room for it is still empty.
    """
    for part in content.parts:
        if any(TO_WRITE in post for post in part.posts):
            raise InvalidInput(
                N_("Ralat belum berisi yang benar. Ganti tulisan dalam kurung siku."),
                f"variant-{part.account_id}",
            )


def answer_original(work: Work, account: Account, row: Delivery) -> None:
    """Let a correction that is about to go answer what it corrects.

    Only where the network has answers and the original stands; elsewhere its text
    holds the address. Nothing of the delivery may be out.
    """
    corrects = work.announcements.get(row.announcement_id).corrects
    if corrects is None or row.part > 1:
        return
    answers = wiring.capabilities(account.network).replies
    original = work.corrections.standing_on(corrects, row) if answers else None
    reply_to = original.remote_id if original else ""
    if reply_to != row.reply_to:
        row.reply_to = reply_to
        work.deliveries.forget_prepared(row)


def proved(work: Work, row: Delivery, now: datetime) -> None:
    """After a proof: what a correction corrects on the same account is corrected."""
    if row.state is not DeliveryState.PUBLISHED:
        return
    corrects = work.announcements.get(row.announcement_id).corrects
    if corrects is None:
        return
    original = work.corrections.standing_on(corrects, row)
    if original is not None and original.state is DeliveryState.PUBLISHED:
        work.deliveries.put(original, DeliveryState.CORRECTED, now)
