"""Turn a decoded video frame into the image that players show: upright, with square pixels, in SDR BT.709, on white."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.pixels.images import on_white

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.reformatter import VideoReformatter
    from av.video.stream import VideoStream

HDR = {16: "PQ", 18: "HLG"}
"""Transfer characteristics of HDR video, by their number in ITU-T H.273."""
UNSPECIFIED = 2
"""Number of an unspecified colour matrix in ITU-T H.273."""
SD_LINES = 576
"""Lines of the largest standard-definition video; larger ones are BT.709 unless they state another matrix."""


def upright_size(frame: "VideoFrame", stream: "VideoStream") -> tuple[int, int]:
    """Return the (height, width) of the frame as displayed: square pixels, the camera's rotation undone."""
    shape = float(stream.sample_aspect_ratio or 1)
    height, width = frame.height, max(1, round(frame.width * (shape if 0.1 < shape < 10 else 1)))
    return (width, height) if _turns(frame) % 2 else (height, width)


def _turns(frame: "VideoFrame") -> int:
    """Return the number of counter-clockwise quarter turns that make the frame upright, after ``_mirrored``."""
    a, b, _, _ = _display_matrix(frame)
    return round(np.degrees(np.arctan2(b, -a) if _mirrored(frame) else np.arctan2(-b, a)) / 90) % 4


def _mirrored(frame: "VideoFrame") -> bool:
    """Return whether the frame is to be mirrored left to right, as front cameras ask for.

    ``frame.rotation`` cannot tell: a mirror has the angle of a half turn there.
    """
    a, b, c, d = _display_matrix(frame)
    return a * d - b * c < 0


def _display_matrix(frame: "VideoFrame") -> tuple[float, float, float, float]:
    """Return a, b, c, d of the display matrix: pixel (x, y) is shown at (a x + c y, b x + d y), but for a shift."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1.0, 0.0, 0.0, 1.0
    values = np.frombuffer(bytes(data), np.int32)[[0, 1, 3, 4]] / 65536.0
    return tuple(values.tolist())


def _colors(frame: "VideoFrame") -> dict[str, Any]:
    """Return the options of ``reformat`` that bring the frame's colours to SDR BT.709, which screens and images share.

    HDR (PQ or HLG) is tone-mapped. Frames that do not state their matrix are BT.709 above 576 lines, as browsers and
    players read them; FFmpeg takes BT.601 for all of them. Other frames need no option.
    """
    from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc

    if frame.color_trc in HDR:
        return {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709}
    if frame.colorspace == UNSPECIFIED and frame.height > SD_LINES and not frame.format.is_rgb:
        return {"src_colorspace": Colorspace.ITU709}
    return {}


def picture(frame: "VideoFrame", size: tuple[int, int], reformatter: "VideoReformatter") -> np.ndarray:
    """Return a frame as uint8 RGB ``[H, W, 3]`` of the upright ``size``: right colours, transparency on white."""
    turns = _turns(frame)
    height, width = size[::-1] if turns % 2 else size
    smooth = "AREA" if height < frame.height else "BICUBIC"
    has_alpha = any(component.is_alpha for component in frame.format.components)
    kind = "rgba" if has_alpha else "rgb24"
    image = reformatter.reformat(frame, width, height, kind, interpolation=smooth, **_colors(frame)).to_ndarray()
    if has_alpha:
        image = on_white(image)
    image = image[:, ::-1] if _mirrored(frame) else image
    return np.ascontiguousarray(np.rot90(image, turns))


def hdr_notice(path: Path, frame: "VideoFrame") -> str:
    """Return a sentence if the frame is HDR, else an empty string."""
    kind = HDR.get(frame.color_trc, "")
    return f"“{path.name}” is HDR video ({kind}): its colours were tone-mapped to SDR." if kind else ""


def interlaced_notice(path: Path) -> str:
    """Return the sentence to show for a clip with interlaced frames."""
    return f"“{path.name}” is interlaced video: its frames were deinterlaced."
