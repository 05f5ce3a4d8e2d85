"""Test third-party weight files: their content, and an error for everything that cannot be used."""

import gzip
import re
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from export.__main__ import main
from synth.__main__ import main as synth
from synth.importers import contents, foreign
from synth.importers.reading import read
from synth.networks.patchgan import PatchGAN
from tests.support.checkpoints import Made, resnet_state, unet_state

NET = resnet_state(6, "instance")
DISCRIMINATOR = Made()
DISCRIMINATOR.conv("model.0", 8, 3, 4, 4, bias=True)
SCALES, ENCODER = Made(), Made()
SCALES.conv("layer0.0", 8, 3, 4, 4, bias=True)
ENCODER.conv("model.1", 8, 3, 7, 7, bias=True)
RESIZING = Made()  # its doublings are resizes with convolutions behind them
RESIZING |= {key: value for key, value in NET.items() if key.split(".")[1] not in ("16", "19", "23")}
for number, shape in ((18, (8, 16, 3, 3)), (23, (4, 8, 3, 3)), (27, (3, 4, 7, 7))):
    RESIZING.conv(f"model.{number}", *shape, bias=True)
PATCHES = {"mlp_0.0.weight": torch.ones(8, 3), "mlp_0.0.bias": torch.ones(8)}
ADAM = {"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"lr": 1e-3}]}


class Code:
    """Unpickling this would run something."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str]]:
        return (print, ("run!",))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"a": 1}, "not the state_dict of one network"),
        ({}, "not the state_dict of one network"),
        ([1], "not the state_dict of one network"),
        ({"conv.weight": torch.zeros(3)}, "an unknown kind of network (keys: conv.weight"),
        (Code(), "holds more than tensors (print)"),
        (PatchGAN(3), "holds more than tensors (synth.networks.patchgan.PatchGAN)"),
        (dict(DISCRIMINATOR), "a discriminator"),
        (dict(SCALES), "a discriminator"),
        (dict(ENCODER), "an encoder"),
        (PATCHES, "the projection heads of CUT"),
        (ADAM, "the state of an optimizer"),
        ({"epoch": 3, "optimizer_G": ADAM}, "it holds epoch, optimizer_G"),
        (
            {**NET, "model.4.weight": torch.full((8, 4, 3, 3), torch.nan)},
            "model.4.weight has values that are NaN or infinite",
        ),
        ({key: value for key, value in NET.items() if key != "model.23.bias"}, "The file is incomplete"),
        (dict(RESIZING), "Was the network changed?"),
        ({"epoch": 3, "netG_A": dict(NET), "netG_B": dict(NET), "opt": ADAM}, "--part netG_A"),
        ({f"netG.{key}": value for key, value in NET.items()} | {"netD.model.0.bias": torch.ones(1)}, "--part netG"),
        ({f"{side}.{key}": value for side in "ab" for key, value in NET.items()}, "holds a, b. Say which one"),
    ],
)
def test_what_cannot_be_used_ends_in_a_sentence(content: object, why: str, tmp_path: Path, capsys):
    torch.save(content, tmp_path / "net.pth")
    assert main(["--from", str(tmp_path / "net.pth"), "--out", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert "run!" not in told.out
    assert why in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert re.search(r"[.?]$|--part \w+$", told.err.strip())
    assert not list(tmp_path.glob("*.onnx"))


def test_a_file_that_is_damaged_or_missing_ends_in_a_sentence(tmp_path: Path, capsys):
    (tmp_path / "net.pth").write_bytes(b"PK\x03\x04 and no more")
    assert main(["--from", str(tmp_path / "net.pth")]) == 2
    assert re.search("damaged.* Copy or download it again", capsys.readouterr().err)
    torch.save(NET, tmp_path / "net.pth")
    whole = (tmp_path / "net.pth").read_bytes()
    (tmp_path / "net.pth").write_bytes(whole[: len(whole) // 2])
    assert main(["--from", str(tmp_path / "net.pth")]) == 2
    assert "damaged" in capsys.readouterr().err
    (tmp_path / "net.safetensors").write_bytes(b"no such thing")
    assert main(["--from", str(tmp_path / "net.safetensors")]) == 2
    assert "damaged" in capsys.readouterr().err
    assert main(["--from", str(tmp_path / "nothing.pth")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_an_archive_of_code_ends_in_a_sentence(tmp_path: Path, capsys):
    torch.save(NET, tmp_path / "net.pth")
    with ZipFile(tmp_path / "net.pth", "a") as archive:
        root = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{root}/constants.pkl", b"")  # what TorchScript is told by
    for call, words in ((main, ["--from"]), (synth, ["inspect"])):
        assert call([*words, str(tmp_path / "net.pth")]) == 2
        assert re.fullmatch(r".* a TorchScript archive.*\.\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"epoch": 3, "model_state_dict": dict(NET), "optimizer_state_dict": ADAM}, ""),
        ({"epoch": 3, "some_net": dict(NET), "opt": ADAM}, ""),
        ({"generator": {"state_dict": {f"module.{key}": value for key, value in NET.items()}}}, ""),
        ({"epoch": 3, "netG_A": dict(NET), "netG_B": dict(DISCRIMINATOR)}, "netG_A"),
        ({"state_dict": {f"netG.{k}": v for k, v in NET.items()} | {"netD.bias": torch.ones(1)}}, "netG"),
    ],
)
def test_a_network_inside_a_larger_checkpoint_is_found(content: dict[str, Any], part: str, tmp_path: Path):
    torch.save(content, tmp_path / "net.pth")
    assert "a ResNet with 6 blocks" in foreign.find(tmp_path / "net.pth", part).what
    with pytest.raises(ValueError, match=r"no network netH|not the state_dict of one.*--part (netG_A|some_net)"):
        foreign.find(tmp_path / "net.pth", "netH")


OPTIONS = Namespace(
    norm="instance", data=Path("horses"), best=np.float64(0.5), sizes=np.arange(3), lr=SimpleNamespace()
)


@pytest.mark.parametrize(
    "content",
    [
        {"state_dict": dict(NET), "args": OPTIONS},
        {**NET, "opt": OPTIONS, "epoch": 3},
        {"netG": dict(NET), "opt": OPTIONS},
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_training_options_beside_the_network_are_passed_over(content: dict[str, Any], legacy: bool, tmp_path: Path):
    torch.save(content, tmp_path / "net.pth", _use_new_zipfile_serialization=not legacy)
    state = read(tmp_path / "net.pth")
    assert state.keys() == NET.keys()
    assert all(torch.equal(state[key].float(), NET[key].float()) for key in NET)


def test_harmless_names_only_ever_make_stand_ins(tmp_path: Path):
    class Trap:
        def __reduce__(self) -> tuple:
            return (Namespace, (), {"lr": 1}, None, None)

    torch.save({"a": Trap(), "b": OPTIONS}, tmp_path / "net.pth")
    assert {type(value) for value in contents.content(tmp_path / "net.pth").values()} == {contents.Aside}
    assert all(name.partition(".")[0] in ("argparse", "types", "pathlib", "numpy") for name in contents.HARMLESS)
    with pytest.raises(UnpicklingError, match="Namespace"):  # nothing is allowed for good
        torch.load(tmp_path / "net.pth", weights_only=True)


def test_a_file_compressed_with_gzip_is_read_and_a_bomb_is_not(tmp_path: Path, monkeypatch, capsys):
    torch.save(dict(NET), tmp_path / "plain.pth")
    save_file(dict(NET), tmp_path / "plain.safetensors")
    for name in ("net.pth.gz", "net.pth", "net.safetensors.gz"):
        plain = (tmp_path / f"plain{'.safetensors' if 'safe' in name else '.pth'}").read_bytes()
        (tmp_path / name).write_bytes(gzip.compress(plain, 1))
        assert read(tmp_path / name).keys() == NET.keys()
    assert synth(["inspect", str(tmp_path / "net.pth.gz")]) == 0
    assert "a ResNet with 6 blocks" in capsys.readouterr().out
    whole = (tmp_path / "net.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.pth cannot be read safely: it is damaged"):
        read(tmp_path / "cut.pth")
    monkeypatch.setattr(contents, "MOST", 1000)
    with pytest.raises(ValueError, match=r"net\.pth cannot be read safely: it decompresses to more than"):
        read(tmp_path / "net.pth")


def test_inspect_tells_what_a_file_is(tmp_path: Path, capsys):
    torch.save(dict(resnet_state(6, "instance", stale=True)), tmp_path / "net.pth")
    assert synth(["inspect", str(tmp_path / "net.pth")]) == 0
    told = capsys.readouterr().out
    assert "a ResNet with 6 blocks" in told
    assert f"{sum(value.numel() for value in NET.values()):,} parameters" in told
    assert "multiples of 4" in told
    save_file(dict(NET), tmp_path / "net.safetensors")
    assert synth(["inspect", str(tmp_path / "net.safetensors")]) == 0
    assert "a ResNet with 6 blocks" in capsys.readouterr().out
    assert synth(["inspect", "weights/emoji.onnx"]) == 0
    torch.save({"A": dict(unet_state(9, "batch")), "B": dict(NET)}, tmp_path / "two.pth")
    assert synth(["inspect", str(tmp_path / "two.pth"), "--part", "A"]) == 0
    told = capsys.readouterr().out
    assert "a U-Net with 9 levels" in told, "and 256 pixels are too small for it"
    assert "Not used (a counter of training): model." in told
    assert synth(["inspect", str(tmp_path / "none.pth")]) == 2
    assert "There is no file" in capsys.readouterr().err
