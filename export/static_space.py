"""The README of a page of graphs: the front matter that makes its folder a static Space, and each graph's licence."""

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

Draw, and a network makes a picture of it: in the browser, without a server. Nothing that is drawn or dropped here
leaves the visitor's device. Any server can hand out this folder: `python -m http.server`, then http://localhost:8000.

| graph | what | licence |
| --- | --- | --- |
ROWS

The page's code is Apache-2.0. The graphs carry the terms of their training pictures, as above. ONNX Runtime Web
VERSION is Copyright (c) Microsoft Corporation, under the MIT licence.
"""


def readme(cards: list[Card]) -> str:
    """Return the README of a page with these graphs."""
    rows = "\n".join(f"| {card.title or card.name} | {card.task} | {card.licence} |" for card in cards)
    return README.replace("ROWS", rows).replace("VERSION", runtime.VERSION)
