"""Location of the data sets."""

import os
from pathlib import Path


def data_root() -> Path:
    """Return the folder that holds all data sets: ``$SYNTH_DATA``, or ``data`` in the working directory."""
    return Path(os.environ.get("SYNTH_DATA") or "data")
