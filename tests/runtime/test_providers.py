"""Test providers without a GPU: the driver's answer and ONNX Runtime's list are given."""

import logging
import sys
from pathlib import Path

import onnxruntime
import pytest

from synth.runtime import providers, session
from synth.runtime.providers import CPU, CUDA
from synth.runtime.session import open_graph
from tests.support import graphs


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def make(gpu: tuple[str, str], available: list[str], system: str = "linux") -> None:
        monkeypatch.setattr(providers, "gpu", lambda: gpu)
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
        monkeypatch.setattr(sys, "platform", system)

    return make


def test_without_a_driver_cuda_is_not_asked_for(machine) -> None:
    machine(("", ""), [CUDA, CPU])
    choice = providers.choose("auto")
    assert [name for name, _ in choice.providers] == [CPU]
    assert choice.warning == ""


def test_a_gpu_with_its_libraries_comes_first(machine) -> None:
    machine(("NVIDIA H200", ""), [CUDA, CPU])
    choice = providers.choose("auto")
    assert choice.providers[0] == (CUDA, {"prefer_nhwc": "1"})
    assert choice.device == "NVIDIA H200"


@pytest.mark.parametrize(("problem", "available"), [("its driver does not start", [CUDA, CPU]), ("", [CPU])])
def test_a_gpu_that_cannot_be_used_is_a_warning_with_the_reason(machine, problem: str, available: list[str]) -> None:
    machine(("NVIDIA H200", problem), available)
    choice = providers.choose("auto")
    assert [name for name, _ in choice.providers] == [CPU]
    assert "NVIDIA H200 is present but not used" in choice.warning
    assert (problem or "onnxruntime-gpu") in choice.warning


def test_coreml_on_a_mac(machine) -> None:
    machine(("", ""), [providers.COREML, CPU], "darwin")
    assert providers.choose("auto").providers[0][0] == providers.COREML


@pytest.mark.parametrize("wanted", ["cuda", "coreml", "tpu"])
def test_a_provider_asked_for_by_name_that_cannot_be_had_is_an_error(machine, wanted: str) -> None:
    machine(("", ""), [CPU])
    with pytest.raises(ValueError, match=r"Choose one|Use --provider|macOS"):
        providers.choose(wanted)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_a_graph_does_not_get_is_a_warning(machine, tmp_path: Path, monkeypatch, caplog) -> None:
    machine(("NVIDIA H200", ""), [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    with caplog.at_level(logging.WARNING, "synth"):
        graph = open_graph(graphs.save(tmp_path), "auto")
    if CUDA in onnxruntime.InferenceSession(graphs.save(tmp_path)).get_providers():
        pytest.skip("this machine has CUDA")
    assert graph.provider == CPU
    assert "NVIDIA H200 is present" in graph.warning
    assert graph.warning in caplog.messages
    with pytest.raises(ValueError, match="NVIDIA H200 is present"):
        open_graph(graphs.save(tmp_path), "cuda")


def test_few_cores_do_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "session.intra_op.allow_spinning"
    monkeypatch.setattr(providers, "cores", lambda: 4)
    assert session._options().get_session_config_entry(key) == "0"
    monkeypatch.setattr(providers, "cores", lambda: 16)
    with pytest.raises(RuntimeError):
        session._options().get_session_config_entry(key)
