"""Words of the options that say what the keys of a checkpoint do not; importable without PyTorch."""

from typing import Literal

Pair = Literal["figure,previous", "photo,photo"]
"""Two images that six planes can be, in their order."""
Size = Literal["own", "theirs"]
"""Size at which a network runs: that of the image, or that of the authors' test script."""
