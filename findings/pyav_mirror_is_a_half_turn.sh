#!/usr/bin/env bash
# av 18.1.0: frame.rotation of a clip that is only mirrored says -180, as of a clip that was turned by half a turn.
#
# An MP4 can say with its display matrix that players shall mirror the picture (front cameras of some phones do). FFmpeg's
# player, its filters and Chromium mirror it. PyAV's frame.rotation gives one angle: -180 for a left-right mirror, 0 for
# a top-bottom mirror, so who turns frames by it shows the first one upside down and the second one unchanged. The
# mirror can be told only by the determinant of the matrix in the frame's DISPLAYMATRIX side data.
#
# Seen:
#   matrix (a, b, c, d)   meaning             frame.rotation   determinant
#    1  0  0  1           as it is              0                1
#   -1  0  0 -1           half a turn         -180               1
#   -1  0  0  1           left-right mirror   -180              -1
#    1  0  0 -1           top-bottom mirror      0              -1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet av==18.1.0 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PYTHON'
import struct

import av
import numpy as np

with av.open("plain.mp4", "w") as clip:
    stream = clip.add_stream("libx264", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    for _ in range(3):
        clip.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")))
    clip.mux(stream.encode(None))
plain = open("plain.mp4", "rb").read()
box = plain.index(b"tkhd")
identity = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
at = plain.index(identity, box)  # the matrix of the track header, 16.16 fixed point
found = {}
for name, (a, b, c, d) in {
    "as it is": (1, 0, 0, 1),
    "half a turn": (-1, 0, 0, -1),
    "left-right mirror": (-1, 0, 0, 1),
    "top-bottom mirror": (1, 0, 0, -1),
}.items():
    shift_x, shift_y = (64 << 16) * (a < 0), (48 << 16) * (d < 0)
    matrix = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, shift_x, shift_y, 1 << 30)
    with open("turned.mp4", "wb") as file:
        file.write(plain[:at] + matrix + plain[at + 36 :])
    with av.open("turned.mp4") as clip:
        frame = next(clip.decode(video=0))
        side = frame.side_data.get("DISPLAYMATRIX")
        determinant = 1
        if side is not None:
            m = np.frombuffer(bytes(side), np.int32).reshape(3, 3)[:2, :2].astype(float) / 65536
            determinant = int(np.sign(np.linalg.det(m)))
    found[name] = frame.rotation, determinant
    print(f"{name}: rotation {frame.rotation}, determinant {determinant}")
assert found == {
    "as it is": (0, 1),
    "half a turn": (-180, 1),
    "left-right mirror": (-180, -1),
    "top-bottom mirror": (0, -1),
}
PYTHON
