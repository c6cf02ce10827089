"""How long a text is on an account, and the parts of a thread where it is too long."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.account import Account
from models.errors import Refused
from models.problems import Problem
from models.speech import VideoFacts
from networks.capabilities import VideoAlt, VideoLimit
from networks.composing import shape
from networks.splitting import split
from networks.videos import problem_of
from pipeline.wiring import account_capabilities

MOST_PARTS = 25  # of a thread; nobody reads on


@dataclass(frozen=True, slots=True)
class Finding:
    """The length of the text on one account, and what is wrong with it, if anything.

    ``may_thread`` where the network knows threads; ``thread`` has the parts of one, and
    ``length`` is then that of its longest part.
    """

    account_id: int
    network: str
    handle: str
    length: int
    longest: int
    problem: Problem | None
    says: str = ""  # what stands there, with what the network needs beside the text
    picture_left_out: bool = False  # the text alone has room there, not both
    video_limit: VideoLimit | None = None  # of the network, where a video goes
    description_left_out: bool = False  # the network has no place for that of a video
    may_thread: bool = False
    thread: tuple[str, ...] = ()  # what stands in each part


def measure(
    account: Account,
    text: str,
    alt: str | None = None,
    video: VideoFacts | None = None,
    *,
    thread: bool = False,
) -> Finding:
    """Count one text as the account's network does; the same code as before a send.

    Args:
        alt: description of the picture or video that goes with it; None without one.
        video: what the video is; None where it is a picture.
        thread: a text that is too long for one post becomes a thread.
    """
    parts = thread_of(account, text) if thread else ()
    return measured(account, parts or (text,), alt, video)


def thread_of(account: Account, text: str) -> tuple[str, ...]:
    """The parts of a text that is too long for one post; none when it is not.

    None as well where the network knows no threads, and where it makes no thread:
    it stays one text that is too long.
    """
    can = account_capabilities(account)
    if not can.threads:
        return ()
    try:
        parts = split(text, can.text)
    except Refused:
        return ()
    return parts if 1 < len(parts) <= MOST_PARTS else ()


def measured(
    account: Account,
    posts: Sequence[str],
    alt: str | None = None,
    video: VideoFacts | None = None,
) -> Finding:
    """Count what goes out on one account, in one post or in several.

    The picture, or the video, goes with the first.
    """
    can = account_capabilities(account)
    alts = [] if alt is None else [alt]
    is_film = video is not None
    made = [
        shape(post, alts if n == 0 else [], can, video=is_film)
        for n, post in enumerate(posts)
    ]
    worst = max(made, key=lambda one: (not one.fits, one.length))
    problem: Problem | None = None
    if not all(post.strip() for post in posts):
        problem = Problem.TEXT_EMPTY
    elif can.needs_picture and alt is None:
        problem = Problem.PICTURE_MISSING
    elif not worst.fits:
        problem = Problem.TEXT_TOO_LONG
    elif video is not None:
        problem = problem_of(video, can.video)
    nowhere = can.video is not None and can.video.alt is VideoAlt.NOWHERE
    return Finding(
        account.id,
        account.network,
        account.handle,
        worst.length,
        worst.longest,
        problem,
        says=made[0].text,
        picture_left_out=alt is not None and not made[0].pictures,
        video_limit=can.video if is_film else None,
        description_left_out=is_film and nowhere,
        may_thread=can.threads,
        thread=tuple(one.text for one in made) if len(made) > 1 else (),
    )
