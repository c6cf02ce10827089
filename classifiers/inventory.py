"""What of the model is installed here."""

from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from classifiers.engines import NAMES, calibration


def inventory(weights: Path | None = None) -> dict[str, Any]:
    """Return version, default engine, engines, bytes on disk, cut-offs and torch.

    Raises:
        EngineUnavailable: the folder holds no weights.
    """
    if weights is None:
        with as_file(files("classifiers") / "weights") as folder:
            return inventory(folder)
    kept = calibration(weights)
    return {
        "version": kept["version"],
        "default": kept["default"],
        "engines": list(NAMES),
        "bytes": {part: size_of(weights / part) for part in ("transformer", "linear")},
        "cutoffs": {name: kept[name]["cutoff"] for name in NAMES},
        "stated_precision": kept["stated_precision"],
        "torch": find_spec("torch") is not None,
    }


def size_of(folder: Path) -> int:
    """Return the bytes of all files in ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
