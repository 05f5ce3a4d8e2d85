"""Made-up bodies for the tests: one stands still, one moves."""

import numpy as np

# Standing upright, arms down, feet together, facing us: hips' middle at 0, 0 and 100 units from nose to ankles.
# fmt: off
STANDING = np.array(
    [(0, -50), (3, -53), (-3, -53), (7, -51), (-7, -51), (12, -36), (-12, -36), (15, -18), (-15, -18), (16, -2),
     (-16, -2), (7, 0), (-7, 0), (7, 26), (-7, 26), (7, 50), (-7, 50)],
    float,
)
# fmt: on


def body(height: float = 160, feet: float = 220, x: float = 128, legs: float = 1.0, head: float = 1.0) -> np.ndarray:
    """Return a standing body ``[17, 3]``: nose to ankles ``height`` pixels (with long legs), ankles at ``feet``."""
    points = STANDING.copy()
    points[13:, 1] *= legs
    points[:5] = points[5:7].mean(0) + (points[:5] - points[5:7].mean(0)) * head
    points *= height / 100
    points[:, 0] += x
    points[:, 1] += feet - points[15:, 1].max()
    return np.concatenate([points, np.ones((17, 1))], 1).astype(np.float32)


def moves(count: int = 60, hop: float = 15, **shape: float) -> np.ndarray:
    """Return ``[T, 17, 3]``: a body that walks sideways and to the camera, waves, crouches and jumps."""
    rng = np.random.default_rng(0)
    poses = []
    for i in range(count):
        phase = 2 * np.pi * i / count
        near = 1 + 0.06 * np.sin(phase)
        pose = body(160 * near, 220 + 8 * np.sin(phase), 128 + 20 * np.cos(phase), **shape)
        if i:  # the first stands as it is
            pose[7:11, :2] += rng.normal(0, 6, (4, 2))
            pose[:11, 1] += 10 * (1 + np.sin(5 * phase))
            pose[:, 1] -= hop * (i % 10 == 0)
            pose[:5, :2] += rng.normal(0, 1, 2)
        poses.append(pose)
    return np.stack(poses).astype(np.float32)


def stances_of(poses: np.ndarray) -> np.ndarray:
    """Return made-up statures and ground lines ``[T, 2]``; the line is unknown where the ankles are."""
    low = np.where((poses[:, 15:17, 2] > 0.2).all(1), poses[:, 15:17, 1].max(1), np.nan)
    return np.stack([300 + np.arange(len(poses)) / 4, low], 1)
