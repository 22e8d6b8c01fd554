"""My concepts: what is on disk, in words and in handlers without a port, then in a browser."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_library import LibraryBench, small_map
from fake_presets import PRESETS
from page_actions import write

from lineas.steering.map import SteeringMap
from lineas.ui import text as ui_text
from lineas.ui.context import Context, Seen
from lineas.ui.pages.concepts import render
from lineas.ui.studio import build

NASTY = '<img src=x onerror="window.pwned=1"> ${window.pwned=1} {{value}} & \''  # names lose signs that nobody sees


@pytest.fixture
def service(tmp_path: Path) -> LibraryBench:
    return LibraryBench(tmp_path)


@pytest.fixture
def blocks(service: LibraryBench) -> Any:
    service.model("ready")
    return build(Context(service, service.presets))  # type: ignore[arg-type]


def call(blocks: Any, name: str, *args: Any) -> dict[str, Any]:
    """A handler's updates by element id, after which the open page is a little further."""
    fn = next(fn.fn for fn in blocks.fns.values() if getattr(fn.fn, "__name__", "") == name)
    updates = fn(*args)
    return {component.elem_id or type(component).__name__: value for component, value in updates.items()}


def here() -> tuple[Any, Any]:
    """An open page that has seen nothing yet, and the request that it makes."""
    return Seen(0), SimpleNamespace(session_hash="page")


def names(service: LibraryBench) -> list[str]:
    return [c.name for c in service.concepts()]


def test_the_promised_ids_are_there_once(blocks: Any) -> None:
    ids = [c["props"].get("elem_id") for c in blocks.get_config_file()["components"]]
    wanted = "list use rename name note duplicate delete undo download import resume sentences".split()
    assert [ids.count(f"library-{name}") for name in wanted] == [1] * len(wanted)


def test_the_shelf_holds_concepts_and_below_them_what_did_not_finish(service: LibraryBench) -> None:
    service.add_run("formal", "failed", step=12, error="The disk is full.")
    service.add_run("hook", "done")
    items = render.items(service.concepts(), service.runs())
    assert [label.splitlines()[0] for label, _ in render.choices(items, usable=True)] == [
        "hook",
        "Pirate",
        "Cheerful",
    ]
    ((label, run_id),) = render.choices(items, usable=False)
    assert label.startswith("formal\nfailed at step 12 of 40")
    assert "The disk is full." in render.about(render.find(items, run_id))


def test_only_what_was_examined_has_a_best_strength(service: LibraryBench) -> None:
    service.add_run("hook", "done")
    item = render.items(service.concepts(), service.runs())[0]
    assert ui_text.FACT_STRENGTH not in render.about(item) and item.strength == 1
    known = replace(service.concepts()[0], recommended_strength=0.7)
    assert ui_text.FACT_STRENGTH in render.about(render.items([known], [])[0])


def test_what_people_wrote_is_escaped(service: LibraryBench) -> None:
    service.add_run(NASTY, "failed", error=NASTY)
    for item in render.items(service.concepts(), service.runs()):
        assert "<img" not in render.about(item)


def test_rename_and_note(blocks: Any, service: LibraryBench) -> None:
    run = f"run:{service.add_run('hook', 'done')}"
    shown = call(blocks, "rename", run, None, " Pirate ", "  for food ", *here())
    assert "Saved as “Pirate 2”" in shown["library-problem"]  # the ready-made one has the name already
    assert ("Pirate 2 · yours", run) in shown["map-choice"]["choices"]
    assert shown["library-list"]["value"] == run and shown["library-note"]["value"] == "for food"
    assert names(service)[0] == "Pirate 2"


def test_ready_made_concepts_stay_as_they_are(blocks: Any, service: LibraryBench) -> None:
    shown = call(blocks, "rename", "preset:pirate", None, "mine", "", *here())
    assert 'role="alert"' in shown["library-problem"] and "Duplicate it" in shown["library-problem"]
    shown = call(blocks, "duplicate", "preset:pirate", None, *here())
    assert shown["library-list"]["value"].startswith("map:") and names(service)[0] == "Pirate 2"


def test_delete_and_undo(blocks: Any, service: LibraryBench) -> None:
    run = f"run:{service.add_run('hook', 'done')}"
    shown = call(blocks, "delete", run, None, (), *here(), *[run] * 7)
    assert shown["library-undo-bar"]["visible"] and "“hook” was deleted" in shown["library-undo-text"]
    places = ("map-choice", "inside-concept", "strengths-concept", "mix-concept-1")
    assert {shown[place]["value"] or None for place in places} == {None}  # it was chosen everywhere
    assert shown["library-list"]["value"] == "preset:pirate" and "hook" not in names(service)
    shown = call(blocks, "undo_delete", ((run, "hook"),), *here())
    assert shown["library-list"]["value"] == run and shown["State"] == () and "hook" in names(service)
    assert "value" not in shown["map-choice"]  # what is chosen there is the person's
    call(blocks, "delete", run, None, (), *here(), *[None] * 7)
    shown = call(blocks, "rename", run, None, "x", "", *here())
    assert ui_text.IS_GONE in shown["library-problem"]


def test_each_of_several_deletions_can_be_undone(blocks: Any, service: LibraryBench) -> None:
    first, second = (f"run:{service.add_run(name, 'done')}" for name in ("hook", "sail"))
    for run in (first, second):
        call(blocks, "delete", run, None, (), *here(), *[None] * 7)
    shown = call(blocks, "undo_delete", ((first, "hook"), (second, "sail")), *here())
    assert shown["library-undo-bar"]["visible"] and "“hook” was deleted" in shown["library-undo-text"]
    shown = call(blocks, "undo_delete", ((first, "hook"),), *here())
    assert not shown["library-undo-bar"]["visible"] and {"hook", "sail"} <= {*names(service)}


def test_resume_and_open_the_sentences_of_an_unfinished_run(blocks: Any, service: LibraryBench) -> None:
    run_id = service.add_run("hook", "interrupted", step=7)
    shown = call(blocks, "open_sentences", None, f"run:{run_id}", "mine", "my own", "sentences")
    assert shown["source-examples"] == "\n".join(PRESETS[0].source) and shown["concept-name"] == "hook"
    assert shown["undo-preset"]["visible"] and shown["pages"].selected == "teach"
    shown = call(blocks, "resume_run", None, f"run:{run_id}", *here())
    assert service.calls == [("resume", run_id)] and shown["State"].follows == {f"run:{run_id}"}
    assert render.items([], service.runs()) == []  # it is being taught again


def test_import_and_download(blocks: Any, service: LibraryBench, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"no map at all")
    before = names(service)
    shown = call(blocks, "bring", str(wrong), *here())
    assert "cannot be used as a map" in shown["library-problem"] and "library-list" not in shown
    assert names(service) == before and not wrong.exists()
    good = tmp_path / "good.safetensors"
    small_map(NASTY).save(good)
    shown = call(blocks, "bring", str(good), *here())
    concept = service.concepts()[0]
    assert shown["library-list"]["value"] == concept.id and "<img" not in shown["library-problem"]
    copy = Path(call(blocks, "give", concept.id, None)["library-file"])
    assert SteeringMap.load(copy).name == concept.name
    assert tmp_path not in copy.parents and "<" not in copy.name
    copy.unlink()


@pytest.mark.browser
def test_a_life_of_a_concept(service: LibraryBench, visit: Any, open_with: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    service.add_run(NASTY, "failed", step=3, error=NASTY)
    service.add_run(NASTY, "done", step=40, note=NASTY)
    studio = open_with(service)
    page = visit(studio.url)
    page.get_by_role("tab", name=ui_text.CONCEPTS).click()
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
    write(page.locator("#library-name input, #library-name textarea"), "Captain ${x}")
    write(page.locator("#library-note textarea"), NASTY + "\n" + "x" * 100_000)
    page.click("#library-rename")
    expect(problem).to_contain_text("Saved as “Captain ${x}”")
    with page.expect_download() as download:
        page.click("#library-download")
    saved = tmp_path / "given.safetensors"
    download.value.save_as(saved)
    assert download.value.suggested_filename == "Captain-x.safetensors"
    given = SteeringMap.load(saved)
    assert given.name == "Captain ${x}" and given.metadata["description"].startswith(NASTY)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#library-delete")
    expect(about.locator("h3")).not_to_have_text("Captain ${x}")
    page.click("#library-undo")
    expect(about.locator("h3")).to_have_text("Captain ${x}")
    page.set_input_files("#library-import input[type=file]", saved)
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
