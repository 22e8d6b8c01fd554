"""Who is at another computer names no file of this one: not to load it, and not to find out whether it is there."""

from pathlib import Path
from typing import Any

import pytest
from fake_workbench import FakeWorkbench
from model_files import put_gguf
from test_models_page import call, here, service

from lineas.ui import text as ui_text
from lineas.ui.components.local_files import may_be_local
from lineas.ui.context import Context
from lineas.ui.studio import build

__all__ = ["service"]  # the fixture


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "~/x.csv", "~anna", "../x.txt", ".", "a/b/c", "tests", "tests:label", " README.md ", "tests/ui",
        "C:\\Users\\anna", "C:secret.csv", "d:/models", "data\\x.csv", "\\\\server\\share", "//server/share", "no-such.gguf",
    ],
)  # fmt: skip
def test_what_may_be_a_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert may_be_local(name)


@pytest.mark.parametrize(
    "name", ["", "  ", "default", "stanfordnlp/imdb", "glue:sst2", "Qwen/Qwen2.5-0.5B-Instruct", "x" * 1000, "x\0y"]
)
def test_what_is_a_name_of_the_hub(name: str) -> None:
    assert not may_be_local(name)


@pytest.fixture
def remote(service: FakeWorkbench) -> Any:
    service.model("ready")
    return build(Context(service, [], local=False))  # type: ignore[arg-type]


def test_a_model_of_this_computer_cannot_be_named_from_another(
    remote: Any, service: FakeWorkbench, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    put_gguf(tmp_path / "secret" / "hidden.gguf")
    for name in (tmp_path / "secret" / "hidden.gguf", tmp_path / "secret", tmp_path / "no such", "C:\\models"):
        shown = call(remote, "write", str(name))
        assert "open to others" in shown["model-about"]
        shown = call(remote, "load", None, str(name), *here())
        assert "open to others" in shown["model-problem"] and "model-list" not in shown
    assert service.calls == []


def test_what_is_on_the_list_may_be_chosen_by_all(remote: Any, service: FakeWorkbench, tmp_path: Path) -> None:
    listed = str(tmp_path / "models" / "tiny-gemma")
    assert "<h3" in call(remote, "choose", listed)["model-about"]
    call(remote, "load", listed, "", *here())
    call(remote, "load", None, "Qwen/Qwen2.5-0.5B-Instruct", *here())
    assert service.calls == [("load_model", listed), ("load_model", "Qwen/Qwen2.5-0.5B-Instruct")]


@pytest.mark.parametrize("local", [True, False])
def test_only_who_may_name_a_folder_is_told_of_folders(service: FakeWorkbench, local: bool) -> None:
    found = build(Context(service, [], local=local)).blocks.values()  # type: ignore[arg-type]
    [name] = [component for component in found if component.elem_id == "model-name"]
    assert ("folder" in f"{name.info} {name.placeholder}") is local
    assert (ui_text.MODELS_OTHER_INFO == name.info) is local
