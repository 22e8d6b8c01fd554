"""How the page is wired, read from what Gradio sends to the browser."""

from collections import Counter
from typing import Any

import gradio as gr
import pytest
from fake_presets import PRESETS
from fake_workbench import FakeWorkbench

from lineas.ui.api import ENDPOINTS
from lineas.ui.context import Context
from lineas.ui.studio import build

IDS = """source-examples target-examples train-button cancel-button loss-plot run-status prompt map-choice strength
compare-button stop-button plain-output steered-output""".split()


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    return build(Context(service, PRESETS))  # type: ignore[arg-type]


def test_the_promised_ids_are_there_once(blocks: Any) -> None:
    ids = [c["props"].get("elem_id") for c in blocks.get_config_file()["components"]]
    assert [ids.count(name) for name in IDS] == [1] * len(IDS)


def test_the_endpoints_for_scripts_are_the_only_public_ones(blocks: Any) -> None:
    found = blocks.get_config_file()["dependencies"]
    assert {d["api_name"] for d in found if d["api_visibility"] == "undocumented"} == {"news"}
    assert {d["api_name"] for d in found if d["api_visibility"] == "public"} == set(ENDPOINTS)


def test_no_event_makes_gradio_go_through_all_that_events_change(blocks: Any) -> None:
    """It does at every step of every event, for the sake of a progress that we do not show."""
    found = [d for d in blocks.get_config_file()["dependencies"] if d["backend_fn"] and d["targets"]]
    assert len(found) > 40
    hidden = [d for d in found if d["show_progress"] == "hidden"]
    assert all(d["show_progress_on"] == [] for d in hidden)
    assert {d["api_name"] for d in found if d not in hidden} == {"look", "labels", "fill"}


def test_no_change_has_two_listeners_that_wait_for_its_last(blocks: Any) -> None:
    """Gradio lets one set off the other without end."""
    found = blocks.get_config_file()["dependencies"]
    waiting = [d for d in found if d["backend_fn"] and d["trigger_mode"] == "always_last"]
    changes = Counter(tuple(target) for d in waiting for target in d["targets"])
    assert changes and max(changes.values()) == 1


def test_no_template_of_ours_touches_text(blocks: Any) -> None:
    html = [c for c in blocks.blocks.values() if isinstance(c, gr.HTML)]
    assert len(html) > 10
    assert {c.html_template for c in html} == {"${value}"}
