"""Test belief maps on BlazePose's trunk: its size, and loading its packaged weights."""

from pathlib import Path

import flatbuffers
import numpy as np
import pytest
import tflite
import torch
from torch import nn
from torch.nn import functional as F

from synth.networks import blazepose
from synth.networks.blazepose import BlazeBelief, BlazePoseTrunk
from synth.networks.trunks.tensorflow_lite import convolutions

Pairs = list[tuple[np.ndarray, np.ndarray]]


def write(path: Path, weights: Pairs, half: bool = False, kind: int | None = None) -> None:
    """Write a TensorFlow Lite file of plain convolutions, ``[outputs, h, w, inputs]`` and ``[outputs]`` each.

    ``half``: stored as float16 and unpacked by the graph. ``kind``: said to be of this element type.
    """
    builder = flatbuffers.Builder(0)
    T = tflite
    codes, buffers, tensors, operators = [], [], [], []

    def vector(offsets: list[int], start) -> int:
        start(builder, len(offsets))
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()

    def tensor(shape: tuple[int, ...], values: np.ndarray | None) -> int:
        name = builder.CreateString(f"tensor{len(tensors)}")
        data = builder.CreateNumpyVector(np.frombuffer(values.tobytes(), np.uint8)) if values is not None else None
        T.BufferStart(builder)
        if data is not None:
            T.BufferAddData(builder, data)
        buffers.append(T.BufferEnd(builder))
        sizes = builder.CreateNumpyVector(np.array(shape, np.int32))
        T.TensorStart(builder)
        T.TensorAddShape(builder, sizes)
        stored = T.TensorType.FLOAT16 if values is not None and values.dtype == np.float16 else T.TensorType.FLOAT32
        T.TensorAddType(builder, stored if kind is None else kind)
        T.TensorAddBuffer(builder, len(buffers) - 1)
        T.TensorAddName(builder, name)
        tensors.append(T.TensorEnd(builder))
        return len(tensors) - 1

    def operator(code: int, inputs: list[int], outputs: list[int]) -> None:
        ends = [builder.CreateNumpyVector(np.array(places, np.int32)) for places in (inputs, outputs)]
        T.OperatorStart(builder)
        T.OperatorAddOpcodeIndex(builder, code)
        T.OperatorAddInputs(builder, ends[0])
        T.OperatorAddOutputs(builder, ends[1])
        operators.append(T.OperatorEnd(builder))

    for code in (T.BuiltinOperator.CONV_2D, T.BuiltinOperator.DEQUANTIZE):
        T.OperatorCodeStart(builder)
        T.OperatorCodeAddDeprecatedBuiltinCode(builder, code)
        codes.append(T.OperatorCodeEnd(builder))
    for weight, bias in weights:
        places = []
        for values in (weight, bias):
            place = tensor(values.shape, values.astype(np.float16 if half else np.float32))
            if half:
                unpacked = tensor(values.shape, None)
                operator(1, [place], [unpacked])
                place = unpacked
            places.append(place)
        operator(0, [tensor((1, 4, 4, weight.shape[-1]), None), *places], [tensor((1, 4, 4, len(bias)), None)])
    parts = [vector(tensors, T.SubGraphStartTensorsVector), vector(operators, T.SubGraphStartOperatorsVector)]
    T.SubGraphStart(builder)
    T.SubGraphAddTensors(builder, parts[0])
    T.SubGraphAddOperators(builder, parts[1])
    graphs = [T.SubGraphEnd(builder)]
    vectors = [
        vector(codes, T.ModelStartOperatorCodesVector),
        vector(graphs, T.ModelStartSubgraphsVector),
        vector(buffers, T.ModelStartBuffersVector),
    ]
    T.ModelStart(builder)
    T.ModelAddVersion(builder, 3)
    T.ModelAddOperatorCodes(builder, vectors[0])
    T.ModelAddSubgraphs(builder, vectors[1])
    T.ModelAddBuffers(builder, vectors[2])
    builder.Finish(T.ModelEnd(builder), b"TFL3")
    path.write_bytes(builder.Output())


def some(seed: int = 0) -> Pairs:
    random = np.random.default_rng(seed)
    return [(random.normal(size=(5, 3, 3, 2)), random.normal(size=5)), (random.normal(size=(4, 1, 1, 5)), np.zeros(4))]


@pytest.mark.parametrize("half", [False, True])
def test_convolutions_are_read_in_their_order(tmp_path, half):
    write(tmp_path / "x.tflite", some(), half)
    found = list(convolutions(tmp_path / "x.tflite"))
    assert [tuple(weight.shape) for weight, _ in found] == [(5, 2, 3, 3), (4, 5, 1, 1)]
    for (weight, bias), (wanted, shift) in zip(found, some(), strict=True):
        assert np.abs(weight.numpy() - wanted.transpose(0, 3, 1, 2)).max() < (2e-3 if half else 1e-6)
        assert np.abs(bias.numpy() - shift).max() < (2e-3 if half else 1e-6)


def test_other_files_and_other_weights_are_refused(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"something else")
    with pytest.raises(ValueError, match="not a TensorFlow Lite file"):
        list(convolutions(tmp_path / "x.tflite"))
    write(tmp_path / "y.tflite", some(), kind=tflite.TensorType.INT8)
    with pytest.raises(ValueError, match="neither float32 nor float16"):
        list(convolutions(tmp_path / "y.tflite"))
    write(tmp_path / "z.tflite", some())
    with pytest.raises(ValueError, match="does not hold the weights of BlazePose"):
        blazepose.load(BlazePoseTrunk(), tmp_path / "z.tflite")


def test_the_network_has_the_size_that_is_known():
    network = BlazeBelief().eval()
    assert sum(p.numel() for p in network.trunk.parameters()) == 1_600_681
    with torch.no_grad():
        maps = network(torch.zeros(2, 3, 64, 96))
    assert [tuple(m.shape) for m in maps] == [(2, 17, 16, 24), (2, 17, 16, 24)]


def test_what_is_frozen_is_not_trained():
    names = [name for name, p in BlazeBelief(width=0.1, frozen=2).named_parameters() if not p.requires_grad]
    assert {name.split(".")[1] for name in names} == {"stem", "stages"}
    assert {name.split(".")[2] for name in names if ".stages." in name} == {"0", "1"}
    assert all(p.requires_grad for p in BlazeBelief(width=0.1, frozen=0).parameters())


def straight(x: torch.Tensor) -> torch.Tensor:
    """The heat maps of the packaged network, straight from its file, for pixels in 0..1."""
    stored = convolutions(blazepose.packaged() or Path())

    def conv(x: torch.Tensor, stride: int = 1, active: bool = True) -> torch.Tensor:
        weight, bias = next(stored)
        groups = len(weight) if weight.shape[1] == 1 else 1
        x = F.conv2d(x, weight, bias, stride, weight.shape[-1] // 2, groups=groups)
        return F.relu6(x) if active else x

    def block(x: torch.Tensor) -> torch.Tensor:
        y = conv(conv(conv(x)), active=False)
        return x + y if x.shape == y.shape else y

    x, sides = conv(conv(conv(x, 2)), active=False), []
    for repeats in (1, 1, 5, 3):
        wide = conv(x)
        sides.append(conv(conv(x)))
        x = conv(conv(wide, 2), active=False)
        for _ in range(repeats):
            x = block(x)
    wide = conv(conv(x))
    x = conv(conv(wide))
    for side in reversed(sides[1:]):
        x = F.interpolate(x, scale_factor=2, mode="bilinear") + side
    for _ in range(11):
        next(stored)
    return conv(x, active=False)


@pytest.mark.skipif(not blazepose.packaged(), reason="MediaPipe, which carries BlazePose's weights, is not installed")
def test_the_packaged_weights_come_to_their_places():
    trunk = BlazePoseTrunk().eval()
    blazepose.load(trunk, blazepose.packaged() or Path())
    x = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted = straight(x)[:, list(blazepose.LANDMARKS)]
        found = trunk(2 * x - 1)[1]
    # At the border of the picture zeros are padded, which are black in 0..1 and grey in [-1, 1].
    inside = (slice(None), slice(None), slice(5, -5), slice(5, -5))
    assert wanted.std() > 1
    assert (found - wanted)[inside].abs().mean() < 0.05 * wanted.std()
    first = trunk.stem[0]
    assert isinstance(first, nn.Conv2d)
    assert first.bias is not None
    exact = F.conv2d(x, 2 * first.weight, first.bias - first.weight.sum((1, 2, 3)), 2, 1)
    assert (first(2 * x - 1) - exact)[..., 1:, 1:].abs().max() < 1e-4
