"""The page My concepts: without a port, then in a browser."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from concept_files import add_run
from fake_trainer import FakeTrainer
from handlers import call, here
from maps import random_map
from small_presets import PIRATE_SOURCE

from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.steering.map import SteeringMap
from lineas.ui import text as ui_text
from lineas.ui.pages.concepts import render

NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} & \''  # names lose invisible characters

AddRun = Callable[..., str]


@pytest.fixture
def add(service: StudioService, tiny_model: LoadedModel) -> AddRun:
    """``add(name, state, **record)`` adds a run that ended, and returns its id."""
    return lambda name, state, **record: add_run(service, tiny_model, name, state, **record)


@pytest.fixture
def hook(add: AddRun) -> str:
    """The id of a concept."""
    return f"run:{add('hook', 'done')}"


def names(service: StudioService) -> list[str]:
    return [c.name for c in service.concepts()]


def test_the_list_has_concepts_and_below_them_unfinished_runs(service: StudioService, add: AddRun) -> None:
    add("formal", "failed", step=12, error="The disk is full.")
    add("hook", "done")
    items = render.items(service.concepts(), service.runs())
    names = [label.splitlines()[0] for label, _ in render.choices(items, usable=True)]
    assert names == ["hook", "Pirate", "Cheerful"]
    ((label, run_id),) = render.choices(items, usable=False)
    assert label.startswith("formal\nfailed at step 12 of 40")
    assert "The disk is full." in render.about(render.find(items, run_id))


def test_only_a_concept_with_a_health_check_has_a_best_strength(service: StudioService, hook: str) -> None:
    item = render.items(service.concepts(), service.runs())[0]
    assert ui_text.FACT_STRENGTH not in render.about(item) and item.strength == 1
    known = replace(service.concepts()[0], recommended_strength=0.7)
    assert ui_text.FACT_STRENGTH in render.about(render.items([known], [])[0])


def test_what_people_wrote_is_escaped(service: StudioService, add: AddRun) -> None:
    add(NASTY, "failed", error=NASTY)
    for item in render.items(service.concepts(), service.runs()):
        assert "<img" not in render.about(item)


def test_rename_and_note(blocks: Any, service: StudioService, hook: str) -> None:
    shown = call(blocks, "rename", hook, None, " Pirate ", "  for food ", *here())
    assert "Saved as “Pirate 2”" in shown["library-problem"]  # the ready-made one has the name already
    assert ("Pirate 2 · yours", hook) in shown["map-choice"]["choices"]
    assert shown["library-list"]["value"] == hook and shown["library-note"]["value"] == "for food"
    assert names(service)[0] == "Pirate 2"


def test_ready_made_concepts_stay_as_they_are(blocks: Any, service: StudioService) -> None:
    shown = call(blocks, "rename", "preset:pirate", None, "mine", "", *here())
    assert 'role="alert"' in shown["library-problem"] and "Duplicate it" in shown["library-problem"]
    shown = call(blocks, "duplicate", "preset:pirate", None, *here())
    assert shown["library-list"]["value"].startswith("map:") and names(service)[0] == "Pirate 2"


def test_delete_and_undo(blocks: Any, service: StudioService, hook: str) -> None:
    shown = call(blocks, "delete", hook, None, (), *here(), *[hook] * 7)
    assert shown["library-undo-bar"]["visible"] and "“hook” was deleted" in shown["library-undo-text"]
    places = ("map-choice", "inside-concept", "strengths-concept", "mix-concept-1")
    assert {shown[place]["value"] or None for place in places} == {None}  # it was chosen everywhere
    assert shown["library-list"]["value"] == "preset:pirate" and "hook" not in names(service)
    shown = call(blocks, "undo_delete", ((hook, "hook"),), *here())
    assert shown["library-list"]["value"] == hook and shown["State"] == () and "hook" in names(service)
    assert "value" not in shown["map-choice"]  # what is chosen there is the person's
    call(blocks, "delete", hook, None, (), *here(), *[None] * 7)
    shown = call(blocks, "rename", hook, None, "x", "", *here())
    assert ui_text.IS_GONE in shown["library-problem"]


def test_each_of_several_deletions_can_be_undone(blocks: Any, service: StudioService, add: AddRun) -> None:
    first, second = (f"run:{add(name, 'done')}" for name in ("hook", "sail"))
    for run in (first, second):
        call(blocks, "delete", run, None, (), *here(), *[None] * 7)
    shown = call(blocks, "undo_delete", ((first, "hook"), (second, "sail")), *here())
    assert shown["library-undo-bar"]["visible"] and "“hook” was deleted" in shown["library-undo-text"]
    shown = call(blocks, "undo_delete", ((first, "hook"),), *here())
    assert not shown["library-undo-bar"]["visible"] and {"hook", "sail"} <= {*names(service)}


def test_resume_and_open_the_sentences_of_an_unfinished_run(
    blocks: Any, service: StudioService, trainer: FakeTrainer, add: AddRun
) -> None:
    trainer.go_on.clear()
    run_id = add("hook", "interrupted", step=7)
    shown = call(blocks, "open_sentences", None, f"run:{run_id}", "mine", "my own", "sentences")
    assert shown["source-examples"] == PIRATE_SOURCE and shown["concept-name"] == "hook"
    assert shown["undo-preset"]["visible"] and shown["pages"]["selected"] == "teach"
    shown = call(blocks, "resume_run", None, f"run:{run_id}", *here())
    run = service.snapshot().run
    assert run is not None and run.id == run_id and shown["State"].follows == {f"run:{run_id}"}
    assert render.items([], service.runs()) == []  # it is in training again


def test_import_and_download(
    blocks: Any, service: StudioService, tiny_model: LoadedModel, lineas_home: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"no map at all")
    before = names(service)
    shown = call(blocks, "bring", str(wrong), *here())
    assert "cannot be used as a map" in shown["library-problem"] and "library-list" not in shown
    assert names(service) == before and not wrong.exists()
    good = tmp_path / "good.safetensors"
    random_map(tiny_model.sites).with_metadata(name=NASTY).save(good)
    shown = call(blocks, "bring", str(good), *here())
    concept = service.concepts()[0]
    assert shown["library-list"]["value"] == concept.id and "<img" not in shown["library-problem"]
    copy = Path(call(blocks, "give", concept.id, None)["library-file"])
    assert SteeringMap.load(copy).name == concept.name
    assert lineas_home not in copy.parents and "<" not in copy.name
    copy.unlink()


@pytest.mark.browser
def test_the_life_of_a_concept(
    service: StudioService, add: AddRun, visit: Any, open_with: Any, tmp_path: Path
) -> None:
    from page_actions import drop, expect_no_overflow, field, open_tab
    from playwright.sync_api import expect

    add(NASTY, "failed", step=3, error=NASTY)
    add(NASTY, "done", step=40, note=NASTY)
    page = visit(open_with(service).url)
    open_tab(page, ui_text.CONCEPTS)
    about, problem = page.locator("#library-about"), page.locator("#library-problem")
    expect(about.locator("h3")).to_have_text(NASTY)  # the newest, as text
    page.locator("#library-runs label").first.click()
    expect(about.locator("[role=alert]")).to_have_text(NASTY)
    expect(page.locator("#library-resume")).to_be_visible()
    expect(page.locator("#library-use")).to_have_count(0)
    page.get_by_role("radio", name="Pirate").check()
    expect(page.locator("#library-delete")).to_be_disabled()
    expect(page.locator("#library-why")).to_have_text(ui_text.CONCEPTS_READY_MADE)
    page.click("#library-duplicate")
    expect(about.locator("h3")).to_have_text("Pirate 2")
    field(page, "library-name").fill("Captain ${x}")
    field(page, "library-note").fill(NASTY + "\n" + "x" * 100_000)
    page.click("#library-rename")
    expect(problem).to_contain_text("Saved as “Captain ${x}”")
    with page.expect_download() as download:
        page.click("#library-download")
    saved = tmp_path / "given.safetensors"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "Captain-x.safetensors"
    given = SteeringMap.load(saved)
    assert given.name == "Captain ${x}" and given.metadata["description"].startswith(NASTY)
    expect_no_overflow(page)
    page.click("#library-delete")
    expect(about.locator("h3")).not_to_have_text("Captain ${x}")
    page.click("#library-undo")
    expect(about.locator("h3")).to_have_text("Captain ${x}")
    with page.expect_download() as download:
        page.click("#library-share")
    assert download.value.suggested_filename == "Captain-x.lineas"
    shared = tmp_path / "shared.lineas"
    download.value.save_as(shared)
    drop(page, shared, "#library-about")
    expect(about.locator("h3")).to_have_text("Captain ${x} 2")
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"no map at all")
    page.set_input_files("#library-import input[type=file]", wrong)
    expect(problem.locator("[role=alert]")).to_contain_text("cannot be used as a map")
    page.get_by_role("radio", name="Cheerful").focus()  # the keyboard chooses as well
    page.keyboard.press("ArrowUp")
    expect(about.locator("h3")).to_have_text("Pirate")
    page.click("#library-use")
    expect(page.locator("#map-choice input")).to_have_value("Pirate · ready-made")
    assert page.evaluate("window.pwned") is None
