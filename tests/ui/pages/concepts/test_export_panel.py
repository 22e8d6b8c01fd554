"""Exporting a concept on My concepts."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from concept_files import import_map
from handlers import by_id, handler

from lineas.models.loaded import LoadedModel
from lineas.service.exporting import Exports
from lineas.service.service import StudioService
from lineas.ui import text as ui_text
from lineas.ui.context import Context


def run(blocks: Any, *values: Any) -> list[dict[str, Any]]:
    """Press the button; every state that the page shows."""
    return [by_id(updates) for updates in handler(blocks, "export_concept")(*values)]


def test_an_export_is_written_and_its_folder_shown(
    blocks: Any, service: StudioService, tiny_model: LoadedModel, lineas_home: Path, tmp_path: Path
) -> None:
    concept = import_map(service, tiny_model, tmp_path, "Sea dog", instruction="be good")
    first, last = run(blocks, "checkpoint", 0.5, True, concept.id, None)
    assert "Sea dog" in first["export-result"] and not first["export-start"]["interactive"]
    assert last["export-start"]["interactive"] and "at strength 0.5 was written" in last["export-result"]
    (folder,) = (lineas_home / "exports").iterdir()
    assert str(folder) in last["export-result"] and (folder / "model.safetensors").is_file()
    assert "be good" in (folder / "chat_template.jinja").read_text()


def test_people_elsewhere_get_a_zip_and_nothing_stays(
    service: StudioService, presets: Any, tiny_model: LoadedModel, lineas_home: Path, tmp_path: Path
) -> None:
    from lineas.ui.studio import build

    concept = import_map(service, tiny_model, tmp_path, "Sea dog")
    states = run(build(Context(service, presets, local=False)), "peft", 1, False, concept.id, None)
    archive = Path(states[-1]["export-file"])
    names = [Path(name).name for name in zipfile.ZipFile(archive).namelist()]
    assert names == ["adapter_config.json", "adapter_model.safetensors"]
    assert str(lineas_home) not in states[-1]["export-result"] and not list((lineas_home / "exports").iterdir())
    archive.unlink()


def test_failures_are_shown_and_the_button_works_again(
    blocks: Any, service: StudioService, tiny_model: LoadedModel, tmp_path: Path
) -> None:
    concept = import_map(service, tiny_model, tmp_path, "Sea dog")
    for values, words in (
        (("gguf", 1, False, concept.id, None), "LLAMA_CPP"),
        (("checkpoint", 1, True, concept.id, None), "no instruction"),
        (("checkpoint", 1, False, None, None), ui_text.CHOOSE_FIRST),
    ):
        last = run(blocks, *values)[-1]
        assert 'role="alert"' in last["export-result"] and words in last["export-result"]
        assert last["export-start"]["interactive"]


def test_one_export_at_a_time(service: StudioService, tiny_model: LoadedModel, tmp_path: Path) -> None:
    from lineas.errors import LineasError

    concept = import_map(service, tiny_model, tmp_path, "Sea dog")
    exports = Exports(service.model_slot, service.concept_store)
    with exports._busy, pytest.raises(LineasError, match="Another concept is being exported"):
        exports.export(concept.id, "peft", 1.0)
    assert exports.export(concept.id, "peft", 1.0).architecture == "LoRA"


def test_the_panel_follows_the_chosen_concept(blocks: Any) -> None:
    look = handler(blocks, "<lambda>", "concepts")
    shown = by_id(look("preset:pirate"))
    assert shown["library-export"]["visible"] and 0 < shown["export-strength"] <= 2


@pytest.mark.browser
def test_an_export_in_the_browser(
    service: StudioService, tiny_model: LoadedModel, tmp_path: Path, visit: Any, open_with: Any
) -> None:
    from page_actions import expect_no_overflow, open_fold, open_tab
    from playwright.sync_api import expect

    import_map(service, tiny_model, tmp_path, "Sea dog", instruction="be good", recommended_strength="0.6")
    page = visit(open_with(service, local=False).url)
    open_tab(page, ui_text.CONCEPTS)
    open_fold(page, ui_text.EXPORT)
    expect(page.locator("#export-strength input[type=range]")).to_have_value("0.6")
    expect(page.locator("#export-instruction")).to_be_visible()
    with page.expect_download() as download:
        page.click("#export-start")
    assert download.value.suggested_filename.startswith("sea-dog-")
    expect(page.locator("#export-result")).to_contain_text(ui_text.EXPORT_DOWNLOADS)
    expect(page.locator("#export-start")).to_be_enabled()
    expect_no_overflow(page)
