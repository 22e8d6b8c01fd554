"""Answers that end with a sentence, and answers that go on from where they were."""

from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest
from maps import random_map

from lineas import generate
from lineas.generation.prefix_cache import cache_of
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.sentence_end import ends_sentence
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel

PROMPT = "tell me my day"
SAMPLING = Sampling(max_new_tokens=30, temperature=1.0, seed=3)


@pytest.mark.parametrize("scope", ["answer", "everything"])
def test_an_answer_goes_on_as_if_it_had_never_been_interrupted(any_model: LoadedModel, scope: Any) -> None:
    """Whatever each row has already, with other rows that have less, and through the cache of prompts."""
    moved = random_map(any_model.sites)
    rows = [Row(), Row(moved, 0.7, scope=scope), Row(system="be good ."), Row(moved, 0.7, scope=scope)]
    gone_on = 0
    for seed in range(2):
        sampling = replace(SAMPLING, seed=seed)
        (whole,) = generate(any_model, [PROMPT], rows, sampling)
        have = [min(n, len(answer.ids) - 1) for n, answer in zip((9, 4, 0, 11), whole, strict=True)]
        begun = [replace(row, begun=answer.ids[:n]) for row, answer, n in zip(rows, whole, have, strict=True)]
        assert generate(any_model, [PROMPT], begun, sampling) == [whole]
        *_, last = stream(any_model, PROMPT, begun, sampling)
        assert last == whole
        *_, last = stream(any_model, PROMPT, begun, sampling)
        assert last == whole, "with what was read before"
        gone_on += sum(len(answer.ids) - n for answer, n in zip(whole, have, strict=True) if n)
    assert gone_on > 10


@pytest.mark.parametrize(
    ("text", "following", "end"),
    [
        ("He went.", " Then", True),
        ("He said “Go.”", "\n", True),
        ("It is 3.", "14", False),
        ("See lineas.", "org", False),
        ("Ask Mr.", " Smith", False),
        ("J. R.", " Tolkien", False),
        ("Things to do:\n2.", " Eat", False),
        ("First:", " this", False),
        ("Really?!", " Yes", True),
        ("He said “Go.", "” and", False),
        ("很好。", "我", True),
        ("", " ", False),
    ],
)
def test_where_a_sentence_ends(text: str, following: str, end: bool) -> None:
    assert ends_sentence(text, following) == end


def test_an_answer_ends_with_a_sentence_near_its_length_else_where_it_is_cut(tiny_model: LoadedModel) -> None:
    """The first sentence's end of the last fifth, over many seeds; the rest is left out, not changed."""
    seen = set()
    for seed in takewhile(lambda _: not {"sentence", "length"} <= seen, range(80)):
        cut = replace(SAMPLING, seed=seed, chat=False)
        whole = replace(cut, whole_sentences=True)
        [[answer]] = generate(tiny_model, [PROMPT], [Row()], whole)
        [[longer]] = generate(tiny_model, [PROMPT], [Row()], cut)
        assert longer.text.startswith(answer.text)
        if answer.ending == "sentence":
            assert answer.text[-1] in ".!?" and 24 <= answer.tokens <= 30
        elif answer.ending == "length":
            assert answer.tokens == 30 and answer.text == longer.text
            tail = longer.text.split()[24:]
            assert not any(word[-1] in ".!?" for word in tail)
        else:
            assert answer.ending == "itself" and answer == longer
        seen.add(answer.ending)
        [[again]] = generate(tiny_model, [PROMPT], [Row(begun=answer.ids)], replace(whole, max_new_tokens=60))
        assert [[again]] == generate(tiny_model, [PROMPT], [Row()], replace(whole, max_new_tokens=60))
    assert {"sentence", "length"} <= seen


def test_of_a_conversation_only_what_is_new_is_read(tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each side with its own history, and exactly: at another strength, too."""
    moved = random_map(tiny_model.sites)
    sampling = replace(SAMPLING, max_new_tokens=6)

    def said(rows: list[Row], prompt: str) -> list[str]:
        *_, last = stream(tiny_model, prompt, rows, sampling)
        return [answer.text for answer in last]

    lengths: list[tuple[int, ...]] = []
    real = tiny_model.network.base_model.forward

    def forward(*args: Any, **kwargs: Any) -> Any:
        lengths.append(tuple(kwargs["input_ids"].shape))
        return real(*args, **kwargs)

    long = "the morning was grey and the sea was bright and we went " * 2
    first = said([Row(), Row(moved, 0.5)], long)
    monkeypatch.setattr(tiny_model.network.base_model, "forward", forward)
    for strength, knows in ((0.5, True), (1.0, False)):
        histories = [(("user", long), ("assistant", text)) for text in first]
        rows = [Row(earlier=histories[0]), Row(moved, strength, earlier=histories[1])]
        fresh = generate(tiny_model, ["and you ?"], rows, sampling)[0]
        lengths.clear()
        assert said(rows, "and you ?") == [answer.text for answer in fresh]
        longest = max(tokens for _, tokens in lengths)
        assert (longest < 20) == knows, "what another strength steered is read anew"
    assert cache_of(tiny_model).exact
