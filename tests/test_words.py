"""Test that discouraged words do not come back (the lists are in ``tests/words.py``)."""

import re

import pytest

from tests.words import GONE, REMAINING, REWRITTEN, Word, files, hits


def test_words_that_are_gone_stay_gone():
    assert hits(GONE) == []


def test_rewritten_files_have_no_discouraged_word():
    assert hits(REMAINING, REWRITTEN) == []


def test_every_rewritten_place_exists():
    assert [place for place in REWRITTEN if not list(files([place]))] == []


@pytest.mark.parametrize("word", [*GONE, *REMAINING], ids=lambda word: word.instead)
def test_a_pattern_does_not_forbid_its_own_replacement(word: Word):
    assert not re.search(word.pattern, word.instead, re.IGNORECASE)


def test_a_word_is_found_with_its_line():
    assert any(hit.startswith("synth/suggest.py:1: ") for hit in hits([Word(r"nearest known", "x")], ["synth"]))
