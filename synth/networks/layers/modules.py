"""``nn.ModuleList`` with elements of a known type, for type checkers; at run time it is PyTorch's own."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from torch import nn

if TYPE_CHECKING:
    M = TypeVar("M", bound=nn.Module)

    class Modules(nn.ModuleList, Generic[M]):
        """``nn.ModuleList`` of modules of type ``M``."""

        def __init__(self, modules: Iterable[M] = ()): ...

        def __iter__(self) -> Iterator[M]: ...

        @overload
        def __getitem__(self, idx: slice) -> "Modules[M]": ...

        @overload
        def __getitem__(self, idx: int) -> M: ...

        def __getitem__(self, idx: int | slice) -> "M | Modules[M]": ...

else:
    # Not a subclass: ``torch.compile`` has special cases for ``nn.ModuleList`` itself.
    Modules = nn.ModuleList
