"""Safe reading of weight files: only tensors and plain values are ever unpickled."""

from pathlib import Path
from typing import Any

from torch import Tensor

from synth.importers.contents import Aside, TooLarge, content
from synth.importers.keys import State

NESTED = ("state_dict", "model_state_dict", "generator", "netG", "G", "G_state_dict", "params_ema", "params", "model")
"""Usual names of a network in a file that holds more, the likeliest first."""
WRAPPERS = ("module.", "_orig_mod.")
"""Prefixes that ``DataParallel`` and ``torch.compile`` add to all keys."""

PLAIN = (Aside, bool, int, float, str, type(None))
"""Values beside the tensors of a network that are no part of it, such as the number of the epoch."""
ALONE = "Save the network's state_dict() by itself."


def read(path: Path, part: str = "") -> State:
    """Return the tensors of a network by name, as float32, without the key prefixes of wrapping modules.

    ``part`` names one of several networks, by its name in the file or by the prefix of its keys. Raises ``ValueError``
    if the file cannot be read safely or does not hold that network.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}. Check the path.")
    if path.suffix == ".onnx":
        raise ValueError(f"{path} is an exported graph already. To see what is in it: python -m synth inspect {path}")
    state = _network(_content(path), path, part)
    for wrapper in WRAPPERS * 2:
        if all(key.startswith(wrapper) for key in state):
            state = {key.removeprefix(wrapper): value for key, value in state.items()}
    return {key: value.float() if value.is_floating_point() else value for key, value in state.items()}


def _content(path: Path) -> Any:
    """Return what a file holds."""
    try:
        return content(path)
    except Exception as error:  # the unpickler raises any type of error for invalid bytes
        raise ValueError(f"{path} cannot be read safely: {_why(error)}") from error


def _why(error: Exception) -> str:
    """Return what is wrong with a file and what to do about it."""
    text = str(error)
    if isinstance(error, TooLarge):
        return text
    if "Unsupported global: GLOBAL " in text:
        name = text.split("Unsupported global: GLOBAL ")[1].split()[0]
        return f"it is a pickle that holds more than tensors ({name}) and could run code. {ALONE}"
    if "TorchScript" in text:
        return f"it is a TorchScript archive, which is code and not a state dict. {ALONE}"
    return "it is damaged or not a file of weights. Copy or download it again."


def _network(content: Any, path: Path, part: str) -> State:
    """Return the state dict inside the content of a file; of several, the one called ``part``."""
    if isinstance(content, dict) and any(isinstance(value, Tensor) for value in content.values()):
        content = {key: value for key, value in content.items() if not isinstance(value, PLAIN)}
    for _ in NESTED:  # some files nest more than once
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
    """Return whether this is a state dict: a dict of tensors."""
    return isinstance(content, dict) and bool(content) and all(isinstance(v, Tensor) for v in content.values())


def _inside(content: Any) -> str:
    """Return the end of the error message: which networks a file has, or what it is instead."""
    if isinstance(content, dict) and {"state", "param_groups"} <= content.keys():
        return ": it is the state of an optimizer. The network is in another file."
    inside = content if isinstance(content, dict) else {}
    names = [str(name) for name, value in inside.items() if _is_state(value)]
    if names:
        return f": it holds {', '.join(names[:8])}. Say which one is the generator: --part {names[0]}"
    held = f": it holds {', '.join(map(str, [*inside][:8]))}" if inside else ""
    return f"{held}. Give the file of a generator's state_dict(), usually called …_net_G.pth."
