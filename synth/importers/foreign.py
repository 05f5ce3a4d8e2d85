"""Other people's checkpoints: read safely, and told apart by their keys."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from synth.importers import junyanz, style
from synth.importers.keys import Found, State

FAMILIES = (junyanz.unet, junyanz.resnet, style.style)
NESTED = ("state_dict", "generator", "netG", "G", "model_state_dict", "params_ema", "params")
KNOWN = "generators of pix2pix, CycleGAN and CUT (U-Net, ResNet) and fast style transfer"


def find(path: Path) -> Found:
    """Return the network in a checkpoint. Raises ``ValueError`` with a sentence if it cannot be read or told."""
    state = read(path)
    for family in FAMILIES:
        found = family(state)
        if found:
            return found
    some = ", ".join(list(state)[:3])
    raise ValueError(f"{path} holds a network of no kind that is known here ({some}, ...). Known are {KNOWN}.")


def _content(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def read(path: Path) -> State:
    """Return the tensors of a file by name, without what wrapping modules put before all of them.

    Only tensors and plain values are ever unpickled. Raises ``ValueError`` with a sentence.
    """
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    try:
        content: Any = _content(path)
    except Exception as error:  # the unpickler trips over foreign bytes in any way there is
        why = str(error).split("\n")[0][:200] if "weights_only" in str(error) or "Unsupported" in str(error) else ""
        raise ValueError(
            f"{path} cannot be read safely ({type(error).__name__}): it is damaged, or it is a pickle that would run "
            f"code of its own. Save the network's state_dict() by itself. {why}".strip()
        ) from error
    for name in NESTED:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if not isinstance(content, dict) or not content or not all(isinstance(v, Tensor) for v in content.values()):
        raise ValueError(f"{path} is not the state_dict of one network. Save that by itself.")
    while all(key.startswith("module.") for key in content):
        content = {key.removeprefix("module."): value for key, value in content.items()}
    return {key: value.float() if value.is_floating_point() else value for key, value in content.items()}
