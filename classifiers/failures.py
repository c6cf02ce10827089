"""Why an engine cannot be loaded."""

from models.errors import InvalidInput


class EngineUnavailable(InvalidInput):
    """The engine asked for cannot run here; the message says what to do."""
