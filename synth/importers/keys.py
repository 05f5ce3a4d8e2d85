"""The keys of somebody else's checkpoint: each is used, or dropped for a reason, or the checkpoint is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from synth.importers.ends import Ends

State = dict[str, Tensor]
STALE = "running statistics of an instance norm (checkpoints from before December 2018): they change the picture"
COUNTER = "a counter of training"
CHANGED = "Was the network changed? Only the authors' own is known here: train that, or take a checkpoint of it."
ASTRAY = "Its training went astray: take an earlier checkpoint."
INCOMPLETE = "The file is incomplete: save the state_dict() of the whole network."


@dataclass(frozen=True)
class Found:
    """A network of ours with the weights of a checkpoint, and what is to be said about it.

    ``what`` is for people: family, blocks, channels, norm. ``dropped`` tells why each unused key is not used.
    ``batch_norm`` says whether the statistics at test time are a question; ``running`` that only the running ones are
    right. ``ends`` is what goes in and comes out, where the family says it; else there are as many ``planes`` of it,
    and ``classes`` says whether those are usually classes.
    """

    what: str
    network: nn.Module
    dropped: dict[str, str]
    batch_norm: bool = False
    running: bool = False
    planes: tuple[int, int] = (3, 3)
    classes: bool = False
    ends: Ends | None = None


@dataclass
class Keys:
    """A state dict that is being used up. ``what`` says what it is taken for, in errors.

    ``running`` says whether norms must have running statistics; by default only if there are any at all.
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
        """Copy ``prefix``'s tensors into a layer. Without ``bias``, one of ours that theirs lacks is zero.

        Raises ``ValueError`` with a sentence that names a key that has another shape or whose values are no numbers.
        One that is missing is remembered: which key stands in its place is only known when all others are used up.
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
        if key not in self.left:
            self.missing[key] = own.shape
            return
        given = self.left.pop(key)
        if given.shape != own.shape:
            shapes = f"{tuple(given.shape)} instead of {tuple(own.shape)}"
            raise ValueError(f"This looks like {self.what}, but {key} is {shapes}. {CHANGED}")
        if not given.isfinite().all():
            raise ValueError(f"This is {self.what}, but {key} has values that are no numbers. {ASTRAY}")
        own.copy_(given)

    def drop(self, which: Callable[[str], bool], why: str) -> None:
        """Leave out all keys of which ``which`` is true."""
        for key in [key for key in self.left if which(key)]:
            del self.left[key]
            self.dropped[key] = why

    def drop_running(self) -> None:
        """Leave out the statistics at instance norms that old checkpoints carry."""
        self.drop(lambda key: "running_" in key or key.endswith("num_batches_tracked"), STALE)

    def done(self) -> dict[str, str]:
        """Return what was dropped. Raises ``ValueError`` if a key is missing or has no use."""
        if self.missing:
            more = f" and {len(self.missing) - 1} more keys" if len(self.missing) > 1 else ""
            raise ValueError(
                f"This looks like {self.what}, but has no {next(iter(self.missing))}{more}. {self._instead()}"
            )
        if self.left:
            some = ", ".join(list(self.left)[:3])
            raise ValueError(f"This looks like {self.what}, but has {len(self.left)} more keys ({some}). {CHANGED}")
        return self.dropped

    def _instead(self) -> str:
        """Return what may be done about missing keys: another name for the first, if one of its shape has no use."""
        import difflib

        if not self.left:
            return INCOMPLETE
        key, shape = next(iter(self.missing.items()))
        alike = [other for other, given in self.left.items() if given.shape == shape]
        if len(self.left) != len(self.missing) or not alike:
            return CHANGED
        close = difflib.get_close_matches(key, alike, 1, cutoff=0)[0]
        return f"Is {close} meant, and was it renamed? Then give it this name."
