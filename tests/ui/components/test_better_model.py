"""The banner's offer of a better model: one click loads it, and the ready-made concepts are made for it."""

from dataclasses import replace
from typing import Any

import pytest
from concept_files import change_map
from fake_loader import FakeLoader
from fake_trainer import FakeTrainer
from handlers import REQUEST, by_id, handler, here
from polling import wait_for
from small_presets import PIRATE_SOURCE, PIRATE_TARGET, PRESETS

from lineas.data.presets import Preset
from lineas.errors import LineasError
from lineas.models.loaded import LoadedModel
from lineas.models.suggested import Suggested
from lineas.service import ready_made
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.context import Seen

OFFERED = Suggested("anna/Larger-1B-Instruct", 1_000_000_000, 2_000_000_000, "Apache-2.0")


@pytest.fixture
def built_in(
    service: StudioService,
    presets: list[Preset],
    loader: FakeLoader,
    tiny_model: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> StudioService:
    """The service with the built-in model in memory, with its ready-made concepts, and room for a better one."""
    for preset in presets:
        assert preset.map_path is not None
        change_map(preset.map_path, base_model="default")
    monkeypatch.setattr("lineas.service.model_slot.suggest", lambda room, local_models: OFFERED)
    service.load_model("default")
    loader.end(tiny_model)
    wait_for(lambda: service.snapshot().model.phase == "ready")
    return service


def page(blocks: Any) -> dict[str, Any]:
    return by_id(handler(blocks, "open")(None, REQUEST))


def press(blocks: Any) -> dict[str, Any]:
    return by_id(handler(blocks, "load_better")(*here()))


def test_it_is_offered_loaded_and_taught_by_one_click(
    blocks: Any, built_in: StudioService, loader: FakeLoader, trainer: FakeTrainer, tiny_model: LoadedModel
) -> None:
    offer = page(blocks)["better-load"]
    assert offer["visible"] and offer["value"] == "Try a better model\nLarger-1B-Instruct · 2.0 GB · Apache-2.0"
    shown = press(blocks)
    assert ui_text.BETTER_LOADING in shown["banner-note"] and not shown["better-load"]["visible"]
    loader.report("Fetching … 12 of 2,000 MB", 0.006)
    wait_for(lambda: "12 of 2,000 MB" in built_in.snapshot().model.sentence)
    assert loader.names == ["default", OFFERED.name]
    shown = page(blocks)
    assert (
        "12 of 2,000 MB" in shown["status-banner"] and shown["banner-button"]["value"] == ui_text.MODELS_STOP_LOADING
    )
    assert "banner-note" not in shown
    trainer.go_on.clear()
    loader.end(replace(tiny_model, id=OFFERED.name))
    wait_for(lambda: len(ready_made.waiting(PRESETS, built_in.runs(), built_in.snapshot().model.name)) == 2)
    shown = page(blocks)
    assert shown["banner-note"] == "" and not shown["better-load"]["visible"]
    assert {run.name for run in built_in.runs()} == {"Pirate 2", "Cheerful 2"}


def test_it_can_be_stopped_and_a_hub_that_is_not_reached_is_told(
    blocks: Any, built_in: StudioService, loader: FakeLoader
) -> None:
    press(blocks)
    handler(blocks, "act")(ui_text.MODELS_STOP_LOADING, None, Seen(0), REQUEST)
    assert (built_in.snapshot().model.name, built_in.snapshot().model.phase) == ("default", "ready")
    press(blocks)
    loader.end(
        LineasError("Hugging Face cannot be reached. The built-in model works without internet: choose 'default'.")
    )
    wait_for(lambda: built_in.snapshot().model.phase == "ready")
    shown = page(blocks)
    assert "Could not load &#x27;anna/Larger-1B-Instruct&#x27;" in shown["status-banner"]
    assert (
        "Hugging Face cannot be reached" in shown["status-banner"] and "default&#x27;." not in shown["status-banner"]
    )
    assert shown["better-load"]["visible"] and built_in.runs() == []
    built_in.teach("sailor", PIRATE_SOURCE, PIRATE_TARGET)  # the person went on
    wait_for(lambda: built_in.snapshot().run.state == "done")
    assert "Could not load" not in page(blocks)["status-banner"]


def test_it_is_not_offered_beside_another_model_or_while_the_model_is_used(
    blocks: Any, service: StudioService, request: pytest.FixtureRequest, trainer: FakeTrainer
) -> None:
    assert not page(blocks)["better-load"]["visible"]
    built_in = request.getfixturevalue("built_in")
    trainer.go_on.clear()
    built_in.teach("sailor", PIRATE_SOURCE, PIRATE_TARGET)
    shown = page(blocks)
    assert not shown["better-load"]["visible"] and not shown["better-no"]["visible"]
    assert press(blocks)["banner-problem"] == "" and built_in.snapshot().model.phase == "ready"
