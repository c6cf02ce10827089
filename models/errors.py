"""Errors, named for what the caller does next.

A network error is one of four; only :class:`TryLater` is ever repeated by itself.
"""

from datetime import timedelta

from models.problems import Problem


class KentonganError(Exception):
    """Any failure of ours that is explained to a person."""


class NetworkError(KentonganError):
    """A call to a network or a source failed.

    Args:
        problem: the cause, with words for people in ``models.problems.WORDS``.
        detail: what the other side said, for the log; never holds a secret.
    """

    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(f"{problem.value}: {detail}" if detail else problem.value)
        self.problem = problem
        self.detail = detail


class TryLater(NetworkError):
    """Nothing happened; the same request may go again after ``wait``.

    Args:
        alone: it concerns this one post; the account's others need not wait.
    """

    def __init__(
        self,
        problem: Problem,
        detail: str = "",
        *,
        wait: timedelta | None = None,
        alone: bool = False,
    ) -> None:
        super().__init__(problem, detail)
        self.wait = wait
        self.alone = alone


class Unanswered(TryLater):
    """The request left us and its answer is lost; it changed nothing in public.

    It may go again, but the other side may have served it, and may bill it.
    """


class Disconnected(NetworkError):
    """The credentials are refused: refresh once, then hold the account."""


class Refused(NetworkError):
    """The content is refused; a person must change it."""


class Gone(Refused):
    """What was to be taken down is not there: as good as taken down."""


class Uncertain(NetworkError):
    """The request left us and no answer came: it may or may not be published."""


class GateClosed(KentonganError):
    """The last look before the bytes leave said no; nothing was sent."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class NotAllowed(KentonganError):
    """This person may not do this (role, office, or author of the same text)."""


class OwnWork(NotAllowed):
    """Whoever wrote or asked for an announcement may not decide on it."""


class SignedAlready(NotAllowed):
    """Each step of an approval is signed by somebody else."""


class NotFound(KentonganError):
    """No such row in this office."""


class Conflict(KentonganError):
    """The row changed since it was read, or the move is not allowed from its state."""


class InvalidInput(KentonganError):
    """What a person typed cannot be used; ``field`` names where.

    Args:
        message: an Indonesian message id (gettext), shown beside the field.
        field: name of the form field or option, empty when it is the whole form.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
