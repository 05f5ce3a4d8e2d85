"""Where data sets lie."""

import os
from pathlib import Path


def data_root() -> Path:
    """Return the folder of all sets: ``$SYNTH_DATA``, or ``data`` here."""
    return Path(os.environ.get("SYNTH_DATA") or "data")
