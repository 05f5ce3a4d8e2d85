"""The colorizers of Zhang et al. (richzhang/colorization): ``eccv16`` and ``siggraph17``.

Their batch norm uses running statistics. ``eccv16`` predicts probabilities of 313 colours, of which ``model_out`` is
the mean. It has stride 2 where ``siggraph17`` drops every second pixel, so both have the same keys up to ``model7``.
"""

from dataclasses import replace

from torch import nn

from synth.card import Card, Input
from synth.importers.ends import Ends
from synth.importers.keys import Found, Keys, State
from synth.importers.residual import size
from synth.networks.layers.recolored import Recolored
from synth.networks.zhang import Eccv16, Siggraph17
from synth.pixels.color import TEMPERATURE

HINTS = (
    Input("hints", kind="hints", note="known colours; used only where the next image is not black"),
    Input("hinted", kind="hints", note="not black where there is a hint"),
)
TEMPERATURE_INPUT = Input(
    "temperature", kind="number", value=TEMPERATURE, low=0.05, high=1.0, note="low: vivid, high: cautious"
)
CARD = Card(
    task="black-and-white photograph → colours",
    tabs=("colorize",),
    inputs=(Input(), *HINTS),
    size=256,
    examples="colorize",
)
CARRIED = (
    f"At temperature {TEMPERATURE} the colours are those of the published network. It has no input for hints: they are "
    "propagated to pixels that are near and of similar lightness."
)
TOPS = (
    ("model8up", "model3short8", "model8"),
    ("model9up", "model2short9", "model9"),
    ("model10up", "model1short10", "model10"),
)
SHORTS = {short for _, short, _ in TOPS}
OTHER = "a second head, which classifies colours and is not needed for the image"


def eccv16(state: State) -> Found | None:
    """Return the colorizer of 2016, or None if the keys are not its own. Raises ``ValueError`` if some are wrong."""
    stems = _stems(state)
    if stems & SHORTS or len(stems & {"model5", "model7", "model8", "model_out"}) < 3:
        return None
    channels, bins = _channels(state), size(state, 313, ("model_out", 1), ("model8.6", 0))
    what = f"the colorizer eccv16 with {channels} channels, {bins} colours, batch norm (running statistics)"
    keys, network = Keys(state, what, running=True), Eccv16(channels, bins)
    _stages(keys, network.stages)
    _numbered(keys, network.up, "model8")
    keys.fill(network.mean, "model_out")
    card = replace(CARD, inputs=(*CARD.inputs, TEMPERATURE_INPUT), notes=CARRIED)
    return Found(what, network, keys.done(), ends=Ends(card, Recolored), running=True)


def siggraph17(state: State) -> Found | None:
    """Return the colorizer of 2017, or None if the keys are not its own. Raises ``ValueError`` if some are wrong."""
    if len(_stems(state) & SHORTS) < 2:
        return None
    channels = _channels(state)
    what = f"the colorizer siggraph17 with {channels} channels, hints, batch norm (running statistics)"
    keys, network = Keys(state, what, running=True), Siggraph17(channels)
    _stages(keys, network.stages)
    for number, (up, short, top) in enumerate(TOPS):
        keys.fill(network.ups[number], f"{up}.0")
        keys.fill(network.shorts[number], f"{short}.0")
        _numbered(keys, network.tops[number], top)
    keys.fill(network.head, "model_out.0")
    keys.drop(lambda key: key.startswith("model_class."), OTHER)
    return Found(what, network, keys.done(), ends=Ends(CARD, Recolored), running=True)


def _stems(state: State) -> set[str]:
    """Return the first parts of all keys; a family is recognised by most of them, so that a missing key is reported."""
    return {key.partition(".")[0] for key in state}


def _channels(state: State) -> int:
    return size(state, 64, ("model1.0", 0), ("model1.2", 1))


def _stages(keys: Keys, stages: nn.ModuleList) -> None:
    for number, stage in enumerate(stages, 1):
        _numbered(keys, stage, f"model{number}")


def _numbered(keys: Keys, layers: nn.Module, place: str) -> None:
    """Fill the layers of a sequence, which have the same numbers in the checkpoint."""
    for number, layer in layers.named_children():
        if layer.state_dict():
            keys.fill(layer, f"{place}.{number}")
