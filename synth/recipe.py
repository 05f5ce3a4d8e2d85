"""Find a recipe by name. A recipe is a file in ``synth/recipes``; there is no list to maintain."""

import importlib
import pkgutil
from dataclasses import replace
from types import ModuleType
from typing import Literal

import synth.recipes
from synth.methods.method import Method
from synth.suggest import did_you_mean

Preset = Literal["auto", "gpu", "cpu"]


def names() -> list[str]:
    """Return the names of all recipes and variants, recipes first: ``street``, ``street-l1``, ..."""
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules(synth.recipes.__path__)):
        variants = getattr(importlib.import_module(f"synth.recipes.{module}"), "variants", {})
        found += [module, *(f"{module}-{variant}" for variant in variants)]
    return found


def find(name: str, preset: Preset = "auto") -> Method:
    """Return the recipe ``name``; ``FILE-VARIANT`` is an entry of the file's ``variants``.

    A recipe file defines ``recipe`` and may define ``variants`` (a dict of recipes) and ``cpu`` (a function from the
    full recipe to one that two cores can train in half an hour), which ``auto`` applies where there is no CUDA device.
    Raises ``ValueError`` for an unknown name, with the nearest known one.
    """
    file, _, variant = name.partition("-")
    if file not in {info.name for info in pkgutil.iter_modules(synth.recipes.__path__)}:
        known = names()
        raise ValueError(f"There is no recipe {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}.")
    module = importlib.import_module(f"synth.recipes.{file}")
    return choose(module, file, variant, preset)


def choose(module: ModuleType, file: str, variant: str, preset: Preset) -> Method:
    """Return the recipe in a module, or one of its ``variants``, for a preset. Raises ``ValueError``."""
    variants: dict[str, Method] = getattr(module, "variants", {})
    if variant and variant not in variants:
        hint = did_you_mean(variant, variants)
        raise ValueError(f"Recipe {file!r} has no variant {variant!r}.{hint} It has: {', '.join(variants) or 'none'}.")
    recipe = variants[variant] if variant else module.recipe
    if preset == "auto":
        import torch

        preset = "gpu" if torch.cuda.is_available() else "cpu"
    # Checkpoints name the preset and export builds the network that it says, whether or not the file's ``cpu`` sets it.
    return replace(module.cpu(recipe), preset="cpu") if preset == "cpu" and hasattr(module, "cpu") else recipe
