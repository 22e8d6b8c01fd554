"""People at another computer cannot name files of this one, neither to load them nor to learn whether they exist."""

from pathlib import Path
from typing import Any

import pytest
from fake_loader import FakeLoader
from handlers import call, here
from model_files import put_gguf
from polling import wait_for

from lineas.models.hardware import GB, Room
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context
from lineas.ui.studio import build


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "~/x.csv", "~anna", "../x.txt", ".", "a/b/c", "tests", "tests:label", " README.md ", "tests/ui",
        "C:\\Users\\anna", "C:secret.csv", "d:/models", "data\\x.csv", "\\\\server\\share", "//server/share", "no-such.gguf",
    ],
)  # fmt: skip
def test_what_may_be_a_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    assert may_be_local(name)


@pytest.mark.parametrize(
    "name", ["", "  ", "default", "stanfordnlp/imdb", "glue:sst2", "Qwen/Qwen2.5-0.5B-Instruct", "x" * 1000, "x\0y"]
)
def test_what_is_a_name_of_the_hub(name: str) -> None:
    assert not may_be_local(name)


@pytest.fixture
def remote(service: StudioService, local_models: Path, loader: FakeLoader, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The studio as people at another computer get it."""
    monkeypatch.setattr(service.model_slot, "room", lambda quantize=None: Room("cpu", "float32", 8 * GB))
    return build(Context(service, [], local=False))


def test_a_model_of_this_computer_cannot_be_named_from_another(
    remote: Any, service: StudioService, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    put_gguf(tmp_path / "secret" / "hidden.gguf")
    for name in (tmp_path / "secret" / "hidden.gguf", tmp_path / "secret", tmp_path / "no such", "C:\\models"):
        shown = call(remote, "write", str(name), "no", page="models")
        assert "open to others" in shown["model-about"]
        shown = call(remote, "load", None, str(name), "no", *here(), page="models")
        assert "open to others" in shown["model-problem"] and "model-list" not in shown
    assert service.snapshot().model.phase == "ready"


def test_everyone_may_choose_from_the_list(remote: Any, local_models: Path, loader: FakeLoader) -> None:
    listed = str(local_models / "tiny-gemma")
    assert "<h3" in call(remote, "choose", listed, "no", page="models")["model-about"]
    call(remote, "load", listed, "", "no", *here(), page="models")
    wait_for(lambda: loader.names == [listed])
    call(remote, "load", None, "Qwen/Qwen2.5-0.5B-Instruct", "no", *here(), page="models")
    wait_for(lambda: loader.names == [listed, "Qwen/Qwen2.5-0.5B-Instruct"])


@pytest.mark.parametrize("local", [True, False])
def test_only_those_who_may_name_a_folder_read_about_folders(service: StudioService, local: bool) -> None:
    found = build(Context(service, [], local=local)).blocks.values()
    [name] = [component for component in found if component.elem_id == "model-name"]
    assert ("folder" in f"{name.info} {name.placeholder}") is local
    assert (ui_text.MODELS_OTHER_INFO == name.info) is local
