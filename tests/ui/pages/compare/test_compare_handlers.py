"""What Compare asks and shows, without a port."""

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import torch
from concept_files import change_map, import_map
from fake_answers import FakeAnswers
from handlers import REQUEST, by_id, call, handler
from polling import wait_for

from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.compare.conversation import Talk
from lineas.ui.pages.compare.record import Exchange


def ask(
    blocks: Any,
    prompt: str = "Tell me.",
    concept: str | None = "preset:pirate",
    length: int = 20,
    *,
    lock: bool = True,
    changed: bool = False,
    system: str | None = None,
    wish: str | None = None,
    third: bool = True,
    mode: str = "show",
    talking: bool = False,
    safe: bool = False,
    talk: Talk = Talk(),  # noqa: B008  # frozen
    name: str = "answer",
) -> Any:
    """Send what the page sends when Compare is pressed; ``name`` is "again" for Try again and "live" for the moved slider."""
    settings = (prompt, concept, 1.0, system, third and wish is not None, wish, 0, length, 0.7, "chat", mode)
    return handler(blocks, name, "compare")(lock, changed, talking, safe, talk, REQUEST, *settings)


def shown(blocks: Any, **asked: Any) -> list[dict[str, Any]]:
    """All updates of one question."""
    return [by_id(updates) for updates in ask(blocks, **asked)]


def exchange_of(updates: dict[Any, Any]) -> Exchange:
    return talk_of(updates).turns[-1]


def talk_of(updates: dict[Any, Any]) -> Talk:
    return next(value for value in updates.values() if isinstance(value, Talk))


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


def test_a_conversation_has_each_sides_own_history(blocks: Any, answers: FakeAnswers) -> None:
    """Next turn, the last one again, and a question that is edited, which ends what came after it."""
    *_, last = ask(blocks, "First?", talking=True)
    *_, last = ask(blocks, "Second?", talking=True, talk=talk_of(last))
    talk = talk_of(last)
    assert [turn.question.prompt for turn in talk.turns] == ["First?", "Second?"]
    plain, steered = (row.earlier for row in answers.asked[1].rows)
    assert plain[0] == steered[0] == ("user", "First?") and len(plain) == len(steered) == 2
    assert plain[1][1].startswith("I had a calm") and steered[1][1].startswith("Arr")
    panel = by_id(last)["steered-output"]
    assert panel.index("First?") < panel.index("Arr") < panel.index("Second?")
    assert answers.asked[0].rows[0].earlier == ()
    first = next(iter(shown(blocks, prompt="Third?", talking=True, talk=talk)))
    assert first["prompt"] == ""  # the field is free for the next question
    for again in ("again", "live"):
        *_, last = ask(blocks, "", talking=True, talk=talk, name=again)
        assert answers.asked[-1].prompts[0] == "Second?" and answers.asked[-1].rows[0].earlier == plain
        assert len(talk_of(last).turns) == 2
    *_, last = ask(blocks, "Fourth?", talking=True, talk=talk.edit(1))
    assert [turn.question.prompt for turn in talk_of(last).turns] == ["First?", "Fourth?"]
    assert answers.asked[-1].rows[1].earlier == steered
    *_, last = ask(blocks, "Alone?", talk=talk)
    assert answers.asked[-1].rows[0].earlier == () and len(talk_of(last).turns) == 1
    assert talk.clear().clear() == talk and talk.edit(0).edit(0) == talk and talk.clear().turns == ()


def test_an_answer_that_is_not_family_safe_is_hidden_and_rolled_again(blocks: Any, answers: FakeAnswers) -> None:
    updates = shown(blocks, prompt="echo what a shitty day", safe=True)
    assert not any("shitty</" in update.get("steered-output", "") for update in updates)
    assert any(ui_text.FAMILY_HIDDEN in update.get("steered-output", "") for update in updates)
    assert ui_text.FAMILY_GAVE_UP in updates[-1]["compare-problem"]
    assert len({asked.sampling.seed for asked in answers.asked}) == 3
    assert not any(isinstance(value, Talk) and value.turns for update in updates for value in update.values())
    assert "Arr, me day" in shown(blocks, safe=True)[-1]["steered-output"]
    assert "shitty" in shown(blocks, prompt="echo what a shitty day")[-1]["steered-output"]


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


def test_a_new_question_cancels_the_running_answer(blocks: Any, service: StudioService) -> None:
    """The cancelled answer must not free the buttons or freeze the panels, which belong to the new one."""
    first = ask(blocks, length=200, name="live")
    next(first), next(first)
    second = ask(blocks, length=200, name="live")
    next(second)
    assert len(list(first)) <= 1
    last = by_id(list(second)[-1])
    assert last["compare-button"]["interactive"] and "till sundown." in last["steered-output"]
    assert not service.snapshot().comparing


def test_a_question_that_is_cancelled_while_it_waits_is_not_decoded(tiny_model: LoadedModel) -> None:
    lock, stop = tiny_model.lock, Event()
    got: list[Any] = []
    lock.acquire()
    answers = stream(tiny_model, "your day", [Row()], Sampling(max_new_tokens=5), stop=stop)
    thread = Thread(target=lambda: got.extend(answers))
    thread.start()
    wait_for(lambda: lock.waiting)
    stop.set()
    lock.release()
    thread.join(30)
    assert got == [] and not lock.locked


def test_closing_the_page_ends_the_answer(blocks: Any, service: StudioService) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    assert service.snapshot().comparing
    answers.close()
    assert not service.snapshot().comparing


def test_stop_ends_the_answer_at_the_next_word(blocks: Any) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    handler(blocks, "stop", "compare")(REQUEST)
    rest = [by_id(updates) for updates in answers]
    assert len(rest) <= 2 and rest[-1]["compare-button"]["interactive"]


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
