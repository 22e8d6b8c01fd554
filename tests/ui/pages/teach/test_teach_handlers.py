"""What Teach passes on and reports, without a port."""

from typing import Any

import pytest
from fake_trainer import FakeTrainer
from handlers import TEACH_DEFAULTS, call, here
from small_presets import PIRATE_SOURCE, PIRATE_TARGET

from lineas.models.sites import SITE_SETS
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.pages.teach.layout import service_settings


def test_unusable_examples_are_explained_and_nothing_is_taught(blocks: Any, service: StudioService) -> None:
    shown = call(blocks, "teach_concept", "x", "One.\nTwo.", "", "", *here(), *TEACH_DEFAULTS)
    assert 'role="alert"' in shown["teach-problem"] and list(shown) == ["teach-problem"]
    assert service.snapshot().run is None


def test_an_unexpected_error_becomes_a_sentence(
    blocks: Any, service: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "teach", lambda *_, **__: 1 / 0)
    shown = call(blocks, "teach_concept", "x", "a", "b", "", *here(), *TEACH_DEFAULTS)
    assert "ZeroDivisionError" in shown["teach-problem"]


def test_teach_passes_on_the_settings_and_does_not_wait(
    blocks: Any, service: StudioService, trainer: FakeTrainer
) -> None:
    trainer.go_on.clear()
    settings = ("thorough", 12, 7, 5, 0.001, "mlp", "How are you?")
    shown = call(blocks, "teach_concept", " ", PIRATE_SOURCE, PIRATE_TARGET, "", *here(), *settings)
    [record] = service.runs()
    assert record.active and shown["teach-problem"] == "" and "My concept" in shown["run-status"]
    assert (record.name, record.recipe, record.seed, record.sites, record.preview) == (
        "My concept", "thorough", 7, "mlp", "How are you?",
    )  # fmt: skip
    assert record.settings == {"steps": 12, "support": 5, "sparsity": 0.001}


def test_untouched_settings_ask_for_nothing() -> None:
    assert service_settings(*TEACH_DEFAULTS) == {
        "recipe": "quick", "steps": None, "seed": 0, "support": None, "sparsity": 0.0, "sites": "default", "preview": "",
    }  # fmt: skip
    assert {site for _, site in ui_text.SITE_CHOICES} == set(SITE_SETS)
