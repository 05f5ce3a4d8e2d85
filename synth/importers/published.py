"""Published checkpoints that the importers know: facts only, nothing is fetched here.

Addresses are those of the authors' own scripts, with https where the host offers it. A checksum is listed only if the
authors give it: torch names files after the first digits of their SHA-256. The authors give no sizes.
"""

from dataclasses import dataclass
from typing import Any

from synth.card import Color, Input, Tab
from synth.data.sources.sources import Archive
from synth.pixels.palette import CITYSCAPES, FACADES
from synth.suggest import did_you_mean

PHOTO = Input()


@dataclass(frozen=True)
class Family:
    """Checkpoints of one paper: the authors' ``code`` on GitHub, and the licence of code and weights."""

    paper: str
    code: str
    licence: str


@dataclass(frozen=True)
class Published:
    """A published checkpoint: what it does, what it was trained on and the terms of that, and the file that holds it.

    ``member`` is the end of its path if the file is an archive of several; ``entry`` is its input, None if the network
    determines it.
    """

    name: str
    family: Family
    does: str
    data: str
    archive: Archive
    member: str = ""
    entry: Input | None = PHOTO

    @property
    def licence(self) -> str:
        """Return the licence of code and weights, and the terms of the training data."""
        return f"{self.family.licence}; training data: {self.data}"

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """Return the tabs that show the model."""
        if self.entry is None:
            return ("colorize",)
        return ("translate",) if self.entry.kind == "photo" else ("translate", "draw")

    def facts(self) -> dict[str, Any]:
        """Return the fields of the model's card that its network does not determine."""
        facts = {"title": f"{self.does} ({self.name})", "licence": self.licence, "data": self.data}
        return facts | ({"task": self.does, "tabs": self.tabs, "inputs": (self.entry,)} if self.entry else {})


UNSTATED = "BSD (code), no terms published for the weights"
COLORFUL = Family("Colorful Image Colorization (Zhang et al. 2016)", "richzhang/colorization", "BSD-2-Clause (code)")
GUIDED = Family("Real-Time User-Guided Colorization (Zhang et al. 2017)", COLORFUL.code, COLORFUL.licence)
PIX2PIX = Family("pix2pix (Isola et al. 2017)", "junyanz/pytorch-CycleGAN-and-pix2pix", UNSTATED)
CYCLEGAN = Family("CycleGAN (Zhu et al. 2017)", PIX2PIX.code, UNSTATED)
CUT = Family(
    "Contrastive unpaired translation (Park et al. 2020)", "taesungp/contrastive-unpaired-translation", UNSTATED
)
STYLE = Family("Fast style transfer (Johnson et al. 2016)", "pytorch/examples", "BSD-3-Clause (code)")

IMAGENET = "ImageNet (research)"
YOSEMITE = "photographs of Yosemite from Flickr (no terms published)"
PAINTINGS = "WikiArt and Flickr (no terms published)"
MAPS = "Google Maps (Google's terms)"
STREETS = "Cityscapes (non-commercial)"
FRONTS = "CMP Facade Database (research)"
COCO = "COCO, and the painting (its own terms)"

BERKELEY = "https://efrosgans.eecs.berkeley.edu/"
COLORIZERS = "https://colorizers.s3.us-east-2.amazonaws.com/"
STYLES = Archive("saved_models.zip", ("https://www.dropbox.com/s/lrvwfehqdcxoza8/saved_models.zip?dl=1",))
CUTS = Archive("pretrained_models.tar", (f"{BERKELEY}CUT/pretrained_models.tar",))


def _labels(palette: tuple[Color, ...]) -> Input:
    return Input(kind="labels", palette=palette)


def _colorizer(name: str, family: Family, file: str, digits: str) -> Published:
    archive = Archive(file, (COLORIZERS + file,), digits)
    return Published(name, family, "black-and-white photograph → colours", IMAGENET, archive, entry=None)


def _pix2pix(name: str, does: str, data: str, entry: Input = PHOTO) -> Published:
    archive = Archive(f"pix2pix-{name}.pth", (f"{BERKELEY}pix2pix/models-pytorch/{name}.pth",))
    return Published(f"pix2pix-{name}", PIX2PIX, does, data, archive, entry=entry)


def _cyclegan(name: str, does: str, data: str, entry: Input = PHOTO) -> Published:
    archive = Archive(f"cyclegan-{name}.pth", (f"{BERKELEY}cyclegan/pretrained_models/{name}.pth",))
    return Published(f"cyclegan-{name}", CYCLEGAN, does, data, archive, entry=entry)


def _cut(name: str, does: str, data: str, entry: Input = PHOTO) -> tuple[Published, ...]:
    members = {f"{kind}-{name}": f"{name}_{kind}_pretrained/latest_net_G.pth" for kind in ("cut", "fastcut")}
    return tuple(Published(known, CUT, does, data, CUTS, member, entry) for known, member in members.items())


def _style(name: str) -> Published:
    return Published(f"style-{name}", STYLE, f"picture → in the style of {name}", COCO, STYLES, f"{name}.pth")


MODELS = (
    _colorizer("eccv16", COLORFUL, "colorization_release_v2-9b330a0b.pth", "9b330a0b"),
    _colorizer("siggraph17", GUIDED, "siggraph17-df00044c.pth", "df00044c"),
    _pix2pix("edges2shoes", "drawing → shoe", "UT Zappos50K (non-commercial research)", Input(kind="drawing")),
    _pix2pix("sat2map", "aerial photograph → map", MAPS),
    _pix2pix("map2sat", "map → aerial photograph", MAPS),
    _pix2pix("facades_label2photo", "label map → building front", FRONTS, _labels(FACADES)),
    _pix2pix("day2night", "photograph by day → by night", "Transient Attributes (no terms published)"),
    _cyclegan("apple2orange", "apple → orange", IMAGENET),
    _cyclegan("orange2apple", "orange → apple", IMAGENET),
    _cyclegan("summer2winter_yosemite", "summer → winter", YOSEMITE),
    _cyclegan("winter2summer_yosemite", "winter → summer", YOSEMITE),
    _cyclegan("horse2zebra", "horse → zebra", IMAGENET),
    _cyclegan("zebra2horse", "zebra → horse", IMAGENET),
    _cyclegan("monet2photo", "painting by Monet → photograph", PAINTINGS),
    _cyclegan("style_monet", "photograph → painting in the style of Monet", PAINTINGS),
    _cyclegan("style_cezanne", "photograph → painting in the style of Cézanne", PAINTINGS),
    _cyclegan("style_ukiyoe", "photograph → Ukiyo-e print", PAINTINGS),
    _cyclegan("style_vangogh", "photograph → painting in the style of van Gogh", PAINTINGS),
    _cyclegan("sat2map", "aerial photograph → map", MAPS),
    _cyclegan("map2sat", "map → aerial photograph", MAPS),
    _cyclegan("cityscapes_photo2label", "street → label map", STREETS),
    _cyclegan("cityscapes_label2photo", "label map → street", STREETS, _labels(CITYSCAPES)),
    _cyclegan("facades_photo2label", "building front → label map", FRONTS),
    _cyclegan("facades_label2photo", "label map → building front", FRONTS, _labels(FACADES)),
    _cyclegan(
        "iphone2dslr_flower", "phone picture of a flower → shallow depth of field", "Flickr (no terms published)"
    ),
    *_cut("horse2zebra", "horse → zebra", IMAGENET),
    *_cut("cat2dog", "cat → dog", "AFHQ (non-commercial)"),
    *_cut("cityscapes", "label map → street", STREETS, _labels(CITYSCAPES)),
    *map(_style, ("candy", "mosaic", "rain_princess", "udnie")),
)
BY_NAME = {model.name: model for model in MODELS}


def find(name: str) -> Published:
    """Return the published checkpoint of that name. Raises ``ValueError`` with the nearest known name."""
    if name not in BY_NAME:
        hint = did_you_mean(name, BY_NAME)
        raise ValueError(f"There is no published checkpoint called {name!r}.{hint} All of them: python -m synth models")
    return BY_NAME[name]
