"""The page Model: what can be loaded when, and whether there is room; then in a browser."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_workbench import FakeWorkbench
from huggingface_hub import constants
from model_files import put_gguf, put_model
from nasty import NASTY
from page_actions import write

from lineas.models.hardware import GB, Room
from lineas.models.local import LocalModel, LocalModels
from lineas.service.snapshot import ModelFacts, ModelState, RunState, Snapshot
from lineas.ui import text as ui_text
from lineas.ui.context import Context, Seen
from lineas.ui.pages.models import render
from lineas.ui.studio import build
from lineas.ui.view_state import Controls

FACTS = ModelFacts("llama", 134_515_008, "cpu", "float32", 30, True)
READY = Snapshot(1, ModelState("default", "ready", facts=FACTS), None, 0, False)
RUN = RunState("r1", "pirate", "running", 3, 40)
ROOM = Room("cpu", "float32", 8 * GB)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeWorkbench:
    """On its shelf stand a folder and a GGUF file."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    put_model(tmp_path / "models" / "tiny-gemma", "Gemma2ForCausalLM", "gemma2")
    put_gguf(tmp_path / "models" / "packed.gguf")
    service = FakeWorkbench()
    service.model_slot.local_models = LocalModels(tmp_path / "models")
    return service


@pytest.fixture
def blocks(service: FakeWorkbench) -> Any:
    service.model("ready")
    return build(Context(service, []))  # type: ignore[arg-type]


def call(blocks: Any, name: str, *args: Any) -> dict[str, Any]:
    page = "lineas.ui.pages.models.handlers"
    fn = next(f.fn for f in blocks.fns.values() if getattr(f.fn, "__name__", "") == name and f.fn.__module__ == page)
    return {component.elem_id or type(component).__name__: value for component, value in fn(*args).items()}


def here() -> tuple[Any, Any]:
    return Seen(0), SimpleNamespace(session_hash="page")


@pytest.mark.parametrize(
    ("snapshot", "controls"),
    [
        (READY, Controls(True, True, ui_text.WHY_REPLACED)),
        (replace(READY, run=RUN), Controls(False, False, ui_text.WHY_TAUGHT.format(name="pirate"))),
        (
            replace(READY, run=replace(RUN, state="queued")),
            Controls(False, False, ui_text.WHY_TAUGHT.format(name="pirate")),
        ),
        (replace(READY, run=replace(RUN, state="done")), Controls(True, True, ui_text.WHY_REPLACED)),
        (replace(READY, comparing=True), Controls(False, False, ui_text.WHY_ANSWERING)),
        (replace(READY, model=ModelState("x", "loading")), Controls(True, True, ui_text.WHY_LOADING_ANOTHER)),
        (replace(READY, model=ModelState("x", "error")), Controls(True, False, "")),
        (replace(READY, model=ModelState()), Controls(True, False, "")),
    ],
)
def test_whoever_uses_the_model_keeps_it_and_the_buttons_say_so(snapshot: Snapshot, controls: Controls) -> None:
    assert render.model_controls(snapshot) == controls


def test_the_model_in_memory_in_every_state() -> None:
    ready = render.now(READY.model)
    for piece in ("SmolLM2-135M-Instruct", "135 million weights", "this computer&#x27;s processor, in float32",
                  "30 places to steer", ui_text.MODELS_CHATS):  # fmt: skip
        assert piece in ready
    assert ui_text.MODELS_CONTINUES in render.now(replace(READY.model, facts=replace(FACTS, chats=False)))
    loading = render.now(ModelState("a/model", "loading", "Fetching …", 0.4))
    assert 'aria-valuenow="40"' in loading and ui_text.MODELS_LOADING in loading
    assert "No such model." in render.now(ModelState("a/model", "error", "No such model."))
    assert ui_text.MODELS_NONE in render.now(ModelState())
    assert "<img" not in render.now(ModelState(NASTY, "error", NASTY))


@pytest.mark.parametrize(
    ("parameters", "kind", "tone"),
    [(1_000_000, "folder", "good"), (1_600_000_000, "folder", "warn"), (2_000_000_000, "folder", "bad"),
     (900_000_000, "folder", "good"), (900_000_000, "gguf", "bad")],
)  # fmt: skip
def test_memory_needed_against_memory_free(parameters: int, kind: Any, tone: str) -> None:
    model = LocalModel("/m", kind, Path("/m"), "llama", parameters)
    assert f'<div class="ls-memory {tone}">' in render.about(model, ROOM)


def test_a_model_in_words() -> None:
    shown = render.about(LocalModel("a/gemma-3-1b", "hub", None, "gemma3", 1_000_000_000), ROOM)
    for piece in ("1 billion weights (judging by its name)", "needs about 4.5 GB; 8.0 GB are free", "works, with care",
                  ui_text.MODELS_TO_FETCH):  # fmt: skip
        assert piece in shown
    assert ui_text.MODELS_MEMORY_UNKNOWN in render.about(LocalModel("a/b", "hub"), ROOM)
    assert ui_text.STEERS_UNTRIED in render.about(LocalModel("a/b", "hub"), ROOM)
    assert "<img" not in render.about(LocalModel(NASTY, "folder", Path(NASTY), NASTY, 5), ROOM)


def test_a_model_that_does_not_fit_is_refused_before_the_present_one_leaves(
    blocks: Any, service: FakeWorkbench, tmp_path: Path
) -> None:
    service.model_slot.room = lambda: Room("cpu", "float32", 500)  # type: ignore[method-assign]
    shown = call(blocks, "load", str(tmp_path / "models" / "tiny-gemma"), "", *here())
    assert "needs about" in shown["model-problem"] and service.calls == []
    shown = call(blocks, "load", None, "  ", *here())
    assert ui_text.MODELS_NOTHING in shown["model-problem"]


def test_a_folder_full_of_models_goes_on_the_list(blocks: Any, service: FakeWorkbench, tmp_path: Path) -> None:
    put_model(tmp_path / "many" / "one")
    assert "holds 1 model." in call(blocks, "write", str(tmp_path / "many"))["model-about"]
    shown = call(blocks, "load", None, str(tmp_path / "many"), *here())
    assert shown["model-list"]["value"] == str(tmp_path / "many" / "one") and service.calls == []
    assert len(shown["model-list"]["choices"]) == 4


def test_the_promised_ids_are_there_once(blocks: Any) -> None:
    ids = [c["props"].get("elem_id") for c in blocks.get_config_file()["components"]]
    wanted = [f"model-{name}" for name in "now free why problem list name about load".split()]
    assert [ids.count(name) for name in wanted] == [1] * len(wanted)


@pytest.mark.browser
def test_choosing_loading_and_freeing(service: FakeWorkbench, visit: Any, open_with: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = visit(open_with(service).url)
    page.get_by_role("tab", name=ui_text.MODELS, exact=True).click()
    now, about, problem = (page.locator(f"#model-{name}") for name in ("now", "about", "problem"))
    expect(about.locator("h3")).to_have_text("SmolLM2-135M-Instruct")
    page.get_by_role("radio").first.focus()  # the keyboard chooses and loads
    page.keyboard.press("ArrowDown")
    expect(about.locator("h3")).to_have_text("packed.gguf")
    page.keyboard.press("ArrowDown")
    expect(about.locator("h3")).to_have_text("tiny-gemma")
    expect(about).to_contain_text("works, with care")
    expect(about.locator("[role=meter]")).to_have_count(1)
    page.focus("#model-load")
    page.keyboard.press("Enter")
    expect(now).to_contain_text("tiny-gemma")
    expect(page.locator("#model-free")).to_have_text(ui_text.MODELS_STOP_LOADING)
    service.show(model=ModelState("tiny", "ready", facts=FACTS))
    expect(now).to_contain_text("30 places to steer")
    service.points["r1"] = []
    service.show(run=RUN)
    for button in ("load", "free"):
        expect(page.locator(f"#model-{button}")).to_be_disabled()
    expect(page.locator("#model-why")).to_have_text(ui_text.WHY_TAUGHT.format(name="pirate"))
    service.show(run=None)
    page.click("#model-free")
    expect(now).to_contain_text(ui_text.MODELS_NONE)
    expect(page.locator("#model-why")).to_have_text("")

    name = page.locator("#model-name input, #model-name textarea")
    write(name, "/no/such/folder")
    expect(about).to_contain_text("There is no file or folder")
    name.press("Enter")
    expect(problem.locator("[role=alert]")).to_contain_text("There is no file or folder")
    page.get_by_role("button", name="Qwen2.5-0.5B-Instruct").click()
    expect(about.locator("h3")).to_have_text("Qwen/Qwen2.5-0.5B-Instruct")
    page.reload()  # what was typed is still there
    page.get_by_role("tab", name=ui_text.MODELS, exact=True).click()
    expect(name).to_have_value("Qwen/Qwen2.5-0.5B-Instruct")
    expect(about.locator("h3")).to_have_text("Qwen/Qwen2.5-0.5B-Instruct")
    page.get_by_role("radio").nth(1).check()
    expect(about.locator("h3")).to_have_text("packed.gguf")
    expect(name).to_have_value("")
    write(name, str(put_model(tmp_path / NASTY.replace("/", ""))))
    expect(about.locator("h3")).to_contain_text("<img src=x")
    name.press("Enter")
    expect(now).to_contain_text("<img src=x")
    service.model("error", NASTY)
    expect(now.locator(".bad")).to_contain_text("{{value}}")
    assert next(call for call in service.calls if call[0] == "load_model")[1].endswith("tiny-gemma")
    tree = page.locator("body").aria_snapshot()
    for wanted in (
        f'button "{ui_text.MODELS_LOAD}"',
        f'button "{ui_text.MODELS_FREE}"',
        f'textbox "{ui_text.MODELS_OTHER}',
        "meter",
    ):
        assert wanted in tree
    assert page.evaluate("window.pwned") is None
