"""The page Model: when a model can be loaded, and whether there is enough memory; without a port and in a browser."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_loader import FakeLoader
from fake_trainer import FakeTrainer
from handlers import call, here
from model_files import put_model
from nasty import NASTY
from polling import wait_for
from small_presets import PIRATE_SOURCE, PIRATE_TARGET

from lineas.errors import LineasError
from lineas.models.hardware import GB, Room
from lineas.models.hub import HubModel
from lineas.models.loaded import LoadedModel
from lineas.models.local import LocalModel
from lineas.service.service import StudioService
from lineas.service.snapshot import ModelFacts, ModelState, RunState, Snapshot
from lineas.ui import text as ui_text
from lineas.ui.pages.models import render
from lineas.ui.view_state import Controls

FACTS = ModelFacts("llama", 134_515_008, "cpu", "float32", 30, True, ("2 of its 3 blocks have no site.",))
READY = Snapshot(1, ModelState("default", "ready", facts=FACTS), None, 0, False)
RUN = RunState("r1", "pirate", "running", 3, 40)
ROOM = Room("cpu", "float32", 8 * GB)


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
def test_a_model_in_use_is_not_replaced_and_the_buttons_say_so(snapshot: Snapshot, controls: Controls) -> None:
    assert render.model_controls(snapshot) == controls


def test_the_model_in_memory_in_every_state() -> None:
    ready = render.now(READY.model)
    assert "<p>2 of its 3 blocks have no site.</p>" in ready
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


def test_size_and_licence_before_a_download(blocks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    found = HubModel(988_000_000, "llama3.2", True, 494_000_000)
    monkeypatch.setattr("lineas.models.hub.look_up", lambda name: asked.append(name) or found)
    shown = call(blocks, "write", "anna/some-0.5B", "no", page="models")
    assert shown["model-look-up"]["visible"] and "judging by its name" in shown["model-about"] and asked == []
    shown = call(blocks, "look_up", None, "anna/some-0.5B", "no")
    for piece in ("988 MB", "494 million weights", f"llama3.2. {ui_text.MODELS_GATED}"):
        assert piece in shown["model-about"]
    assert "judging by its name" not in shown["model-about"] and asked == ["anna/some-0.5B"]
    assert not call(blocks, "choose", "default", "no", page="models")["model-look-up"]["visible"]
    monkeypatch.undo()
    assert (
        "The models on the list work without internet." in call(blocks, "look_up", None, "a/b", "no")["model-problem"]
    )
    wrong = call(blocks, "write", "/nowhere/at all", "no", page="models")["model-about"]
    assert "choose a model from the list" in wrong and "default" not in wrong
    plain = render.about(LocalModel("a/b", "hub"), ROOM, HubModel(0, "", False, None))
    assert ui_text.MODELS_NO_LICENCE in plain and ui_text.FACT_DOWNLOAD not in plain


def test_a_model_in_words() -> None:
    shown = render.about(LocalModel("a/gemma-3-1b", "hub", None, "gemma3", 1_000_000_000), ROOM)
    for piece in ("1 billion weights (judging by its name)", "needs about 4.5 GB; 8.0 GB are free", "works, with care",
                  ui_text.MODELS_TO_FETCH):  # fmt: skip
        assert piece in shown
    assert ui_text.MODELS_MEMORY_UNKNOWN in render.about(LocalModel("a/b", "hub"), ROOM)
    assert ui_text.STEERS_UNTRIED in render.about(LocalModel("a/b", "hub"), ROOM)
    assert "<img" not in render.about(LocalModel(NASTY, "folder", Path(NASTY), NASTY, 5), ROOM)


def test_a_model_that_does_not_fit_is_refused_before_the_present_one_leaves(
    blocks: Any, service: StudioService, local_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.model_slot, "room", lambda quantize: Room("cpu", "float32", 500))
    shown = call(blocks, "load", str(local_models / "tiny-gemma"), "", "no", *here(), page="models")
    assert "needs about" in shown["model-problem"] and service.snapshot().model.phase == "ready"
    shown = call(blocks, "load", None, "  ", "no", *here(), page="models")
    assert ui_text.MODELS_NOTHING in shown["model-problem"]


@pytest.mark.parametrize("installed", [True, False])
def test_weights_in_fewer_bits_where_that_can_be(
    blocks: Any,
    service: StudioService,
    loader: FakeLoader,
    local_models: Path,
    installed: bool,
    tiny_model: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Offer fewer bits for folders and models of the hub; the card shows the memory, and the loader gets the choice."""
    monkeypatch.setattr("lineas.ui.pages.models.handlers.can_quantize", lambda: installed)
    folder, packed = str(local_models / "tiny-gemma"), str(local_models / "packed.gguf")
    for name, offered in ((folder, True), ("Qwen/Qwen2.5-7B-Instruct", True), (packed, False), ("default", False)):
        shown = call(blocks, "write", name, "4bit", page="models")
        visible = [shown[part]["visible"] for part in ("model-quantize", "model-no-quantize")]
        assert visible == [offered and installed, offered and not installed]
    whole, quarter = (call(blocks, "weigh", None, "a/b-7B", kind)["model-about"] for kind in ("no", "4bit"))
    assert "needs about 31.3 GB" in whole and "needs about 4.5 GB" in quarter
    for name, asked in ((folder, "4bit"), (packed, None), ("default", None)):
        shown = call(blocks, "load", None, name, "4bit", *here(), page="models")
        assert "4 bits" not in shown["model-now"]
        loader.end(tiny_model)
        wait_for(lambda: service.snapshot().model.phase == "ready")
        assert loader.options[-1]["quantize"] == asked
        assert ("weights in 4 bits" in render.now(service.snapshot().model)) == (asked is not None)


@pytest.mark.usefixtures("local_models")
def test_the_models_of_a_folder_are_added_to_the_list(blocks: Any, service: StudioService, tmp_path: Path) -> None:
    put_model(tmp_path / "many" / "one")
    assert "holds 1 model." in call(blocks, "write", str(tmp_path / "many"), "no", page="models")["model-about"]
    shown = call(blocks, "load", None, str(tmp_path / "many"), "no", *here(), page="models")
    assert shown["model-list"]["value"] == str(tmp_path / "many" / "one") and len(shown["model-list"]["choices"]) == 4
    assert service.snapshot().model.phase == "ready"


@pytest.fixture
def page(service: StudioService, local_models: Path, open_with: Any, visit: Any) -> Any:
    """The tab Model."""
    from page_actions import open_tab

    page = visit(open_with(service).url)
    open_tab(page, ui_text.MODELS)
    return page


@pytest.mark.browser
def test_choosing_loading_and_freeing(
    page: Any, service: StudioService, trainer: FakeTrainer, loader: FakeLoader, tiny_model: LoadedModel
) -> None:
    from playwright.sync_api import expect

    now, about = page.locator("#model-now"), page.locator("#model-about")
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
    assert [Path(name).name for name in loader.names] == ["tiny-gemma"]
    loader.end(tiny_model)
    expect(now).to_contain_text(f"{len(tiny_model.sites)} places to steer")

    trainer.go_on.clear()
    run = service.teach("sailor", PIRATE_SOURCE, PIRATE_TARGET)
    for button in ("load", "free"):
        expect(page.locator(f"#model-{button}")).to_be_disabled()
    expect(page.locator("#model-why")).to_have_text(ui_text.WHY_TAUGHT.format(name="sailor"))
    service.cancel(run)
    trainer.go_on.set()
    page.click("#model-free")
    expect(now).to_contain_text(ui_text.MODELS_NONE)
    expect(page.locator("#model-why")).to_have_text("")
    tree = page.locator("body").aria_snapshot()
    for wanted in (
        f'button "{ui_text.MODELS_LOAD}"', f'button "{ui_text.MODELS_FREE}"', f'textbox "{ui_text.MODELS_OTHER}', "meter",
    ):  # fmt: skip
        assert wanted in tree


@pytest.mark.browser
def test_typing_a_name(page: Any, service: StudioService, loader: FakeLoader, tmp_path: Path) -> None:
    from page_actions import field, open_tab, reload
    from playwright.sync_api import expect

    now, about, name = page.locator("#model-now"), page.locator("#model-about"), field(page, "model-name")
    service.free_model()
    name.fill("/no/such/folder")
    expect(about).to_contain_text("There is no file or folder")
    name.press("Enter")
    expect(page.locator("#model-problem [role=alert]")).to_contain_text("There is no file or folder")
    page.get_by_role("button", name="Qwen2.5-0.5B-Instruct").click()
    expect(about.locator("h3")).to_have_text("Qwen/Qwen2.5-0.5B-Instruct")
    reload(page)
    open_tab(page, ui_text.MODELS)
    expect(name).to_have_value("Qwen/Qwen2.5-0.5B-Instruct")
    expect(about.locator("h3")).to_have_text("Qwen/Qwen2.5-0.5B-Instruct")
    page.get_by_role("radio").nth(1).check()
    expect(about.locator("h3")).to_have_text("packed.gguf")
    expect(name).to_have_value("")
    name.fill(str(put_model(tmp_path / NASTY.replace("/", ""))))
    expect(about.locator("h3")).to_contain_text("<img src=x")
    name.press("Enter")
    expect(now).to_contain_text("<img src=x")
    loader.end(LineasError(NASTY))
    expect(now.locator(".bad")).to_contain_text("{{value}}")
    assert page.evaluate("window.pwned") is None
