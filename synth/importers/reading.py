"""Files of weights, read safely: only tensors and plain values are ever unpickled."""

from pathlib import Path
from typing import Any

from torch import Tensor

from synth.importers.keys import State
from synth.training import checkpoint

NESTED = ("state_dict", "model_state_dict", "generator", "netG", "G", "G_state_dict", "params_ema", "params", "model")
"""What a network is called in a file that holds more, the likeliest first."""
WRAPPERS = ("module.", "_orig_mod.")
"""What parallel and compiled modules put before all keys."""

ALONE = "Save the network's state_dict() by itself."


def read(path: Path, part: str = "") -> State:
    """Return the tensors of a network by name, as float32, without what wrapping modules put before all of them.

    ``part`` names one of several networks: by its place in the file, or by what stands before its keys. Raises
    ``ValueError`` with a sentence.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    if path.suffix == ".onnx":
        raise ValueError(f"{path} is a graph already. Say what it is: python -m synth inspect {path}")
    state = _network(_content(path), path, part)
    for wrapper in WRAPPERS * 2:
        if all(key.startswith(wrapper) for key in state):
            state = {key.removeprefix(wrapper): value for key, value in state.items()}
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def _content(path: Path) -> Any:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        return checkpoint.unpickled(path)
    except Exception as error:  # the unpickler trips over foreign bytes in any way there is
        raise ValueError(f"{path} cannot be read safely: {_why(error)}") from error


def _why(error: Exception) -> str:
    """Return what is wrong with a file, and a way out."""
    text = str(error)
    if "Unsupported global: GLOBAL " in text:
        name = text.split("Unsupported global: GLOBAL ")[1].split()[0]
        return f"it is a pickle that holds more than tensors ({name}), and would run code of its own. {ALONE}"
    if "TorchScript" in text:
        return f"it is a TorchScript archive, which is code and no state dict. {ALONE}"
    return f"it is damaged, or no file of weights ({type(error).__name__}). Copy or download it again."


def _network(content: Any, path: Path, part: str) -> State:
    """Return the state dict inside what a file holds; of several, the one called ``part``."""
    for _ in NESTED:  # some nest more than once
        if part and isinstance(content, dict) and _is_state(content.get(part)):
            return dict(content[part])
        name = next((n for n in NESTED if isinstance(content, dict) and isinstance(content.get(n), dict)), None)
        if name is None:
            break
        content = content[name]
    networks = [value for value in content.values() if _is_state(value)] if isinstance(content, dict) else []
    if len(networks) == 1 and not part:
        content = networks[0]
    if not _is_state(content):
        raise ValueError(f"{path} is not the state_dict of one network{_inside(content)}")
    before = f"{part}." if part else ""
    state = {key.removeprefix(before): value for key, value in content.items() if key.startswith(before)}
    if not state:
        stems = sorted({key.partition(".")[0] for key in content})
        raise ValueError(f"{path} has no network {part}. Its keys begin with {', '.join(stems[:8])}.")
    return state


def _is_state(content: Any) -> bool:
    return isinstance(content, dict) and bool(content) and all(isinstance(v, Tensor) for v in content.values())


def _inside(content: Any) -> str:
    """Return how a sentence about a file goes on: which networks it has, or what it is instead."""
    if isinstance(content, dict) and {"state", "param_groups"} <= content.keys():
        return ": it is what an optimizer remembers. The network is in another file."
    inside = content if isinstance(content, dict) else {}
    names = [str(name) for name, value in inside.items() if _is_state(value)]
    if names:
        return f": it holds {', '.join(names[:8])}. Say which one is the generator: --part {names[0]}"
    held = f": it holds {', '.join(map(str, [*inside][:8]))}" if inside else ""
    return f"{held}. Give the file of a generator's state_dict(), usually called …_net_G.pth."
