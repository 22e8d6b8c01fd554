"""How the page is wired, read from what Gradio sends to the browser."""

from collections import Counter
from typing import Any

import gradio as gr

from lineas.ui.api import ENDPOINTS

IDS = """wish draft-button source-examples target-examples train-button cancel-button loss-plot run-status prompt map-choice
strength share-button compare-button stop-button plain-output steered-output
library-list library-use library-rename library-name library-note library-duplicate library-delete library-undo
library-download library-share library-search library-model library-make library-import library-resume library-sentences
inside-concept inside-picture inside-table inside-provenance inside-health
picture-list picture-runs picture-use picture-resume picture-open picture-share picture-download picture-delete picture-undo
picture-import
model-now model-free model-why model-problem model-list model-name model-about model-load""".split()


def test_each_promised_id_exists_once(blocks: Any) -> None:
    ids = [c["props"].get("elem_id") for c in blocks.get_config_file()["components"]]
    assert [ids.count(name) for name in IDS] == [1] * len(IDS)


def test_the_endpoints_for_scripts_are_the_only_public_ones(blocks: Any) -> None:
    found = blocks.get_config_file()["dependencies"]
    assert {d["api_name"] for d in found if d["api_visibility"] == "undocumented"} == {"news", "ahead"}
    assert {d["api_name"] for d in found if d["api_visibility"] == "public"} == set(ENDPOINTS)


def test_no_event_lets_gradio_update_the_progress_of_every_output(blocks: Any) -> None:
    """Gradio would do so at every step of every event, for progress that the studio does not show."""
    found = [d for d in blocks.get_config_file()["dependencies"] if d["backend_fn"] and d["targets"]]
    assert len(found) > 40
    hidden = [d for d in found if d["show_progress"] == "hidden"]
    assert all(d["show_progress_on"] == [] for d in hidden)
    slow = {"look", "labels", "fill", "publish", "bring_from_hub", "look_up"}
    assert {d["api_name"] for d in found if d not in hidden} == slow


def test_no_change_has_two_listeners_that_wait_for_the_last_one(blocks: Any) -> None:
    """Two of them would trigger each other without end in Gradio."""
    found = blocks.get_config_file()["dependencies"]
    waiting = [d for d in found if d["backend_fn"] and d["trigger_mode"] == "always_last"]
    changes = Counter(tuple(target) for d in waiting for target in d["targets"])
    assert changes and max(changes.values()) == 1


def test_no_html_template_interprets_text(blocks: Any) -> None:
    html = [c for c in blocks.blocks.values() if isinstance(c, gr.HTML)]
    assert len(html) > 10
    assert {c.html_template for c in html} == {"${value}"}
