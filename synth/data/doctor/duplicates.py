"""Find images that occur more than once in an unpaired set: identical or nearly so, also mirrored."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from synth.data.doctor.finding import Finding, name
from synth.data.doctor.image_checks import group_by_key, group_names
from synth.data.doctor.survey import Facts, Item

NEAR = 8
"""Largest Hamming distance, of 64 bits, between the perceptual hashes of near-duplicates ..."""
CLOSE = 12.0
"""... whose 8x8 thumbnails must also differ by no more grey levels than this on average."""
MANY = 20_000
SIDES, SPLITS, WITHIN = "on both sides", "in train and in test", "more than once"
SAME = {
    SIDES: "The network is taught that an image of one side belongs to the other. Remove it from one.",
    SPLITS: "Metrics on those are meaningless. Remove them from train or from test.",
    WITHIN: "Each copy counts in training. Keep one of each.",
}
ALMOST = {
    SIDES: "Check whether they are copies (re-saved, resized); if so, remove them from one side.",
    SPLITS: "Perhaps copies (re-saved, resized, mirrored, of one series): metrics are too good. Remove them from one.",
    WITHIN: "Check whether they are copies (re-saved, resized, of one series); keep one of each.",
}


def check(facts: list[Facts]) -> Iterable[Finding]:
    """Report exact, then near duplicates: between the sides, between train and test, and within a split."""
    same: dict[str, list[list[Item]]] = defaultdict(list)
    for group in group_by_key((fact.digest, fact.item) for fact in facts):
        same[_where(group)].append(group)
    near: dict[str, list[str]] = defaultdict(list)
    for one, other, how in near_duplicates(facts[:MANY]):
        near[_where([one, other])].append(f"{name(one)} = {name(other)}{how}")
    for where, advice in SAME.items():
        if same[where]:
            kind = "note" if where == WITHIN else "problem"
            yield Finding(kind, f"the same image {where}", group_names(same[where]), advice)
    for where, advice in ALMOST.items():
        if near[where]:
            kind = "problem" if where == SPLITS else "note"  # two sides may show the same things
            yield Finding(kind, f"nearly the same image {where}", tuple(near[where]), advice)


def _where(group: list[Item]) -> str:
    """Return where an image is repeated, the most harmful case first."""
    if len({item.side for item in group}) > 1:
        return SIDES
    return SPLITS if len({item.split for item in group}) > 1 else WITHIN


def near_duplicates(facts: list[Facts]) -> Iterable[tuple[Item, Item, str]]:
    """Yield pairs of images that look nearly the same without being identical, and " mirrored" if they are.

    Training mirrors images, so mirrored copies count as well.
    """
    looks = [
        np.frombuffer(b"".join(of), np.uint64) for of in ([f.phash for f in facts], [f.mirrored_phash for f in facts])
    ]
    small = np.frombuffer(b"".join(fact.small for fact in facts), np.uint8).reshape(-1, 8, 8, 3).astype(np.int16)
    for i, fact in enumerate(facts):
        plain, turned = (np.bitwise_count(look[i + 1 :] ^ looks[0][i]) for look in looks)
        for j in (int(j) for j in np.flatnonzero(np.minimum(plain, turned) <= NEAR) + i + 1):
            apart = [float(np.abs(small[i] - other).mean()) for other in (small[j], small[j, :, ::-1])]
            if fact.digest != facts[j].digest and min(apart) <= CLOSE:
                yield fact.item, facts[j].item, " mirrored" * (apart[1] < apart[0])
