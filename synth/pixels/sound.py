"""Bring the sound of one clip into another: unchanged where browsers play its codec in MP4, else as AAC.

Times are kept. Where the track has gaps it is coded anew with silence in them, since players that count samples would
play everything after a gap too early.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synth.pixels.clip.file import audio_streams, open_file, origin

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

COPIED = ("aac", "mp3", "opus", "flac")
"""Codecs that browsers play in MP4, by FFmpeg's names. FFmpeg puts others there too (AC-3, ALAC), which stay silent."""
AAC_PROFILES = (None, "LC", "HE-AAC", "HE-AACv2")
LOWEST_MP3 = 16_000  # samples per second: MP4 knows none below
AAC_RATES = (8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
ROUNDING = 0.002
"""Seconds by which timestamps may be off because a file stores them in milliseconds."""
GAP = 0.03
"""Seconds of missing (or too much) sound from which on it is noticed."""
WHOLE = 0.0, math.inf
"""The part of a track that is all of it."""
PRIMING = 0.1
"""Seconds before the start from which packets are kept: decoders need some to begin with."""


class Sound:
    """The default audio track of the clip at ``path``, muxed into ``output`` by ``until``.

    Time 0 of the output is the first of ``part``, two times of the clip in seconds; sound before it, or from the second
    on, is left out. ``notice`` is a message for the user if the clip has no audio, or several tracks. A truncated track
    ends where it breaks off.
    """

    def __init__(self, path: Path, output: "OutputContainer", part: tuple[float, float] = WHOLE):
        self.notice, self._output, self._packets = "", output, iter(())
        self._next: Packet | None = None
        self._input = open_file(path)
        self._start, self._longest = origin(self._input) + part[0], part[1] - part[0]
        tracks = audio_streams(self._input)
        if not tracks:
            self.notice = f"“{path.name}” has no sound, so the result is silent."
            return
        track = tracks[0]
        index = self._input.streams.audio.index(track)
        if len(tracks) > 1:
            self.notice = _several(path, len(tracks), index + 1, track)
        if _plays_in_browsers(track) and not _has_gaps(path, index):
            self._packets = self._copied(track, output.add_stream_from_template(track))
        else:
            stream = output.add_stream("aac", rate=_rate(track))
            stream.codec_context.layout = "mono" if track.codec_context.channels == 1 else "stereo"
            stream.codec_context.format = "fltp"
            self._packets = self._coded(track, stream)

    def until(self, time: float) -> None:
        """Mux the audio that begins before ``time`` (seconds of the output)."""
        time = min(time, self._longest)
        while True:
            packet = self._next or next(self._packets, None)
            self._next = packet
            if packet is None or (packet.pts is not None and float(packet.pts * packet.time_base) >= time):
                return
            self._next = None
            self._output.mux(packet)

    def close(self) -> None:
        """Close the source clip."""
        self._input.close()

    def _copied(self, track: "AudioStream", stream: "AudioStream") -> Iterator["Packet"]:
        for packet in _demuxed(self._input, track):
            if packet.dts is None or packet.pts is None:  # the demuxer's end marker
                continue
            shift = round(self._start / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            if end > -PRIMING and (packet.pts < 0 or not packet.is_discard):  # else cut away, here or by the source
                yield packet

    def _coded(self, track: "AudioStream", stream: "AudioStream") -> Iterator["Packet"]:
        for piece in _on_time(_resampled(self._input, track, stream), self._start, _rate(track)):
            yield from stream.encode(piece)
        yield from stream.encode(None)


def _several(path: Path, count: int, number: int, track: "AudioStream") -> str:
    named = [track.metadata.get(key, "") for key in ("language", "title")]
    which = ", ".join(name for name in named if name and name != "und")
    return f"“{path.name}” has {count} audio tracks: track {number}{f' ({which})' if which else ''} was used."


def _plays_in_browsers(track: "AudioStream") -> bool:
    context = track.codec_context
    codec = context.codec.canonical_name
    if codec == "aac":
        return context.profile in AAC_PROFILES
    return codec in COPIED and (codec != "mp3" or context.sample_rate >= LOWEST_MP3)


def _has_gaps(path: Path, index: int) -> bool:
    """Return whether a track begins late, lacks sound in between, or has too much; nothing is decoded."""
    with open_file(path) as container:
        track, start = container.streams.audio[index], origin(container)
        found = [
            (packet.pts * packet.time_base, packet.duration * packet.time_base)
            for packet in _demuxed(container, track)
            if packet.pts is not None and packet.time_base and packet.duration and not packet.is_discard
        ]
        if not found:
            return False
        times, durations = np.array(found, float).T
        if container.format.name.startswith("mov"):  # there a block lasts until the next one, whatever is in it
            durations = np.minimum(durations, np.median(durations))
    missing = times[1:] - times[:-1] - durations[:-1]
    missing[np.abs(missing) <= ROUNDING] = 0
    late = max(float(times[0]) - start, 0.0)  # before the start there may be what the decoder needs to begin with
    return bool((np.abs(late + np.cumsum([0, *missing])) > GAP).any())


def _demuxed(container: "InputContainer", track: "AudioStream") -> Iterator["Packet"]:
    from av.error import FFmpegError

    try:
        yield from container.demux(track)
    except (FFmpegError, OSError, IndexError):  # the last at the end of a file in which another stream began meanwhile
        return


def _resampled(container: "InputContainer", track: "AudioStream", stream: "AudioStream") -> Iterator["AudioFrame"]:
    """Yield the decoded track in the format, the layout and at the rate of ``stream``."""
    import av
    from av.error import FFmpegError

    resampler, given = None, None
    for packet in _demuxed(container, track):
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        for frame in frames:
            if not isinstance(frame, av.AudioFrame):
                continue
            if given != (frame.format.name, frame.layout.name, frame.sample_rate):  # broadcasts change in between
                yield from resampler.resample(None) if resampler else ()
                given = frame.format.name, frame.layout.name, frame.sample_rate
                resampler = av.AudioResampler("fltp", stream.codec_context.layout.name, stream.codec_context.rate)
            assert resampler
            yield from resampler.resample(frame)
    yield from resampler.resample(None) if resampler else ()


def _on_time(frames: Iterator["AudioFrame"], start: float, rate: int) -> Iterator["AudioFrame"]:
    """Yield audio as consecutive samples from time 0 on: gaps become silence, what overlaps is left out.

    ``start`` is time 0 on the clock of the frames.
    """
    done = 0
    for frame in frames:
        samples = frame.to_ndarray()  # [channels, T]
        ahead = round((frame.time - start) * rate) - done if frame.time is not None else 0
        if done and abs(ahead) < GAP * rate:
            ahead = 0
        for first in range(0, ahead, rate):  # in pieces, since a gap may be of any length
            silence = np.zeros((len(samples), min(rate, ahead - first)), samples.dtype)
            yield _frame(silence, done + first, rate, frame.layout.name)
        done += max(ahead, 0)
        samples = samples[:, max(-ahead, 0) :]
        if samples.shape[1]:
            yield _frame(samples, done, rate, frame.layout.name)
            done += samples.shape[1]


def _frame(samples: np.ndarray, first: int, rate: int, layout: str) -> "AudioFrame":
    import av

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
    return frame


def _rate(track: "AudioStream") -> int:
    """Return the track's sample rate if AAC supports it, else 48 kHz."""
    return track.rate if track.rate in AAC_RATES else 48_000
