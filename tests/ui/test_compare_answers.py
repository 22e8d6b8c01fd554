"""What stands in the panels of Compare when an answer never came, and what is kept then; without a port."""

from typing import Any

import pytest
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from test_pages import ask, by_id, handler, last_exchange

from lineas.errors import LineasError
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.studio import build


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    service.model("ready")
    return build(Context(service, PRESETS))  # type: ignore[arg-type]


def fails(*anything: Any, **more: Any) -> None:
    raise LineasError("The graphics card ran out of memory.")


def test_the_third_column_holds_no_answer_to_an_older_question(blocks: Any) -> None:
    last = by_id(list(ask(blocks, wish="Answer like a pirate."))[-1])
    assert "As a pirate" in last["told-output"]
    first, *_, last = map(by_id, ask(blocks))
    assert ui_text.INSTRUCTED_EMPTY in first["told-output"] and "As a pirate" not in last["told-output"]


def test_panels_without_an_answer_say_what_will_be_there(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "compare", fails)
    last = by_id(list(ask(blocks, wish="Answer like a pirate."))[-1])
    assert "ran out of memory" in last["compare-problem"]
    for panel, rests in (
        ("plain", ui_text.ORIGINAL_EMPTY),
        ("steered", ui_text.STEERED_EMPTY),
        ("told", ui_text.INSTRUCTED_EMPTY),
    ):
        assert rests in last[f"{panel}-output"]
    assert ui_text.NOTHING_SAID not in str(last)


def test_where_there_is_nothing_to_save_no_older_file_is_given(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "func", None) and fn.fn.args == ("json",))
    kept = by_id(save(last_exchange(list(ask(blocks))[-1])))
    assert kept["JSON"]["name"].endswith(".json") and kept["compare-problem"] == ""
    monkeypatch.setattr(service, "compare", fails)
    for nothing in (last_exchange(list(ask(blocks))[-1]), None):
        kept = by_id(save(nothing))
        assert kept["JSON"] is None and ui_text.SAVE_NOTHING in kept["compare-problem"]


def test_what_changed_can_be_looked_at_after_an_answer_without_a_third_column(blocks: Any) -> None:
    exchange = last_exchange(list(ask(blocks))[-1])
    redrawn = by_id(handler(blocks, "redraw")(exchange, True, type("Request", (), {"session_hash": "page"})()))
    assert "<mark>" in redrawn["steered-output"] and ui_text.INSTRUCTED_EMPTY in redrawn["told-output"]
