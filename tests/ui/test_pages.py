"""Handlers and wiring, without a port."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from fake_workbench import PRESETS, FakeWorkbench

from lineas.store import Concept
from lineas.ui import parts, words
from lineas.ui.context import Context, Seen
from lineas.ui.studio import build
from lineas.ui.theme import studio_theme
from lineas.ui.view import Status

IDS = """source-examples target-examples train-button cancel-button loss-plot run-status prompt map-choice strength
compare-button stop-button plain-output steered-output""".split()
NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} <script>window.pwned=1</script> & \' \u202e'


@pytest.fixture
def ctx(bench: FakeWorkbench) -> Context:
    bench.model("ready")
    return Context(bench, PRESETS)  # type: ignore[arg-type]


@pytest.fixture
def blocks(ctx: Context) -> Any:
    return build(ctx)


def handler(blocks: Any, name: str) -> Any:
    return next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "__name__", "") == name)


def by_id(updates: dict[Any, Any]) -> dict[str, Any]:
    return {component.elem_id or type(component).__name__: value for component, value in updates.items()}


def request(session: str = "page") -> Any:
    return SimpleNamespace(session_hash=session)


def ask(blocks: Any, prompt: str = "Tell me.", concept: str | None = "preset:pirate", length: int = 20) -> Any:
    return handler(blocks, "answer")(prompt, concept, 1.0, 0, length, 0.7, "chat", request())


def test_the_promised_ids_are_there_once(blocks: Any) -> None:
    ids = [c["props"].get("elem_id") for c in blocks.get_config_file()["components"]]
    assert [ids.count(name) for name in IDS] == [1] * len(IDS)


def test_no_endpoint_is_public(blocks: Any) -> None:
    visible = [d["api_visibility"] for d in blocks.get_config_file()["dependencies"]]
    assert set(visible) <= {"private", "undocumented"}


def test_no_template_of_ours_touches_text(blocks: Any) -> None:
    html = [c for c in blocks.blocks.values() if isinstance(c, gr.HTML)]
    assert len(html) > 10
    assert {c.html_template for c in html} == {"${value}"}


def test_what_people_and_models_write_is_escaped() -> None:
    pieces = [
        parts.answer("steered", NASTY, NASTY, tokens=3),
        parts.status(Status("busy", NASTY, NASTY), NASTY),
        parts.alert(NASTY),
        parts.notice(NASTY),
        parts.hint(NASTY),
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
    assert "I had a calm" in last["plain-output"] and words.STEERED_NO_CONCEPT in last["steered-output"]


def test_compare_that_fails_keeps_the_words_and_says_why(blocks: Any) -> None:
    last = by_id(list(ask(blocks, prompt="out of memory"))[-1])
    assert "ran out of memory" in last["compare-problem"] and "Arr, me day" in last["steered-output"]
    assert last["compare-button"]["interactive"]


def test_compare_passes_on_a_warning(blocks: Any) -> None:
    assert "made for another model" in by_id(list(ask(blocks, prompt="the other model"))[-1])["compare-problem"]


def test_an_empty_question_is_no_question(blocks: Any, bench: FakeWorkbench) -> None:
    shown = [by_id(updates) for updates in ask(blocks, prompt="  \n ")]
    assert [list(updates) for updates in shown] == [["compare-problem"]] and words.EMPTY_PROMPT in str(shown)
    assert bench.calls == []


def test_closing_the_page_ends_the_answer(blocks: Any, ctx: Context, bench: FakeWorkbench) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    assert ctx.streams.running("page") and bench.snapshot().comparing
    answers.close()
    assert not ctx.streams.running("page") and not bench.snapshot().comparing


def test_stop_ends_it_at_the_next_word(blocks: Any) -> None:
    answers = ask(blocks, length=200)
    next(answers), next(answers)
    handler(blocks, "stop")(request())
    rest = [by_id(updates) for updates in answers]
    assert len(rest) <= 2 and rest[-1]["compare-button"]["interactive"]


def test_a_tick_with_no_news_changes_nothing(blocks: Any, bench: FakeWorkbench) -> None:
    def tick(seen: Seen, choosing: bool = False) -> dict[Any, Any]:
        return dict(handler(blocks, "tick")(seen, choosing, request(), *[None] * 7))

    first = tick(Seen())
    assert len(first) > 10
    seen = next(value for value in first.values() if isinstance(value, Seen))
    assert len(tick(seen)) == 1
    bench.model("error", "It is gone.")
    assert "It is gone." in by_id(tick(seen))["status-banner"]
    bench.own.append(Concept("map:hook", "hook", "imported", Path()))
    assert "map-choice" in by_id(tick(seen))
    held = by_id(tick(seen, choosing=True))  # a list that is open does not change, and is not forgotten
    assert "status-banner" in held and not {"map-choice", "State"} & held.keys()


def test_unusable_examples_are_explained_and_nothing_is_taught(blocks: Any, bench: FakeWorkbench) -> None:
    shown = by_id(handler(blocks, "teach")("x", "One.\nTwo.", "", "quick", 0, 0, Seen(), request()))
    assert 'role="alert"' in shown["teach-problem"] and list(shown) == ["teach-problem"]
    assert bench.snapshot().run is None


def test_a_fault_of_ours_becomes_a_sentence(
    blocks: Any, bench: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "teach", lambda *_, **__: 1 / 0)
    shown = by_id(handler(blocks, "teach")("x", "a", "b", "quick", 0, 0, Seen(), request()))
    assert "ZeroDivisionError" in shown["teach-problem"]


def test_teach_answers_at_once(blocks: Any, bench: FakeWorkbench) -> None:
    preset = PRESETS[0]
    begun = time.monotonic()
    shown = by_id(
        handler(blocks, "teach")(
            " ", "\n".join(preset.source), "\n".join(preset.target), "thorough", 12, 7, Seen(), request()
        )
    )
    assert time.monotonic() - begun < 0.2
    assert shown["teach-problem"] == "" and "My concept" in shown["run-status"]
    assert bench.calls[0][1] == "My concept"
    assert bench.calls[0][4] == {"recipe": "thorough", "steps": 12, "seed": 7}
    bench.close()
