"""Files of API requests and answers: only files that were uploaded here are read, whatever path a request contains."""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio import FileData
from gradio.utils import get_upload_folder
from gradio_client.utils import is_file_obj_with_meta

from synth.app import controls
from synth.pixels import animation, images
from synth.runtime import untrusted

NO_FILE = "Send the {what} as a file: handle_file(...) of gradio_client, or a web address."


def received(data: Any, what: str) -> Path:
    """Return the path of an uploaded file. Raises ``ValueError`` for anything else.

    Gradio checks paths too, but only of values that it recognizes as files: hence this second check.
    """
    if not is_file_obj_with_meta(data) or not isinstance(data["path"], str) or "\0" in data["path"]:
        raise ValueError(NO_FILE.format(what=what))
    path = Path(data["path"]).resolve()
    if not path.is_relative_to(Path(get_upload_folder()).resolve()) or not path.is_file():
        raise ValueError(NO_FILE.format(what=what))
    if path.stat().st_size > untrusted.MAX_BYTES:
        raise ValueError(f"The {what} is larger than {untrusted.MAX_BYTES // 2**20} MB. Make it smaller.")
    return path


def read(data: Any) -> np.ndarray:
    """Read an uploaded picture as uint8 RGB ``[H, W, 3]``; ``ValueError`` if it is not a picture."""
    return images.read(_still(data), max_pixels=controls.MAX_READ)


def read_with_alpha(data: Any) -> np.ndarray:
    """Read an uploaded picture as uint8 RGBA ``[H, W, 4]`` if it has transparency, else as ``read`` does."""
    return images.read_with_alpha(_still(data), max_pixels=controls.MAX_READ)


def _still(data: Any) -> Path:
    """Return the path of an uploaded picture; clients are told where only its first frame or page is used."""
    path = received(data, "picture")
    if notice := animation.only_first(path):
        gr.Info(notice)
    return path


def given(path: str | Path) -> FileData:
    """Wrap the path of a file as an answer that the client downloads."""
    return FileData(path=str(path), orig_name=Path(path).name)


def png(image: np.ndarray, name: str, notice: str = "", source: Any = None) -> FileData:
    """Return uint8 RGB ``[H, W, 3]`` as a PNG with a provenance mark; clients are told a ``notice``, too.

    What ``source``, the upload that it was made from, says of itself is kept.
    """
    if notice:
        gr.Info(notice)
    path = received(source, "picture") if source else None
    return given(controls.save_png(image, f"synth-{name}.png", notice, path))
