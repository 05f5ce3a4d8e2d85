"""Test that videos are read in the colours and the orientation in which players and browsers show them."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph

from synth.pixels.video_reader import VideoFrames, probe
from tests.support.clips import clip

COLORS = np.array([[250, 250, 250], [230, 30, 40], [30, 180, 60], [40, 60, 220]])
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
WHITE = 203.0  # cd/m2 of diffuse white in HDR (ITU-R BT.2408)
KR, KB = 0.2627, 0.0593  # of BT.2020
TRANSFER = {"PQ": "smpte2084", "HLG": "arib-std-b67"}


def pq(light: np.ndarray) -> np.ndarray:
    """Return the PQ signal of light in cd/m2 (SMPTE ST 2084)."""
    y = (light / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(scene: np.ndarray) -> np.ndarray:
    """Return the HLG signal of scene light in 0..1 (ITU-R BT.2100)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), a * np.log(np.maximum(12 * scene - b, 1e-9)) + c)


def signal(kind: str) -> np.ndarray:
    """Return ``COLORS`` as an HDR signal in 0..1."""
    srgb = COLORS / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4) @ TO_2020.T
    if kind == "PQ":
        return pq(WHITE * linear)
    display = linear * WHITE / 1000  # of a screen of 1,000 cd/m2, whose system gamma is 1.2
    luminance = display @ (KR, 1 - KR - KB, KB)
    return hlg(display * luminance[:, None] ** (1 / 1.2 - 1))


def hdr_clip(path: Path, kind: str) -> Path:
    """Write a clip of four bars, 10 bits, BT.2020, with the tags that telephones write."""
    rgb = signal(kind)
    luma = rgb @ (KR, 1 - KR - KB, KB)
    chroma = (rgb[:, 2] - luma) / (2 - 2 * KB), (rgb[:, 0] - luma) / (2 - 2 * KR)
    planes = [64 + 876 * luma, *(512 + 896 * part for part in chroma)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p10le"
        tags = f"colorprim=bt2020:transfer={TRANSFER[kind]}:colormatrix=bt2020nc:log-level=none:crf=10"
        stream.options = {"x265-params": tags}
        for _ in range(3):
            frame = av.VideoFrame(128, 64, "yuv420p10le")
            for plane, values in zip(frame.planes, planes, strict=True):
                row = np.repeat(np.round(values).astype("<u2"), plane.width // 4)
                padded = np.pad(np.tile(row, (plane.height, 1)), ((0, 0), (0, plane.line_size // 2 - plane.width)))
                plane.update(padded.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.slow  # FFmpeg takes seconds to set up the tone mapping
@pytest.mark.parametrize("kind", ["PQ", "HLG"])
def test_hdr_is_tone_mapped_and_said(tmp_path: Path, kind: str):
    frames = VideoFrames(hdr_clip(tmp_path / "phone.mp4", kind))
    image = [image for _, image in frames][-1]
    found = image[32, 16::32].astype(int)
    assert np.abs(found[0] - COLORS[0]).max() <= 4, "white stays white"
    assert np.abs(found - COLORS).max() < 30
    assert f"HDR video ({kind})" in frames.notice


@pytest.mark.parametrize(("height", "matrix"), [(480, "bt601"), (576, "bt601"), (720, "bt709")])
def test_a_clip_that_states_no_matrix_is_read_as_players_do(tmp_path: Path, height: int, matrix: str):
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}[matrix]
    red, green, blue = 230 / 255, 30 / 255, 40 / 255
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    chroma = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    values = [round(16 + 219 * luma), *(round(128 + 224 * part) for part in chroma)]
    path = tmp_path / "untagged.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, height, "yuv420p"
        frame = av.VideoFrame(64, height, "yuv420p")
        for plane, value in zip(frame.planes, values, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).colorspace == 2, "nothing is stated"
    _, image = next(iter(VideoFrames(path)))
    assert np.abs(image[height // 2, 32].astype(int) - (230, 30, 40)).max() <= 3


@pytest.mark.parametrize(
    "matrix",
    [
        (1, 0, 0, 1),
        (-1, 0, 0, -1),
        (0, 1, -1, 0),
        (0, -1, 1, 0),
        (-1, 0, 0, 1),
        (1, 0, 0, -1),
        (0, 1, 1, 0),
        (0, -1, -1, 0),
    ],
    ids=["as it is", "half turn", "right", "left", "mirror", "upside down mirror", "transposed", "transposed, turned"],
)
def test_every_orientation_is_shown_as_players_show_it(tmp_path: Path, matrix: tuple[int, int, int, int]):
    a, b, c, d = matrix
    plain = clip(tmp_path / "plain.mp4").read_bytes()
    identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    at = plain.index(identity, plain.index(b"tkhd"))
    changed = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path = tmp_path / "turned.mp4"
    path.write_bytes(plain[:at] + changed + plain[at + 36 :])
    _, stored = next(iter(VideoFrames(tmp_path / "plain.mp4")))
    _, image = next(iter(VideoFrames(path)))
    y, x = np.mgrid[: stored.shape[0], : stored.shape[1]]
    column, row = a * x + c * y, b * x + d * y
    expected = np.zeros((int(np.ptp(row)) + 1, int(np.ptp(column)) + 1, 3), np.uint8)
    expected[row - row.min(), column - column.min()] = stored
    assert (probe(path).height, probe(path).width) == image.shape[:2] == expected.shape[:2]
    assert np.array_equal(image, expected)


def test_what_is_transparent_is_white_as_in_images(tmp_path: Path):
    path, pixels = tmp_path / "cut_out.mov", np.zeros((48, 64, 4), np.uint8)
    pixels[:, :32] = (200, 40, 30, 255)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "argb"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgba").reformat(format="argb")))
        container.mux(stream.encode(None))
    _, image = next(iter(VideoFrames(path)))
    assert image[24, 10].tolist() == [200, 40, 30]
    assert image[24, 50].tolist() == [255, 255, 255]


def combs(image: np.ndarray) -> float:
    """Return how much lines differ from both neighbours, which agree with each other, in grey levels."""
    gray = image.mean(2)
    return float(np.abs(gray[1:-1] - (gray[:-2] + gray[2:]) / 2).mean() - np.abs(gray[2:] - gray[:-2]).mean())


def test_interlaced_video_has_no_combs_and_keeps_its_times(tmp_path: Path):
    path, still, marking = tmp_path / "tape.mkv", np.zeros((96, 160, 3), np.uint8), Graph()
    source = marking.add_buffer(
        width=160, height=96, format=av.VideoFormat("yuv420p", 160, 96), time_base=Fraction(1, 25)
    )
    marking.link_nodes(source, marking.add("setfield", "tff"), marking.add("buffersink")).configure()
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 160, 96, "yuv420p", 4_000_000
        stream.options = {"flags": "+ildct+ilme"}
        for number in range(12):
            frame = still.copy()
            for field in (0, 1):  # a bar that moves by 6 pixels from one field to the next
                left = 10 + 6 * (2 * number + field)
                frame[field::2, left : left + 24] = 255
            coded = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            coded.pts, coded.time_base = number, Fraction(1, 25)
            marking.push(coded)
            marked = marking.pull()
            assert isinstance(marked, av.VideoFrame)
            container.mux(stream.encode(marked))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        stored = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
    frames = VideoFrames(path)
    found = list(frames)
    assert [time for time, _ in found] == pytest.approx([time for time, _ in stored], abs=1e-3)
    said = "“tape.mkv” is interlaced video: its frames were deinterlaced."
    assert frames.notice == said
    frames = VideoFrames(path, seconds=0.2)
    assert len(list(frames)) == 5
    assert frames.notice == said, "also where only the beginning is read"
    assert max(combs(image) for _, image in stored[2:-2]) > 10
    assert max(combs(image) for _, image in found[2:-2]) < 1
