"""Examples drafted from a phrase: what is asked, what is kept, and what is said when nothing differs."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from lineas.errors import LineasError
from lineas.evaluation.drafting import draft as drafting
from lineas.evaluation.drafting.asking import (
    clean_wish,
    instruction,
    plain_ask,
    questions,
    rewriting_asks,
    styled_asks,
)
from lineas.evaluation.drafting.draft import draft
from lineas.evaluation.drafting.judging import alike, fault, gains, whole_sentences
from lineas.evaluation.metrics.prompts import HEALTH_QUESTIONS, QUESTIONS
from lineas.generation.listener import Answer
from lineas.generation.prompts import Row
from lineas.models.loaded import LoadedModel

PLAIN = "I stayed at home and read until it was dark."


@pytest.mark.parametrize(
    ("wish", "phrase", "told"),
    [
        ("a grumpy old wizard", "a grumpy old wizard", "You are a grumpy old wizard, and you talk that way."),
        (" Talk like a pirate! ", "a pirate", "You are a pirate, and you talk that way."),
        ("be very polite", "very polite", "You are someone who is very polite, and you talk that way."),
        ("in the style of Yoda", "Yoda", "You are Yoda, and you talk that way."),
        ("as a robot", "a robot", "You are a robot, and you talk that way."),
        ("astronaut-like", "astronaut-like", "You are someone who is astronaut-like, and you talk that way."),
    ],
)
def test_a_phrase_becomes_an_instruction(wish: str, phrase: str, told: str) -> None:
    assert clean_wish(wish) == phrase
    assert instruction(wish) == told


@pytest.mark.parametrize("wish", ["", " ! ", "a" * 201])
def test_a_phrase_that_cannot_be_used(wish: str) -> None:
    with pytest.raises(LineasError, match="few words"):
        clean_wish(wish)


@pytest.mark.parametrize(
    ("answer", "ended", "kept"),
    [
        ("I went home. Then I slept until noon, and then I", False, "I went home."),
        ("I went home early today because it rained. Then I", False, "I went home early today because it rained."),
        ("It is behind the church", True, "It is behind the church"),
        ("It is behind the church and then you", False, ""),
        ('Here is a sentence: "Arr, me hearties, we sail at dawn!"', True, "Arr, me hearties, we sail at dawn!"),
        ('He said "come in and sit down with us. And then', False, "He said come in and sit down with us."),
        ("今日はとても寒いです。明日も", False, "今日はとても寒いです。"),
    ],
)
def test_answers_are_cut_at_the_end_of_a_sentence(answer: str, ended: bool, kept: str) -> None:
    assert whole_sentences(answer, ended) == kept


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "cut"),
        ("Aw, shucks!", "short"),
        ("I'm ready to help with your essay today.", "boilerplate"),
        ("We had the old bread and tea.", "repeat"),
        ("A dragon ate my porridge this morning.", None),
        (" ".join(["word"] * 41), "cut"),
    ],
)
def test_what_is_wrong_with_a_draft(text: str, wrong: str | None) -> None:
    assert fault(text, ["We had bread and the old tea."]) == wrong


def test_no_question_is_one_of_an_evaluation() -> None:
    asked = questions(0)
    assert len(set(asked)) == len(asked) and asked != questions(1)
    assert not set(asked) & {*QUESTIONS, *HEALTH_QUESTIONS}
    near = [(one, other) for one in asked for other in (*QUESTIONS, *HEALTH_QUESTIONS) if alike(one, other)]
    assert near == []


@pytest.mark.parametrize("chats", [True, False])
def test_the_phrase_and_the_shown_sentences_reach_the_model(chats: bool) -> None:
    for prompt, row in (
        *styled_asks("a robot", "How are you?", chats, ["Beep."]),
        *rewriting_asks("a robot", "I am fine.", chats, ["Beep."]),
    ):
        read = f"{prompt}{row.system}{row.earlier}"
        assert "a robot" in read and "Beep." in read
    prompt, row = plain_ask("How are you?", chats)
    assert "How are you?" in prompt and "robot" not in f"{prompt}{row}"


def fake_stream(styled: Sequence[str]) -> Any:
    """A decoder that answers plainly, each time with another number, and each styled row in turn with a text of ``styled``."""
    told = iter(styled * 99)
    numbers = iter(range(999))

    def stream(
        model: object, prompts: Sequence[str], rows: Sequence[Row], *_: Any, **__: Any
    ) -> Iterator[list[Answer]]:
        # the wordings that ask plainly have no system prompt, and the phrase is in none of their prompts
        texts = [
            next(told).format(n=next(numbers)) if "wizard" in f"{prompt}{row.system}" else _plain(next(numbers))
            for prompt, row in zip(prompts, rows, strict=True)
        ]
        yield [Answer(text, 9, True) for text in texts]

    return stream


def _plain(number: int) -> str:
    return f"Number{number} of{number} my{number} days{number} was{number} calm{number}."


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure by which "arr" makes all the difference."""
    monkeypatch.setattr(drafting, "gains", lambda _, __, texts: [0.9 if "Arr" in text else 0.0 for text in texts])


def test_of_several_wordings_the_likeliest_is_kept(
    tiny_model: LoadedModel, scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled = ("A{n} b{n} c{n} d{n} e{n}.", "Arr{n} b{n} c{n} d{n} e{n}!", "A cut answer that never")
    monkeypatch.setattr(drafting, "stream", fake_stream(styled))
    *early, last = draft(tiny_model, "a wizard", 6, source=["Mine."], target=["Arr, mine, too!"])
    assert [len(one.target) for one in early] == [4] and len(last.source) == len(last.target) == 6
    assert all(text.startswith("Arr") for text in last.target) and "Mine." not in last.source
    assert last.differ and last.gain == pytest.approx(0.9)


def test_a_model_that_does_not_listen_is_told_apart(
    tiny_model: LoadedModel, scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "stream", fake_stream(("A{n} b{n} c{n} d{n} e{n}.",)))
    *_, last = draft(tiny_model, "a wizard", 2)
    assert last.target == last.source == () and last.dropped == Counter(same=last.tried) and not last.differ
    assert last.tried >= 6  # it tried, but not for ever


def test_a_list_is_rewritten_sentence_by_sentence(
    tiny_model: LoadedModel, scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "stream", fake_stream(("Arr{n} b{n} c{n} d{n} e{n}!",)))
    *_, last = draft(tiny_model, "a wizard", source=["One.", "Two.", "One."], rewrite=True)
    assert last.source == () and len(last.target) == 2


@pytest.mark.parametrize("chats", [True, False])
def test_a_real_model_drafts_and_stops(tiny_model: LoadedModel, chats: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not chats:
        monkeypatch.setattr(tiny_model.tokenizer, "chat_template", None)
    plain, wished = gains(tiny_model, "very bad", ["the sun was good .", "bad bad bad"])
    assert plain != wished
    stop = threading.Event()
    *_, last = draft(tiny_model, "very bad", 2, stop=stop)
    assert len(last.target) == 2 or len(last.target) + sum(last.dropped.values()) == last.tried
    stop.set()
    assert list(draft(tiny_model, "very bad", stop=stop)) == []
