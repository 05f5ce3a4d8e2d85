"""Fold spectral and weight norm into plain weights, as PyTorch computes them when a network is used.

Spectral norm (Miyato et al. 2018, eq. 8 and 9) divides a weight by its largest singular value, which the saved vectors
``u`` and ``v`` give; weight norm (Salimans & Kingma 2016, eq. 2) gives it a saved length. PyTorch keeps each under two
names, that of ``torch.nn.utils`` and that of ``torch.nn.utils.parametrizations``.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from synth.importers.keys import State

SPECTRAL = (
    ("weight_orig", "weight_u", "weight_v"),
    ("parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"),
)
WEIGHT = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)


def folded(state: State) -> tuple[State, str]:
    """Return a state dict with plain weights, and which norms were folded into them, as text; empty for none.

    Raises ``ValueError`` if a vector that a norm needs is missing or has another shape.
    """
    found, names = dict(state), []
    for name, kinds, weight in (("spectral norm", SPECTRAL, spectral), ("weight norm", WEIGHT, scaled)):
        for parts in kinds:
            for stem in [key.removesuffix(parts[0]) for key in state if f".{key}".endswith(f".{parts[0]}")]:
                given = [found.pop(f"{stem}{part}", None) for part in parts]
                missing = [part for part, tensor in zip(parts, given, strict=True) if tensor is None]
                if missing:
                    raise ValueError(
                        f"{stem}{parts[0]} has {name}, but {stem}{missing[0]} is missing. Remove the norm before "
                        "saving (torch.nn.utils.remove_spectral_norm, remove_weight_norm), or save all of it."
                    )
                try:
                    found[f"{stem}weight"] = weight(*(tensor for tensor in given if tensor is not None))
                except RuntimeError as error:
                    raise ValueError(f"The {name} of {stem}weight does not fit its shape ({error}).") from error
                names.append(name)
    return found, " and ".join(dict.fromkeys(names))


def spectral(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Return a weight divided by its largest singular value, ``u`` and ``v`` being the vectors that belong to it.

    A convolution's rows are its first axis, a transposed one's the second. The vectors tell which it is: ``u`` is the
    normalised product of the weight and ``v``.
    """
    matrices = [weight.transpose(0, axis).flatten(1) for axis in (0, 1)[: weight.ndim]]
    fitting = [matrix for matrix in matrices if matrix.shape == (len(u), len(v))]
    if not fitting:
        raise RuntimeError(f"{tuple(weight.shape)}, vectors of {len(u)} and {len(v)}")
    matrix = min(fitting, key=lambda matrix: float((F.normalize(matrix @ v, dim=0) - u).norm()))
    return weight / torch.dot(u, matrix @ v)


def scaled(length: Tensor, direction: Tensor) -> Tensor:
    """Return the weight of this ``direction`` with the saved ``length``, one for each place along its longer axes."""
    axes = [axis for axis, size in enumerate(length.shape) if size == 1] if length.ndim else None
    norm = direction.square().sum(axes, keepdim=length.ndim > 0).sqrt()
    return direction * (length / norm)
