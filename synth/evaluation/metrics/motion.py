"""Measure a character in motion: image quality, flicker, and whether the images show the requested pose.

A graph runs over each test clip from its beginning, with its own last output as input, as in the app.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.data.sets.frames import Clips
from synth.evaluation.measure import planes
from synth.evaluation.metrics import lpips, psnr_ssim
from synth.pixels.body import skeleton
from synth.pixels.body.pose import VISIBLE, seen

STILL = 2
"""Largest change of a true pixel between two frames, in grey levels, at which it counts as still."""
AROUND = 12
"""Smallest difference from the clean plate, in grey levels, of a pixel of the character or its shadow."""
SHARE = 0.1
Paint = Callable[[np.ndarray, np.ndarray], np.ndarray]
Find = Callable[[np.ndarray], np.ndarray | None]


@dataclass(frozen=True)
class Played:
    """Test clips, and a graph's outputs for them, uint8 ``[T, side, side, 3]``."""

    clips: Clips
    outputs: np.ndarray


def skeletons(clips: Clips) -> np.ndarray:
    """Return the drawn skeletons of all frames, uint8 ``[T, side, side, 3]``."""
    side = clips.pictures.shape[1]
    return np.stack([skeleton.draw(pose, side, side) for pose in clips.poses])


def play(paint: Paint, clips: Clips) -> Played:
    """Run ``paint`` over the clips, with the skeleton and its last output, which is black at the start of a clip."""
    black = np.zeros_like(clips.pictures[0])
    outputs, last = [], black
    for i, drawn in enumerate(skeletons(clips)):
        last = paint(drawn, black if clips.first[i] == i else last)
        outputs.append(last)
    return Played(clips, np.stack(outputs))


def pictures(played: Played, device: str = "cpu") -> dict[str, float]:
    """Return ST-LPIPS, L1, PSNR and SSIM over all frames."""
    outputs, truth = played.outputs, played.clips.pictures
    found = {"ST-LPIPS": lpips.distances(planes(outputs), planes(truth), device).mean().item()}
    for name, measure in {"L1": psnr_ssim.l1, "PSNR": psnr_ssim.psnr, "SSIM": psnr_ssim.ssim}.items():
        found[name] = float(np.mean([measure(a, b) for a, b in zip(outputs, truth, strict=True)]))
    return found


def flicker(played: Played) -> float:
    """Return the change of the outputs between frames where the true video is still, relative to that of the video.

    Only pixels of the character count (those where the truth differs from the background, which cannot flicker).
    """
    truth, outputs = played.clips.pictures.astype(np.int16), played.outputs.astype(np.int16)
    plate = played.clips.plate
    ours, theirs = 0.0, 0.0
    for i in np.flatnonzero(played.clips.first != np.arange(len(truth))):
        change = np.abs(truth[i] - truth[i - 1])
        still = change.max(-1) <= STILL
        if plate is not None:
            still &= np.abs(truth[i] - plate.astype(np.int16)).max(-1) > AROUND
        ours += float(np.abs(outputs[i] - outputs[i - 1])[still].sum())
        theirs += float(change[still].sum())
    return ours / max(theirs, 1.0)


def fidelity(pictures: np.ndarray, clips: Clips, find: Find, reset: Callable[[], None]) -> float:
    """Return the share 0..1 of joints that ``find`` detects in images ``[T, side, side, 3]`` near their true places.

    Near is within ``SHARE`` of the driving pose's distance from left shoulder to right hip. Hidden joints do not count.
    """
    hits, total = 0, 0
    for i, picture in enumerate(pictures):
        if clips.first[i] == i:
            reset()
        pose = clips.poses[i]
        wanted = seen(pose, VISIBLE)
        torso = float(np.hypot(*(pose[5, :2] - pose[12, :2])))
        if not (wanted[5] and wanted[12]):
            continue
        found = find(picture)
        total += int(wanted.sum())
        if found is not None:
            hits += int((np.linalg.norm(found[:, :2] - pose[:, :2], axis=1) <= SHARE * torso)[wanted].sum())
    return hits / max(total, 1)


def protocol(played: Played, statistics: str, runtime: str, finder: str) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
    count, side = len(played.outputs), played.outputs.shape[1]
    clips = len(set(played.clips.first.tolist()))
    return (
        f"{count} frames of {clips} test clips at {side}x{side}, each clip played from its beginning with the exact "
        "joints, and the graph's own last picture where it takes one; batch norm: "
        f"{statistics} statistics; run by {runtime}. "
        f"{lpips.DESCRIPTION}; L1 in grey levels of 255; {psnr_ssim.DESCRIPTION}. flicker: mean change of the output "
        f"between consecutive frames, in that of the true video, over the character's pixels where the true video "
        f"changes by at most {STILL} grey levels. pose: percent of the visible joints that {finder} finds in the "
        f"output within {SHARE} of the torso (left shoulder to right hip) of the joints that drove it; pose, true "
        "video: the same in the true frames, which is as good as this finder can get."
    )
