"""Choose the execution provider: CUDA on NVIDIA, else CoreML on Apple, else the processor, and say why."""

import ctypes
import functools
import os
import sys
from dataclasses import dataclass
from typing import Any

CUDA, COREML, CPU = "CUDAExecutionProvider", "CoreMLExecutionProvider", "CPUExecutionProvider"
NAMES = ("auto", "cuda", "coreml", "cpu")


@dataclass(frozen=True)
class Choice:
    """Providers to request, best first; the device's name; a warning if a GPU is present but cannot be used."""

    providers: tuple[tuple[str, dict[str, Any]], ...]
    device: str
    warning: str = ""


@functools.cache
def gpu() -> tuple[str, str]:
    """Return ``(name of the NVIDIA GPU, why it cannot be used)``; both are empty where there is no driver.

    Asks the driver itself, which takes microseconds if there is none and needs no CUDA package.
    """
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return "", ""
    code, count, name = driver.cuInit(0), ctypes.c_int(), ctypes.create_string_buffer(128)
    if code == 100:  # CUDA_ERROR_NO_DEVICE: a driver without a device, such as on a build machine
        return "", ""
    if code:
        return "NVIDIA GPU", f"its driver does not start (CUDA error {code})"
    if driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
        return "", ""
    driver.cuDeviceGetName(name, len(name), 0)
    return name.value.decode(errors="replace") or "NVIDIA GPU", ""


def choose(wanted: str = "auto") -> Choice:
    """Return the providers for ``wanted`` (one of ``NAMES``).

    Raises ``ValueError`` with the reason for an unknown name, or if CUDA or CoreML was requested by name and is not
    available.
    """
    if wanted not in NAMES:
        raise ValueError(f"There is no provider {wanted!r}. Choose one of: {', '.join(NAMES)}.")
    plain = ((CPU, {}),)
    if wanted == "cpu":
        return Choice(plain, "CPU")
    if wanted in ("auto", "cuda"):
        name, problem = _cuda()
        if name and not problem:
            return Choice(((CUDA, {"prefer_nhwc": "1"}), *plain), name)
        if wanted == "cuda":
            raise ValueError(f"CUDA was requested, but {_reason(name, problem)}. Use --provider auto or cpu.")
        if name:
            return Choice(plain, "CPU", f"{name} is present but not used: {problem}.")
    if wanted == "coreml" or sys.platform == "darwin":
        if COREML in _available():
            return Choice(((COREML, {"ModelFormat": "MLProgram"}), *plain), "Apple")
        if wanted == "coreml":
            raise ValueError(
                "CoreML was requested, but this ONNX Runtime does not have it (macOS only). Use --provider auto or cpu."
            )
    return Choice(plain, "CPU")


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cuda() -> tuple[str, str]:
    """Return ``(name of the GPU, why it cannot be used)``; asks ONNX Runtime only if there is a GPU."""
    name, problem = gpu()
    if name and not problem and CUDA not in _available():
        problem = "the installed ONNX Runtime has no CUDA (uninstall onnxruntime, then install onnxruntime-gpu)"
    return name, problem


def _available() -> list[str]:
    import onnxruntime

    return onnxruntime.get_available_providers()


def _reason(name: str, problem: str) -> str:
    return f"{name} cannot be used: {problem}" if name else "this machine has no NVIDIA driver or no NVIDIA GPU"
