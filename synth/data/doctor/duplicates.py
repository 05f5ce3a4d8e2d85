"""Pictures that are in a set of two sides more than once: the same pixels, or nearly the same look, also mirrored."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from synth.data.doctor.finding import Finding, name
from synth.data.doctor.image_checks import group_by_key, group_names
from synth.data.doctor.survey import Facts, Item

NEAR = 8
"""Bits of 64 in which the looks of two pictures may differ to be called nearly the same ..."""
CLOSE = 12.0
"""... if they also differ by no more grey levels than that, on average, seen from afar."""
MANY = 20_000
SIDES, SPLITS, WITHIN = "on both sides", "in train and in test", "again"
SAME = {
    SIDES: "The network is taught that a picture of one side is one of the other. Remove it from one.",
    SPLITS: "Figures on those say nothing. Remove them from train or from test.",
    WITHIN: "It counts as often as it is there. Keep one of each.",
}
ALMOST = {
    SIDES: "Look whether they are copies (re-saved, scaled); if so, remove them from one side.",
    SPLITS: "Copies (re-saved, scaled, mirrored, of one series)? Figures on those flatter. Remove them from one.",
    WITHIN: "Look whether they are copies (re-saved, scaled, of one series); keep one of each.",
}


def check(facts: list[Facts]) -> Iterable[Finding]:
    """Pictures that are there again: exactly, then nearly; between the sides, between train and test, elsewhere."""
    same: dict[str, list[list[Item]]] = defaultdict(list)
    for group in group_by_key((fact.digest, fact.item) for fact in facts):
        same[_where(group)].append(group)
    near: dict[str, list[str]] = defaultdict(list)
    for one, other, how in near_duplicates(facts[:MANY]):
        near[_where([one, other])].append(f"{name(one)} = {name(other)}{how}")
    for where, advice in SAME.items():
        if same[where]:
            kind = "note" if where == WITHIN else "problem"
            yield Finding(kind, f"the same picture {where}", group_names(same[where]), advice)
    for where, advice in ALMOST.items():
        if near[where]:
            kind = "problem" if where == SPLITS else "note"  # two sides may hold the same things by nature
            yield Finding(kind, f"nearly the same picture {where}", tuple(near[where]), advice)


def _where(group: list[Item]) -> str:
    """Return between what a picture is repeated, the worst first."""
    if len({item.side for item in group}) > 1:
        return SIDES
    return SPLITS if len({item.split for item in group}) > 1 else WITHIN


def near_duplicates(facts: list[Facts]) -> Iterable[tuple[Item, Item, str]]:
    """Yield the pairs of pictures that look nearly the same and are not equal to the last pixel, and whether mirrored.

    Training mirrors pictures, so that a mirrored one is as good as the same.
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
