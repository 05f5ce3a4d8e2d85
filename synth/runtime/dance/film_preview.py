"""Preview of a dance video: one frame of it, made in a second or two, before the whole clip is read."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synth.pixels.video_reader import VideoFrames, probe
from synth.runtime.dance import backgrounds
from synth.runtime.dance.film_detection import SIDE, Detection
from synth.runtime.dance.film_options import BESIDE, FilmOptions, check, check_part
from synth.runtime.dance.films import Shape, at_height, beside
from synth.runtime.dance.perform import Role
from synth.runtime.dance.person_track import person
from synth.runtime.dance.tracker import Tracker
from synth.runtime.session import Graph
from synth.runtime.stopwatch import Stopwatch

BEFORE, AFTER = 0.3, 0.2
"""Seconds around the moment in which the person is tracked: a single frame says little of their size."""
STEPS = 4
"""Paintings of the same pose, a second apart: a character's image needs the one before, its framing some time."""


@dataclass(frozen=True)
class Preview:
    """A frame of the video that would be made: the driver with the skeleton at the left, the characters beside.

    ``picture`` is uint8 RGB ``[H, W, 3]``, of which the driver has the first ``driver`` columns. ``seen`` is whether
    anybody was found at ``time``, in seconds of the clip.
    """

    picture: np.ndarray
    driver: int
    seen: bool
    time: float


def preview(source: Path, graphs: Sequence[Graph], tracker: Tracker, options: FilmOptions, time: float) -> Preview:
    """Return a preview of the clip ``source`` at ``time`` seconds; of a chosen person if they were chosen then.

    The person is measured in half a second around it, so sizes may differ a little from those of the video. Raises
    ``ValueError`` as ``synth.runtime.dance.films.dance`` does, but not if nobody is seen.
    """
    check([graph.card for graph in graphs], options)
    clip = probe(source)
    check_part(clip, replace(options, person=None))
    _, frame = next(iter(VideoFrames(source, SIDE, start=time)))
    chosen = replace(options.person, time=time) if options.person and options.chosen_at == time else None
    around = replace(options, start=max(time - BEFORE, 0.0), end=time + AFTER, person=chosen)
    try:
        detection = Detection(clip, around, tracker, Stopwatch())
        for _ in detection:
            pass
    finally:
        tracker.reset()
    track = detection.track
    joints, size = track.smoothed(options.smoothness), track.size
    shown = bisect.bisect_right(track.times, time - around.start) - 1
    who = person(joints[max(shown, 0)])
    cut = backgrounds.fitted(options.background, 1) is not None
    roles = [Role(graph, options.mirrored, cut) for graph in graphs]
    shape = Shape.of(size, [role.size for role in roles], BESIDE)
    panels = [beside(frame, who, size, shape)]
    for role in roles:
        role.follower.calibrate(joints, track.times, size)
        moments = [role(who, float(step), size) for step in range(STEPS)]
        panels.append(at_height(moments[-1].before(backgrounds.fitted(options.background, role.size)), shape.height))
    return Preview(np.concatenate(panels, 1), shape.panel[1], who is not None, time)
