"""Fast style transfer as in PyTorch's examples (Johnson et al. 2016 with instance norm)."""

import re

from synth.counted import counted
from synth.importers.keys import Found, Keys, State
from synth.importers.residual import Place, size, sized
from synth.networks.resnet import StyleTransfer


def style(state: State) -> Found | None:
    """Return a style network, or None if the keys are not those of one. Raises ``ValueError`` if some are wrong."""
    blocks = len({found[1] for key in state if (found := re.match(r"res(\d+)\.conv\d\.conv2d\.", key))})
    if not blocks:
        return None
    channels = size(state, 32, ("conv1.conv2d", 0), ("conv2.conv2d", 1))
    size_text = f"{counted(blocks, 'block')}, {counted(channels, 'channel')}"
    what = f"a style transfer network with {size_text}, instance norm with scale and shift"
    keys, network = Keys(state, what), StyleTransfer(channels, blocks)
    sized(network, 2)
    keys.drop_running()
    places: list[Place] = [(layer, f"conv{i}", f"in{i}") for i, layer in enumerate(network.down, 1)]
    places += [(layer, f"deconv{i}", f"in{i + 3}") for i, layer in enumerate(network.up, 1)]
    for i, pair in enumerate(network.blocks, 1):
        places += [(layer, f"res{i}.conv{j}", f"res{i}.in{j}") for j, layer in enumerate(pair, 1)]
    for layer, conv, norm in places:
        keys.fill(layer[0], f"{conv}.conv2d")
        keys.fill(layer[1], norm)
    keys.fill(network.head, "deconv3.conv2d")
    return Found(what, network, keys.done())
