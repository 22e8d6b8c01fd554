"""What Compare asks and shows, without a port."""

from pathlib import Path
from typing import Any

import pytest
import torch
from comparing import ask, exchange_of, shown, talk_of
from concept_files import change_map, import_map
from fake_answers import FakeAnswers
from handlers import by_id, call, handler

from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.compare.conversation import Talk


@pytest.fixture
def no_answers(service: StudioService, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise LineasError("The graphics card ran out of memory.")

    monkeypatch.setattr(service.answers, "answer", fail)


def test_both_answers_grow_and_the_buttons_follow(blocks: Any) -> None:
    first, *_, last = shown(blocks)
    assert first["stop-button"]["interactive"] and not first["compare-button"]["interactive"]
    assert not last["stop-button"]["interactive"] and last["compare-button"]["interactive"]
    assert "20 tokens" in last["plain-output"] and "Arr, me day" in last["steered-output"]
    assert 'aria-busy="false"' in last["steered-output"] and "With “Pirate” at 1" in last["steered-output"]


def test_without_a_concept_there_is_the_original_only(blocks: Any) -> None:
    last = shown(blocks, concept=None)[-1]
    assert "I had a calm" in last["plain-output"] and ui_text.STEERED_NO_CONCEPT in last["steered-output"]


def test_an_error_keeps_the_words_so_far(blocks: Any, answers: FakeAnswers) -> None:
    answers.error = torch.OutOfMemoryError("CUDA out of memory")
    last = shown(blocks)[-1]
    assert "ran out of memory" in last["compare-problem"] and "Arr, me day" in last["steered-output"]
    assert last["compare-button"]["interactive"]


def test_a_concept_of_other_weights_brings_a_warning(blocks: Any, presets: list[Preset]) -> None:
    change_map(presets[0].map_path, base_model_fingerprint="other:weights")
    assert "other weights" in shown(blocks)[-1]["compare-problem"]


def test_an_empty_question_is_not_asked(blocks: Any, answers: FakeAnswers) -> None:
    [updates] = shown(blocks, prompt="  \n ")
    assert list(updates) == ["compare-problem"] and ui_text.EMPTY_PROMPT in updates["compare-problem"]
    assert answers.asked == []


def test_the_third_answer_gets_the_wish_and_all_get_the_instructions(blocks: Any, answers: FakeAnswers) -> None:
    updates = list(ask(blocks, system=" Be brief. ", wish="Answer like a pirate."))
    plain, steered, instructed = answers.asked[0].rows
    assert plain.system == steered.system == "Be brief."
    assert (instructed.map, instructed.system) == (None, "Be brief.\n\nAnswer like a pirate.")
    last = by_id(updates[-1])["told-output"]
    assert ui_text.INSTRUCTED in last and "As a pirate" in last
    headings = [answer.heading for answer in exchange_of(updates[-1]).answers]
    assert headings == ["Original", "With “Pirate” at 1", ui_text.INSTRUCTED]
    shown(blocks, wish="  ")
    assert len(answers.asked[1].rows) == 2
    alone = shown(blocks, concept=None, wish="Answer like a pirate.")[-1]
    assert "As a pirate" in alone["told-output"] and ui_text.STEERED_NO_CONCEPT in alone["steered-output"]


@pytest.mark.parametrize(
    ("mode", "strength", "told", "heading"),
    [
        ("show", 1.0, None, "With “Pirate” at 1"),
        ("say", 0.0, "Be brief.\n\nTalk like a sailor.", "With “Pirate” as an instruction"),
        ("both", 1.0, "Be brief.\n\nTalk like a sailor.", "With “Pirate” at 1 and as an instruction"),
        ("sing", 1.0, None, "With “Pirate” at 1"),
    ],
)
def test_a_concept_is_shown_said_or_both(
    blocks: Any, answers: FakeAnswers, mode: str, strength: float, told: str | None, heading: str
) -> None:
    last = shown(blocks, system="Be brief.", wish=" Talk like a sailor. ", third=False, mode=mode)[-1]
    plain, steered = answers.asked[0].rows
    assert (plain.map, plain.system) == (None, "Be brief.")
    assert (steered.map is not None, steered.strength) == (mode != "say", strength)
    assert steered.system == (told or "Be brief.")
    assert heading in last["steered-output"] and ui_text.INSTRUCTED_EMPTY in last["told-output"]


def test_the_third_answer_stays_beside_what_is_said(blocks: Any, answers: FakeAnswers) -> None:
    last = shown(blocks, wish="Talk like a sailor.", mode="both")[-1]
    _, steered, instructed = answers.asked[0].rows
    assert steered.map is not None and instructed.map is None and steered.system == instructed.system
    assert "As a pirate" in last["told-output"]


def test_nothing_is_asked_while_there_is_nothing_to_say(blocks: Any, answers: FakeAnswers) -> None:
    [updates] = shown(blocks, wish=" ", third=False, mode="both")
    assert ui_text.SAY_NOTHING in updates["compare-problem"] and answers.asked == []


def test_a_concept_brings_its_instruction_and_its_advised_mode(
    blocks: Any, service: StudioService, presets: list[Preset], tiny_model: LoadedModel, tmp_path: Path
) -> None:
    change_map(presets[0].map_path, mode="both")  # its instruction is the preset's
    hook = import_map(service, tiny_model, tmp_path, "hook", instruction="Mention hooks.", mode="say")
    bare = import_map(service, tiny_model, tmp_path, "bare", mode="both")
    for concept_id, instruction, mode, offered in (
        ("preset:pirate", "Answer like a pirate.", "both", True),
        (hook.id, "Mention hooks.", "say", True),
        (bare.id, "Write in this style: bare.", "show", False),
    ):
        assert call(blocks, "recommended", concept_id)["say-show"] == mode
        updates = call(blocks, "chosen", concept_id, "Answer like a pirate.", Talk(), page="compare")
        assert updates["instruction"] == instruction and updates["say-show"]["visible"] is offered
    assert updates["say-show"]["value"] == "show"
    updates = call(
        blocks, "chosen", bare.id, "Talk like a sailor.", Talk(), page="compare"
    )  # what a person wrote can be said
    assert "instruction" not in updates and updates["say-show"]["visible"] is True
    offer = handler(blocks, "offer", "compare")
    assert offer(bare.id, "Talk like a sailor.")["visible"]
    assert all("visible" not in offer(bare.id, text) for text in ("Write in this style: bare.", " ", None))


def test_what_is_said_can_be_edited_and_the_strength_tells_where_it_counts(blocks: Any) -> None:
    for third, mode, wish in (
        (False, "show", False),
        (True, "show", True),
        (False, "say", True),
        (False, "both", True),
    ):
        updates = call(blocks, "reveal", third, 0.5, mode)
        assert (updates["instruction"]["visible"], updates["told-output"]["visible"]) == (wish, third)
        assert (ui_text.STRENGTH_UNUSED in updates["strength-word"]) == (mode == "say")


def test_the_speed_is_shown_at_the_end(blocks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineas.ui.components.question.PACE", 0.05)  # too short an answer has no speed
    updates = shown(blocks, length=200)
    assert "per second" in updates[-1]["plain-output"] and "per second" not in updates[1]["plain-output"]


def test_the_seed_stays_or_is_drawn(blocks: Any, answers: FakeAnswers) -> None:
    def seed(**options: Any) -> int:
        first, *rest = shown(blocks, **options)
        assert not any("seed" in updates for updates in rest)
        used = answers.asked[-1].sampling.seed
        assert first.get("seed", 0) == used  # the page shows the seed that is used
        return used

    assert seed() == seed() == seed(name="live", lock=False) == 0
    drawn = {seed(lock=False), seed(lock=False), seed(name="again"), seed(name="again")}
    assert len(drawn) > 1 and all(drawn)


# ---- panels without an answer


def test_the_third_panel_holds_no_answer_to_an_older_question(blocks: Any) -> None:
    assert "As a pirate" in shown(blocks, wish="Answer like a pirate.")[-1]["told-output"]
    first, *_, last = shown(blocks)
    assert ui_text.INSTRUCTED_EMPTY in first["told-output"] and "As a pirate" not in last["told-output"]


@pytest.mark.usefixtures("no_answers")
def test_panels_without_an_answer_say_what_will_be_there(blocks: Any) -> None:
    last = shown(blocks, wish="Answer like a pirate.")[-1]
    assert "ran out of memory" in last["compare-problem"]
    empty = {"plain": ui_text.ORIGINAL_EMPTY, "steered": ui_text.STEERED_EMPTY, "told": ui_text.INSTRUCTED_EMPTY}
    assert all(text in last[f"{panel}-output"] for panel, text in empty.items())
    assert ui_text.NOTHING_SAID not in str(last)


def test_a_question_without_an_answer_is_not_saved(blocks: Any, request: pytest.FixtureRequest) -> None:
    save = next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "func", None) and fn.fn.args == ("json",))
    kept = by_id(save(talk_of(list(ask(blocks))[-1])))
    assert kept["JSON"]["name"].endswith(".json") and kept["compare-problem"] == ""
    request.getfixturevalue("no_answers")
    for nothing in (talk_of(list(ask(blocks))[-1]), Talk()):
        kept = by_id(save(nothing))
        assert kept["JSON"] is None and ui_text.SAVE_NOTHING in kept["compare-problem"]
