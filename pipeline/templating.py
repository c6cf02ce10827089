"""From a filled template to an announcement: a text per account, and what it costs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.formats import Formats
from models.account import Account
from models.template import Filled, Template, fill
from networks.capabilities import Capabilities
from networks.counting import addresses, fits
from pipeline.announcing import AnnouncementForm
from pipeline.budget import load_prices
from pipeline.measuring import Finding, measure
from pipeline.wiring import account_capabilities


@dataclass(frozen=True, slots=True)
class Version:
    """What one account will say, how long that is, and what it costs in rupiah."""

    account: Account
    text: str
    finding: Finding
    idr: int | None = None  # None where posts cost nothing
    idr_linked: int | None = None  # what the link that was left out would have cost


def filled(
    template: Template, given: Mapping[str, str], office: str, zone: ZoneInfo
) -> Filled:
    """The fields as the texts say them.

    Raises:
        InvalidInput: a field is missing or cannot be read.
    """
    zone_name = Formats("id", zone).zone_name
    return fill(template, given, office=office, zone_name=zone_name)


def text_on(one: Filled, can: Capabilities) -> str:
    """The text for a network: the full one where it fits, else the short one.

    Where posts are paid for, the link is left out: it is the dearest part of a post.
    """
    linked = not can.paid
    full = one.text(linked=linked)
    return full if fits(full, can.text) else one.text(short=True, linked=linked)


def versions(one: Filled, accounts: Collection[Account]) -> list[Version]:
    """What each account will say; the texts of :func:`form`, measured."""
    return [_version(one, account) for account in accounts]


def form(
    one: Filled, accounts: Collection[Account], publish_at: datetime | None = None
) -> AnnouncementForm:
    """The announcement as the composer would have typed it."""
    body = one.text()
    texts = {a.id: text_on(one, account_capabilities(a)) for a in accounts}
    return AnnouncementForm(
        title=one.title,
        body=body,
        variants={key: "" if text == body else text for key, text in texts.items()},
        publish_at=publish_at,
        category=one.template.category,
    )


def cost(network: str, text: str) -> int:
    """What one post of ``text`` costs on a paid network, in rupiah."""
    action = "post_with_url" if addresses(text) else "post"
    return load_prices().idr(f"{network}.{action}")


def _version(one: Filled, account: Account) -> Version:
    can = account_capabilities(account)
    text = text_on(one, can)
    found = measure(account, text)
    if not can.paid:
        return Version(account, text, found)
    linked = one.text(short=True)
    left_out = cost(account.network, linked) if addresses(linked) else None
    return Version(account, text, found, cost(account.network, text), left_out)
