"""Logs: structured lines on stderr, with secrets blotted out."""

import logging
import os
import re
import sys
import tempfile
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from config.printing import one_line
from config.settings import Settings

_SECRET_NAMES = re.compile(
    r"(token|secret|password|authorization|api_?key|cookie)", re.IGNORECASE
)
_LOGIN_IN_URL = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+@")


def configure(settings: Settings) -> None:
    """Set up logging for the process."""
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        blot_out,
    ]
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[*shared, keep_exception, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=max(level, logging.WARNING),
        format="%(asctime)s [%(levelname)s] %(name)s: %(message)s",
        stream=sys.stderr,
    )


def blot_out(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Remove what looks like a secret, and what would act on a terminal."""
    for name, value in event.items():
        if name != "event" and _SECRET_NAMES.search(name):
            event[name] = "***"
        elif isinstance(value, str):
            event[name] = one_line(_LOGIN_IN_URL.sub("***@", value))
    return event


def keep_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name an exception in the line and keep its traceback in a private file."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1]
    if info and isinstance(error, Exception):
        first = (str(error).splitlines() or [""])[0]
        event["error"] = one_line(f"{type(error).__name__}: {first}")
        event["traceback"] = keep_traceback(error)
    return event


def keep_traceback(error: Exception) -> str:
    """Write a traceback to a private file, so that none stands on a screen.

    Returns:
        The path of the file, for the person who will ask us.
    """
    text = "".join(traceback.format_exception(error))
    descriptor, path = tempfile.mkstemp(prefix="kentongan-", suffix=".log")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_LOGIN_IN_URL.sub("***@", text))
    return path
