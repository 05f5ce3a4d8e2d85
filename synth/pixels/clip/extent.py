"""How long a clip is, and whether all of it could be read, from its header and from the packets that it yields."""

from pathlib import Path
from typing import TYPE_CHECKING

from synth.pixels.clip.file import origin
from synth.pixels.clip.seeking import seek

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

SHORT = 0.25
"""Seconds by which a whole clip's last packet may end before the time that the header states."""
STATING = ("mov", "matroska")
"""Formats that tell by their index or size whether they are whole; then the length in their header holds too."""


class ClipExtent:
    """Length and completeness of a clip whose packets pass through ``add``. All times are in seconds from its start.

    ``streams`` are the streams that are read: the video and, if there is one, the audio track. ``errors`` counts what
    could not be demuxed or decoded.
    """

    def __init__(self, path: Path, container: "InputContainer", streams: list["Stream"]):
        self.errors, self._path = 0, path
        self.streams, self._container, self._start = streams, container, origin(container)
        self._ends = dict.fromkeys((stream.index for stream in streams), 0.0)
        self._counts = dict.fromkeys(self._ends, 0)
        # Only MOV and MP4 list all packets before the first is read. Their header counts those cut away by an edit too.
        listed = container.format.name.startswith("mov")
        self._expected = {stream.index: len(stream.index_entries) if listed else 0 for stream in streams}

    def add(self, packet: "Packet") -> None:
        """Note a packet of one of the streams."""
        if not packet.size:  # the demuxer's end marker
            return
        self._counts[packet.stream_index] += 1
        self.errors += packet.is_corrupt
        if packet.pts is not None and packet.time_base is not None and not packet.is_discard:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base) - self._start
            self._ends[packet.stream_index] = max(self._ends[packet.stream_index], end)

    def skip(self, time: float) -> None:
        """Read on from the key frame before ``time``; what is left out does not count as missing.

        Raises ``Missed`` as ``seek`` does.
        """
        seek(self._container, time + self._start)
        self._expected = dict.fromkeys(self._expected, 0)

    def end(self, picture_end: float) -> float:
        """Return when the longest stream ends, given the end of the last image by that image's own duration.

        A damaged clip ends where reading it ended; otherwise the header counts too, because some files (WebM) do not
        store how long the last image is shown.
        """
        video, *audio = self.streams
        measured = max([picture_end, *(self._ends[stream.index] for stream in audio)])
        if self.damaged or not self._container.format.name.startswith(STATING):
            return measured
        stated = 0.0
        if video.duration and video.time_base:
            first = (video.start_time or 0) * video.time_base
            stated = float(first + video.duration * video.time_base) - self._start
        if len(self._container.streams) == len(self.streams):  # else another stream may be the longest
            stated = max(stated, self._stated)
        return max(measured, stated)

    @property
    def damaged(self) -> bool:
        """Whether there were errors, or the file is shorter, or yielded fewer packets, than it says itself."""
        missing = any(self._counts[index] < number for index, number in self._expected.items())
        return bool(self.errors) or missing or _cut_off(self._path)

    def notice(self, picture_end: float) -> str:
        """Return a sentence if the clip is damaged or incomplete, else an empty string."""
        if not self.damaged:
            return ""
        reached = max(picture_end, *self._ends.values())
        read = f"{reached:.1f} of its {self._stated:.1f} seconds" if reached + SHORT < self._stated else "not all of it"
        return f"“{self._path.name}” is damaged or incomplete: {read} could be read."

    @property
    def _stated(self) -> float:
        """The length of the longest stream of any kind, as the header states or FFmpeg estimates it; 0 if unknown."""
        return (self._container.duration or 0) / 1_000_000


def _cut_off(path: Path) -> bool:
    """Return whether a Matroska, WebM or AVI file is shorter than its outermost element says.

    FFmpeg's demuxers end such a file without an error.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(128)
            if head[:4] == b"RIFF":
                stated = 8 + int.from_bytes(head[4:8], "little")
                return 8 < stated < 2**32 - 1 and stated > size
            return head[:4] == b"\x1a\x45\xdf\xa3" and _matroska_size(head) > size
    except OSError:
        return False


def _matroska_size(head: bytes) -> int:
    """Return the size in bytes that a Matroska file states, given its first bytes; 0 if it states none (RFC 8794)."""
    length, at = _ebml_size(head, 4)
    at += length
    if head[at : at + 4] != b"\x18\x53\x80\x67":  # the Segment, which holds everything else
        return 0
    length, at = _ebml_size(head, at + 4)
    return length + at if length else 0


def _ebml_size(data: bytes, at: int) -> tuple[int, int]:
    """Return an EBML element's size and where its content begins; size 0 if it is unknown or malformed."""
    if at >= len(data) or not data[at]:
        return 0, at + 1
    width = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + width], "big") & (1 << 7 * width) - 1
    return (0 if value == (1 << 7 * width) - 1 else value), at + width
