"""Test cards: written as JSON, and validated when read."""

import json
from typing import get_args

import pytest

import app
from synth.card import VERSION, Card, Input, Tab


def test_a_card_survives_the_journey():
    card = Card(
        name="street", inputs=(Input(kind="labels", palette=(("road", 1, 2, 3),)),), metrics={"FID": 51}, steps=7
    )
    assert Card.from_json(card.to_json()) == Card.from_json(Card.from_json(card.to_json()).to_json())
    assert Card.from_json(card.to_json()).inputs[0].palette == (("road", 1, 2, 3),)


def test_unknown_fields_are_let_through():
    assert Card.from_json(json.dumps({"version": 1, "name": "x", "mood": "good"})).name == "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no version"),
        (json.dumps({"version": VERSION + 1}), "Update synth"),
        (json.dumps({"version": 1, "multiple": "32"}), "'multiple'"),
        (json.dumps({"version": 1, "inputs": [{"palette": [["a", 1, 2]]}]}), "'palette'"),
        (json.dumps({"version": 1, "inputs": "photo"}), "'inputs'"),
        (
            json.dumps({"version": 1, "tabs": ["colourize"]}),
            "'tabs' .* 'colourize', .* 'colorize'.* compare",
        ),
        (json.dumps({"version": 1, "inputs": [{"kind": "photograph"}]}), "'kind' .* Did you mean 'photo'"),
        (json.dumps({"version": 1, "gives": "key points"}), "'gives' .* Did you mean 'keypoints'"),
        (json.dumps({"version": 1, "preset": "tpu"}), "'preset' .* It can be: empty, gpu, cpu"),
        (json.dumps({"version": 1, "gives": 7}), "'gives'"),
        (json.dumps({"version": 1, "metrics": {"FID": True}}), "'metrics'"),
        (json.dumps({"version": 1, "steps": True}), "'steps'"),
        (json.dumps({"version": 1, "minutes": 10**400}), "'minutes'"),
        (json.dumps({"version": 1, "parameters": 10**400}), "'parameters'"),
        ('{"version": ' + "1" * 5000 + "}", "not valid JSON"),
        ("[" * 10**5, "nested too deeply"),
    ],
)
def test_a_malformed_card_is_refused_with_a_sentence(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        Card.from_json(text)


def test_halves_of_letters_become_question_marks():
    assert Card.from_json('{"version": 1, "title": "a\\ud800b"}').title == "a?b"


def test_a_wrong_word_cannot_write_html():
    with pytest.raises(ValueError, match=r"is '\?b\?x\?', which"):
        Card.from_json(json.dumps({"version": 1, "tabs": ["<b>x<"]}))


def test_the_words_of_old_cards_and_their_other_names_are_understood():
    written = Card(inputs=(Input(kind="figure"),)).to_json()
    assert Card.from_json(written).inputs[0].kind == "figure"
    assert Card.from_json(written.replace("figure", "skeleton")).inputs[0].kind == "figure"
    with pytest.raises(ValueError, match="'gives'"):
        Card.from_json(json.dumps({"version": 1, "gives": "skeleton"}))


def test_a_card_can_name_every_tab_of_the_app_that_shows_graphs():
    assert {*get_args(Tab)} == app.TABS.keys() - {"models"}


def test_variants_are_sorted_by_their_recipe_and_not_by_dashes_in_names():
    recipes = {"x-y-z": "street", "a": "street-encdec-l1", "b": "street-cgan", "c": "street-l1", "d": ""}
    cards = [Card(name=name, recipe=recipe) for name, recipe in recipes.items()]
    assert [card.name for card in sorted(cards, key=lambda card: card.plainness)] == ["d", "x-y-z", "c", "b", "a"]
    assert [card.family for card in cards] == ["street"] * 4 + [""]
