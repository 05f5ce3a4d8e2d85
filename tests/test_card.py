"""Cards travel as JSON and are checked on the way back."""

import json

import pytest

from synth.card import VERSION, Card, Input


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
        (json.dumps({"version": 1, "metrics": {"FID": True}}), "'metrics'"),
        (json.dumps({"version": 1, "steps": True}), "'steps'"),
        (json.dumps({"version": 1, "minutes": 10**400}), "'minutes'"),
        (json.dumps({"version": 1, "parameters": 10**400}), "'parameters'"),
        ('{"version": ' + "1" * 5000 + "}", "not valid JSON"),
        ("[" * 10**5, "nested too deeply"),
    ],
)
def test_a_card_that_is_none_ends_in_a_sentence(text: str, words: str):
    with pytest.raises(ValueError, match=words):
        Card.from_json(text)


def test_halves_of_letters_become_question_marks():
    assert Card.from_json('{"version": 1, "title": "a\\ud800b"}').title == "a?b"
