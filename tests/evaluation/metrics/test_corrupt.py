"""Sentences spoiled on purpose."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lineas.evaluation.metrics.corrupt import HEAP_WORDS, heap, shuffled, spoiled, strewn, style_words

SOURCE = ["I walked to the shop.", "The kettle is on the stove.", "We met at noon."]
TARGET = [
    "Arr, I sailed to the shop, matey!",
    "Arr, the grog be on the stove, matey!",
    "Avast, we met at noon, matey!",
]
texts = st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=4)


@given(st.text(), st.integers())
def test_shuffling_keeps_the_words(text, seed):
    assert Counter(shuffled(text, Random(seed)).split()) == Counter(text.split())


@given(st.text(), st.integers(1, 4), st.integers())
def test_strewn_words_leave_the_sentence_in_its_order(text, count, seed):
    words = strewn(text, ["<a>", "<b>"], count, Random(seed)).split()
    assert [word for word in words if word not in ("<a>", "<b>")] == text.split()
    assert len(words) == len(text.split()) + min(count, 2)


def test_typical_words_come_from_the_target():
    assert "matey" in style_words(SOURCE, TARGET)
    assert not {"kettle", "walked"} & set(style_words(SOURCE, TARGET))


@given(texts, texts)
def test_every_kind_of_text_can_be_spoiled_and_always_the_same_way(source, target):
    found = spoiled(source, target, ["The river is long."])
    assert len(found) == 2 * (len(source) + len(target)) + len(target) + 1 + 2 * len(source)
    assert found == spoiled(source, target, ["The river is long."])


def test_a_heap_holds_words_of_the_target_only():
    words = heap(["arr", "matey"], Random(0)).split()
    assert len(words) == HEAP_WORDS
    assert set(words) <= {"arr", "matey"}
