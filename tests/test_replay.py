"""CUDA graphs: what is recorded, how many are kept, and what happens where it fails."""

from pathlib import Path

import numpy as np
import pytest

from synth.serve import providers, replay
from synth.serve.providers import CUDA
from synth.serve.replay import AFTER, KEEP, KEPT, Kept, Replays
from synth.serve.session import open_graph
from tests import graphs


def test_recordings_that_fail_fall_back_to_the_plain_session(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def make(options: dict[str, str]) -> None:
        tried.append(options["enable_cuda_graph"])
        raise RuntimeError("no device")

    replays = Replays(make)
    assert [replays.get((1, 4, 4, 3)) for _ in range(2 * AFTER)] == [None] * 2 * AFTER
    assert tried == ["1"]
    assert "CUDA graphs are off for this graph at 4x4 pixels" in caplog.text


class Recorded:
    """Stands for a recording where there is no GPU."""

    def __init__(self, session: object, shape: tuple[int, ...]):
        self.shape = shape

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        assert batch.shape == self.shape
        return batch

    def warm(self, shape: tuple[int, ...]) -> None:
        assert shape == self.shape


def test_a_failure_at_one_size_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []

    class Small(Recorded):
        def __init__(self, session: object, shape: tuple[int, ...]):
            shapes.append(shape)
            if shape[1] > 4:
                raise RuntimeError("no memory")
            super().__init__(session, shape)

    monkeypatch.setattr(replay, "Replay", Small)
    replays = Replays(lambda options: None, Kept())
    for side in (8, 4):
        made = [replays.get((1, side, side, 3)) for _ in range(2 * AFTER)]
        assert [one is not None for one in made] == [side == 4 and n >= AFTER - 1 for n in range(2 * AFTER)]
    assert shapes == [(1, 8, 8, 3), (1, 4, 4, 3)]


def test_recordings_share_one_limit_and_large_pictures_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "Replay", Recorded)
    kept = Kept()
    owners = [Replays(lambda options: None, kept) for _ in range(KEEP)]
    for side in (4, 8):
        for replays in owners:
            made = [replays.get((1, side, side, 3)) for _ in range(AFTER)][-1]
            assert made is replays.get((1, side, side, 3))
            assert len(kept) <= KEEP
    assert len(kept) == KEEP
    assert owners[0].get((1, 4, 4, 3)) is None
    assert [owners[0].get((1, 1025, 1024, 3)) for _ in range(2 * AFTER)] == [None] * 2 * AFTER


@pytest.mark.gpu
def test_cuda_gives_the_same_picture_and_records_what_repeats(tmp_path: Path) -> None:
    if not providers.gpu()[0]:
        pytest.skip("this machine has no NVIDIA GPU")
    graph = open_graph(graphs.save(tmp_path), "cuda")
    assert graph.provider == CUDA
    for _ in range(2 * AFTER):
        for image in (graphs.noise(64, 96, 3), graphs.noise(33, 31, 3)):
            assert np.array_equal(graph.run(image), 255 - image)
    made = [owner for owner, _ in KEPT._made if owner is graph._replays]
    assert len(made) == 2
