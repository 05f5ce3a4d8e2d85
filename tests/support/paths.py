"""Folders of the checkout that tests read, and the one that they write pictures of pages to."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"
PICTURES = ROOT / "artefacts"
