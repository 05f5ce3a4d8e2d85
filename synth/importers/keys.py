"""Account for every key of a third-party checkpoint: used, dropped for a stated reason, or an error."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from synth.counted import counted
from synth.importers.ends import Ends
from synth.networks.network import Network

State = dict[str, Tensor]
STALE = "running statistics of an instance norm (checkpoints from before December 2018), which would change the image"
COUNTER = "a counter of training"
CHANGED = "Was the network changed? Only the authors' own is supported: train that, or take a checkpoint of it."
ASTRAY = "Training diverged: take an earlier checkpoint."
LEFT_ON = (
    "The authors' test script leaves dropout on unless --eval is given, so their own results differ from run to run. "
    "Here it is off: the same image always gives the same result."
)
IF_SO = f"If it was: {LEFT_ON[0].lower()}{LEFT_ON[1:]}"
INCOMPLETE = "The file is incomplete: save the state_dict() of the whole network."


@dataclass(frozen=True)
class Found:
    """Network of ours with the weights of a checkpoint.

    ``what`` describes it to the user: family, blocks, channels, norm. ``dropped`` has the reason for each unused key.
    ``batch_norm``: batch or running statistics can be chosen at test time; ``running``: only the running ones are
    right. ``ends`` is its interface, if the family determines it; otherwise ``planes`` are the numbers of planes in and
    out, and ``classes`` says whether the input planes are usually one-hot classes. ``dropout``: whether it was trained
    with dropout, None if its keys do not tell. ``squashed``: the authors' test script resizes each image to 256x256.
    """

    what: str
    network: Network
    dropped: dict[str, str]
    batch_norm: bool = False
    running: bool = False
    planes: tuple[int, int] = (3, 3)
    classes: bool = False
    ends: Ends | None = None
    dropout: bool | None = False
    squashed: bool = False

    @property
    def noise(self) -> str:
        """Return what the user must know about dropout, as sentences; empty if the network was trained without."""
        if self.dropout is None:
            return f"Its keys do not tell whether it was trained with dropout, as is pix2pix's default. {IF_SO}"
        return f"It was trained with dropout. {LEFT_ON}" if self.dropout else ""


@dataclass
class Keys:
    """State dict from which keys are removed as they are used; ``what`` describes the assumed network in errors.

    ``running`` says whether norms must have running statistics; by default, if any key is one.
    """

    state: State
    what: str
    running: bool | None = None
    dropped: dict[str, str] = field(default_factory=dict)
    missing: dict[str, torch.Size] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = dict(self.state)
        if self.running is None:
            self.running = any(".running_" in key for key in self.state)

    @torch.no_grad()
    def fill(self, module: nn.Module, prefix: str, bias: bool = True) -> None:
        """Copy the tensors under ``prefix`` into a layer; without ``bias``, a missing bias counts as zero.

        Raises ``ValueError`` for a key of another shape or with NaN or infinity. A missing key is only noted: ``done``
        reports it, when the unused keys show whether it was renamed.
        """
        for name, own in module.state_dict().items():
            key = f"{prefix}.{name}"
            if name == "bias" and not bias and key not in self.left:
                own.zero_()
            elif name == "num_batches_tracked":
                self.drop(lambda other, key=key: other == key, COUNTER)
            elif not name.startswith("running_") or self.running:
                self._take(key, own)

    def _take(self, key: str, own: Tensor) -> None:
        """Copy a tensor of the checkpoint into one of ours."""
        if key not in self.left:
            self.missing[key] = own.shape
            return
        given = self.left.pop(key)
        if given.shape != own.shape:
            shapes = f"{tuple(given.shape)} instead of {tuple(own.shape)}"
            raise ValueError(f"This looks like {self.what}, but {key} is {shapes}. {CHANGED}")
        if not given.isfinite().all():
            raise ValueError(f"This is {self.what}, but {key} has values that are NaN or infinite. {ASTRAY}")
        own.copy_(given)

    def drop(self, which: Callable[[str], bool], why: str) -> None:
        """Drop all keys for which ``which`` is true, for the reason ``why``."""
        for key in [key for key in self.left if which(key)]:
            del self.left[key]
            self.dropped[key] = why

    def drop_running(self) -> None:
        """Drop the running statistics of instance norms, which old checkpoints have."""
        self.drop(lambda key: "running_" in key or key.endswith("num_batches_tracked"), STALE)

    def done(self) -> dict[str, str]:
        """Return the dropped keys with their reasons. Raises ``ValueError`` if a key is missing or unused."""
        if self.missing:
            more = f" and {counted(len(self.missing) - 1, 'more key')}" if len(self.missing) > 1 else ""
            raise ValueError(
                f"This looks like {self.what}, but has no {next(iter(self.missing))}{more}. {self._instead()}"
            )
        if self.left:
            some = ", ".join(list(self.left)[:3])
            raise ValueError(
                f"This looks like {self.what}, but has {counted(len(self.left), 'more key')} ({some}). {CHANGED}"
            )
        return self.dropped

    def _instead(self) -> str:
        """Return what to do about missing keys: rename an unused key of the same shape, if there is one."""
        import difflib

        if not self.left:
            return INCOMPLETE
        key, shape = next(iter(self.missing.items()))
        alike = [other for other, given in self.left.items() if given.shape == shape]
        if len(self.left) != len(self.missing) or not alike:
            return CHANGED
        close = difflib.get_close_matches(key, alike, 1, cutoff=0)[0]
        return f"Is {close} meant, and was it renamed? Then give it this name."
