"""The studio around its pages, without a port: news, drafts, concepts that a page chooses by itself, and the banner's button."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_trainer import FakeTrainer
from handlers import CHOOSERS, REQUEST, TEACH_DEFAULTS, Page, by_id, handler
from maps import random_map
from polling import wait_for
from small_presets import PIRATE_SOURCE, PIRATE_TARGET, PRESETS

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.context import Context
from lineas.ui.studio import build


def teach_half(service: StudioService, trainer: FakeTrainer) -> str:
    """Start a training that halts half-way, and return its id."""
    trainer.go_on.clear()
    run = service.teach("sailor", PIRATE_SOURCE, PIRATE_TARGET)
    wait_for(lambda: service.snapshot().run.step == 9)
    return run


@pytest.fixture
def run(service: StudioService, trainer: FakeTrainer) -> str:
    """The id of a training that is half done."""
    return teach_half(service, trainer)


@pytest.fixture
def stopped(service: StudioService, trainer: FakeTrainer, run: str) -> str:
    """The id of a training that was stopped half-way. The next one halts, too."""
    service.cancel(run)
    trainer.go_on.set()
    wait_for(lambda: service.snapshot().run.state == "cancelled")
    service._queue.wait_until_idle()  # the run is still the queue's for a moment
    trainer.go_on.clear()
    return run


def finish(service: StudioService, trainer: FakeTrainer) -> None:
    trainer.go_on.set()
    wait_for(lambda: service.snapshot().run.state == "done")
    service._queue.wait_until_idle()  # the run is still the queue's for a moment, in which it must not be deleted


# ---- drafts and news


def test_a_draft_restores_what_still_exists(blocks: Any) -> None:
    opened = handler(blocks, "open")

    def restored(**values: Any) -> dict[str, Any]:
        return by_id(opened({elem_id.replace("_", "-"): value for elem_id, value in values.items()}, REQUEST))

    # a draft that was kept before the page was complete must not undo what the page then shows
    early = restored(concept_name="hook")
    assert early["concept-name"] == "hook" and "prompt" not in early
    assert restored(field_of_another_version="x", concept_name="hook")["concept-name"] == "hook"
    assert "concept-name" not in by_id(opened(["hook"], REQUEST))  # the first versions kept a list
    assert early["strengths-concept"]["value"] == early["map-choice"]["value"] == "preset:pirate"
    mixed = restored(mix_concept_1="preset:cheerful", mix_concept_2="map:deleted", mix_concept_3="")
    chosen = [mixed[f"mix-concept-{number}"].get("value") for number in (1, 2, 3)]
    assert chosen == ["preset:cheerful", "preset:cheerful", ""]  # the deleted one gives way to what was there


def test_only_news_changes_the_page(
    blocks: Any, service: StudioService, tiny_model: LoadedModel, tmp_path: Path
) -> None:
    page = Page(blocks)
    assert len(page.hear()) == 1
    service.free_model()
    assert ui_text.NO_MODEL in page.hear()["status-banner"]
    hook = tmp_path / "hook.safetensors"
    random_map(tiny_model.sites).save(hook)
    service.import_concept(hook)
    before = page.seen
    held = page.hear(choosing=True)  # an open list does not change, and is updated later
    assert "status-banner" in held and "map-choice" not in held and page.seen == before
    assert "map-choice" in page.hear()


# ---- concepts that a page chooses by itself


def test_a_page_that_did_not_teach_keeps_its_choice(blocks: Any, service: StudioService, trainer: FakeTrainer) -> None:
    page = Page(blocks)
    mine = f"run:{teach_half(service, trainer)}"
    page.hear()
    finish(service, trainer)
    shown = page.hear()
    assert (f"sailor · {ui_text.CONCEPT_KINDS['run']}", mine) in shown["map-choice"]["choices"]
    assert not any("value" in shown[place] for place in CHOOSERS) and "strength" not in shown


def test_a_page_loaded_during_a_training_chooses_its_concept_once(
    blocks: Any, service: StudioService, trainer: FakeTrainer, run: str
) -> None:
    page, mine = Page(blocks), f"run:{run}"
    finish(service, trainer)
    shown = page.hear()
    assert [shown[place]["value"] for place in CHOOSERS] == [mine] * 3 and shown["strength"] == 1.0
    service.delete(mine)
    assert mine not in page.chosen()
    service.undelete(mine)
    assert page.chosen() == [None] * 3


def test_the_page_that_teaches_follows_also_with_news_in_between(
    blocks: Any, service: StudioService, trainer: FakeTrainer
) -> None:
    page = Page(blocks)
    before = page.seen
    trainer.go_on.clear()
    teach = handler(blocks, "teach_concept")
    page.keep(teach("sailor", PIRATE_SOURCE, PIRATE_TARGET, "", page.seen, REQUEST, *TEACH_DEFAULTS))
    page.seen = replace(before)  # an event that began earlier ends later, and what it had seen is kept
    page.hear()
    finish(service, trainer)
    assert page.chosen() == [f"run:{service.runs()[0].id}"] * 3


@pytest.mark.parametrize(("name", "inputs"), [("resume", ()), ("act", (ui_text.ACT_RESUME, None))])
def test_the_page_that_resumes_follows(
    blocks: Any, service: StudioService, trainer: FakeTrainer, stopped: str, name: str, inputs: tuple[Any, ...]
) -> None:
    page, other = Page(blocks), Page(blocks)
    page.press(name, *inputs)
    finish(service, trainer)
    assert page.chosen() == [f"run:{stopped}"] * 3 and other.chosen() == [None] * 3


def test_a_concept_that_arrives_while_a_list_is_open_is_never_chosen(
    blocks: Any, service: StudioService, trainer: FakeTrainer, run: str
) -> None:
    page = Page(blocks)
    finish(service, trainer)
    held = page.hear(choosing=True)
    assert not {"strength", *CHOOSERS} & held.keys() and page.seen.run == run
    shown = page.hear()
    assert f"run:{run}" in [value for _, value in shown["map-choice"]["choices"]]  # listed once the list is closed
    assert not any("value" in shown[place] for place in CHOOSERS) and "strength" not in shown


def test_nothing_is_chosen_on_stage(blocks: Any, service: StudioService, trainer: FakeTrainer, run: str) -> None:
    page = Page(blocks, stage=True)
    finish(service, trainer)
    assert page.chosen() == [None] * 3
    page.stage = False
    service.annotate(f"run:{run}", "news")
    assert page.chosen() == [None] * 3


@pytest.mark.parametrize(("name", "inputs"), [("try_it", ()), ("act", (ui_text.ACT_TRY,))])
def test_try_it_opens_compare_with_the_new_concept(
    blocks: Any, service: StudioService, trainer: FakeTrainer, run: str, name: str, inputs: tuple[str, ...]
) -> None:
    finish(service, trainer)
    page, mine = Page(blocks), f"run:{run}"
    shown = page.press(name, *inputs, "preset:pirate")
    assert (shown["map-choice"]["value"], shown["strength"], shown["pages"]["selected"]) == (mine, 1.0, "compare")
    shown = page.press(name, *inputs, mine)  # chosen already: the person's strength stays
    assert "strength" not in shown and shown["pages"]["selected"] == "compare"


# ---- which run a button means


@pytest.mark.parametrize(
    ("name", "inputs"),
    [("cancel", ()), ("resume", ()), ("act", (ui_text.ACT_STOP, None)), ("act", (ui_text.ACT_RESUME, None))],
)
def test_a_button_means_the_run_that_was_shown(
    blocks: Any, service: StudioService, stopped: str, name: str, inputs: tuple[Any, ...]
) -> None:
    page = Page(blocks)
    newer = service.teach("next in line", PIRATE_SOURCE, PIRATE_TARGET)  # and the page has not heard of it yet
    page.press(name, *inputs)
    run = service.snapshot().run
    assert run is not None and (run.id, run.stopping) == (newer, False) and page.seen.run == newer
    resumed = name == "resume" or ui_text.ACT_RESUME in inputs
    assert service.runs()[1].id == stopped and service.runs()[1].state == ("queued" if resumed else "cancelled")


def test_only_a_studio_without_its_graphics_card_restarts(
    service: StudioService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineas.ui.components.banner.threading.Timer", lambda _, run: SimpleNamespace(start=run))
    restarts: list[None] = []
    page = Page(build(Context(service, PRESETS, restart=lambda: restarts.append(None))))
    assert ui_text.RESTARTING not in str(page.press("act", ui_text.ACT_RESTART, None)) and restarts == []
    service.model_slot.lose()
    assert ui_text.RESTARTING in page.press("act", ui_text.ACT_RESTART, None)["status-banner"] and restarts == [None]
