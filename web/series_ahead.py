"""What a series will say on the coming days, and what the guard marks in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.failures import SettingsProblem
from config.holidays import Holidays, load_holidays
from models.account import Account
from models.approval import Content
from models.errors import InvalidInput
from models.series_plan import Day, Plan
from pipeline import guarding, occurring
from pipeline.guarding import Standing
from pipeline.measuring import measure
from pipeline.templating import Version, cost
from pipeline.unit import Work
from pipeline.wiring import account_capabilities
from web.site import Desk


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes: days with their texts, or why that cannot be told."""

    days: list[tuple[Day, list[Version]]]
    error: str = ""  # a message id
    wrong: str = ""  # a sentence about a file of holidays, already said
    guarded: Sequence[Standing] = ()  # what the guard marks in the first day's texts


def holidays_of(desk: Desk) -> tuple[Holidays | None, str]:
    """The holidays that count here; or what is wrong with their files."""
    try:
        return load_holidays(desk.site.settings.holidays_folder), ""
    except SettingsProblem as error:
        return None, error.told(desk.say)[0]


def ahead_of(desk: Desk, work: Work, plan: Plan) -> Ahead:
    holidays, wrong = holidays_of(desk)
    if holidays is None:
        return Ahead([], wrong=wrong)
    accounts = {one.id: one for one in work.accounts.listed()}
    try:
        shown = occurring.look_ahead(work, plan, holidays, desk.now)
    except InvalidInput as error:
        return Ahead([], error=error.message)
    first = next((content for _, content in shown if content), None)
    guard = guarding.guard_of(work, desk.now)
    return Ahead(
        [(day, _versions(content, accounts)) for day, content in shown],
        guarded=guard.stands(guarding.Seen.of(first)) if first else (),
    )


def _versions(content: Content | None, accounts: dict[int, Account]) -> list[Version]:
    """The texts of a day as each network counts them."""
    return [
        Version(
            account := accounts[part.account_id],
            part.text,
            measure(account, part.text),
            cost(part.network, part.text)
            if account_capabilities(account).paid
            else None,
        )
        for part in (content.parts if content else ())
    ]
