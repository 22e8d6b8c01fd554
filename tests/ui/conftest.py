"""A studio over a tiny model, with a fake trainer and a fake decoder, and a browser in which to use it.

Every browser test fails on a request that leaves this computer and on an error in the page's own scripts.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_answers import FakeAnswers
from fake_loader import FakeLoader
from fake_trainer import FakeTrainer
from model_files import put_gguf, put_model
from small_presets import presets_with_maps
from studio_server import OpenStudio, open_studio, start_service

from lineas.data.presets import Preset
from lineas.models.loaded import LoadedModel
from lineas.service.service import StudioService
from lineas.ui.context import Context

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
    # no pages behind the address bar, which take as long as ours; the others are Playwright's own, which ours replace
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,PaintHolding,HttpsUpgrades,DestroyProfileOnBrowserClose",
]  # fmt: skip


# ---- the service


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> FakeTrainer:
    """Makes 40 steps instead of the real trainer's; while its ``go_on`` is clear, it halts before step 10."""
    trainer = FakeTrainer()
    trainer.steps, trainer.halt_at = 40, 10
    monkeypatch.setattr("lineas.training.trainer.train", trainer)
    return trainer


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> FakeAnswers:
    """Answers instead of the real decoder."""
    answers = FakeAnswers()
    monkeypatch.setattr("lineas.generation.streaming.stream", answers)
    monkeypatch.setattr("lineas.service.comparing.Comparing.look_ahead", lambda *_: None)
    return answers


@pytest.fixture
def presets(tmp_path: Path, tiny_model: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> list[Preset]:
    """The ready-made concepts, which are made for the tiny model."""
    found = presets_with_maps(tmp_path, tiny_model)
    monkeypatch.setattr("lineas.data.presets.load_presets", lambda: found)
    return found


@pytest.fixture
def real_service(lineas_home: Path, tiny_model: LoadedModel) -> Iterator[StudioService]:
    """The service with the tiny model, which is really trained and asked."""
    service = start_service(lineas_home, tiny_model)
    yield service
    service.close()


@pytest.fixture
def service(
    presets: list[Preset], trainer: FakeTrainer, answers: FakeAnswers, real_service: StudioService
) -> Iterator[StudioService]:
    """The service with the fake trainer, the fake decoder and two small presets."""
    yield real_service
    trainer.go_on.set()
    answers.go_on.set()


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> FakeLoader:
    """Loads instead of the real loader of models."""
    loader = FakeLoader()
    monkeypatch.setattr("lineas.models.load.load_model", loader)
    return loader


@pytest.fixture
def local_models(lineas_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models on this computer, with one in a folder, one in a GGUF file, and nothing in the hub's cache."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(lineas_home / "cache"))
    put_model(lineas_home / "models" / "tiny-gemma", "Gemma2ForCausalLM", "gemma2")
    put_gguf(lineas_home / "models" / "packed.gguf")
    return lineas_home / "models"


@pytest.fixture
def blocks(service: StudioService, presets: list[Preset], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A studio without a port, which shows every state of an answer at once."""
    from lineas.ui.studio import build

    monkeypatch.setattr("lineas.ui.components.question.PACE", 0)
    with monkeypatch.context() as patch:
        patch.setattr("gradio.routes.App.create_app", lambda *_, **__: None)  # half of the work, and for a port only
        return build(Context(service, presets))


@pytest.fixture
def open_with() -> Iterator[Callable[..., OpenStudio]]:
    """``open_with(service, **context)`` opens a studio until the test ends."""
    studios = []

    def open_one(service: StudioService, **context: Any) -> OpenStudio:
        studios.append(open_studio(service, **context))
        return studios[-1]

    yield open_one
    for studio in studios:
        studio.blocks.close()


@pytest.fixture
def studio(service: StudioService, open_with: Callable[..., OpenStudio]) -> OpenStudio:
    return open_with(service)


# ---- the browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        reason = "no Chromium here: install Debian's chromium, or name one in CHROMIUM"
        if os.environ.get("LINEAS_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # the machine may be busy
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """``visit(url, **context_options)`` opens a page in a browser profile of its own and waits until it is complete.

    ``context``: an existing profile; ``tour``: show the tour of a first visit.
    """
    from page_actions import wait_until_loaded

    contexts, outside, errors = [], [], []

    def open_page(url: str, context: Any = None, tour: bool = False, **options: Any) -> Any:
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
            if not tour:
                context.add_init_script("localStorage.setItem('lineas-tour', 'seen')")
        page = context.new_page()
        origin = "/".join(url.split("/")[:3])

        def note(request: Any) -> None:
            if not request.url.startswith((origin, f"blob:{origin}", "data:")):
                outside.append(request.url)

        page.on("request", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        wait_until_loaded(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []
