"""Measure a body from its poses: ground line, stature, limbs, rest pose (Chan et al. 2019, sec. 4.3 and appendix).

The paper uses the closest and farthest ankle positions and the body heights there. Height changes with every crouch, so
the *stature* here is the length of the chain nose - neck - hips - knee - ankle instead.
"""

import numpy as np

from synth.pixels.body.body import KINDS, NECK, ROOT, STATURE, TREE, TYPICAL, Body, with_middles
from synth.pixels.body.face import usual_face
from synth.pixels.body.pose import seen

HUMAN = (0.75, 1.35)  # bounds on a person's limb, as multiples of the typical length; characters have none
STRETCHED = 95  # percentile of a limb's observed length that is taken as its full length
LONGEST, BEYOND = 98, 1.02  # the same of a person, over what it is for characters: a few poses are not the longest


def measure(poses: np.ndarray, size: tuple[int, int]) -> Body:
    """Return the character seen in ``poses [T, 17, 3]`` (pixels of an image of ``size`` = height, width).

    Raises ``ValueError`` if no pose shows shoulders and nose, from which everything else is estimated.
    """
    joints = with_middles(np.asarray(poses, np.float64).reshape(-1, 17, 3))
    lengths = limb_lengths(joints)  # [T, kinds], NaN where not seen
    chain = lengths[:, STATURE].sum(1)  # [T], NaN unless the whole chain was seen
    low = np.where(seen(joints[:, 15:17]), joints[:, 15:17, 1], -np.inf).max(1)  # [T], the lower foot
    whole = np.isfinite(chain) & np.isfinite(low)
    if whole.any():
        ground, stature = _ground_lines(low[whole], chain[whole])
        depth = np.clip((np.where(whole, low, ground[2]) - ground[0]) / max(ground[2] - ground[0], 1e-6), 0, 1)
        local = stature[0] + (stature[1] - stature[0]) * depth
    else:
        ground, guess = (), guess_stature(lengths)
        stature, local = (guess, guess), np.full(len(joints), guess)
    limbs = _full_lengths(lengths / local[:, None])
    across, face = _across(joints), usual_face(joints, local)
    rest = _rest_pose(joints, whole, low, chain) if whole.any() else np.zeros((17, 3))
    return Body(size, ground, stature, across, tuple(limbs.tolist()), face, tuple(map(tuple, rest.tolist())))


def measure_person(poses: np.ndarray, stances: np.ndarray, size: tuple[int, int]) -> Body:
    """Return the person seen in ``poses [T, 17, 3]``, with the size and ground of each pose, ``stances [T, 2]``.

    ``stances`` holds the stature and the y of the ground (NaN until ankles were seen), see ``standing.Standing``. The
    limbs are clipped to human proportions.
    """
    joints = with_middles(np.asarray(poses, np.float64).reshape(-1, 17, 3))
    local, lines = stances[:, 0], _known(stances[:, 1])
    far, usual, close = (float(np.percentile(lines, q)) for q in (2, 50, 98)) if len(lines) else (0.0, 0.0, 0.0)
    limbs = np.clip(
        _full_lengths(limb_lengths(joints) / local[:, None], LONGEST) / BEYOND, TYPICAL * HUMAN[0], TYPICAL * HUMAN[1]
    )
    face, tall = usual_face(joints, local, human=True), float(np.median(local))
    ground = (far, usual, close) if len(lines) else ()
    rest = tuple(map(tuple, np.zeros((17, 3)).tolist()))
    return Body(size, ground, (tall, tall), _across(joints), tuple(limbs.tolist()), face, rest)


def limb_lengths(joints: np.ndarray) -> np.ndarray:
    """Return the longer of the left and right limb of each kind in ``[T, 19, 3]``: ``[T, kinds]``, NaN if unseen."""
    known = seen(joints)
    result = np.full((len(joints), len(KINDS)), np.nan)
    for child, parent, kind in TREE:
        length = np.linalg.norm(joints[:, child, :2] - joints[:, parent, :2], axis=1)
        result[:, kind] = np.fmax(result[:, kind], np.where(known[:, child] & known[:, parent], length, np.nan))
    return result


def _ground_lines(low: np.ndarray, chain: np.ndarray) -> tuple[tuple[float, float, float], tuple[float, float]]:
    """Return the (far, usual, close) ground lines and the (far, close) statures from ankles and chains ``[T]``.

    A jump must not become the farthest line: ankles that lie much farther above the median than the closest lie below
    it count only if the body also appears smaller there (the paper uses clustering for the same purpose).
    """
    close, usual, far = (float(np.percentile(low, q)) for q in (98, 50, 2))
    tall = float(np.percentile(chain, STRETCHED))
    high = low <= far + 0.25 * (usual - far)
    shrunk = tall - float(np.percentile(chain[high], 90))
    if usual - far > 1.5 * (close - usual) and shrunk < 0.4 * (usual - float(np.median(low[high]))):
        far = max(far, 2 * usual - close)
    if close - far < 0.05 * tall:
        return (far, usual, close), (tall, tall)  # too little movement to measure perspective
    ends = [chain[np.abs(low - end) <= 0.25 * (close - far)] for end in (far, close)]
    small, large = (float(np.percentile(end, STRETCHED)) if len(end) >= 3 else tall for end in ends)
    return (far, usual, close), (small, large) if small <= large else (tall, tall)


def guess_stature(lengths: np.ndarray) -> float:
    """Estimate the stature of a body whose legs were never seen, from shoulders, head and torso."""
    shares = [np.percentile(s, STRETCHED) / TYPICAL[k] for k in (4, 7, 0) if len(s := _known(lengths[:, k]))]
    if not shares:
        raise ValueError("No person can be measured in these poses: shoulders and head must be seen at least once.")
    return float(np.median(shares))


def _known(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def _full_lengths(shares: np.ndarray, percentile: int = STRETCHED) -> np.ndarray:
    """Return the full length of each kind from shares of the stature ``[T, kinds]``; typical values where unseen."""
    full = TYPICAL.copy()
    for kind in range(len(KINDS)):
        values = _known(shares[:, kind])
        if len(values):
            full[kind] = max(float(np.percentile(values, percentile)), 1e-3)
    return full


def _across(joints: np.ndarray) -> tuple[float, float, float]:
    """Return the (left, usual, right) x of the mid-hip, or of the neck if hips were never seen."""
    for joint in (ROOT, NECK, 0):
        x = joints[seen(joints[:, joint]), joint, 0]
        if len(x):
            left, usual, right = (float(np.percentile(x, q)) for q in (2, 50, 98))
            return left, usual, right
    return 0.0, 0.0, 0.0


def _rest_pose(joints: np.ndarray, whole: np.ndarray, low: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """Return the most neutral pose ``[17, 3]``: upright on the ground, facing the camera, arms down, feet together."""
    known = joints[whole]
    tall, line = np.percentile(chain[whole], STRETCHED), np.median(low[whole])
    shape = (known[..., :2] - known[:, ROOT, None, :2]) / tall  # [T, 19, 2]
    x, y = shape[..., 0], shape[..., 1]
    lean = np.abs(x[:, [0, NECK]]).sum(1) + np.abs(x[:, 15] + x[:, 16])
    upright = (y[:, 15:17] - y[:, :1]).min(1)  # nose to the higher ankle
    facing = np.minimum(x[:, 5] - x[:, 6], 2 * TYPICAL[4])
    arms = np.abs(y[:, 9:11] - 0.05).sum(1) + np.abs(x[:, 9] - x[:, 5] - 0.05) + np.abs(x[:, 10] - x[:, 6] + 0.05)
    feet = np.maximum(np.abs(x[:, 15:17]) - 0.1, 0).sum(1) + np.abs(low[whole] - line) / tall
    # A missing joint has no reliable position: such a pose is taken only if there is no other.
    missing = (~seen(known[:, :17])).sum(1)
    best = known[(lean - 3 * upright - facing + arms + feet + missing).argmin(), :17].copy()
    best[:, 2] = seen(best)
    return best
