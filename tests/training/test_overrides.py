"""Test ``--set``: values are parsed by the types of the recipe's fields, and errors name what does not fit."""

from dataclasses import dataclass

import pytest

from synth import recipe
from synth.methods.method import Method
from synth.methods.pix2pix import Pix2Pix
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.training import overrides


def changed(name: str, *changes: str) -> Method:
    return overrides.apply(recipe.find(name, "cpu"), changes)


@pytest.mark.parametrize(
    ("name", "change", "wanted"),
    [
        ("street", "l1=50", "l1=50.0"),
        ("street", "lr=1e-3", "lr=0.001"),
        ("street", "gan=least_squares", "gan='least_squares'"),
        ("street", "conditional=no", "conditional=False"),
        ("street", "betas=0.9,0.99", "betas=(0.9, 0.99)"),
        ("street", "generator.widths=16,32,64", "generator=Live(embed=8, widths=(16, 32, 64))"),
        ("street", "generator.widths=(16, 32)", "generator=Live(embed=8, widths=(16, 32))"),
        ("street", "discriminator.norm=instance", "discriminator=PatchGAN(channels=16, norm='instance')"),
        ("street", "data.flip=false", "flip=False"),
        ("dance", "data.errors.drop=0.5", "drop=0.5"),
        ("horse2ink", "generator.residual=true", "residual=True"),
        ("pose", "sigma=1,2,3", "sigma=(1.0, 2.0, 3.0)"),
        ("see-street-vgg16", "network.trunk.width=0.5", "trunk=VGG16(width=0.5)"),
        ("see-street", "network.stride=16", "stride=16"),
    ],
)
def test_a_value_goes_into_the_recipe(name: str, change: str, wanted: str):
    before, after = recipe.find(name, "cpu"), changed(name, change)
    assert wanted in repr(after)
    assert wanted not in repr(before)
    assert after.card == before.card
    key, _, _ = change.partition("=")
    assert overrides.canonical(after, [change])[0].startswith(f"{key}=")
    assert overrides.apply(before, overrides.canonical(after, [change])) == after


def test_the_last_of_a_name_counts_and_order_and_spelling_do_not():
    one, other = changed("street", "l1=1", "l2=2", "l1=3"), changed("street", "l1=3.0", "l2=2e0")
    assert one == other
    assert overrides.canonical(one, ["l1=1", "l2=2", "l1=3"]) == ("l1=3.0", "l2=2.0")
    assert overrides.canonical(other, ["l2=2e0", "l1=3.0"]) == ("l1=3.0", "l2=2.0")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("l1", "NAME=VALUE"),
        ("l3=5", "no 'l3' to set. Did you mean lr or l2?"),
        ("widths=1,2", "Did you mean generator.widths"),
        ("generator.width=1,2", "Did you mean generator.widths"),
        ("generator=3", "Did you mean generator.widths or generator.blocks or"),
        ("generator.inputs=4", "no 'generator.inputs'"),
        ("card.title=x", "no 'card.title'"),
        ("l1=much", "expected a number, not 'much'"),
        ("l1=nan", "expected a number, not 'nan'"),
        ("warmup=1.5", "expected a whole number, not '1.5'"),
        ("conditional=maybe", "expected true or false"),
        ("gan=wgan", "expected one of none, vanilla, least_squares, not 'wgan'"),
        ("betas=0.9", "expected 2 values separated by commas, each a number"),
        ("generator.widths=a,b", "each a whole number"),
        ("steps=5", "write --steps 5"),
        ("batch=5", "write --batch 5"),
    ],
)
def test_what_does_not_fit_is_said(change: str, words: str):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        changed("street", change)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_lists_all_that_can_be_set():
    with pytest.raises(ValueError, match="It has: ") as caught:
        changed("street", "nothing_alike=1")
    listed = str(caught.value).rpartition("It has: ")[2].rstrip(".").split(", ")
    assert {"l1", "lr", "data.crop", "generator.widths", "discriminator.channels"} <= {*listed}
    assert not {"batch", "steps", "preset", "card"} & {*listed}


@pytest.mark.parametrize("name", recipe.names())
def test_every_recipe_can_be_asked_what_it_has(name: str):
    assert "lr" in overrides.names(recipe.find(name, "gpu"))


class Bare(Network):
    """A network without annotations."""

    def __init__(self, inputs=3, depth=2, widths=(1, 2), rest=None):
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Own(Pix2Pix):
    extra: float | None = None


def test_arguments_without_annotations_are_read_as_their_defaults_are():
    street = recipe.find("street", "cpu")
    assert isinstance(street, Pix2Pix)
    own = Own(data=street.data, card=street.card, generator=Spec(Bare))
    changes = ["generator.depth=5", "generator.widths=3,4,5", "extra=0.5"]
    made = overrides.apply(own, changes)
    assert isinstance(made, Own)
    assert (made.generator, made.extra) == (Spec(Bare, depth=5, widths=(3, 4, 5)), 0.5)
    assert overrides.apply(made, ["extra=none"]) == Own(data=own.data, card=own.card, generator=made.generator)
    with pytest.raises(ValueError, match="cannot be set on the command line"):
        overrides.apply(own, ["generator.rest=1"])
