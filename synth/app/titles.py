"""Titles of models as the app shows them: plain words first, the paper's word in brackets.

Titles are stored in the card inside a model's file. Bundled files keep the titles that they were exported with, so this
table has the titles to show instead. A model that was exported again under the same name with another title is shown
with its own title.
"""

from synth.card import Card
from synth.runtime.registry import Registry

SHOWN = {
    ("colorize-class", "Classification"): "Balanced (classification)",
    ("colorize-l2", "L2"): "Cautious (L2)",
    ("colorize-l1_cgan", "L1 + cGAN"): "Adversarial (L1 + cGAN)",
    ("emoji", "Emoji"): "Sketch → emoji",
    ("emoji_3d", "Emoji 3D"): "Sketch → 3D emoji",
    ("enlarge", "Quality ×4"): "Faithful ×4 (L1)",
    ("enlarge-gan", "GAN ×4"): "Sharp ×4 (GAN)",
    ("enlarge-l2", "L2 ×4"): "Smooth ×4 (L2)",
    ("enlarge-live", "Live ×4"): "Fast ×4 (small network)",
    ("enlarge-live_x2", "Live ×2"): "Fast ×2 (small network)",
    ("enlarge-perceptual", "Perceptual ×4"): "Detailed ×4 (perceptual loss)",
    ("facades", "Facades"): "Facade labels → photo",
    ("facades-cgan", "cGAN"): "Adversarial only (cGAN)",
    ("facades-encdec-l1_cgan", "Encoder-decoder, L1 + cGAN"): "Both losses, no skip connections (encoder-decoder)",
    ("facades-l1", "L1"): "Pixel loss only (L1)",
    ("facades-l1_cgan", "L1 + cGAN"): "Both losses (L1 + cGAN)",
    ("fill", "L2 + adversarial"): "Sharp (L2 + adversarial)",
    ("fill-l2", "L2 only"): "Smooth (L2 only)",
    ("flat2solid", "Emoji, modelled"): "Flat emoji → 3D emoji",
    ("horse2ink", "Ink-wash horse"): "Horse photo → ink painting",
    ("ink2horse", "Horse photograph"): "Ink painting → horse photo",
    ("pose", "Pose"): "Body pose (17 joints)",
    ("see-street", "Street, seen"): "Street scene (segmentation)",
    ("solid2flat", "Emoji, flat"): "3D emoji → flat emoji",
    ("street", "Street"): "Street labels → photo",
    ("street-cgan", "cGAN"): "Adversarial only (cGAN)",
    ("street-l1", "L1"): "Pixel loss only (L1)",
    ("street-l1_cgan", "L1 + cGAN"): "Both losses (L1 + cGAN)",
}
"""Title to show for (name of the model, title in its card)."""
TASKS = {"stick figure → character": "skeleton → character"}
"""Task to show for the task in a card."""


def title(registry: Registry, name: str) -> str:
    """Return the title to show for a model of the registry."""
    return SHOWN.get((name, registry.card(name).title)) or registry.title(name)


def of_card(card: Card) -> str:
    """Return the title to show for a card, without regard to other models: its name if it has no title."""
    return SHOWN.get((card.name, card.title)) or card.title or card.name


def task(card: Card) -> str:
    """Return what a model does, as the app shows it."""
    return TASKS.get(card.task, card.task)


def choices(registry: Registry, names: list[str]) -> list[tuple[str, str]]:
    """Return (title, name) of each model, in the form of Gradio's choices."""
    return [(title(registry, name), name) for name in names]
