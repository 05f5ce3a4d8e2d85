"""Sources of the data sets: official addresses, checksums, licences, and the function that arranges each.

A checksum is listed only if it was published or measured on the file itself. Publishers of the archives on the web give
none: the first download records one beside the archive and says so, and later runs must match it. All addresses are
https, so that nobody on the way can change a file. Places are tried in order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synth.data.sources import layout
from synth.suggest import did_you_mean

Arrange = Callable[[Path, Path], dict[str, int]]
"""Turns an unpacked tree into pairs in a new folder; returns pairs per split, empty for a tree of another kind."""


@dataclass(frozen=True)
class Archive:
    """A file on the web: ``addresses`` are tried in order; ``sha256`` may be its first digits, empty if unknown."""

    file: str
    addresses: tuple[str, ...]
    sha256: str = ""


@dataclass(frozen=True)
class Package:
    """A package for ``npm pack``; published versions never change, so the checksum is always known."""

    file: str
    spec: str
    sha256: str


@dataclass(frozen=True)
class Place:
    """One way to get a set: all its parts, and the function that arranges the unpacked content."""

    title: str
    parts: tuple[Archive | Package, ...]
    arrange: Arrange


@dataclass(frozen=True)
class Source:
    """A data set: command-line name, description, licence, places, and a note for the user."""

    name: str
    title: str
    licence: str
    folders: str
    places: tuple[Place, ...]
    note: str = ""
    finished: Arrange = layout.finished
    """Function that takes over a folder that is already laid out."""


def _cmp(part: str) -> Archive:
    return Archive(f"CMP_facade_DB_{part}.zip", (f"https://cmp.felk.cvut.cz/~tylecr1/facade/CMP_facade_DB_{part}.zip",))


def _pix2pix(name: str) -> Archive:
    file = f"{name}.tar.gz"
    return Archive(file, (f"https://efrosgans.eecs.berkeley.edu/pix2pix/datasets/{file}",))


def _openmoji(part: str) -> Archive:
    file = f"openmoji-svg-{part}.zip"
    return Archive(file, (f"https://github.com/hfg-gmuend/openmoji/releases/download/17.0.0/{file}",))


FLUENT_COMMIT = "62ecdc0d7ca5c6df32148c169556bc8d3782fca4"

FACADES = Source(
    "facades",
    "CMP Facade Database (Tylecek & Sara 2013): 606 building fronts and label maps of 12 classes",
    "research use",
    "labels, photo",
    (
        Place("the CMP page", (_cmp("base"), _cmp("extended")), layout.cmp_facades),
        Place("the pix2pix authors' copy (256x256)", (_pix2pix("facades"),), layout.facades_side_by_side),
    ),
    note="The CMP page has full sizes and no split; the pix2pix authors' copy has 256x256 and the paper's 400/100/106.",
    finished=layout.finished_facades,
)

CITYSCAPES = Source(
    "cityscapes",
    "Cityscapes (Cordts et al. 2016): 2,975 + 500 street scenes and label maps, 256x256",
    "non-commercial",
    "labels, photo",
    (Place("the pix2pix authors' copy (256x256)", (_pix2pix("cityscapes"),), layout.cityscapes_side_by_side),),
    note="The official site (www.cityscapes-dataset.com) asks for a login; this gets the pix2pix authors' copy.",
)

OPENMOJI_NPM = Package(
    "openmoji-17.0.0.tgz",
    "openmoji@17.0.0",
    "55ee7d13485dec86e9f38c1f3a645a13382d33ff97c0cd845ee824b0aef45e68",
)
FLUENT_NPM = Package(
    "lobehub-fluent-emoji-3d-1.1.0.tgz",
    "@lobehub/fluent-emoji-3d@1.1.0",
    "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
)
OPENMOJI_RELEASE = (_openmoji("black"), _openmoji("color"))
FLUENT_REPOSITORY = Archive(
    f"fluentui-emoji-{FLUENT_COMMIT[:12]}.tar.gz",
    (f"https://github.com/microsoft/fluentui-emoji/archive/{FLUENT_COMMIT}.tar.gz",),
)
WITHOUT_NPM = "Without npm the whole Fluent repository is downloaded: several hundred megabytes that cannot be resumed."

EMOJI = Source(
    "emoji",
    "OpenMoji 17: emoji as black lines and in colour, 256x256",
    "CC BY-SA 4.0",
    "drawing, color",
    (
        Place("npm", (OPENMOJI_NPM,), layout.openmoji),
        Place("the OpenMoji release", OPENMOJI_RELEASE, layout.openmoji),
    ),
)

EMOJI_3D = Source(
    "emoji_3d",
    "Fluent Emoji in 3D, with line drawings traced from them, 256x256",
    "MIT",
    "drawing, photo",
    (
        Place("npm", (FLUENT_NPM,), layout.fluent),
        Place("the Fluent Emoji repository", (FLUENT_REPOSITORY,), layout.fluent),
    ),
    note=WITHOUT_NPM,
)

EMOJI_STYLES = Source(
    "emoji_styles",
    "OpenMoji in colour and Fluent Emoji in 3D, unpaired, 256x256",
    "CC BY-SA 4.0, MIT",
    "flat, solid",
    (
        Place("npm", (OPENMOJI_NPM, FLUENT_NPM), layout.styles),
        Place("the two repositories", (*OPENMOJI_RELEASE, FLUENT_REPOSITORY), layout.styles),
    ),
    note=WITHOUT_NPM,
)

SOURCES = {source.name: source for source in (FACADES, CITYSCAPES, EMOJI, EMOJI_3D, EMOJI_STYLES)}


def find(name: str) -> Source:
    """Return the source of that name. Raises ``ValueError`` with the known names."""
    if name not in SOURCES:
        raise ValueError(
            f"There is no data set called {name!r}.{did_you_mean(name, SOURCES)} The sets are: {', '.join(SOURCES)}."
        )
    return SOURCES[name]
