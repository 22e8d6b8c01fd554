"""Which page chooses a concept by itself once it is taught, and which run a button means; without a port."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench
from test_pages import SETTINGS, by_id, handler

from lineas.service.snapshot import RunState
from lineas.storage import Concept
from lineas.ui import text as ui_text
from lineas.ui.context import Context, Seen
from lineas.ui.studio import build

RUN = RunState("r1", "pirate", "running", 3, 40)
MINE = "run:r1"
CHOOSERS = ("map-choice", "strengths-concept", "inside-concept")
restarts: list[None] = []


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    service.model("ready")
    service.points["r1"] = []
    restarts.clear()
    return build(Context(service, PRESETS, restart=lambda: restarts.append(None)))  # type: ignore[arg-type]


class Page:
    """One open page: what it has seen goes from one of its events to the next."""

    def __init__(self, blocks: Any, stage: bool = False) -> None:
        self.blocks, self.stage = blocks, stage
        self.request = SimpleNamespace(session_hash="page", query_params={})
        self.seen = Seen()
        self.keep(handler(blocks, "open")(None, self.request))

    def keep(self, updates: dict[Any, Any]) -> dict[str, Any]:
        self.seen = next((value for value in updates.values() if isinstance(value, Seen)), self.seen)
        return by_id(updates)

    def press(self, name: str, *inputs: Any) -> dict[str, Any]:
        fn = handler(self.blocks, name)
        return self.keep(fn(*inputs, self.seen, self.request))

    def teach(self) -> None:
        sides = ("\n".join(PRESETS[0].source), "\n".join(PRESETS[0].target))
        self.keep(handler(self.blocks, "teach_concept")("pirate", *sides, self.seen, self.request, *SETTINGS))

    def hear(self, choosing: bool = False) -> dict[str, Any]:
        return self.keep(handler(self.blocks, "catch_up")(self.seen, choosing, self.stage, self.request, *[None] * 7))

    def chosen(self, **how: Any) -> list[str | None]:
        updates = self.hear(**how)
        return [updates.get(place, {}).get("value") for place in CHOOSERS]


def finish(service: FakeWorkbench, strength: float = 0.6) -> None:
    service.own.insert(0, Concept(MINE, "pirate", "run", Path(), strength))
    service.show(run=replace(RUN, state="done"))


def test_a_page_that_did_not_teach_it_keeps_what_its_person_chose(blocks: Any, service: FakeWorkbench) -> None:
    page = Page(blocks)
    service.show(run=RUN)
    page.hear()
    finish(service)
    shown = page.hear()
    assert (f"pirate · {ui_text.CONCEPT_KINDS['run']}", MINE) in shown["map-choice"]["choices"]
    assert not any("value" in shown[place] for place in CHOOSERS) and "strength" not in shown


def test_a_page_that_was_loaded_meanwhile_follows_and_chooses_once(blocks: Any, service: FakeWorkbench) -> None:
    service.show(run=RUN)
    page = Page(blocks)
    finish(service)
    shown = page.hear()
    assert [shown[place]["value"] for place in CHOOSERS] == [MINE] * 3 and shown["strength"] == 0.6
    deleted = service.own.pop()
    service.show()
    assert MINE not in page.chosen()
    service.own.append(deleted)  # and brought back
    service.show()
    assert page.chosen() == [None] * 3


def test_who_presses_teach_follows_even_where_news_comes_between(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "teach", lambda *_, **__: "r1")
    page = Page(blocks)
    before = page.seen
    page.teach()
    page.seen = replace(before)  # an event that began before ends later, and what it had seen is kept
    service.show(run=RUN)
    page.hear()
    finish(service)
    assert page.chosen() == [MINE] * 3


@pytest.mark.parametrize(("name", "inputs"), [("resume", ()), ("act", (ui_text.ACT_RESUME, None))])
def test_who_continues_it_follows(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch, name: str, inputs: tuple[str, ...]
) -> None:
    monkeypatch.setattr(service, "resume", lambda run_id: None)
    service.show(run=replace(RUN, state="cancelled"))
    page, other = Page(blocks), Page(blocks)
    page.press(name, *inputs)
    finish(service)
    assert page.chosen() == [MINE] * 3 and other.chosen() == [None] * 3


def test_what_is_finished_while_a_list_is_open_is_not_chosen_later_either(blocks: Any, service: FakeWorkbench) -> None:
    service.show(run=RUN)
    page = Page(blocks)
    finish(service)
    held = page.hear(choosing=True)
    assert not {"strength", *CHOOSERS} & held.keys() and page.seen.run == "r1"
    shown = page.hear()
    assert MINE in [value for _, value in shown["map-choice"]["choices"]]  # the list hears of it once it is closed
    assert not any("value" in shown[place] for place in CHOOSERS) and "strength" not in shown


def test_on_the_stage_nothing_is_chosen_by_itself(blocks: Any, service: FakeWorkbench) -> None:
    service.show(run=RUN)
    page = Page(blocks, stage=True)
    finish(service)
    assert page.chosen() == [None] * 3
    page.stage = False
    service.show()
    assert page.chosen() == [None] * 3


def test_try_it_chooses_what_it_speaks_of(blocks: Any, service: FakeWorkbench) -> None:
    page = Page(blocks)
    finish(service)
    page.hear()
    for name, inputs in (("try_it", ()), ("act", (ui_text.ACT_TRY,))):
        shown = page.press(name, *inputs, "preset:pirate")
        assert (shown["map-choice"]["value"], shown["strength"], shown["pages"].selected) == (MINE, 0.6, "compare")
        shown = page.press(name, *inputs, MINE)  # the strength at which it stands is the person's
        assert "strength" not in shown and shown["pages"].selected == "compare"


# ---- which run is meant


@pytest.mark.parametrize(
    ("name", "inputs", "done"),
    [
        ("cancel", (), "cancel"),
        ("resume", (), "resume"),
        ("act", (ui_text.ACT_STOP, None), "cancel"),
        ("act", (ui_text.ACT_RESUME, None), "resume"),
    ],
)
def test_a_button_means_the_run_that_was_shown(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch, name: str, inputs: tuple[Any, ...], done: str
) -> None:
    service.show(run=RUN)
    page = Page(blocks)
    service.points["r2"] = []
    service.show(run=replace(RUN, id="r2", name="next in line"))  # and the page has not heard of it yet
    calls: list[str] = []
    monkeypatch.setattr(service, done, calls.append)
    page.press(name, *inputs)
    assert calls == ["r1"] and page.seen.run == "r2"


def test_a_studio_that_is_well_is_not_restarted(
    blocks: Any, service: FakeWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.ui.components.banner.RESTART_DELAY", 0)
    monkeypatch.setattr("lineas.ui.components.banner.threading.Timer", lambda _, run: SimpleNamespace(start=run))
    page = Page(blocks)
    shown = page.press("act", ui_text.ACT_RESTART, None)
    assert restarts == [] and ui_text.RESTARTING not in str(shown)
    service.model("broken", "The graphics card stopped answering.")
    assert ui_text.RESTARTING in page.press("act", ui_text.ACT_RESTART, None)["status-banner"] and restarts == [None]
