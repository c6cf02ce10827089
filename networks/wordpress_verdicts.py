"""What a WordPress site's answers mean.

Codes and statuses: ``WP_REST_Posts_Controller``, ``WP_REST_Attachments_Controller`` and
``rest_authorization_required_code`` of WordPress (seen at work in Debian's 6.1). A user
who was deleted: ``wp_authenticate_application_password`` (T).
"""

import json
from datetime import UTC, datetime

from models.errors import Disconnected, Gone, NetworkError, Refused, Uncertain
from models.problems import Problem
from networks.requests_door import Reply
from networks.verdicts import common, retry_after

_SAID = 200
_NOT_ALLOWED = ("rest_cannot_", "rest_forbidden", "rest_user_cannot")
_ABSENT = frozenset({"rest_post_invalid_id", "rest_already_trashed"})
_NO_BIN = "rest_trash_not_supported"
_NO_USER = frozenset({"invalid_username", "invalid_email"})
_UPLOAD = "rest_upload_"  # what is wrong with a file, also with status 500


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer of a site."""
    code, words = _told(reply.body)
    error = common(reply, retry_after(reply.headers, datetime.now(UTC)))
    if error is None:
        return None
    detail = f"{reply.status} {code} {words}".strip()[:_SAID]
    known = _known(reply, code, detail)
    if known is None and isinstance(error, Uncertain | Refused):
        return type(error)(error.problem, detail)
    return known or error


def _known(reply: Reply, code: str, detail: str) -> NetworkError | None:
    """What only WordPress means so."""
    if reply.deletes and code in _ABSENT:
        return Gone(Problem.NOT_DELETABLE, detail)
    if code == _NO_BIN:  # 501: nothing was done
        return Refused(Problem.NOT_DELETABLE, detail)
    if code.startswith(_UPLOAD) or (reply.status == 413 and "/media" in reply.path):
        return Refused(Problem.MEDIA_REFUSED, detail)
    problem = _of_account(reply.status, code)
    return Disconnected(problem, detail) if problem else None


def _of_account(status: int, code: str) -> Problem | None:
    """What is wrong with the address or the author, rather than with the content.

    401 is nobody signed in, whatever the code says; 403 is a right that is missing, or
    a firewall of the site in front of WordPress.
    """
    match status:
        case 401 if code in _NO_USER:
            return Problem.ACCOUNT_CLOSED
        case 401:
            return Problem.TOKEN_REFUSED
        case 403 if code.startswith(_NOT_ALLOWED):
            return Problem.SCOPE_MISSING
        case 403:
            return Problem.TOKEN_REFUSED
        case 404:  # no REST API there, or not under this address
            return Problem.ADDRESS_INVALID
    return None


def _told(body: bytes) -> tuple[str, str]:
    """The code and the sentence of an error, on one line."""
    try:
        told = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    words = " ".join(str(told.get("message") or "").split())
    plain = "".join(letter for letter in words if letter.isprintable())
    return str(told.get("code") or ""), plain
