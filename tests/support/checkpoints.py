"""Checkpoints in the formats of other projects, with random values, and plain restatements of their forward passes."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

State = dict[str, Tensor]


class Made(dict):
    """A state dict of seeded random values, made key by key."""

    def __init__(self) -> None:
        super().__init__()
        self.random = torch.Generator().manual_seed(1)

    def conv(self, key: str, *shape: int, bias: bool, transposed: bool = False) -> None:
        fan = (shape[0] if transposed else shape[1]) * shape[2] * shape[3] / (4 if transposed else 1)
        self[f"{key}.weight"] = torch.randn(shape, generator=self.random) * (1.5 / fan) ** 0.5
        if bias:
            width = shape[1] if transposed else shape[0]
            self[f"{key}.bias"] = torch.randn(width, generator=self.random) * 0.1

    def norm(self, key: str, width: int, affine: bool = True, running: bool = True) -> None:
        if affine:
            self[f"{key}.weight"] = torch.rand(width, generator=self.random) + 0.5
            self[f"{key}.bias"] = torch.randn(width, generator=self.random) * 0.1
        if running:
            self[f"{key}.running_mean"] = torch.randn(width, generator=self.random) * 0.3
            self[f"{key}.running_var"] = torch.rand(width, generator=self.random) + 0.5
            self[f"{key}.num_batches_tracked"] = torch.tensor(7)


def normed(state: State, key: str, x: Tensor, running: bool = False) -> Tensor:
    if running:
        scale, shift = state[f"{key}.weight"], state[f"{key}.bias"]
        return F.batch_norm(x, state[f"{key}.running_mean"], state[f"{key}.running_var"], scale, shift)
    mean, var = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
    x = (x - mean) / (var + 1e-5).sqrt()
    if f"{key}.weight" not in state:
        return x
    return x * state[f"{key}.weight"][:, None, None] + state[f"{key}.bias"][:, None, None]


def unet_state(levels: int, norm: str, channels: int = 4) -> Made:
    state, bias = Made(), norm == "instance"
    widths = [channels * min(2**i, 8) for i in range(levels)]
    state.conv("model.model.0", widths[0], 3, 4, 4, bias=bias)
    state.conv("model.model.3", 2 * widths[0], 3, 4, 4, bias=True, transposed=True)
    at = "model.model.1."
    for i in range(1, levels):
        inner = i == levels - 1
        state.conv(f"{at}model.1", widths[i], widths[i - 1], 4, 4, bias=bias)
        incoming = widths[i] * (1 if inner else 2)
        state.conv(f"{at}model.{3 if inner else 5}", incoming, widths[i - 1], 4, 4, bias=bias, transposed=True)
        if norm == "batch":
            state.norm(f"{at}model.{4 if inner else 6}", widths[i - 1])
            if not inner:
                state.norm(f"{at}model.2", widths[i])
        at += "model.3."
    return state


def unet(state: State, x: Tensor, running: bool = False) -> Tensor:
    def get(key: str) -> tuple[Tensor, Tensor | None]:
        return state[f"{key}.weight"], state.get(f"{key}.bias")

    def level(at: str, x: Tensor) -> Tensor:
        x = F.leaky_relu(x, 0.2)  # in place there: the skip carries it too
        y = F.conv2d(x, *get(f"{at}model.1"), 2, 1)
        if f"{at}model.5.weight" not in state:
            y = F.conv_transpose2d(y.relu(), *get(f"{at}model.3"), 2, 1)
            return torch.cat((x, normed(state, f"{at}model.4", y, running)), 1)
        y = level(f"{at}model.3.", normed(state, f"{at}model.2", y, running))
        y = F.conv_transpose2d(y.relu(), *get(f"{at}model.5"), 2, 1)
        return torch.cat((x, normed(state, f"{at}model.6", y, running)), 1)

    y = level("model.model.1.", F.conv2d(x, *get("model.model.0"), 2, 1))
    return F.conv_transpose2d(y.relu(), *get("model.model.3"), 2, 1).tanh()


def resnet_state(blocks: int, norm: str, dropout: bool = False, stale: bool = False, c: int = 4) -> Made:
    state, bias = Made(), norm == "instance"
    affine, running = norm == "batch", norm == "batch" or stale
    second = 6 if dropout else 5
    state.conv("model.1", c, 3, 7, 7, bias=bias)
    state.conv("model.4", 2 * c, c, 3, 3, bias=bias)
    state.conv("model.7", 4 * c, 2 * c, 3, 3, bias=bias)
    for place, width in ((2, c), (5, 2 * c), (8, 4 * c)):
        state.norm(f"model.{place}", width, affine, running)
    for i in range(blocks):
        for place in (1, second):
            state.conv(f"model.{10 + i}.conv_block.{place}", 4 * c, 4 * c, 3, 3, bias=bias)
            state.norm(f"model.{10 + i}.conv_block.{place + 1}", 4 * c, affine, running)
    after = 10 + blocks
    for place, width in ((after, 4 * c), (after + 3, 2 * c)):
        state.conv(f"model.{place}", width, width // 2, 3, 3, bias=bias, transposed=True)
        state.norm(f"model.{place + 1}", width // 2, affine, running)
    state.conv(f"model.{after + 7}", 3, c, 7, 7, bias=True)
    return state


def resnet(state: State, x: Tensor, running: bool = False) -> Tensor:
    def get(key: str) -> tuple[Tensor, Tensor | None]:
        return state[f"{key}.weight"], state.get(f"{key}.bias")

    def pad(x: Tensor, by: int) -> Tensor:
        return F.pad(x, (by,) * 4, mode="reflect")

    x = normed(state, "model.2", F.conv2d(pad(x, 3), *get("model.1")), running).relu()
    for place in (4, 7):
        x = normed(state, f"model.{place + 1}", F.conv2d(x, *get(f"model.{place}"), 2, 1), running).relu()
    blocks = len({key.split(".")[1] for key in state if "conv_block" in key})
    second = 6 if state.get("model.10.conv_block.6.weight", torch.zeros(1)).ndim == 4 else 5
    for i in range(blocks):
        at = f"model.{10 + i}.conv_block."
        y = normed(state, f"{at}2", F.conv2d(pad(x, 1), *get(f"{at}1")), running).relu()
        x = x + normed(state, f"{at}{second + 1}", F.conv2d(pad(y, 1), *get(f"{at}{second}")), running)
    for place in (10 + blocks, 13 + blocks):
        y = F.conv_transpose2d(x, *get(f"model.{place}"), 2, 1, 1)
        x = normed(state, f"model.{place + 1}", y, running).relu()
    return F.conv2d(pad(x, 3), *get(f"model.{17 + blocks}")).tanh()


def cut_state(blocks: int = 9, c: int = 4) -> Made:
    """The antialiased ResNet of CUT: fixed filters stand between the sizes, and convolutions have stride 1."""
    state = Made()
    state.conv("model.1", c, 3, 7, 7, bias=True)
    state.conv("model.4", 2 * c, c, 3, 3, bias=True)
    state.conv("model.8", 4 * c, 2 * c, 3, 3, bias=True)
    for i in range(blocks):
        for place in (1, 5):
            state.conv(f"model.{12 + i}.conv_block.{place}", 4 * c, 4 * c, 3, 3, bias=True)
    state.conv(f"model.{12 + blocks + 1}", 2 * c, 4 * c, 3, 3, bias=True)
    state.conv(f"model.{12 + blocks + 5}", c, 2 * c, 3, 3, bias=True)
    state.conv(f"model.{12 + blocks + 9}", 3, c, 7, 7, bias=True)
    for place, width, row in ((7, 2 * c, 3), (11, 4 * c, 3), (12 + blocks, 4 * c, 4), (16 + blocks, 2 * c, 4)):
        values = torch.tensor([1.0, 2, 1] if row == 3 else [1.0, 3, 3, 1])
        kernel = torch.outer(values, values) / values.sum() ** 2 * (4 if row == 4 else 1)
        state[f"model.{place}.filt"] = kernel[None, None].repeat(width, 1, 1, 1)
    return state


def cut(state: State, x: Tensor, running: bool = False) -> Tensor:
    def conv(place: str, x: Tensor, padding: int = 0) -> Tensor:
        return F.conv2d(x, state[f"model.{place}.weight"], state[f"model.{place}.bias"], padding=padding)

    def pad(x: Tensor, by: int, mode: str = "reflect") -> Tensor:
        return F.pad(x, (by,) * 4, mode=mode)

    def plain(x: Tensor) -> Tensor:
        return normed({}, "", x)

    blocks = len({key.split(".")[1] for key in state if "conv_block" in key})
    x = plain(conv("1", pad(x, 3))).relu()
    for place in (4, 8):
        x = plain(conv(str(place), x, 1)).relu()
        x = F.conv2d(pad(x, 1), state[f"model.{place + 3}.filt"], stride=2, groups=x.shape[1])
    for i in range(blocks):
        y = plain(conv(f"{12 + i}.conv_block.1", pad(x, 1))).relu()
        x = x + plain(conv(f"{12 + i}.conv_block.5", pad(y, 1)))
    for place in (12 + blocks, 16 + blocks):
        filt = state[f"model.{place}.filt"]
        x = F.conv_transpose2d(pad(x, 1, "replicate"), filt, stride=2, padding=2, groups=x.shape[1])[:, :, 1:-1, 1:-1]
        x = plain(conv(str(place + 1), x, 1)).relu()
    return conv(str(21 + blocks), pad(x, 3)).tanh()


def style_state(c: int = 4) -> Made:
    state = Made()
    layers = [("conv1", c, 3, 9), ("conv2", 2 * c, c, 3), ("conv3", 4 * c, 2 * c, 3)]
    layers += [("deconv1", 2 * c, 4 * c, 3), ("deconv2", c, 2 * c, 3), ("deconv3", 3, c, 9)]
    layers += [(f"res{i}.conv{j}", 4 * c, 4 * c, 3) for i in range(1, 6) for j in (1, 2)]
    for name, outputs, inputs, kernel in layers:
        state.conv(f"{name}.conv2d", outputs, inputs, kernel, kernel, bias=True)
    for name, width in (("in1", c), ("in2", 2 * c), ("in3", 4 * c), ("in4", 2 * c), ("in5", c)):
        state.norm(name, width)
    for i in range(1, 6):
        for j in (1, 2):
            state.norm(f"res{i}.in{j}", 4 * c, running=False)
    state["deconv3.conv2d.weight"] *= 40  # it ends in grey levels
    state["deconv3.conv2d.bias"] += 128
    return state


def style(state: State, x: Tensor, running: bool = False) -> Tensor:
    def conv(name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = state[f"{name}.conv2d.weight"]
        padded = F.pad(x, (weight.shape[-1] // 2,) * 4, mode="reflect")
        return F.conv2d(padded, weight, state[f"{name}.conv2d.bias"], stride)

    x = (x + 1) / 2 * 255
    for i, stride in ((1, 1), (2, 2), (3, 2)):
        x = normed(state, f"in{i}", conv(f"conv{i}", x, stride)).relu()
    for i in range(1, 6):
        y = normed(state, f"res{i}.in1", conv(f"res{i}.conv1", x)).relu()
        x = x + normed(state, f"res{i}.in2", conv(f"res{i}.conv2", y))
    for i in (1, 2):
        doubled = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
        x = normed(state, f"in{i + 3}", conv(f"deconv{i}", doubled)).relu()
    return conv("deconv3", x).clamp(0, 255) / 255 * 2 - 1


def faults(state: State, spared: str = " ") -> Iterator[tuple[str, str, State]]:
    """Yield what is wrong, the key it is wrong with, and the state dict: a key is missing, renamed or of another shape,
    the first ones, the last ones, and some between; then there is one too many. ``spared`` ones are not needed."""
    needed = [key for key in state if "num_batches" not in key and spared not in key]
    for key in dict.fromkeys(needed[:3] + needed[3:-3:9] + needed[-3:]):
        yield "missing", key, {name: value for name, value in state.items() if name != key}
        yield "renamed", key, {(f"{name}_old" if name == key else name): value for name, value in state.items()}
        yield "another shape", key, {**state, key: torch.zeros(1, 2)}
    yield "surplus", "extra.weight", {**state, "extra.weight": torch.zeros(3)}
