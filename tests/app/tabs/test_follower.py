"""Test in which order a result that follows its inputs is computed, and when it counts as fresh."""

from collections.abc import Callable
from copy import deepcopy

import gradio as gr
import pytest

from synth.app.follower import Follower, Progress


def test_a_result_is_fresh_if_nothing_changed_since_it_began() -> None:
    progress = Progress()
    assert progress.renew()
    assert progress.settle() == (True, False)
    assert progress.renew()
    progress.outdate()
    assert progress.settle() == (False, False), "its new inputs are not complete yet"
    assert progress.renew()
    assert progress.settle() == (True, False)


def test_what_changes_during_a_computation_leads_to_one_more_after_it() -> None:
    progress = Progress()
    assert progress.renew()
    running = progress.stopped
    assert not progress.renew()
    assert not progress.renew()
    assert running.is_set()
    assert progress.settle() == (False, True)
    assert not progress.stopped.is_set()
    assert progress.settle() == (True, False)


def test_a_tab_that_is_opened_again_computes_nothing() -> None:
    progress = Progress()
    assert progress.renew(only_first=True)
    assert progress.settle() == (True, False)
    assert not progress.renew(only_first=True)


def test_sessions_do_not_share_their_progress() -> None:
    progress = Progress()
    assert progress.renew()
    assert deepcopy(progress).renew()


@pytest.mark.usefixtures("building")
@pytest.mark.parametrize("make", [lambda: "cat.png", lambda: gr.update(value="cat.png", visible=True)])
def test_the_download_is_switched_on_together_with_its_file(make: Callable[[], object]) -> None:
    """A busy page was seen to apply the latter of two updates of a component, and not the former."""
    with gr.Blocks() as page:
        fetch = gr.DownloadButton()
        follower = Follower(gr.Column(), fetch)
        follower.compute(make, [], [fetch])
    computed = page.fns[0].fn
    assert computed is not None
    progress = Progress()
    assert progress.renew()
    steps = computed(progress, 0)
    _, _, step = next(steps)
    if isinstance(step, dict):
        step.pop("value")  # as Gradio does with what it has sent
    _, _, last = next(steps)
    assert (last["value"], last["interactive"]) == ("cat.png", True)
    progress.renew()
    *_, (_, _, last) = computed(progress, 0)
    assert last["interactive"]
    progress.outdate()
    *_, (_, _, last) = computed(progress, 0)
    assert not last["interactive"]
