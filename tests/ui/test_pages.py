"""Handlers, without a port."""

import time
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from nasty import NASTY

from lineas.generation.listener import Answer
from lineas.generation.prompts import Row
from lineas.generation.sampling import Sampling
from lineas.generation.streaming import stream
from lineas.models.loaded import LoadedModel
from lineas.models.sites import SITE_SETS
from lineas.storage import Concept
from lineas.ui import text as ui_text
from lineas.ui.components import html
from lineas.ui.context import Context, Seen
from lineas.ui.pages.compare.record import Exchange
from lineas.ui.pages.teach.layout import service_settings
from lineas.ui.studio import build
from lineas.ui.theme import studio_theme
from lineas.ui.view_state import Status

SETTINGS = ("quick", 0, 0, 100, 0, "default", "")
"""What stands under Advanced on a fresh page, but for the preview."""


@pytest.fixture
def ctx(service: FakeWorkbench) -> Context:
    service.model("ready")
    return Context(service, PRESETS)  # type: ignore[arg-type]


@pytest.fixture
def blocks(ctx: Context) -> Any:
    return build(ctx)


def handler(blocks: Any, name: str) -> Any:
    return next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "__name__", "") == name)


def by_id(updates: dict[Any, Any]) -> dict[str, Any]:
    return {component.elem_id or type(component).__name__: value for component, value in updates.items()}


def request(session: str = "page") -> Any:
    return SimpleNamespace(session_hash=session)


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
    name: str = "answer",
) -> Any:
    """What the page sends when Compare is pressed (or Try again, or the slider is moved live)."""
    settings = (prompt, concept, 1.0, system, wish is not None, wish, 0, length, 0.7, "chat")
    first = (lock, changed) if name == "answer" else (changed,)
    return handler(blocks, name)(*first, request(), *settings)


def test_what_people_and_models_write_is_escaped() -> None:
    pieces = [
        html.answer("steered", NASTY, NASTY),
        html.answer("steered", NASTY, "", Answer(NASTY, 3, True)),
        html.status(Status("busy", NASTY, NASTY), NASTY),
        html.alert(NASTY),
        html.notice(NASTY),
        html.hint(NASTY),
    ]
    assert not any("<img" in piece or "<script" in piece or 'onerror="' in piece for piece in pieces)


def test_fonts_come_with_gradio() -> None:
    theme = studio_theme()
    assert "http" not in "".join(theme._font_css) and "IBMPlexSans-Bold.woff2" in "".join(theme._font_css)
    assert theme._stylesheets == []


def test_compare_streams_both_sides_in_step(blocks: Any, ctx: Context) -> None:
    shown = [by_id(updates) for updates in ask(blocks)]
    assert len(shown) >= 3
    first, last = shown[0], shown[-1]
    assert first["stop-button"]["interactive"] and not first["compare-button"]["interactive"]
    assert not last["stop-button"]["interactive"] and last["compare-button"]["interactive"]
    assert "20 tokens" in last["plain-output"] and "Arr, me day" in last["steered-output"]
    assert 'aria-busy="false"' in last["steered-output"] and "With “Pirate” at 1" in last["steered-output"]
    assert not ctx.streams.running("page")


def test_compare_without_a_concept_shows_the_original_only(blocks: Any) -> None:
    last = by_id(list(ask(blocks, concept=None))[-1])
    assert "I had a calm" in last["plain-output"] and ui_text.STEERED_NO_CONCEPT in last["steered-output"]


def test_compare_that_fails_keeps_the_words_and_says_why(blocks: Any) -> None:
    last = by_id(list(ask(blocks, prompt="out of memory"))[-1])
    assert "ran out of memory" in last["compare-problem"] and "Arr, me day" in last["steered-output"]
    assert last["compare-button"]["interactive"]


def test_compare_passes_on_a_warning(blocks: Any) -> None:
    assert "made for another model" in by_id(list(ask(blocks, prompt="the other model"))[-1])["compare-problem"]


def test_an_empty_question_is_no_question(blocks: Any, service: FakeWorkbench) -> None:
    shown = [by_id(updates) for updates in ask(blocks, prompt="  \n ")]
    assert [list(updates) for updates in shown] == [["compare-problem"]] and ui_text.EMPTY_PROMPT in str(shown)
    assert service.calls == []


def last_exchange(updates: dict[Any, Any]) -> Exchange:
    return next(value for value in updates.values() if isinstance(value, Exchange))


def test_a_third_column_is_told_the_wish_and_standing_orders_go_to_all(blocks: Any, service: FakeWorkbench) -> None:
    shown = list(ask(blocks, system=" Be brief. ", wish="Answer like a pirate."))
    _, _, _, _, _, system, [row] = service.calls[0]
    assert system == "Be brief." and (row.map, row.system) == (None, "Be brief.\n\nAnswer like a pirate.")
    last = by_id(shown[-1])
    assert ui_text.INSTRUCTED in last["told-output"] and "As a pirate" in last["told-output"]
    assert [said.heading for said in last_exchange(shown[-1]).answers] == [
        "Original", "With “Pirate” at 1", ui_text.INSTRUCTED,
    ]  # fmt: skip
    list(ask(blocks, wish="  "))
    assert service.calls[1][6] == []
    alone = by_id(list(ask(blocks, concept=None, wish="Answer like a pirate."))[-1])
    assert "As a pirate" in alone["told-output"] and ui_text.STEERED_NO_CONCEPT in alone["steered-output"]


def test_what_changed_is_marked_at_the_end_and_speed_is_told(blocks: Any) -> None:
    shown = [by_id(updates) for updates in ask(blocks, changed=True, length=200)]
    assert not any("<mark>" in updates.get("steered-output", "") for updates in shown[:-1])
    assert "<mark>Arr, me day be grand!" in shown[-1]["steered-output"] and "<mark>" in shown[-1]["plain-output"]
    assert "words in the steered answer are different" in shown[-1]["difference"]
    assert "per second" in shown[-1]["plain-output"] and "per second" not in shown[1]["plain-output"]
    assert by_id(list(ask(blocks))[-1])["difference"] == ""


def test_the_dice(blocks: Any, service: FakeWorkbench) -> None:
    def seed(**options: Any) -> int:
        first, *rest = [by_id(updates) for updates in ask(blocks, **options)]
        assert not any("seed" in updates for updates in rest)
        sampled = service.calls[-1][4].seed
        assert first.get("seed", 0) == sampled  # the page shows the roll that is used
        return int(sampled)

    assert seed() == seed() == seed(name="live", lock=False) == 0
    rolled = {seed(lock=False), seed(lock=False), seed(name="again"), seed(name="again")}
    assert len(rolled) > 1 and all(rolled)


def test_the_newest_question_has_the_page(blocks: Any, ctx: Context, service: FakeWorkbench) -> None:
    """Moving the slider on: the answer before it ends at once, and says nothing more to the page."""
    first = ask(blocks, length=200, name="live")
    next(first), next(first)
    second = ask(blocks, length=200, name="live")
    next(second)
    assert len(list(first)) <= 1  # no last word that would free the buttons and freeze the panels
    last = by_id(list(second)[-1])
    assert last["compare-button"]["interactive"] and "till sundown." in last["steered-output"]
    assert not ctx.streams.running("page") and not service.snapshot().comparing


def test_a_question_that_was_overtaken_in_line_is_not_decoded(tiny_model: LoadedModel) -> None:
    lock, stop = tiny_model.lock, Event()
    lock.acquire()
    answers = stream(tiny_model, "your day", [Row()], Sampling(max_new_tokens=5), stop=stop)
    got: list[Any] = []
    thread = Thread(target=lambda: got.extend(answers))
    thread.start()
    while not lock.waiting:
        time.sleep(0.01)
    stop.set()
    lock.release()
    thread.join(30)
    assert got == [] and not lock.locked


def test_closing_the_page_ends_the_answer(blocks: Any, ctx: Context, service: FakeWorkbench) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    assert ctx.streams.running("page") and service.snapshot().comparing
    answers.close()
    assert not ctx.streams.running("page") and not service.snapshot().comparing


def test_stop_ends_it_at_the_next_word(blocks: Any) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    handler(blocks, "stop")(request())
    rest = [by_id(updates) for updates in answers]
    assert len(rest) <= 2 and rest[-1]["compare-button"]["interactive"]


def test_a_draft_brings_back_what_is_there_and_nothing_else(blocks: Any, service: FakeWorkbench) -> None:
    opened = handler(blocks, "open")
    studio = opened.__self__

    def restored(**values: Any) -> dict[str, Any]:
        draft = [values.get(component.elem_id.replace("-", "_")) for component in studio.drafted]
        return by_id(opened(draft, SimpleNamespace(session_hash="page", query_params={})))

    # a draft that was kept before the page was complete: nothing of it may undo what the page then shows
    early = restored(concept_name="hook")
    assert early["concept-name"] == "hook" and "prompt" not in early
    assert early["strengths-concept"]["value"] == early["map-choice"]["value"] == "preset:pirate"
    mixed = restored(mix_concept_1="preset:cheerful", mix_concept_2="map:deleted", mix_concept_3="")
    chosen = [mixed[f"mix-concept-{number}"].get("value") for number in (1, 2, 3)]
    assert chosen == [
        "preset:cheerful",
        "preset:cheerful",
        "",
    ]  # the one that was deleted gives way to what stood there


def test_a_tick_with_no_news_changes_nothing(blocks: Any, service: FakeWorkbench) -> None:
    def tick(seen: Seen, choosing: bool = False) -> dict[Any, Any]:
        return dict(handler(blocks, "catch_up")(seen, choosing, False, request(), *[None] * 7))

    first = tick(Seen())
    assert len(first) > 10
    seen = next(value for value in first.values() if isinstance(value, Seen))
    assert len(tick(seen)) == 1
    service.model("error", "It is gone.")
    assert "It is gone." in by_id(tick(seen))["status-banner"]
    service.own.append(Concept("map:hook", "hook", "imported", Path()))
    assert "map-choice" in by_id(tick(seen))
    held = by_id(tick(seen, choosing=True))  # a list that is open does not change, and is not forgotten
    assert "status-banner" in held and "map-choice" not in held and held["State"] == seen


def test_unusable_examples_are_explained_and_nothing_is_taught(blocks: Any, service: FakeWorkbench) -> None:
    shown = by_id(handler(blocks, "teach_concept")("x", "One.\nTwo.", "", Seen(), request(), *SETTINGS))
    assert 'role="alert"' in shown["teach-problem"] and list(shown) == ["teach-problem"]
    assert service.snapshot().run is None


def test_a_fault_of_ours_becomes_a_sentence(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "teach", lambda *_, **__: 1 / 0)
    shown = by_id(handler(blocks, "teach_concept")("x", "a", "b", Seen(), request(), *SETTINGS))
    assert "ZeroDivisionError" in shown["teach-problem"]


def test_teach_answers_at_once(blocks: Any, service: FakeWorkbench) -> None:
    preset = PRESETS[0]
    begun = time.monotonic()
    shown = by_id(
        handler(blocks, "teach_concept")(
            " ",
            "\n".join(preset.source),
            "\n".join(preset.target),
            Seen(),
            request(),
            *("thorough", 12, 7, 5, 0.001, "mlp", "How are you?"),
        )
    )
    assert time.monotonic() - begun < 0.2
    assert shown["teach-problem"] == "" and "My concept" in shown["run-status"]
    assert service.calls[0][1] == "My concept"
    assert service.calls[0][4] == {
        "recipe": "thorough", "steps": 12, "seed": 7, "support": 5, "sparsity": 0.001, "sites": "mlp", "preview": "How are you?",
    }  # fmt: skip
    service.close()


def test_settings_at_rest_ask_for_nothing() -> None:
    assert service_settings(*SETTINGS) == {
        "recipe": "quick", "steps": None, "seed": 0, "support": None, "sparsity": 0.0, "sites": "default", "preview": "",
    }  # fmt: skip
    assert {site for _, site in ui_text.SITE_CHOICES} == set(SITE_SETS)
