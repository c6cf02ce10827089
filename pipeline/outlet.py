"""The station's own feed: what an office has published, for anybody who asks."""

from zoneinfo import ZoneInfo

from models.errors import NotFound
from models.outlet import PublicPosts
from models.scope import OfficeScope, SystemScope
from pipeline import wiring
from pipeline.unit import Store
from reports.outlet import Outlet

MOST_POSTS = 50


def outlet(store: Store, code: str, base_url: str) -> Outlet:
    """The feed of the office of ``code``, with its newest announcements.

    Args:
        base_url: where the dashboard stands for the public, without a slash at its
            end.

    Raises:
        NotFound: there is no such office.
    """
    with store.read(SystemScope("public feed")) as work:
        office = work.offices.by_code(code)
    if office is None:
        raise NotFound(f"office {code!r}")
    with store.read(OfficeScope(office.id)) as work:
        posts = PublicPosts(work.session).newest(_public(), MOST_POSTS)
    return Outlet(
        name=office.name,
        office_id=office.id,
        since=office.created_at,
        zone=ZoneInfo(office.timezone),
        atom_url=base_url + address(code, "atom"),
        json_url=base_url + address(code, "json"),
        posts=posts,
    )


def address(code: str, form: str) -> str:
    """Where one form of an office's feed stands on the dashboard."""
    return f"/umpan/{code}/pengumuman.{form}"


def _public() -> list[str]:
    return [one.name for one in wiring.all_capabilities() if one.public]
