"""Whether a network takes a video: the same for the composer, the asking and the send.

A video is passed through as it is: what does not fit is said to its author, who cuts or
exports it anew. Nothing is encoded here.
"""

from datetime import timedelta

from models.errors import Refused
from models.problems import Problem
from models.speech import VideoFacts
from networks.capabilities import VideoLimit


def problem_of(facts: VideoFacts, limit: VideoLimit | None) -> Problem | None:
    """Why the network does not take it; None when it does.

    Args:
        limit: of the network; None where none can be sent.
    """
    if limit is None:
        return Problem.VIDEO_UNSUPPORTED
    if facts.size > limit.most_bytes:
        return Problem.VIDEO_TOO_LARGE
    if facts.video not in limit.video or facts.audio not in {"", *limit.audio}:
        return Problem.VIDEO_CODEC
    length = timedelta(milliseconds=facts.milliseconds)
    if not limit.shortest <= length <= limit.longest:
        return Problem.VIDEO_LENGTH
    return None if _shaped(facts, limit) else Problem.VIDEO_SHAPE


def must_take(facts: VideoFacts, limit: VideoLimit | None) -> None:
    """Refuse what the network does not take, before anything is sent.

    Raises:
        Refused: with the problem of :func:`problem_of`.
    """
    problem = problem_of(facts, limit)
    if problem is not None:
        raise Refused(problem, told(facts))


def told(facts: VideoFacts) -> str:
    """What a video is, in one line for a log."""
    return (
        f"{facts.size} bytes, {facts.seconds:g} s, {facts.width} x {facts.height},"
        f" {facts.video} {facts.audio}, {facts.frame_rate:g} frames/s"
    )


def _shaped(facts: VideoFacts, limit: VideoLimit) -> bool:
    sides = sorted((facts.width, facts.height))
    lowest, highest = limit.frame_rates
    return (
        sides[0] >= limit.shortest_side
        and sides[1] <= limit.longest_side
        and facts.width * facts.height <= limit.most_pixels
        and limit.narrowest <= facts.width / facts.height <= limit.widest
        and lowest <= facts.frame_rate <= highest
    )
