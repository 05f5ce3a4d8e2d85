"""What tests of ``apply`` share."""

from pathlib import Path

import pytest

from tests.support import dancers, graphs


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder of a graph that inverts, a pose graph that finds dots, and characters."""
    folder = tmp_path / "weights"
    folder.mkdir()
    graphs.save(folder)
    return dancers.fill(folder)
