"""Folders of the checkout that tests read, and the folder for screenshots."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"
PICTURES = ROOT / "artefacts"
