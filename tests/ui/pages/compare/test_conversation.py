"""Several turns on Compare, and what a refresh brings back of them, without a port."""

import json
from dataclasses import replace
from typing import Any

import pytest
from comparing import ask, shown, talk_of
from fake_answers import FakeAnswers
from handlers import REQUEST, by_id, handler
from nasty import NASTY

from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.compare import kept
from lineas.ui.pages.compare.conversation import Talk


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


def refreshed(blocks: Any, **values: Any) -> dict[str, Any]:
    """What a page shows after a refresh, if its browser kept these values, by element id."""
    draft = {elem_id.replace("_", "-"): value for elem_id, value in values.items()}
    return by_id(handler(blocks, "open")(draft, REQUEST))


def test_a_refresh_brings_back_what_was_said(blocks: Any, service: StudioService, answers: FakeAnswers) -> None:
    *_, last = ask(blocks, NASTY, talking=True)
    *_, last = ask(blocks, "Second?", talking=True, talk=talk_of(last))
    said, talk = by_id(last)["kept-talk"], talk_of(last)
    page = refreshed(blocks, kept_talk=said, conversation=True)
    assert page["State"].turns == tuple(replace(turn, answers=_without_ids(turn)) for turn in talk.turns)
    panel = page["steered-output"]
    assert "&lt;img" in panel and "<img" not in panel and panel.index("Arr") < panel.index("Second?")
    assert page["clear-button"]["visible"] and page["continue-button"]["interactive"]
    *_, last = ask(blocks, "Third?", talking=True, talk=page["State"])  # and it goes on
    assert answers.asked[-1].rows[1].earlier[2] == ("user", "Second?") and len(talk_of(last).turns) == 3
    alone = refreshed(blocks, kept_talk=said, conversation=False)  # one question is the first view
    assert len(alone["State"].turns) == 1 and "ls-asked" not in alone["steered-output"]
    assert by_id(handler(blocks, "clear", "compare")(talk, False, True))["kept-talk"] == ""


def _without_ids(turn: Any) -> Any:
    return tuple(replace(answer, ids=()) for answer in turn.answers)


def test_a_long_conversation_keeps_its_newest_turns(blocks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, last = ask(blocks, "First?", talking=True)
    *_, last = ask(blocks, "Second?", talking=True, talk=talk_of(last))
    talk = talk_of(last)
    monkeypatch.setattr(kept, "MOST_CHARACTERS", len(kept.dump(Talk(talk.turns[1:]))) + 10)
    assert [turn.question.prompt for turn in kept.load(kept.dump(talk)).turns] == ["Second?"]
    monkeypatch.setattr(kept, "MOST_CHARACTERS", 10)
    assert kept.dump(talk) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"max_new_tokens": 10**9},
        {"strength": None},
        {"strength": "1"},
        {"seed": -1},
        {"mode": "sing"},
        {"prompt": 7},
        {"x": 1},
    ],
)
def test_what_a_browser_kept_may_have_been_changed(blocks: Any, change: dict[str, Any]) -> None:
    [turn] = json.loads(by_id(list(ask(blocks))[-1])["kept-talk"])
    assert kept.load(json.dumps([turn])).turns
    turn["question"] |= change
    for text in (json.dumps([turn]), "[", "7", '[{"question": 7}]', "[" * 99999):
        assert kept.load(text) == Talk()
        assert "steered-output" not in refreshed(blocks, kept_talk=text)


# ---- family-safe


def test_an_answer_that_is_not_family_safe_is_hidden_and_rolled_again(blocks: Any, answers: FakeAnswers) -> None:
    updates = shown(blocks, prompt="echo what a shitty day", safe=True)
    assert not any("shitty</" in update.get("steered-output", "") for update in updates)
    assert any(ui_text.FAMILY_HIDDEN in update.get("steered-output", "") for update in updates)
    assert ui_text.FAMILY_GAVE_UP in updates[-1]["compare-problem"]
    assert len({asked.sampling.seed for asked in answers.asked}) == 3
    assert not any(isinstance(value, Talk) and value.turns for update in updates for value in update.values())
    assert "Arr, me day" in shown(blocks, safe=True)[-1]["steered-output"]
    assert "shitty" in shown(blocks, prompt="echo what a shitty day")[-1]["steered-output"]
