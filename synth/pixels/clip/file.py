"""Open a video file with FFmpeg and choose its streams."""

from pathlib import Path
from typing import TYPE_CHECKING

from synth.files import require_regular

if TYPE_CHECKING:  # FFmpeg's libraries load slowly, so they are imported only when a clip is opened
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

# No playlists: they name other files, which an untrusted upload must not make us read. No still images: see images.py.
FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,m4v,flv,asf,ogg,gif,mp3,wav,aac,flac"
PROTOCOLS = "file"


def open_file(path: Path) -> "InputContainer":
    """Open a clip for reading; the caller closes it. Raises ``ValueError`` if it cannot be read."""
    import av
    from av.error import FFmpegError

    require_regular(path)
    try:
        # With an explicit protocol, a colon in a file name has no special meaning.
        options = {"format_whitelist": FORMATS, "protocol_whitelist": PROTOCOLS}
        return av.open(f"file:{path}", "r", options=options, metadata_errors="replace")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ValueError(f"“{path.name}” cannot be opened: {error.strerror}.") from error
    except (FFmpegError, OSError) as error:
        raise ValueError(_no_video(path)) from error


def origin(container: "InputContainer") -> float:
    """Return the clip's start on its own clock, in seconds: video and audio times are both relative to it."""
    return (container.start_time or 0) / 1_000_000


def video_stream(container: "InputContainer", path: Path) -> "VideoStream":
    """Return the first video stream that is not the cover art of a song. Raises ``ValueError`` if there is none."""
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            if stream.codec_context is None:
                raise ValueError(f"“{path.name}” uses a codec that is not supported. Convert it to MP4 (H.264).")
            return stream
    if not container.streams.audio:
        raise ValueError(_no_video(path))
    raise ValueError(f"“{path.name}” has no pictures, only sound. Choose a video.")


def audio_streams(container: "InputContainer") -> list["AudioStream"]:
    """Return the audio tracks that can be decoded, the one that players choose first: usually the default track."""
    tracks = [track for track in container.streams.audio if track.codec_context is not None]
    best = container.streams.best("audio") if tracks else None
    return sorted(tracks, key=lambda track: track is not best)


def rate(stream: "VideoStream") -> float:
    """Return the average frame rate; implausible values are ignored (browser recordings claim 1000)."""
    rates = [float(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate and 1 <= rate <= 240]
    return rates[0] if rates else 30.0


def seconds(container: "InputContainer", stream: "VideoStream") -> float:
    """Return a stream's length in seconds as the file gives it, else that of the file; 0 if it gives neither."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def _no_video(path: Path) -> str:
    return (
        f"“{path.name}” is not a video that can be read here, or it is damaged or incomplete. "
        "Use MP4, MOV, WebM, MKV or AVI; if it is one of these, copy or record it again."
    )
