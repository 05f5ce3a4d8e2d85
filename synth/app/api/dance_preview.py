"""The API function that previews one frame of a dance video."""

from collections.abc import Callable
from typing import Any, Literal

from gradio import FileData

from synth.app.api import uploads
from synth.app.api.parts import one_of
from synth.app.controls import sentences
from synth.app.tabs import dance_file
from synth.app.tabs.dance_preview import at
from synth.runtime.dance.film_options import BESIDE
from synth.runtime.dance.film_preview import preview
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry


def dance_preview(registry: Registry) -> Callable[..., Any]:
    """Return the function ``/dance_preview``."""

    def dance_preview(
        video: FileData,
        characters: list[str],
        moment: float = 0.0,
        mirrored: bool = False,
        person: list[float] | None = None,
    ) -> FileData:
        """Preview one frame of what dance would make: the video with the skeleton of who is followed, and characters.

        Use it to find a person's place, and to see whether they are found, before the whole video is made.

        Args:
            video: A clip of a person, who must have agreed to it.
            characters: The names of one to four characters, which appear beside the video.
            moment: The time in the clip, in seconds.
            mirrored: Whether left and right are swapped, as in a mirror.
            person: Whom to follow: x and y from 0 to 1 at that moment; by default the largest person.

        Returns:
            The synthesized picture, a PNG.
        """
        with sentences():
            path, time = str(uploads.received(video, "video")), at(moment)
            if isinstance(characters, list):
                characters = [one_of(registry.names("dance"), name) for name in characters]
            place = [*person, time] if isinstance(person, list) and len(person) == 2 else person
            request = registry, path, characters, BESIDE, mirrored, 0.5, "", None, None, place
            source, graphs, options = dance_file.check(*request)
            found = preview(source, graphs, poses(registry).tracker(), options, time)
            return uploads.png(found.picture, "dance-preview")

    names = tuple(registry.names("dance"))
    dance_preview.__annotations__["characters"] = list[Literal[names]]
    return dance_preview
