"""Copy the audio track of one clip into another: unchanged if MP4 supports its codec, else re-encoded as AAC."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from synth.pixels import video_reader

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.packet import Packet


class Sound:
    """The first audio track of the clip at ``path``, muxed into ``output`` by ``until``.

    ``notice`` is a message for the user if the clip has no audio. A truncated track ends where it breaks off.
    """

    def __init__(self, path: Path, output: "OutputContainer"):
        self.notice, self._output, self._packets = "", output, iter(())
        self._next: Packet | None = None
        self._input = video_reader.open_file(path)
        self._start = video_reader.origin(self._input)
        tracks = [track for track in self._input.streams.audio if track.codec_context is not None]
        if not tracks:
            self.notice = f"“{path.name}” has no sound, so the result is silent."
            return
        if tracks[0].codec_context.name in output.supported_codecs and not tracks[0].codec_context.name.startswith(
            "pcm"
        ):
            self._packets = self._copied(tracks[0], output.add_stream_from_template(tracks[0]))
        else:
            stream = output.add_stream("aac", rate=_rate(tracks[0]))
            stream.codec_context.layout = "mono" if tracks[0].codec_context.channels == 1 else "stereo"
            stream.codec_context.format = "fltp"
            self._packets = self._coded(tracks[0], stream)

    def until(self, time: float) -> None:
        """Mux the audio that begins before ``time`` (seconds from the clip's beginning)."""
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

    def _demuxed(self, track: "AudioStream") -> Iterator["Packet"]:
        from av.error import FFmpegError

        try:
            yield from self._input.demux(track)
        except (FFmpegError, OSError):
            return

    def _copied(self, track: "AudioStream", stream: "AudioStream") -> Iterator["Packet"]:
        for packet in self._demuxed(track):
            if packet.dts is None or packet.pts is None:  # the demuxer's end marker
                continue
            shift = round(self._start / packet.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
            yield packet

    def _coded(self, track: "AudioStream", stream: "AudioStream") -> Iterator["Packet"]:
        import av
        from av.error import FFmpegError

        layout = stream.codec_context.layout.name
        resampler = av.AudioResampler("fltp", layout, _rate(track), frame_size=1024)
        sample: int | None = None
        for packet in self._demuxed(track):
            try:
                frames = packet.decode()
            except FFmpegError:
                continue
            for frame in frames:
                if not isinstance(frame, av.AudioFrame):
                    continue
                if sample is None:
                    sample = round(((frame.time or 0.0) - self._start) * _rate(track))
                for piece in resampler.resample(frame):
                    piece.pts, piece.time_base = sample, Fraction(1, _rate(track))
                    sample += piece.samples
                    yield from stream.encode(piece)
        yield from stream.encode(None)


def _rate(track: "AudioStream") -> int:
    """Return the track's sample rate if AAC supports it, else 48 kHz."""
    return track.rate if track.rate in (8000, 16000, 22050, 24000, 32000, 44100, 48000) else 48_000
