"""Test the load test: the app serves several users, and wrong or missing answers are counted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.benchmarks import dance, load_test, space
from synth.benchmarks.flood import CALLS, Flooder, rate
from synth.benchmarks.served import app
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.bundled_names import company
from tests.support.live_page import swaying

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(company(tmp_path_factory.mktemp("company")), "cpu", "synth")


@pytest.fixture(scope="module")
def address(registry: Registry) -> Iterator[str]:
    with app("--weights", str(registry.folder), "--provider", "cpu", "--pose", "synth") as served:
        yield served.address


@pytest.fixture(scope="module")
def scripts(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> list[load_test.Script]:
    frames = [dance.sent(frame) for frame in swaying(load_test.ROUND)]
    picture = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    folder = tmp_path_factory.mktemp("scripts")
    return [load_test.script(registry, number, frames, picture, folder) for number in range(2)]


def test_two_visitors_get_their_own_answers(address: str, scripts: list[load_test.Script]):
    tally = load_test.run_scripts(address, scripts, 1.0, lambda seconds: None)
    assert (tally.failed, tally.mixed) == ([], 0)
    assert tally.served >= 2 * (1 + load_test.ROUND)


def test_the_answer_of_another_is_noticed(address: str, scripts: list[load_test.Script]):
    one, other = scripts
    swapped = [replace(one, wanted=other.wanted), replace(one, result=255 - one.result)]
    tally = load_test.run_scripts(address, swapped, 1.0, lambda seconds: None)
    assert tally.mixed > load_test.ROUND / 2 + 1


def test_no_answer_is_a_failure(address: str, scripts: list[load_test.Script]):
    tally = load_test.run_scripts(address, [replace(scripts[0], character="nobody")], 0.1, lambda seconds: None)
    assert tally.failed
    assert "no character" in tally.failed[0]


def test_a_visitor_is_served_beside_one_who_floods(address: str, scripts: list[load_test.Script]):
    tally, flooder = load_test.Tally(), Flooder(address, scripts[1])
    try:
        while flooder.answers.total() < CALLS:
            rate(address, scripts[0], 0, tally)
    finally:
        flooder.close()
    assert (tally.failed, tally.mixed) == ([], 0)
    assert tally.served
    assert flooder.answers.keys() <= {200, 400}


@pytest.mark.slow
def test_a_space_is_started_and_used(registry: Registry, tmp_path: Path):
    for name in ("street", "facades"):
        example = registry.folder / "examples" / name / "input" / "1.png"
        example.parent.mkdir(parents=True)
        Image.new("RGB", (64, 64)).save(example)
    frames = [dancers.person()[0]] * 4
    with app("--weights", str(registry.folder), "--provider", "cpu", "--pose", "synth") as served:
        before = served.memory()
        space.every_tab(served, registry, frames, tmp_path)
        assert served.memory() > before
