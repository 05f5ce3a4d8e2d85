"""Write the README of an exported page: front matter that makes the folder a static Space, and a table of licences."""

from export import runtime
from synth.card import Card

# The three headers let WebAssembly use several threads.
README = """---
title: synth
emoji: 🎨
colorFrom: indigo
colorTo: pink
sdk: static
app_file: index.html
license: other
short_description: Learned image-to-image translation in your browser
tags: [image-to-image, pix2pix, gan, onnx, onnxruntime]
custom_headers:
  cross-origin-embedder-policy: require-corp
  cross-origin-opener-policy: same-origin
  cross-origin-resource-policy: cross-origin
---

# synth, in a browser

Draw, and a neural network turns it into a picture, in the browser and without a server. Your drawings and pictures
never leave your device. Any file server can serve this folder: `python -m http.server`, then http://localhost:8000.

| model | task | licence |
| --- | --- | --- |
ROWS

The page's code is Apache-2.0. Each model has the licence of its training images, as listed above. ONNX Runtime Web
VERSION is Copyright (c) Microsoft Corporation, under the MIT licence.
"""


def readme(cards: list[Card]) -> str:
    """Return the README of a page with the graphs of ``cards``."""
    rows = "\n".join(f"| {card.title or card.name} | {card.task} | {card.licence} |" for card in cards)
    return README.replace("ROWS", rows).replace("VERSION", runtime.VERSION)
